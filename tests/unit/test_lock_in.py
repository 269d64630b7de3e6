"""Contracts that are about to end: told ahead, once, until they have ended or are renewed (004-18)."""

from collections.abc import Sequence

import pytest

from shared.domain.alerts import AlertKind, AlertStatus, Outcome
from shared.domain.events import Fact
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from tests.builders import (
    alert_of,
    alerts_of,
    contract,
    contract_ended,
    day,
    days_in,
    fold_story,
    inquiry,
    policy_from,
    purchases,
)

FORMED = purchases(0, 10, 20)


def kinds(*story: Fact | Sequence[Fact], until: float | None = None, policy: Policy | None = None) -> list[AlertKind]:
    """Which alerts were raised."""
    return [kind for kind, _ in alerts_of(fold_story(*story, until=until, policy=policy))]


LOCKED = [*FORMED, contract(21, ends=100, contract_id="a")]


@pytest.mark.parametrize(("until", "told"), [(69.99, False), (70, True)])
def test_the_end_of_a_contract_is_told_thirty_days_ahead(until: float, told: bool) -> None:
    """004-18: N days before expiry, to the instant, whatever silence does."""
    patient = Policy(long_gap_floor_days=400.0)
    folded = fold_story(LOCKED, until=until, policy=patient)

    assert (AlertKind.LOCK_IN_EXPIRING in [kind for kind, _ in alerts_of(folded)]) is told
    if told:
        alert = alert_of(folded, AlertKind.LOCK_IN_EXPIRING)
        assert (days_in(alert.effective_at), days_in(alert.lapses_at)) == (70, 100)
        assert days_in(alert.evidence.ends_at) == 100
        assert folded.customer.pledges[0].warned


@pytest.mark.parametrize(("notice", "told_on"), [(10.0, 90), (0.0, 100)])
def test_the_policy_says_how_long_ahead(notice: float, told_on: int) -> None:
    """004-18: no notice is notice at the end."""
    patient = Policy(long_gap_floor_days=400.0, notice_days=notice)
    folded = fold_story(LOCKED, until=120, policy=patient)

    assert days_in(alert_of(folded, AlertKind.LOCK_IN_EXPIRING).effective_at) == told_on


@pytest.mark.parametrize(
    ("later", "outcome", "closed"),
    [
        ([], Outcome.LAPSED, 100),
        ([contract(80, ends=200, contract_id="a")], Outcome.RETURNED, 80),
        ([contract_ended(80, contract_id="a")], Outcome.LAPSED, 80),
    ],
)
def test_the_alert_ends_with_the_contract_or_with_its_renewal(later: list[Fact], outcome: Outcome, closed: int) -> None:
    """004-18: a renewal is a return."""
    patient = Policy(long_gap_floor_days=400.0, deadline_days=500.0, urgent_deadline_days=500.0)
    folded = fold_story(LOCKED, later, until=120, policy=patient)

    alert = alert_of(folded, AlertKind.LOCK_IN_EXPIRING)
    assert (alert.status, alert.outcome, days_in(alert.closed_at)) == (AlertStatus.RESOLVED, outcome, closed)


@pytest.mark.parametrize("touch", [contract(80, contract_id="b"), contract_ended(80, contract_id="b")])
def test_another_contract_leaves_the_warning_of_the_first(touch: Fact) -> None:
    patient = Policy(long_gap_floor_days=400.0, deadline_days=500.0, urgent_deadline_days=500.0)

    alert = alert_of(fold_story(LOCKED, touch, until=90, policy=patient), AlertKind.LOCK_IN_EXPIRING)
    assert alert.status is AlertStatus.OPEN


def test_of_two_contracts_the_one_that_ends_is_told_of() -> None:
    patient = Policy(long_gap_floor_days=400.0)
    folded = fold_story(FORMED, contract(21, ends=300, contract_id="b"), LOCKED[3:], until=75, policy=patient)

    assert [(pledge.name, pledge.warned) for pledge in folded.customer.pledges] == [("b", False), ("a", True)]


def test_a_contract_without_an_end_is_never_told_of() -> None:
    assert kinds(FORMED, contract(21), until=40) == []


@pytest.mark.parametrize("story", [[inquiry(0, kind="view")], []])
def test_the_contract_of_somebody_who_is_no_customer_ends_untold(story: list[Fact]) -> None:
    assert kinds(story, contract(1, ends=40), until=50) == []


def test_a_notice_that_a_new_policy_makes_overdue_is_given_when_it_takes_effect() -> None:
    """004-18: ninety days ahead of day 100 was day 10; the policy comes on day 30."""
    patient, early = Policy(long_gap_floor_days=400.0), Policy(long_gap_floor_days=400.0, notice_days=90.0)
    folded = fold_story(LOCKED, until=31, policy=patient, controls=[policy_from(30, early)])

    assert days_in(alert_of(folded, AlertKind.LOCK_IN_EXPIRING).effective_at) == 30
    assert Instant(day(30)) == alert_of(folded, AlertKind.LOCK_IN_EXPIRING).effective_at

"""What governs comes through the log: policies and models in force at a time, and what they bring about."""

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.controls import Control, Governance, Model, ModelChange, PolicyChange, Release, cause_of
from shared.domain.instants import Instant
from shared.domain.policy import DEFAULT, Policy
from shared.domain.stages import Signal, Stage
from tests.builders import (
    alert_of,
    day,
    days_in,
    fold_story,
    last,
    model_from,
    path,
    policy_from,
    purchase,
    purchases,
    release_from,
)

REGULAR = purchases(0, 10, 20, 30)
"""Q is 78.9 days: decline on day 109 under the default policy."""

STRICT = Policy(version=2, long_gap_sigmas=0.1)
"""Q is the floor of 30 days: decline on day 60."""


def test_decisions_use_the_policy_in_force_at_their_time() -> None:
    folded = fold_story(
        purchases(0, 10), purchases(40, 50), controls=[policy_from(30, Policy(version=2, formation_occasions=2))]
    )

    assert [(one.target, one.effective_at, one.reason.policy) for one in folded.transitions] == [
        (Stage.EXPLORATION, day(0), 1),
        (Stage.FORMATION, day(40), 2),
    ]


def test_a_policy_that_makes_silence_overdue_moves_the_stage_at_its_own_time_and_says_so() -> None:
    folded = fold_story(REGULAR, until=81, controls=[policy_from(80, STRICT)])

    moved = last(folded)
    assert (moved.target, moved.reason.signal) == (Stage.DECLINE, Signal.SILENT)
    assert (moved.effective_at, moved.cause, moved.reason.policy) == (day(80), "policy", 2)
    assert alert_of(folded, AlertKind.SILENCE).effective_at == day(80)


def test_what_comes_due_under_a_new_policy_later_is_silence_again() -> None:
    folded = fold_story(REGULAR, until=70, controls=[policy_from(50, STRICT)])

    assert (last(folded).effective_at, last(folded).cause) == (day(60), "silence")


def test_a_deadline_at_the_very_instant_of_a_control_is_still_silence() -> None:
    folded = fold_story(REGULAR, until=70, controls=[policy_from(60, STRICT)])

    assert (last(folded).effective_at, last(folded).cause) == (day(60), "silence")


def test_a_milder_policy_takes_nothing_back() -> None:
    mild = Policy(version=2, long_gap_floor_days=500.0)

    folded = fold_story(REGULAR, until=200, controls=[policy_from(115, mild)])

    assert path(folded)[-1] is Stage.DECLINE
    assert folded.customer.long_gap == 500


def test_a_model_changes_the_prior_and_says_so() -> None:
    folded = fold_story(purchase(0), until=100, controls=[model_from(90, mu0=1.0, sigma0=0.5)])

    assert (last(folded).target, last(folded).cause, last(folded).reason.model) == (Stage.DECLINE, "model", "m1")
    assert folded.customer.median_gap == pytest.approx(2.718281828)


def test_a_new_policy_keeps_the_model_in_force() -> None:
    governance = Governance.of([model_from(1, 2.0, 0.5), policy_from(2, Policy(version=2, mu0=9.0, sigma0=9.0))])

    governed = governance.policies[-1]
    assert (governed.version, governed.model, governed.mu0, governed.sigma0) == (2, "m1", 2.0, 0.5)


def test_without_a_model_the_policys_own_prior_holds() -> None:
    governed = Governance.of([policy_from(2, Policy(version=2, mu0=2.0))]).policies[-1]

    assert (governed.model, governed.mu0) == (None, 2.0)


def test_a_release_leaves_the_policy_as_it_is() -> None:
    governance = Governance.of([release_from(5)])

    assert governance.policies == (DEFAULT, DEFAULT)


def test_events_come_before_a_control_of_the_same_instant() -> None:
    quick = Policy(version=2, formation_occasions=2)

    folded = fold_story(purchases(0, 10), controls=[policy_from(10, quick)])

    assert path(folded) == [Stage.EXPLORATION]
    assert folded.customer.controls == 1


def test_controls_are_in_force_whatever_order_they_came_in_and_repeats_are_ignored() -> None:
    one, two, three = policy_from(1, Policy(version=2)), policy_from(2, Policy(version=3)), model_from(2, 1.0, 1.0)
    other = policy_from(9, Policy(version=9), name=one.id)

    forwards = Governance.of([one, two, three])
    backwards = Governance.of([three, two, one, two, other])

    assert forwards == backwards


@pytest.mark.parametrize(("at", "after", "before"), [(0.5, 0, 0), (1, 1, 0), (1.5, 1, 1), (2, 3, 1), (3, 3, 3)])
def test_a_control_is_in_force_after_its_instant_and_not_for_events_at_it(at: float, after: int, before: int) -> None:
    governance = Governance.of([policy_from(1, DEFAULT), policy_from(2, DEFAULT, "a"), policy_from(2, DEFAULT, "b")])

    assert governance.applied_at(day(at)) == after
    assert governance.applied_before(day(at)) == before


def test_a_customer_is_out_of_step_when_a_control_has_sorted_in_before_its_newest_decision() -> None:
    first, late = policy_from(10, DEFAULT), policy_from(5, DEFAULT)

    governance = Governance.of([first, late])

    assert Governance.of([first]).in_step(1, first.id, day(12))
    assert not governance.in_step(1, first.id, day(12))
    assert governance.in_step(2, first.id, day(12))
    assert governance.in_step(0, "", day(4))
    assert not governance.in_step(0, "", day(5))
    assert not governance.in_step(3, first.id, day(12))


@pytest.mark.parametrize(
    ("control", "cause"),
    [
        (PolicyChange(id="p", effective_at=Instant(0), policy=DEFAULT), "policy"),
        (ModelChange(id="m", effective_at=Instant(0), model=Model(version="1", mu0=1.0, sigma0=1.0)), "model"),
        (Release(id="r", effective_at=Instant(0), fold_version=2), "release"),
    ],
)
def test_every_control_has_a_cause_of_its_own(control: Control, cause: str) -> None:
    assert cause_of(control) == cause


def test_amounts_of_another_base_currency_are_forgotten_when_the_base_changes() -> None:
    base = policy_from(15, Policy(version=2, base_currency="USD", rates={"EUR": 2.0}))

    customer = fold_story(purchases(0, 10), purchases(20), controls=[base]).customer

    assert customer.currency == "USD"
    assert [one.amount for one in customer.occasions] == [None, None, 200_00]


def test_a_control_effective_before_a_customer_was_known_governs_it_from_the_start() -> None:
    folded = fold_story(purchases(10, 20), controls=[policy_from(-100, Policy(version=2, formation_occasions=2))])

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]
    assert (days_in(last(folded).effective_at), last(folded).reason.policy) == (20, 2)

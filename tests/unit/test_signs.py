"""What announces a decline: rivals, prices, unmet needs, contracts that end; and stages told by other systems."""

from collections.abc import Sequence

import pytest

from shared.domain.alerts import AlertKind, AlertStatus, Outcome, ReasonCode, Severity
from shared.domain.context import Sign, SignKind
from shared.domain.events import Fact
from shared.domain.policy import Policy
from shared.domain.reasons import sign_of
from shared.domain.stages import Signal, Stage
from tests.builders import (
    alert_of,
    alerts_of,
    competitor,
    complaint,
    day,
    days_in,
    delivery,
    end_intent,
    fold_story,
    inquiry,
    path,
    purchase,
    purchases,
    resolved,
)

FORMED = purchases(0, 10, 20)


def kinds(*story: Fact | Sequence[Fact], until: float | None = None, policy: Policy | None = None) -> list[AlertKind]:
    """Which alerts were raised."""
    return [kind for kind, _ in alerts_of(fold_story(*story, until=until, policy=policy))]


@pytest.mark.parametrize("kind", ["offer", "trial"])
def test_a_rivals_offer_opens_a_watch_that_moves_no_stage(kind: str) -> None:
    """002-12, 002-21: with the rival as reason, what it asks as evidence, and for as long as an offer counts."""
    folded = fold_story(FORMED, competitor(22, kind, price_delta=-12.5, id="r"))

    alert = alert_of(folded, AlertKind.RIVAL)
    assert folded.customer.stage is Stage.FORMATION
    assert (days_in(alert.effective_at), days_in(alert.lapses_at)) == (22, 82)
    assert (alert.reason, alert.evidence.event_ids, alert.evidence.price_delta) == ("rival", ("r",), -12.5)


@pytest.mark.parametrize("kind", ["mention", None])
def test_a_rival_that_is_only_mentioned_alarms_nobody(kind: str | None) -> None:
    """003-14: mentions are for the measure of interest in rivals."""
    folded = fold_story(FORMED, competitor(22, kind))

    assert alerts_of(folded) == []
    assert sign_of(folded.customer, SignKind.RIVAL) is None


@pytest.mark.parametrize(
    ("delta", "strength"), [(-12.5, 0.125), (-100.0, 1.0), (-250.0, 1.0), (5.0, 0.0), (0.0, 0.0), (None, 0.0)]
)
def test_an_offer_is_as_strong_as_it_is_cheaper(delta: float | None, strength: float) -> None:
    """002-21: between 0 and 1; a dearer rival, or an unknown price, weighs nothing."""
    customer = fold_story(FORMED, competitor(22, "offer", price_delta=delta, id="r")).customer

    assert sign_of(customer, SignKind.RIVAL) == Sign(day(22), "r", strength)


@pytest.mark.parametrize(
    ("bought", "severity"),
    [([0], Severity.MEDIUM), ([0, 10, 20], Severity.MEDIUM), ([*range(0, 200, 20)], Severity.HIGH)],
)
def test_a_rival_weighs_by_the_stage_and_more_while_the_customer_tries_us(
    bought: list[int], severity: Severity
) -> None:
    """002-21: twice in exploration; formation raises by one step, stability by two."""
    folded = fold_story(purchases(*bought), competitor(bought[-1] + 1))

    assert alert_of(folded, AlertKind.RIVAL).severity is severity


@pytest.mark.parametrize("story", [[inquiry(0, kind="view")], []])
def test_a_rival_of_somebody_who_is_no_customer_alarms_nobody(story: list[Fact]) -> None:
    assert kinds(story, competitor(1)) == []


def test_a_rivals_offer_to_a_customer_in_decline_is_told_too() -> None:
    """002-12: it is not over yet."""
    assert AlertKind.RIVAL in kinds(purchase(0), complaint(1), competitor(2))


@pytest.mark.parametrize(("until", "status"), [(81.99, AlertStatus.OPEN), (82, AlertStatus.RESOLVED)])
def test_the_alert_of_an_offer_lapses_when_the_offer_no_longer_counts(until: float, status: AlertStatus) -> None:
    """002-21: active for sixty days."""
    patient = Policy(long_gap_floor_days=400.0, urgent_deadline_days=500.0, deadline_days=500.0)
    alert = alert_of(fold_story(FORMED, competitor(22), until=until, policy=patient), AlertKind.RIVAL)

    assert alert.status is status
    assert alert.outcome is (Outcome.LAPSED if status is AlertStatus.RESOLVED else None)


def test_a_purchase_disproves_the_rival() -> None:
    alert = alert_of(fold_story(FORMED, competitor(22), purchase(25)), AlertKind.RIVAL)

    assert (alert.status, alert.outcome, days_in(alert.closed_at)) == (AlertStatus.RESOLVED, Outcome.RETURNED, 25)


def test_the_policy_says_for_how_long_an_offer_is_watched() -> None:
    alert = alert_of(fold_story(FORMED, competitor(22), policy=Policy(rival_days=10.0)), AlertKind.RIVAL)

    assert days_in(alert.lapses_at) == 32


def test_who_switches_to_a_rival_leaves_and_says_why() -> None:
    """002-12, 002-15: end intent with the rival as its reason; nothing is open, so it is over."""
    folded = fold_story(FORMED, competitor(22, "switch", id="r"))

    assert [(one.target, one.reason.signal) for one in folded.transitions[-2:]] == [
        (Stage.DECLINE, Signal.END_INTENT),
        (Stage.ENDED, Signal.SETTLED),
    ]
    alert = alert_of(folded, AlertKind.END_INTENT)
    assert (alert.reason, alert.evidence.event_ids) == (ReasonCode.RIVAL.value, ("r",))


@pytest.mark.parametrize("story", [[], [inquiry(0)], [purchase(0), end_intent(1)]])
def test_who_is_no_customer_cannot_switch_away(story: list[Fact]) -> None:
    before, after = fold_story(story), fold_story(story, competitor(2, "switch"))

    assert path(after) == path(before)
    assert not after.customer.leaving


@pytest.mark.parametrize(("said", "reason"), [("price", "price"), ("outgrown", "outgrown"), ("bored", "unknown")])
def test_who_says_why_it_leaves_is_believed_where_the_word_is_a_reason(said: str, reason: str) -> None:
    """002-15: the customer's own word goes before what the signs tell."""
    assert alert_of(fold_story(FORMED, end_intent(22, reason=said)), AlertKind.END_INTENT).reason == reason


def test_an_unmet_need_is_kept_with_its_inquiry() -> None:
    """002-21: unmet_need, reason outgrown."""
    folded = fold_story(FORMED, inquiry(22, intent="unmet_need", kind="view", id="u"))

    assert sign_of(folded.customer, SignKind.UNMET_NEED) == Sign(day(22), "u", 1.0)
    assert sign_of(fold_story(FORMED, inquiry(22, intent="demo")).customer, SignKind.UNMET_NEED) is None


def test_a_bad_opinion_is_kept_as_what_let_the_customer_down() -> None:
    """004-16: as strong as it was bad; a good one leaves no such sign."""
    bad = fold_story(FORMED, complaint(22, id="c")).customer

    assert sign_of(bad, SignKind.BAD) == Sign(day(22), "c", 0.8)
    assert sign_of(fold_story(FORMED, resolved(22)).customer, SignKind.BAD) is None


@pytest.mark.parametrize(
    ("on_time", "occasions", "x"),
    [(True, 1, 0.3), (True, 3, 0.3), (True, 4, None), (False, 1, -0.3), (False, 3, -0.3), (False, 4, -0.3)],
)
def test_how_a_trial_order_is_delivered_is_an_opinion(on_time: bool, occasions: int, x: float | None) -> None:
    """000-3, 004-9: the first three purchase days are trials; later only a duty not done says something."""
    bought = purchases(*range(0, 10 * occasions, 10))
    customer = fold_story(bought, delivery(10 * occasions, on_time=on_time)).customer

    assert [opinion.x for opinion in customer.opinions] == ([] if x is None else [x])


def test_a_trial_and_a_duty_weigh_by_numbers_of_their_own() -> None:
    """000-3, 004-9."""
    policy = Policy(trial_opinion=0.2, missed_duty_opinion=-0.6, trial_occasions=1)
    trial = fold_story(purchase(0), delivery(1, on_time=False), policy=policy).customer
    duty = fold_story(purchases(0, 10), delivery(11, on_time=False, duty="training"), policy=policy).customer

    assert [opinion.x for opinion in trial.opinions] == [-0.2]
    assert [opinion.x for opinion in duty.opinions] == [-0.6]


def test_a_margin_below_zero_blocks_formation() -> None:
    """001-4: the firm must be content as well; nobody told the cost, and it is."""
    losing = [*purchases(0, 10, amount=100, cost=100), purchase(20, 100, cost=101)]

    assert path(fold_story(losing)) == [Stage.EXPLORATION]
    assert path(fold_story(purchases(0, 10, 20, amount=100, cost=100))) == [Stage.EXPLORATION, Stage.FORMATION]
    assert path(fold_story(FORMED)) == [Stage.EXPLORATION, Stage.FORMATION]

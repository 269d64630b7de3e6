"""From decline back to where it began: enough volume, or a second purchase soon; and what stands in the way."""

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import (
    alerts_of,
    complaint,
    contact,
    day,
    days_in,
    end_intent,
    fold_story,
    invoice,
    last,
    path,
    purchase,
    purchases,
    rating,
    resolved,
)

LOYAL = purchases(0, 10, 20, 30, amount=100)
"""In formation, with m = 17.3 and W = 34.6 days, Q = 78.9 days; the level at the decline is the median of
100, 200, 300 and 400."""


def test_a_purchase_of_half_the_level_recovers_at_once() -> None:
    folded = fold_story(LOYAL, purchase(120, 125))

    assert path(folded)[-2:] == [Stage.DECLINE, Stage.FORMATION]
    assert last(folded).effective_at == day(120)
    assert [(one.name, one.value, one.threshold) for one in last(folded).reason.guards] == [("volume", 125, 125)]


def test_a_smaller_purchase_does_not_recover() -> None:
    folded = fold_story(LOYAL, purchase(120, 124))

    assert folded.customer.stage is Stage.DECLINE


def test_two_small_purchases_of_one_day_count_together() -> None:
    folded = fold_story(LOYAL, purchase(120, 60), purchase(120.5, 65))

    assert path(folded)[-2:] == [Stage.DECLINE, Stage.FORMATION]


@pytest.mark.parametrize(("gap", "recovers"), [(18, True), (30, False)])
def test_a_second_purchase_within_the_usual_gap_recovers_and_a_later_one_does_not(gap: int, recovers: bool) -> None:
    folded = fold_story(LOYAL, purchase(120, 1), purchase(120 + gap, 1))

    assert (folded.customer.stage is Stage.FORMATION) is recovers


@pytest.mark.parametrize(
    ("bought", "origin"),
    [([0], Stage.EXPLORATION), ([0, 10, 20], Stage.FORMATION), ([*range(0, 200, 20)], Stage.STABILITY)],
)
def test_recovery_leads_back_to_the_stage_fallen_from(bought: list[int], origin: Stage) -> None:
    declined = fold_story(purchases(*bought), until=bought[-1] + 200)
    fallen = next(one for one in declined.transitions if one.target is Stage.DECLINE)

    folded = fold_story(purchases(*bought), purchase((days_in(fallen.effective_at) or 0) + 1, 500_00))

    assert path(folded)[-2:] == [Stage.DECLINE, origin]
    assert folded.customer.origin is None


def test_recovering_is_the_occasions_only_step() -> None:
    settled = [complaint(1), resolved(2), rating(3, 1.0), rating(4, 1.0)]
    story = [purchase(0), *settled, purchase(10), contact(10.5)]
    quick = Policy(formation_occasions=2)

    recovered = fold_story(story, policy=quick)
    bought_again = fold_story(story, purchase(20), policy=quick)

    assert path(recovered) == [Stage.EXPLORATION, Stage.DECLINE, Stage.EXPLORATION]
    assert path(bought_again) == [Stage.EXPLORATION, Stage.DECLINE, Stage.EXPLORATION, Stage.FORMATION]


def test_a_dissatisfied_customer_does_not_recover_until_the_complaint_is_answered() -> None:
    story = [purchase(0, 100), complaint(1), purchase(2, 100)]

    blocked = fold_story(story)
    answered = fold_story(story, resolved(3), purchase(4, 100))

    assert path(blocked) == [Stage.EXPLORATION, Stage.DECLINE]
    assert path(answered) == [Stage.EXPLORATION, Stage.DECLINE, Stage.EXPLORATION]
    assert last(answered).effective_at == day(4)


@pytest.mark.parametrize(("x", "recovers"), [(0.0, True), (-0.01, False)])
def test_a_later_opinion_that_is_not_bad_answers_too(x: float, recovers: bool) -> None:
    folded = fold_story(purchase(0, 100), complaint(1), rating(2, x), purchase(4, 100))

    assert (folded.customer.stage is Stage.EXPLORATION) is recovers


def test_dissatisfaction_is_over_when_nothing_is_known_of_it_any_more() -> None:
    # W = 60 days: the complaint is forgotten after 360. Contacts keep the customer from dormancy until then.
    kept = [contact(one) for one in range(40, 361, 40)]

    folded = fold_story(purchase(0, 100), complaint(0.5), kept, purchase(361, 100))

    assert path(folded) == [Stage.EXPLORATION, Stage.DECLINE, Stage.EXPLORATION]


def test_an_opinion_that_is_merely_less_bad_answers_nothing() -> None:
    less_bad = [rating(2 + place / 10, -0.1) for place in range(4)]

    folded = fold_story(purchase(0, 100), complaint(1), less_bad, purchase(4, 100))

    assert (satisfaction(folded.customer) or 0) > -0.3
    assert folded.customer.stage is Stage.DECLINE


def test_nobody_recovers_while_volume_still_falls() -> None:
    # Whoever does not buy more than before counts as falling: W = 30, two windows have passed on day 60.
    falling = Policy(window_gaps=0.001, sharp_drop=1.0)
    story = [*purchases(*range(0, 61, 5)), complaint(61), complaint(62), resolved(63)]

    once = fold_story(story, policy=falling)
    twice = fold_story(story, purchase(65), policy=falling)
    more = fold_story(story, purchase(65, 500_00), policy=falling)

    assert (once.customer.stage, once.customer.sharp_hits) == (Stage.DECLINE, 1)
    assert (twice.customer.stage, twice.customer.sharp_hits) == (Stage.DECLINE, 2)
    assert (more.customer.stage, more.customer.sharp_hits) == (Stage.FORMATION, 0)


def test_an_occasion_that_has_had_its_step_is_none_to_recover_with() -> None:
    answered = [complaint(20.1), complaint(20.2), resolved(20.3)]

    same_day = fold_story(purchases(0, 10, 20), answered, purchase(20.4, 500_00))
    day_after = fold_story(purchases(0, 10, 20), answered, purchase(21, 500_00))

    assert same_day.customer.stage is Stage.DECLINE
    assert day_after.customer.stage is Stage.FORMATION


def test_where_volume_is_unknown_it_takes_two_purchases_since_the_decline() -> None:
    # Without a rate nothing is known of the dollars, so only the second way back is open.
    story = [purchase(0), *purchases(10, 20, 30, currency="USD"), complaint(31), complaint(32), resolved(33)]

    once = fold_story(story, purchases(40, currency="USD"))
    twice = fold_story(story, purchases(40, 50, currency="USD"))

    assert once.customer.stage is Stage.DECLINE
    assert twice.customer.stage is Stage.FORMATION


def test_a_purchase_takes_an_end_intent_back() -> None:
    folded = fold_story(LOYAL, invoice(35), end_intent(40), purchase(41, 200))

    assert path(folded)[-2:] == [Stage.DECLINE, Stage.FORMATION]
    assert not folded.customer.leaving


def test_recovery_closes_the_alerts_of_the_decline_with_the_outcome_returned() -> None:
    folded = fold_story(LOYAL, purchase(120, 400))

    assert alerts_of(folded) == [(AlertKind.SILENCE, "resolved")]
    assert [(one.outcome, one.closed_at) for one in folded.alerts] == [("returned", day(120))]

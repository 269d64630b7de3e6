"""Ways into decline: dissatisfaction, falling volume, end intent; their thresholds and their priority."""

from collections.abc import Callable

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.events import Fact, Purchase
from shared.domain.policy import Policy
from shared.domain.stages import Signal, Stage
from tests.builders import (
    alert_of,
    alerts_of,
    complaint,
    day,
    end_intent,
    ended,
    feedback,
    fold_story,
    inquiry,
    last,
    path,
    purchase,
    purchases,
    rating,
    refund,
)

MONTH = Policy(window_gaps=0.001)
"""A policy under which W is thirty days for everybody."""

PAST_EXPLORATION = [*purchases(0, 10, 20)]


def test_a_dissatisfied_new_customer_declines_without_waiting_for_silence() -> None:
    folded = fold_story(purchase(1), complaint(3, claim="legal"))

    assert path(folded) == [Stage.EXPLORATION, Stage.DECLINE]
    assert last(folded).effective_at == day(3)
    assert last(folded).reason.signal is Signal.DISSATISFIED
    assert last(folded).reason.event_ids == ("complaint of day 3",)
    assert alerts_of(folded) == [(AlertKind.DISSATISFACTION, "open")]


@pytest.mark.parametrize(("x", "declines"), [(-0.3, False), (-0.31, True)])
def test_dissatisfied_is_below_the_threshold_not_at_it(x: float, declines: bool) -> None:
    folded = fold_story(purchase(1), feedback(3, expected=0.0, perceived=5 * x))

    assert (folded.customer.stage is Stage.DECLINE) is declines


@pytest.mark.parametrize(("reason", "declines"), [("defect", True), ("changed_mind", False)])
def test_a_refund_for_a_defect_is_a_bad_opinion_and_another_is_none(reason: str, declines: bool) -> None:
    folded = fold_story(purchase(1), refund(3, 1, reason=reason))

    assert (folded.customer.stage is Stage.DECLINE) is declines


def test_in_formation_one_bad_opinion_is_not_enough_and_two_are() -> None:
    once = fold_story(PAST_EXPLORATION, complaint(25))
    twice = fold_story(PAST_EXPLORATION, complaint(25), complaint(26))

    assert path(once) == [Stage.EXPLORATION, Stage.FORMATION]
    assert path(twice) == [Stage.EXPLORATION, Stage.FORMATION, Stage.DECLINE]
    assert last(twice).effective_at == day(26)


def test_a_good_opinion_makes_up_for_a_bad_one() -> None:
    folded = fold_story(PAST_EXPLORATION, complaint(25), rating(26, 0.9), complaint(27))

    assert folded.customer.stage is Stage.FORMATION


def test_only_an_opinion_raises_dissatisfaction() -> None:
    folded = fold_story(inquiry(0), complaint(0.5), purchase(1), inquiry(2))

    assert folded.customer.stage is Stage.EXPLORATION


def falling(step: int, drop: int, after: int) -> list[Purchase]:
    """Somebody who buys for 100 every `step` days up to day 60, and for less up to a day."""
    return [
        *purchases(*range(0, 61, step), amount=100),
        *purchases(*range(60 + step, after + 1, step), amount=drop),
    ]


def test_a_sharp_drop_at_two_occasions_running_leads_to_decline() -> None:
    # W = 30: on day 80 A0 = 204 and A1 = 600, on day 75 still 303 of 600.
    watched = fold_story(falling(5, 1, 80), policy=MONTH)
    declined = fold_story(falling(5, 1, 85), policy=MONTH)

    assert (watched.customer.stage, watched.customer.sharp_hits) == (Stage.FORMATION, 1)
    assert (last(declined).reason.signal, last(declined).effective_at) == (Signal.DROP_SHARP, day(85))
    assert alerts_of(declined) == [(AlertKind.VOLUME_DROP_SHARP, "open")]
    assert (last(declined).reason.guards[0].value, last(declined).reason.guards[0].threshold) == (105 / 600, 0.4)


@pytest.mark.parametrize(("cheap", "hits"), [(40, 1), (41, 0)])
def test_a_drop_is_sharp_at_two_fifths_of_before_and_not_above(cheap: int, hits: int) -> None:
    # Ten days apart: on day 90 A0 holds three cheap ones, A1 three of 100.
    folded = fold_story(falling(10, cheap, 90), policy=MONTH)

    assert folded.customer.sharp_hits == hits


def test_a_good_occasion_between_two_bad_ones_ends_the_watch() -> None:
    story = [*falling(5, 1, 80), purchase(81, 500), purchase(87, 1)]

    folded = fold_story(story, policy=MONTH)

    assert folded.customer.stage is Stage.FORMATION


def test_a_second_purchase_of_the_day_judges_the_occasion_anew() -> None:
    rescued = fold_story(falling(5, 1, 80), purchase(80.5, 500), purchase(85, 1), policy=MONTH)
    repeated = fold_story(falling(5, 1, 80), purchase(80.5, 1), policy=MONTH)

    assert rescued.customer.stage is Stage.FORMATION
    assert repeated.customer.sharp_hits == 1


def test_volume_is_not_judged_before_two_windows_and_four_gaps_have_passed() -> None:
    story = [purchase(0, 1_000), purchase(20, 1_000), *purchases(*range(35, 59, 3), amount=1)]

    folded = fold_story(story, policy=MONTH)

    assert folded.customer.sharp_hits == 0
    assert fold_story(story, purchase(60, 1), policy=MONTH).customer.sharp_hits == 1
    assert fold_story(story, purchase(60, 1), policy=Policy(window_gaps=0.001, volume_gaps=20)).customer.sharp_hits == 0


def test_a_window_before_without_any_purchase_is_nothing_to_fall_from() -> None:
    story = [*purchases(0, 3, 6, 9, 12), purchase(75, 1), purchase(78, 1)]

    folded = fold_story(story, policy=Policy(window_gaps=0.001, long_gap_floor_days=90.0))

    assert folded.customer.sharp_hits == 0


def dwindling(until: int) -> list[Purchase]:
    """Somebody who buys every five days, for a fifth less every thirty."""
    return [purchase(one, round(10_000_00 * 0.8 ** (one // 30))) for one in range(0, until + 1, 5)]


def test_a_gradual_drop_at_two_occasions_running_leads_to_decline() -> None:
    # tau is near ln 0.8 = -0.22 per window; it is known from four windows on.
    watched = fold_story(dwindling(120), policy=MONTH)
    declined = fold_story(dwindling(125), policy=MONTH)

    assert (watched.customer.stage, watched.customer.gradual_hits) == (Stage.FORMATION, 1)
    assert (last(declined).reason.signal, last(declined).effective_at) == (Signal.DROP_GRADUAL, day(125))
    assert last(declined).reason.guards[0].value == pytest.approx(-0.22, abs=0.03)
    assert alerts_of(declined) == [(AlertKind.VOLUME_DROP_GRADUAL, "open")]


def test_a_slow_drop_within_the_threshold_is_none() -> None:
    tolerant = Policy(window_gaps=0.001, gradual_drop=-0.25)

    assert fold_story(dwindling(160), policy=tolerant).customer.gradual_hits == 0


def test_without_volume_rules_volume_moves_nobody() -> None:
    off = Policy(window_gaps=0.001, volume_rules=False)

    assert fold_story(falling(5, 1, 100), policy=off).customer.stage is Stage.FORMATION
    assert fold_story(dwindling(150), policy=off).customer.stage is Stage.FORMATION


def test_a_sharp_drop_goes_before_a_gradual_one() -> None:
    both = Policy(window_gaps=0.001, gradual_drop=99.0, sharp_drop=1.0)

    folded = fold_story(purchases(*range(0, 150, 5)), policy=both)

    assert next(one.reason.signal for one in folded.transitions if one.target is Stage.DECLINE) is Signal.DROP_SHARP


@pytest.mark.parametrize("leave", [end_intent, ended])
@pytest.mark.parametrize("bought", [[0], [0, 10, 20], [*range(0, 200, 20)]])
def test_who_wants_to_leave_declines_from_any_customer_stage_and_ends_when_nothing_is_open(
    leave: Callable[[float], Fact], bought: list[int]
) -> None:
    folded = fold_story(purchases(*bought), leave(bought[-1] + 1))

    assert [(one.target, one.reason.signal, one.effective_at) for one in folded.transitions[-2:]] == [
        (Stage.DECLINE, Signal.END_INTENT, day(bought[-1] + 1)),
        (Stage.ENDED, Signal.SETTLED, day(bought[-1] + 1)),
    ]
    said, settled = last(folded).reason.guards
    assert (said.name, said.value, said.threshold) == ("end_intent", 1, 1)
    assert (settled.name, settled.value, settled.threshold) == ("open_items", 0, 0)


def test_only_somebody_who_declines_is_alerted_about() -> None:
    assert alerts_of(fold_story(inquiry(0, kind="view"), complaint(1))) == []


def test_a_prospect_who_wants_to_leave_stays_a_prospect() -> None:
    assert path(fold_story(inquiry(0), end_intent(1))) == [Stage.PROSPECT]


def test_the_alert_of_an_end_intent_is_raised_with_its_reason() -> None:
    folded = fold_story(PAST_EXPLORATION, end_intent(25))

    alert = alert_of(folded, AlertKind.END_INTENT)
    assert (alert.effective_at, alert.reason, alert.stage) == (day(25), "unknown", Stage.FORMATION)

"""A bad old line and a new one: the trial that starts while the old line is unhappy, and what ends it (001-14)."""

import pytest

from shared.domain.alerts import AlertKind, Severity
from shared.domain.events import Fact
from shared.domain.lifecycle import Outcome
from shared.domain.policy import Policy
from shared.domain.stages import Signal, Stage
from tests.builders import (
    alert_of,
    competitor,
    complaint,
    day,
    days_in,
    end_intent,
    fold_story,
    inquiry,
    purchase,
    purchases,
    rating,
    resolved,
)

QUICK = Policy(long_gap_sigmas=0.0001)
"""Q is its floor of thirty days."""
OLD = purchases(0, 10, 20, line="old")
"""An old line in formation: there two opinions are needed to be dissatisfied."""


def lines_of(folded: Outcome) -> dict[str, Stage]:
    return {line: own.stage for line, own in folded.customer.lines.items()}


def trials(folded: Outcome) -> list[tuple[str | None, float | None]]:
    """Which trials were said to be endangered, and when."""
    return [
        (alert.line, days_in(alert.effective_at)) for alert in folded.alerts if alert.kind is AlertKind.TRIAL_ENDANGERED
    ]


@pytest.mark.parametrize(("x", "endangered"), [(-0.25, True), (-0.001, True), (0.0, False), (0.5, False)])
def test_a_trial_that_starts_while_the_customer_is_unhappy_is_told_of(x: float, endangered: bool) -> None:
    """001-14: alert if a trial starts while the old line's s is below 0; nothing else need have happened."""
    folded = fold_story(OLD, rating(21, x, line="old"), purchase(25, line="new"))

    assert trials(folded) == ([("new", 25)] if endangered else [])


def test_the_worst_of_the_old_lines_and_of_the_whole_counts() -> None:
    """001-14: content with one, unhappy with another; the whole is content on the average."""
    story = [
        *OLD,
        *purchases(1, 11, 21, line="other"),
        rating(22, 1.0, line="old"),
        rating(23, -0.2, line="other"),
        purchase(25, line="new"),
    ]

    alert = alert_of(fold_story(story), AlertKind.TRIAL_ENDANGERED)
    assert alert.reason == "dissatisfied"
    assert alert.evidence.satisfaction == pytest.approx(-0.2)
    assert (alert.evidence.event_ids, alert.line, alert.stage) == (
        ("purchase of day 25",),
        "new",
        Stage.EXPLORATION,
    )
    assert alert.severity is Severity.MEDIUM


def test_unhappiness_that_names_no_line_endangers_a_trial_too() -> None:
    folded = fold_story(purchases(0, 10, 20), rating(21, -0.2), purchase(25, line="new"))

    assert trials(folded) == [("new", 25)]


def test_a_trial_is_told_of_when_it_starts_not_when_it_goes_on() -> None:
    """001-14: the second purchase of a line is no start."""
    folded = fold_story(OLD, purchase(25, line="new"), rating(26, -0.2, line="old"), purchase(27, line="new"))

    assert trials(folded) == []


def test_an_inquiry_is_no_trial() -> None:
    assert trials(fold_story(OLD, rating(21, -0.2, line="old"), inquiry(25, line="new"))) == []


def test_buying_the_old_line_again_is_no_trial() -> None:
    assert trials(fold_story(OLD, rating(21, -0.2, line="old"), purchase(25, line="old"))) == []


def test_a_customer_without_a_relationship_has_nothing_to_be_unhappy_about() -> None:
    """001-14: somebody new that complained before buying anything is only trying us."""
    assert trials(fold_story(inquiry(0), complaint(1), purchase(2, line="new"))) == []


ANGER = [complaint(26, line="old"), complaint(27, line="old")]


def test_a_line_that_goes_to_decline_in_anger_takes_the_one_still_being_tried_with_it() -> None:
    """001-14: a bad old line ends the new one; the transition names the old line's satisfaction."""
    folded = fold_story(OLD, purchase(25, line="new"), ANGER)

    assert lines_of(folded) == {"new": Stage.DECLINE, "old": Stage.DECLINE}
    (soured,) = [one for one in folded.transitions if one.line == "new" and one.target is Stage.DECLINE]
    assert (soured.reason.signal, soured.reason.concept, soured.cause) == (Signal.SOURED, "001-14", "event")
    assert (soured.effective_at, soured.reason.event_ids) == (day(27), ("complaint of day 27",))
    (guard,) = soured.reason.guards
    assert (guard.name, guard.concept, guard.threshold, guard.holds) == ("old_line_satisfaction", "001-14", None, True)
    assert guard.value == pytest.approx(-0.8)


@pytest.mark.parametrize(
    "anger", [[end_intent(27, line="old")], [competitor(27, "switch", line="old")], [end_intent(27)]]
)
def test_who_leaves_an_old_line_leaves_the_trial_of_a_new_one(anger: list[Fact]) -> None:
    """001-14: wanting to leave is anger too, also when the line ends with the same event."""
    folded = fold_story(OLD, purchase(25, line="new"), anger)

    assert lines_of(folded)["new"] in (Stage.DECLINE, Stage.ENDED)


def test_a_line_past_its_trial_goes_its_own_way() -> None:
    """001-14: formed, it stands by itself."""
    folded = fold_story(OLD, purchases(1, 11, 21, line="formed"), ANGER)

    assert lines_of(folded) == {"formed": Stage.FORMATION, "old": Stage.DECLINE}


def test_a_line_that_is_only_asked_for_is_not_soured() -> None:
    folded = fold_story(OLD, inquiry(25, line="asked", kind="view"), ANGER)

    assert lines_of(folded) == {"asked": Stage.PROSPECT, "old": Stage.DECLINE}


def test_a_line_that_only_falls_silent_sours_nothing() -> None:
    """001-14: silence is no anger."""
    folded = fold_story(OLD, purchase(40, line="new"), until=51, policy=QUICK)

    assert lines_of(folded) == {"new": Stage.EXPLORATION, "old": Stage.DECLINE}


def test_a_complaint_after_the_decline_sours_no_line_that_is_tried_since() -> None:
    """001-14: it is the going to decline that takes others along, not every bad word after it."""
    folded = fold_story(OLD, ANGER, purchase(30, line="new"), complaint(31, line="old"))

    assert lines_of(folded) == {"new": Stage.EXPLORATION, "old": Stage.DECLINE}


def test_a_soured_line_comes_back_to_exploration_when_it_is_bought_again() -> None:
    """001-14, Machine: recovery leads to where the line came from; half the level is bought at once."""
    folded = fold_story(OLD, purchase(25, line="new"), ANGER, resolved(28), purchase(30, line="new"))

    assert lines_of(folded)["new"] is Stage.EXPLORATION
    assert [one.reason.signal for one in folded.transitions if one.line == "new"][-1] is Signal.RECOVERED_EXPLORATION


def test_several_trials_are_soured_in_the_order_of_their_names() -> None:
    folded = fold_story(OLD, purchase(24, line="b"), purchase(25, line="a"), ANGER)

    assert [one.line for one in folded.transitions if one.reason.signal is Signal.SOURED] == ["a", "b"]

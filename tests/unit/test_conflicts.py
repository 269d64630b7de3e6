"""Complaints that wait for a solution: who is told of them, and that nobody is told twice."""

from shared.domain.alerts import AlertKind
from shared.domain.lifecycle import Outcome
from tests.builders import alert_of, complaint, day, fold_story, purchase, purchases, rating


def told(folded: Outcome) -> list[tuple[AlertKind, str | None]]:
    """The alerts with their lines, in the order of being raised."""
    return [(alert.kind, alert.line) for alert in sorted(folded.alerts, key=lambda alert: alert.number)]


CONTENT = purchases(0, 30, 60, line="paper")
"""Somebody in formation: one bad opinion moves it nowhere."""


def test_a_complaint_that_moves_nobody_is_told_of_once_when_it_is_overdue() -> None:
    """000-14: the whole relationship tells of it, so that the line need not."""
    folded = fold_story(CONTENT, complaint(70, line="paper"), until=72)

    assert told(folded) == [(AlertKind.UNRESOLVED_COMPLAINT, None)]


def test_who_was_told_of_an_unhappy_customer_is_not_told_of_the_complaint_of_its_line() -> None:
    """000-5, 000-14: the second bad opinion moves the whole and the line; the whole's alert stands for both."""
    folded = fold_story(CONTENT, rating(65, -0.2, line="paper"), complaint(70, line="paper"), until=72)

    assert told(folded) == [(AlertKind.DISSATISFACTION, None)]


def test_who_was_told_of_an_unhappy_line_is_not_told_of_the_same_complaint_again() -> None:
    """001-14, 000-14: a trial line breaks over a complaint that the whole relationship bears."""
    folded = fold_story(CONTENT, purchase(65, line="toner"), complaint(70, line="toner"), until=72)

    assert told(folded) == [(AlertKind.DISSATISFACTION, "toner")]


def test_another_complaint_is_told_of_although_a_line_is_known_to_be_unhappy() -> None:
    """000-14: what the line complained of is told already; what the relationship complains of is not."""
    praised = [rating(60 + place, 1) for place in range(1, 4)]
    folded = fold_story(
        CONTENT, praised, purchase(65, line="toner"), complaint(70, line="toner"), complaint(70.5), until=72
    )

    assert told(folded) == [(AlertKind.DISSATISFACTION, "toner"), (AlertKind.UNRESOLVED_COMPLAINT, None)]
    assert alert_of(folded, AlertKind.UNRESOLVED_COMPLAINT).effective_at == day(71.5)

"""What customers ask, how far their choosing has come, and whether the firm answers."""

import pytest

from shared.domain.policy import Policy
from tests.builders import answer, inquiry, purchase, rejection
from tests.unit.measures.cases import case_of, reading


@pytest.mark.parametrize(("answered", "rate"), [(0.999, 1), (1, 1), (1.001, 0)])
def test_an_inquiry_is_answered_in_time_within_24_hours(answered: float, rate: float) -> None:
    """002-6: the SLA is `answer_hours`."""
    found = reading("answer_rate", case_of(inquiry(0), answer(answered, id="told"), until=3))

    assert found.value == rate
    assert found.evidence == ("told",)


@pytest.mark.parametrize(("until", "rate"), [(0.999, None), (1, 0), (2, 0)])
def test_an_inquiry_that_nobody_answers_counts_once_its_time_is_up(until: float, rate: float | None) -> None:
    """002-6: before that it tells nothing."""
    found = reading("answer_rate", case_of(inquiry(0, id="asked"), until=until))

    assert found.value == rate
    assert found.evidence == (() if rate is None else ("asked",))


@pytest.mark.parametrize("closing", [purchase, rejection])
@pytest.mark.parametrize(("day", "rate"), [(0.999, None), (1, 0)])
def test_an_inquiry_that_ends_without_an_answer_counts_only_if_the_firm_had_its_time(
    closing: type, day: float, rate: float | None
) -> None:
    """002-6: who buys or turns down within the SLA needed no answer; one that comes later no longer counts."""
    case = case_of(inquiry(0), closing(day), answer(day + 1), until=5)

    assert reading("answer_rate", case).value == rate
    assert reading("hours_to_answer", case).value is None
    assert reading("unanswered_inquiries", case).value == 0


def test_looking_wants_no_answer() -> None:
    """002-6: a view is no question."""
    case = case_of(inquiry(0, kind="view"), until=3)

    assert reading("answer_rate", case).missing == ("an inquiry with its answer",)
    assert reading("unanswered_inquiries", case).value == 0


def test_the_hours_to_answer_are_the_median_and_an_answer_goes_to_the_inquiry_that_it_names() -> None:
    """002-6: 6, 12 and 48 hours; without a name an answer goes to all that wait."""
    story = [
        inquiry(0, id="a"),
        inquiry(0, id="b", kind="quote"),
        answer(0.25, inquiry_id="b", id="to b"),
        inquiry(1.5, id="c"),
        answer(2, id="to all"),
        inquiry(2.5),
    ]

    case = case_of(story, until=3)

    assert reading("hours_to_answer", case).value == pytest.approx(12)
    assert reading("hours_to_answer", case).evidence == ("to all", "to b", "to all")
    assert reading("answer_rate", case).value == pytest.approx(2 / 3)


def test_the_sla_is_a_field_of_the_policy() -> None:
    """002-6: 12 hours instead of 24."""
    case = case_of(inquiry(0), answer(0.6), until=3, policy=Policy(answer_hours=12))

    assert reading("answer_rate", case).value == 0
    assert reading("hours_to_answer", case).value == pytest.approx(14.4)


@pytest.mark.parametrize(("until", "overdue"), [(1.999, 1), (2, 2)])
def test_inquiries_that_wait_are_counted_with_those_past_their_time(until: float, overdue: int) -> None:
    """002-6: of three one is answered."""
    story = [inquiry(0, id="a"), inquiry(1, id="b"), inquiry(1, id="c"), answer(1.5, inquiry_id="c")]

    found = reading("unanswered_inquiries", case_of(story, until=until))

    assert found.value == 2
    assert found.parts == {"overdue": overdue}
    assert found.evidence == ("a", "b")


@pytest.mark.parametrize(
    ("kinds", "phase", "furthest"),
    [
        (["view"], "aware", 0),
        (["view", "ask"], "considering", 1),
        ([None], "considering", 0),
        (["quote", "view"], "probing", 0),
        (["ask", "sample"], "probing", 1),
        (["negotiate", "ask"], "probing", 0),
    ],
)
def test_a_prospect_is_in_the_phase_that_its_furthest_inquiry_tells(
    kinds: list[str | None], phase: str, furthest: int
) -> None:
    """002-1: aware, considering, probing; it does not fall back by looking again."""
    story = [inquiry(day, kind=kind, id=str(day)) for day, kind in enumerate(kinds)]

    found = reading("prospect_phase", case_of(story, until=5))

    assert found.value == phase
    assert found.evidence == (str(furthest),)


def test_who_has_bought_is_in_no_phase_of_a_prospect() -> None:
    """002-1: nor is who has not asked."""
    missing = ("an inquiry of somebody who has not bought",)

    assert reading("prospect_phase", case_of(inquiry(0), purchase(1), until=2)).missing == missing
    assert reading("prospect_phase", case_of(answer(0), until=2)).missing == missing


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("view", "need"),
        ("ask", "information"),
        (None, "information"),
        ("quote", "evaluation"),
        ("sample", "evaluation"),
        ("negotiate", "evaluation"),
    ],
)
def test_the_step_of_choosing_is_that_of_the_newest_inquiry(kind: str | None, step: str) -> None:
    """002-19: becoming aware of a need, gathering information, weighing the choice."""
    case = case_of(purchase(0), inquiry(1, kind="quote"), inquiry(2, kind=kind, id="newest"), until=3)

    found = reading("choosing_step", case)

    assert found.value == step
    assert found.evidence == ("newest",)


@pytest.mark.parametrize("bought", [1, 2])
def test_a_purchase_ends_the_choosing(bought: float) -> None:
    """002-19: what was asked before it, or at its instant, was about it."""
    found = reading("choosing_step", case_of(inquiry(1), purchase(bought), until=3))

    assert found.missing == ("an inquiry since the last purchase",)


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        ("ad", "ad"),
        ("display", "display"),
        ("referral", "referral"),
        ("own_experience", "own_experience"),
        ("trade fair", "other"),
    ],
)
def test_the_first_channel_is_that_of_the_first_inquiry_that_names_one(channel: str, word: str) -> None:
    """002-19: advertising, display, recommendation, own experience."""
    case = case_of(inquiry(0), inquiry(1, channel=channel, id="first"), inquiry(2, channel="mail"), until=3)

    found = reading("first_channel", case)

    assert found.value == word
    assert found.parts == {"channel": channel}
    assert found.evidence == ("first",)


def test_without_a_channel_it_is_unknown_where_a_customer_came_from() -> None:
    """002-19: unknown, not `other`."""
    assert reading("first_channel", case_of(inquiry(0), until=1)).missing == ("an inquiry with its channel",)


def test_only_what_was_asked_since_the_newest_purchase_is_choosing() -> None:
    """002-19: asked between two purchases, it was about the second."""
    found = reading("choosing_step", case_of(purchase(0), inquiry(1), purchase(2), until=3))

    assert found.missing == ("an inquiry since the last purchase",)

"""Those who have not bought yet: intent, confidence, opportunity."""

from typing import Any

import pytest

from shared.domain.events import Competitor, Profile
from shared.domain.policy import Policy
from tests.builders import answer, contact, inquiry, other, purchase, rejection
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.voices import told


@pytest.mark.parametrize(
    ("kinds", "points", "grade"),
    [
        (["quote", "negotiate"], 6, "A"),
        (["sample", "ask", "view"], 6, "A"),
        (["quote", "ask"], 5, "B"),
        (["ask", "view"], 3, "B"),
        (["ask"], 2, "C"),
        ([None], 2, "C"),
        (["view"], 1, "C"),
    ],
)
def test_the_intent_of_a_prospect_is_graded_by_its_inquiries(kinds: list[str | None], points: int, grade: str) -> None:
    """000-19: A from 6 points on, B from 3, C from 1."""
    story = [inquiry(place / 10, kind=kind) for place, kind in enumerate(kinds)]

    found = reading("intent_grade", case_of(story, until=5))

    assert found.value == grade
    assert found.parts == {"points": points, "inquiries": len(kinds)}
    assert len(found.evidence) == len(kinds)


@pytest.mark.parametrize(("until", "grade"), [(29.999, "A"), (30, "D")])
def test_only_the_inquiries_of_30_days_count_for_the_grade(until: float, grade: str) -> None:
    """000-19: after that hardly any intent is left."""
    case = case_of(inquiry(0, kind="quote", id="a"), inquiry(0, kind="quote", id="b"), until=until)

    assert reading("intent_grade", case).value == grade


def test_a_prospect_who_turned_the_offer_down_has_grade_d() -> None:
    """000-19: whatever was asked before."""
    case = case_of(inquiry(0, kind="quote"), inquiry(1, kind="quote"), rejection(2), until=3)

    assert reading("intent_grade", case).value == "D"


@pytest.mark.parametrize("name", ["intent_grade", "revisit_in_days"])
def test_who_has_bought_has_no_intent_of_a_prospect(name: str) -> None:
    """000-19: nor has who never asked."""
    missing = ("an inquiry of somebody who has not bought",)

    assert reading(name, case_of(inquiry(0), purchase(1), until=2)).missing == missing
    assert reading(name, case_of(contact(0), until=2)).missing == missing


@pytest.mark.parametrize(
    ("kinds", "grade", "left"),
    [(["quote", "quote"], "A", 1), (["quote"], "B", 6), (["ask"], "C", 13)],
)
def test_a_prospect_is_visited_again_the_sooner_the_stronger_its_intent(
    kinds: list[str], grade: str, left: float
) -> None:
    """000-19: after 2, 7 and 14 days since the last inquiry, one of which have passed."""
    story = [inquiry(1, kind=kind, id=f"{place}") for place, kind in enumerate(kinds)]

    found = reading("revisit_in_days", case_of(contact(0.9), story, until=2))

    assert found.value == pytest.approx(left)
    assert found.parts == {"grade": grade}
    assert found.evidence == (f"{len(kinds) - 1}",)


def test_a_visit_that_is_late_is_told_as_days_below_0_and_a_contact_is_a_visit() -> None:
    """000-19: grade D after 31 days; the contact of day 20 puts the next visit off."""
    assert reading("revisit_in_days", case_of(inquiry(0), until=31)).value == pytest.approx(-1)

    found = reading("revisit_in_days", case_of(inquiry(0), contact(20, id="visit"), until=31))

    assert found.value == pytest.approx(19)
    assert found.evidence == ("visit",)


def test_the_source_of_a_lead_is_what_the_profile_says_else_its_first_channel() -> None:
    """000-19: lead source."""
    asked = inquiry(0, channel="ad", id="asked")

    found = reading("lead_source", case_of(asked, inquiry(1, channel="mail"), until=3))
    assert found.value is True
    assert found.parts == {"source": "ad"}
    assert found.evidence == ("asked",)

    fair = [told(Profile, 2, lead_source="fair", id="fair"), told(Profile, 2, region="north", id="north")]
    found = reading("lead_source", case_of(asked, fair, until=3))
    assert found.value is True
    assert found.parts == {"source": "fair"}
    assert found.evidence == ("fair",)


def test_the_source_of_a_lead_is_unknown_where_nobody_named_it() -> None:
    """000-19: an inquiry without a channel."""
    found = reading("lead_source", case_of(inquiry(0), until=3))

    assert found.missing == ("a profile with lead_source, or an inquiry with its channel",)


def _confidence(*story: Any, until: float = 5) -> dict[str, Any]:
    found = reading("confidence", case_of(*story, until=until))
    held = [part for part in found.parts.values() if part is not None]
    assert found.coverage == len(held) / 6
    return {"value": found.value, **{name: part for name, part in found.parts.items() if part is not None}}


def test_confidence_grows_by_replies_repeated_inquiries_demos_and_accepted_quotes() -> None:
    """001-9: the signs for."""
    story = [inquiry(0, kind="quote"), answer(0.5), inquiry(1, intent="demo"), answer(1.5)]

    assert _confidence(inquiry(0), answer(1)) == {"value": 1, "reply": 1}
    assert _confidence(inquiry(0, kind="view"), inquiry(1, kind="view")) == {"value": 1, "repeat_inquiry": 1}
    assert _confidence(inquiry(0, kind="view", intent="demo")) == {"value": 1, "demo": 1}
    assert _confidence(inquiry(0, kind="quote"), purchase(0.5)) == {"value": 1, "quote_accepted": 1}
    everything = {"value": 1, "reply": 1, "repeat_inquiry": 1, "demo": 1, "quote_accepted": 1}
    assert _confidence(story, purchase(2)) == everything


def test_confidence_falls_without_a_reply_by_a_rejection_and_by_a_rival() -> None:
    """001-9: the signs against; a late reply is neither."""
    assert _confidence(inquiry(0)) == {"value": -1, "reply": -1}
    assert _confidence(inquiry(0), answer(1.1)) == {"value": 0, "reply": 0}
    assert _confidence(inquiry(0), rejection(0.5)) == {"value": -1, "rejection": -1}
    assert _confidence(inquiry(0), until=0.9)["value"] is None
    assert _confidence(inquiry(0, kind="view"), told(Competitor, 1, kind="mention")) == {"value": -1, "rival": -1}


def test_confidence_is_the_mean_of_the_signs_on_both_sides() -> None:
    """001-9: one reply in time and one missing, asked twice, and a rival: (0 + 1 - 1) / 3."""
    story = [inquiry(0), answer(0.5), inquiry(2), told(Competitor, 3)]

    assert _confidence(story) == {"value": 0, "reply": 0, "repeat_inquiry": 1, "rival": -1}


def test_a_purchase_before_the_quote_accepts_nothing_and_one_without_a_quote_neither() -> None:
    """001-9: quote accepted = purchase after a quote inquiry."""
    assert "quote_accepted" not in _confidence(purchase(0), inquiry(3, kind="quote"))
    assert "quote_accepted" not in _confidence(inquiry(0), answer(0.1), purchase(0.5))
    assert "quote_accepted" in _confidence(inquiry(0, kind="quote"), purchase(0))


def test_confidence_is_of_this_cycle_and_names_what_it_heard() -> None:
    """001-9: the firm ignored the customer before it slept; that is over."""
    story = [inquiry(0), purchase(1), inquiry(2), purchase(500), inquiry(501, id="asked"), rejection(502, id="no")]

    found = reading("confidence", case_of(story, until=503))

    assert found.value == -1
    assert found.parts["reply"] == -1
    assert found.parts["rejection"] == -1
    assert found.parts["repeat_inquiry"] is None
    assert found.evidence == ("asked", "no")


def test_without_an_inquiry_confidence_is_unknown() -> None:
    """001-9: nothing shows it either way."""
    assert reading("confidence", case_of(other(0), until=1)).missing == ("an inquiry with its answer",)


@pytest.mark.parametrize(("until", "lost"), [(41.999, False), (42, True)])
def test_a_prospect_is_lost_after_three_times_the_choosing_time_in_silence(until: float, lost: bool) -> None:
    """001-9: 3 times 14 days."""
    found = reading("lost_prospect", case_of(inquiry(0, id="asked"), until=until))

    assert found.value is lost
    assert found.parts == {"silent_days": pytest.approx(until)}
    assert found.evidence == ("asked",)


def test_a_rejection_loses_a_prospect_at_once() -> None:
    """001-9: but nobody who bought is a lost prospect, and nobody who never asked is known to be one."""
    rejected = reading("lost_prospect", case_of(inquiry(0), rejection(1, id="no"), until=2))

    assert rejected.value is True
    assert rejected.evidence == ("no",)
    assert reading("lost_prospect", case_of(inquiry(0), rejection(1), purchase(2), until=90)).value is False
    bought = reading("lost_prospect", case_of(purchase(0), until=2))
    assert bought.value is False
    assert bought.parts == {"silent_days": None}
    assert reading("lost_prospect", case_of(contact(0), until=2)).missing == ("an inquiry",)


def test_an_opportunity_is_an_open_quote_with_a_confirmed_budget() -> None:
    """004-8: need and means; an answer leaves the quote open."""
    quote = inquiry(0, kind="quote", budget_confirmed=True, id="quote")

    found = reading("opportunity", case_of(quote, answer(0.5), until=1))

    assert found.value is True
    assert found.evidence == ("quote",)


def test_the_newest_word_on_the_budget_counts() -> None:
    """004-8: it may come with another inquiry."""
    story = [inquiry(0, kind="quote", id="quote"), inquiry(1, budget_confirmed=True, id="yes"), inquiry(2)]

    assert reading("opportunity", case_of(story, until=3)).value is True
    assert reading("opportunity", case_of(story, until=3)).evidence == ("quote", "yes")
    assert reading("opportunity", case_of(story, inquiry(3, budget_confirmed=False), until=4)).value is False


@pytest.mark.parametrize(
    ("closing", "open_"),
    [(rejection(1), False), (rejection(1, inquiry_id="quote"), False), (rejection(1, inquiry_id="else"), True),
     (purchase(1), False)],
)  # fmt: skip
def test_a_quote_is_open_until_it_is_rejected_or_bought(closing: Any, open_: bool) -> None:
    """004-8: no open quote, no opportunity."""
    quote = inquiry(0, kind="quote", budget_confirmed=True, id="quote")

    assert reading("opportunity", case_of(quote, closing, until=2)).value is open_


def test_a_question_is_no_quote_and_a_quote_without_a_word_on_the_budget_may_be_anything() -> None:
    """004-8: False for the first, unknown for the second, unknown without any inquiry."""
    asked = reading("opportunity", case_of(inquiry(0, kind="negotiate", budget_confirmed=True), until=1))
    quoted = reading("opportunity", case_of(inquiry(0, kind="quote", id="quote"), until=1))

    assert asked.value is False
    assert quoted.missing == ("an inquiry with budget_confirmed",)
    assert quoted.evidence == ("quote",)
    assert reading("opportunity", case_of(contact(0), until=1)).missing == ("an inquiry",)


def test_a_quote_of_the_cycle_before_is_no_longer_open() -> None:
    """004-8: the customer left, and asks again."""
    policy = Policy(dormant_r=1.6, ended_r=1.7)
    story = [purchase(0), inquiry(1, kind="quote", budget_confirmed=True), inquiry(900)]

    assert reading("opportunity", case_of(story, until=901, policy=policy)).value is False


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ([contact(0)], "target"),
        ([inquiry(0)], "potential"),
        ([inquiry(0, kind="quote")], "potential"),
        ([inquiry(0, kind="quote", budget_confirmed=True)], "opportunity"),
        ([inquiry(0), purchase(1)], "user"),
        ([purchase(0), inquiry(1, kind="quote", budget_confirmed=True)], "user"),
    ],
)
def test_a_customer_goes_from_target_to_potential_to_opportunity_to_user(story: list[Any], state: str) -> None:
    """004-8: the four states on the market."""
    assert reading("sales_state", case_of(story, until=2)).value == state


def test_a_target_is_known_with_its_region() -> None:
    """002-7: a survey of a region finds targets."""
    found = reading("target", case_of(told(Profile, 0, region="north", id="survey"), until=1))

    assert found.value is True
    assert found.parts == {"region": "north"}
    assert found.coverage == 1
    assert found.evidence == ("survey",)


def test_who_has_asked_is_a_target_no_more() -> None:
    """002-7: and without a region half of it is unknown."""
    found = reading("target", case_of(inquiry(0), until=1))

    assert found.value is False
    assert found.parts == {"region": None}
    assert found.coverage == 0.5
    assert found.missing == ("a profile with the region",)

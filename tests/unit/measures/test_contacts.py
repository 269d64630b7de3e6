"""One record over all contacts: touches, replies, roles, and what keeps the tie warm."""

from typing import Any

import pytest

from shared.domain.events import Alias, Consent, Profile
from shared.domain.measures.contacts import days_until
from shared.domain.policy import Policy
from tests.builders import contact, feedback, inquiry, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.voices import told

CONSENT = told(Consent, 0, purpose="profiling", granted=True, id="yes")


def test_touches_are_counted_per_occasion_of_this_cycle() -> None:
    """001-1: three contacts for two occasions; those before the sleep are over."""
    story = [purchase(0), contact(1), *purchases(500, 510)]
    story += [contact(day, id=f"touch {day}") for day in (501, 502, 511)]

    found = reading("touches_per_occasion", case_of(story, until=512))

    assert found.value == 1.5
    assert found.evidence == ("touch 501", "touch 502", "touch 511")


def test_touches_per_occasion_need_a_contact_and_a_purchase() -> None:
    """001-1: unknown without either."""
    assert reading("touches_per_occasion", case_of(purchase(0), until=1)).missing == ("a contact",)

    found = reading("touches_per_occasion", case_of(inquiry(0), contact(1, id="touch"), until=2))
    assert found.missing == ("a purchase",)
    assert found.evidence == ("touch",)


@pytest.mark.parametrize(
    "reply",
    [
        contact(2, "inbound"),
        contact(2, "two_way"),
        contact(2, "in"),
        inquiry(2),
        feedback(2, rating=3),
    ],
)
def test_a_touch_is_replied_to_when_the_customer_speaks_before_the_next_one(reply: Any) -> None:
    """001-1: one of two."""
    story = [contact(1, "outbound", id="a"), reply, contact(3, "out", id="b")]

    assert reading("reply_rate", case_of(purchase(0), story, until=4)).value == 0.5


def test_two_words_are_one_reply_and_what_nobody_asked_for_is_none() -> None:
    """001-1: a reply to the second of three touches."""
    story = [
        inquiry(0.5),
        contact(1, "outbound", id="a"),
        contact(2, "outbound", id="b"),
        contact(3, "inbound", id="c"),
        contact(3.5, "inbound", id="d"),
        contact(4, "outbound", id="e"),
        contact(5, None, id="f"),
    ]

    found = reading("reply_rate", case_of(purchase(0), story, until=6))

    assert found.value == pytest.approx(1 / 3)
    assert found.evidence == ("a", "b", "c", "d", "e", "f")


@pytest.mark.parametrize(("until", "rate"), [(60.999, 0), (61, None)])
def test_only_the_touches_of_the_last_window_count(until: float, rate: float | None) -> None:
    """001-1: W is 60 d."""
    assert reading("reply_rate", case_of(purchase(0), contact(1, "outbound"), until=until)).value == rate


def test_without_an_outbound_contact_there_is_nothing_to_reply_to() -> None:
    """001-1: unknown."""
    assert reading("reply_rate", case_of(contact(1, "inbound"), until=2)).missing == ("an outbound contact",)


def test_contacts_are_counted_by_the_role_that_spoke() -> None:
    """004-13: before, during and after the sale."""
    roles = ("sales", "sales", "support", "product", "product", "product", None)
    story = [contact(day, role=role, id=str(day)) for day, role in enumerate(roles)]

    found = reading("contacts", case_of(story, until=10))

    assert found.value == 7
    assert found.parts == {"sales": 2, "support": 1, "product": 3, "unnamed": 1}
    assert found.evidence[-1] == "6"


def test_one_timeline_comes_from_several_sources_and_ids() -> None:
    """004-13: three sources, two other ids."""
    story = [
        purchase(0),
        purchase(1, source="till"),
        told(Alias, 2, other_id="anna-2", source="crm", id="a"),
        told(Alias, 3, other_id="anna-2", id="b"),
        told(Alias, 4, other_id="anna-3", id="c"),
    ]

    found = reading("timeline_sources", case_of(story, until=5))

    assert found.value == 3
    assert found.parts == {"aliases": 2, "events": 5}
    assert found.evidence == ("a", "b", "c")


@pytest.mark.parametrize(("until", "within"), [(30.5, True), (31.5, False)])
def test_the_customer_should_be_spoken_with_at_least_once_in_its_median_gap(until: float, within: bool) -> None:
    """004-20: m is 30 d; an outbound mail is no talk."""
    story = [purchase(0), contact(0.5, id="old"), contact(1, id="talk"), contact(20, "outbound", id="mail")]

    found = reading("days_since_contact", case_of(story, until=until))

    assert found.value == pytest.approx(until - 1)
    assert found.parts["within"] is within
    assert found.parts["median_gap"] == pytest.approx(30)
    assert found.evidence == ("talk",)


def test_a_talk_exactly_one_median_gap_ago_is_within_it() -> None:
    """004-20: m is 1 d by the policy."""
    case = case_of(purchase(0), contact(1), until=2, policy=Policy(mu0=0.0))

    assert reading("days_since_contact", case).parts == {"median_gap": 1.0, "within": True}


def test_without_a_two_way_contact_the_days_since_are_unknown() -> None:
    """004-20: never is not long ago."""
    found = reading("days_since_contact", case_of(purchase(0), contact(1, "outbound"), until=2))

    assert found.missing == ("a contact with its direction, two-way or inbound",)


def test_buying_is_convenient_where_channel_and_payment_are_known() -> None:
    """004-20: both, one, none."""
    channel = told(Profile, 1, preferred_channel="phone", id="phone")
    pay = told(Profile, 2, preferred_payment="invoice", id="invoice")

    both = reading("preferences", case_of(CONSENT, channel, pay, until=3))
    assert both.value is True
    assert both.coverage == 1
    assert both.parts == {"preferred_channel": "phone", "preferred_payment": "invoice"}
    assert both.evidence == ("phone", "invoice")

    one = reading("preferences", case_of(CONSENT, channel, until=3))
    assert one.value is False
    assert one.coverage == 0.5
    assert one.missing == ("a profile with preferred_payment",)

    none = reading("preferences", case_of(CONSENT, until=3))
    assert none.missing == ("a profile with preferred_channel", "a profile with preferred_payment")


@pytest.mark.parametrize("name", ["preferences", "next_important_date"])
@pytest.mark.parametrize(
    "consents",
    [
        [],
        [told(Consent, 0, purpose="marketing", granted=True)],
        [CONSENT, told(Consent, 1, purpose="profiling", granted=False, id="no")],
    ],
)
def test_without_consent_the_profile_is_not_used(name: str, consents: list[Any]) -> None:
    """004-20, 001-19: never given, given for something else, or taken back."""
    known = told(Profile, 2, preferred_channel="a", preferred_payment="b", dates={"birthday": "03-01"})

    assert reading(name, case_of(known, consents, until=3)).missing == ("consent to profiling",)


def test_the_next_important_date_is_the_first_to_come_round() -> None:
    """004-20: the story is at 2024-01-31; what is no date is left out."""
    dates = {"birthday": "02-10", "founded": "01-30", "today": "01-31", "odd": "31.12.", "none": "02-30"}
    story = [CONSENT, told(Profile, 1, dates=dates, id="dates"), told(Profile, 2, region="north")]

    found = reading("next_important_date", case_of(story, until=30))

    assert found.value == 0
    assert found.parts == {"birthday": 10, "founded": 365, "today": 0}
    assert found.evidence == ("dates",)


@pytest.mark.parametrize("profile", [{"region": "north"}, {"dates": {"odd": "13-01"}}])
def test_without_a_date_there_is_none_to_come(profile: dict[str, Any]) -> None:
    """004-20: unknown."""
    case = case_of(CONSENT, told(Profile, 1, **profile), until=3)

    assert reading("next_important_date", case).missing == ("a profile with dates as MM-DD",)


@pytest.mark.parametrize(
    ("day", "left"),
    [(58, 1), (59, 0), (60, 364), (424, 0), (425, 364), (1155, 365), (1519, 1)],
)
def test_a_leap_day_is_kept_on_february_28_in_other_years(day: float, left: float) -> None:
    """004-20: 2024 and 2028 have a February 29; days 425, 1155 and 1519 are 2025-03-01, 2027-03-01 and 2028-02-28."""
    assert days_until(case_of(inquiry(0), until=day), "02-29") == left

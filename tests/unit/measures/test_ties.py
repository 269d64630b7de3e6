"""What may be known of a customer, its personal tie, and who looks after it."""

import pytest

from shared.domain.events import Consent, Profile
from shared.domain.policy import Policy
from shared.domain.population import Population
from tests.builders import contact, inquiry, purchase
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import told

TIERS = Policy(population=Population(currency="EUR", tier_a=50_00, tier_c=10_00))
ALLOWED = told(Consent, 0, purpose="profiling", granted=True)


def test_consent_is_the_newest_word_for_the_purpose() -> None:
    """001-19: given, then taken back; the post has a consent of its own."""
    given, post = (
        told(Consent, 0, purpose="profiling", granted=True, id="given"),
        told(Consent, 1, purpose="post", granted=True),
    )
    taken = told(Consent, 2, purpose="profiling", granted=False, id="taken")

    now, later = case_of(given, post, until=1), case_of(given, post, taken, until=3)

    assert reading("profiling_consent", now).value is True
    assert reading("profiling_consent", later).value is False
    assert reading("profiling_consent", later).parts == {"profiling": False, "post": True}
    assert reading("profiling_consent", later).evidence == ("given", "taken")


def test_whoever_was_not_asked_gave_no_consent_and_refused_none() -> None:
    """001-19: unknown, whatever it said for other purposes."""
    found = reading("profiling_consent", case_of(told(Consent, 0, purpose="post", granted=True), until=1))

    assert found.value is None
    assert found.missing == ("a consent with the purpose 'profiling'",)
    assert found.parts == {"post": True}


def test_a_personal_tie_is_what_is_known_and_being_in_touch() -> None:
    """004-20: two of three fields, and a contact 30 days ago, as long as m: (2/3 + 1)/2."""
    known = told(Profile, 1, dates={"birthday": "05-07"}, preferred_channel="mail", id="profile")
    case = case_of(purchase(0), ALLOWED, known, contact(2, id="call"), until=32)

    found = reading("emotional_tie", case)

    assert found.value == pytest.approx(5 / 6)
    assert found.coverage == 1
    assert found.missing == ()
    assert found.evidence == ("profile", "call")
    assert found.parts == {
        "profile": pytest.approx(2 / 3),
        "contact": 1,
        "dates": True,
        "preferred_channel": True,
        "preferred_payment": False,
        "contact_days": 30,
    }


@pytest.mark.parametrize(("until", "value"), [(2.9, 1), (3, 1), (3.1, 0)])
def test_a_tie_needs_a_contact_as_often_as_the_customer_buys(until: float, value: float) -> None:
    """004-20: m is exactly 1 day."""
    case = case_of(purchase(0), contact(2), until=until, policy=Policy(mu0=0))

    found = reading("emotional_tie", case)

    assert found.value == value
    assert found.coverage == 0.5
    assert found.missing == ("consent",)


@pytest.mark.parametrize("consent", [[], [told(Consent, 0, purpose="profiling", granted=False)]])
def test_without_consent_nothing_of_the_person_counts(consent: list[Consent]) -> None:
    """001-19, 004-20: what is known of it stays unused and unnamed."""
    case = case_of(purchase(0), *consent, told(Profile, 1, preferred_channel="mail"), until=2)

    found = reading("emotional_tie", case)

    assert found.value is None
    assert found.missing == ("consent", "a contact in which the customer spoke")
    assert "preferred_channel" not in found.parts
    assert found.evidence == ()


def test_with_consent_and_nothing_known_the_profile_is_asked_for() -> None:
    """004-20: only the contact tells."""
    case = case_of(purchase(0), ALLOWED, contact(1), until=1)

    found = reading("emotional_tie", case)

    assert found.value == 1
    assert found.coverage == 0.5
    assert found.missing == ("a profile with dates, preferred channel or payment",)


@pytest.mark.parametrize(
    ("cost", "owner", "team"),
    [
        (50_00, "eva", "project_team"),
        (50_00, None, "project_team"),
        (50_01, "eva", "owner"),
        (50_01, None, "desk"),
    ],
)
def test_a_high_end_customer_has_a_team_of_its_own(cost: int, owner: str | None, team: str) -> None:
    """004-23: a margin of 50.00 on 100.00 reaches the bound of tier A, one of 49.99 does not."""
    case = case_of(purchase(0, cost=cost), told(Profile, 1, owner=owner, region="north"), until=2, policy=TIERS)

    found = reading("service_team", case)

    assert found.value == team
    assert found.coverage == 1
    assert found.parts == {"owner": owner, "margin": 100_00 - cost, "bound": 50_00}


@pytest.mark.parametrize(("cost", "team"), [(0, "project_team"), (1, "desk")])
def test_who_has_a_team_is_defined_in_the_policy(cost: int, team: str) -> None:
    """004-23: twice the bound of tier A."""
    strict = Policy(population=TIERS.population, team_tier_times=2)

    assert reading("service_team", case_of(purchase(0, cost=cost), until=1, policy=strict)).value == team


def test_while_its_worth_is_unknown_the_owner_looks_after_it() -> None:
    """004-23: without a cost, or without tiers; without an owner too nobody can be named."""
    owned = told(Profile, 1, owner="eva")

    assert reading("service_team", case_of(purchase(0), owned, until=2, policy=TIERS)).value == "owner"
    assert reading("service_team", case_of(purchase(0, cost=1), owned, until=2)).coverage == 0.5
    assert reading("service_team", case_of(purchase(0, cost=1), until=2)).value is None
    assert len(reading("service_team", case_of(inquiry(0), until=2)).missing) == 2

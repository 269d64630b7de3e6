"""Fairness, and the ladder of loyalty. W is 30 days whatever the rhythm."""

import pytest

from shared.domain.events import Cost, Fact, Value
from shared.domain.policy import Policy
from tests.builders import complaint, inquiry, purchase, purchases, rating, referral, resolved
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import fact, value

EVEN = Policy(window_gaps=0.001)
THRICE = purchases(0, 10, 20, cost=60_00)
"""Three purchases with a margin of 40.00 each."""


def got(day: float, amount: int, **more: object) -> Value:
    """The customer got something of worth."""
    return fact(Value, day, **{"what": "service", "amount": amount, "currency": "EUR", **more})


def gave(day: float, amount: int, **more: object) -> Cost:
    """It cost the customer something."""
    return fact(Cost, day, **{"what": "time", "amount": amount, "currency": "EUR", **more})


def test_fairness_is_what_the_customer_got_over_what_we_earned() -> None:
    """000-17: (150 - 30)/120."""
    found = reading("fairness", case_of(THRICE, got(5, 150_00), gave(6, 30_00), until=25, policy=EVEN))

    assert found.value == pytest.approx(1.0)
    assert found.parts == {"benefit": 120_00, "margin": 120_00}
    assert found.evidence == ("value of day 5", "cost of day 6")


@pytest.mark.parametrize(
    ("told", "ratio"),
    [
        (got(6, 60_00, what="product"), 1.0),
        (got(6, 60_00, what="person"), 1.0),
        (got(6, 60_00, what="image"), 1.0),
        (got(6, 60_00, what=None), 1.0),
        (got(6, 60_00, what="reward"), 0.5),
        (gave(6, 60_00, by="firm"), 0.5),
        (gave(6, 60_00, what="training"), 0.5),
        (gave(6, 60_00, what="training", by="customer"), 0.0),
        (gave(6, 120_00), -0.5),
        (gave(6, 60_00, currency="USD"), None),
        (got(6, 60_00, currency="USD"), None),
    ],
)
def test_only_what_reaches_the_customer_and_what_it_bears_is_weighed(told: Fact, ratio: float | None) -> None:
    """000-17"""
    assert value("fairness", case_of(THRICE, got(5, 60_00), told, until=25, policy=EVEN)) == ratio


def test_fairness_is_of_the_last_four_windows() -> None:
    """000-17: as of day 130 they begin after day 10."""
    story = [*THRICE, got(10, 500_00), got(11, 20_00), gave(10, 7_00)]

    assert value("fairness", case_of(story, until=130, policy=EVEN)) == pytest.approx(20 / 40)


def test_without_value_events_or_a_margin_nobody_can_say_what_is_fair() -> None:
    """000-17"""
    told = ("value events, and what the customer bears of cost",)
    earned = ("purchases with the cost of the goods, and a margin above 0",)

    assert reading("fairness", case_of(THRICE, gave(5, 1), until=25)).missing == told
    assert reading("fairness", case_of(purchase(0), got(5, 1), until=25)).missing == earned
    assert reading("fairness", case_of(purchase(0, cost=100_00), got(5, 1), until=25)).missing == earned
    assert reading("fairness", case_of(purchase(0, cost=120_00), got(5, 1), until=25)).missing == earned


HAPPY = [*purchases(0, 10, 20, 30, cost=60_00), rating(29, 0.5), referral(31)]


def test_the_ladder_has_a_rung_for_each_thing_that_is_shown() -> None:
    """000-17, 000-6, 000-15"""
    assert value("ladder", case_of(purchase(0), until=5)) == "none"
    assert value("ladder", case_of(purchases(0, 10), until=15)) == "behavioural"
    assert value("ladder", case_of(THRICE, until=25)) == "initial_trust"
    assert value("ladder", case_of(HAPPY, until=35)) == "emotional"
    assert value("ladder", case_of(HAPPY, got(32, 160_00), until=35)) == "harmonious"
    assert reading("ladder", case_of(inquiry(0), until=5)).missing == ("a purchase",)


@pytest.mark.parametrize(
    ("benefit", "rung"),
    [(79_00, "emotional"), (80_00, "harmonious"), (320_00, "harmonious"), (321_00, "emotional")],
)
def test_harmony_needs_a_fair_gain_on_both_sides(benefit: int, rung: str) -> None:
    """000-17: the margin is 160."""
    assert value("ladder", case_of(HAPPY, got(32, benefit), until=35)) == rung


def test_a_silent_customer_has_no_loyalty_of_any_kind() -> None:
    """000-17: after three gaps of ten days Q is 78.9 days, counted from day 30."""
    assert value("ladder", case_of(HAPPY, until=108)) == "emotional"
    assert value("ladder", case_of(HAPPY, until=109)) == "none"


@pytest.mark.parametrize(("x", "rung"), [(-0.01, "behavioural"), (0.0, "initial_trust"), (0.29, "initial_trust")])
def test_a_dissatisfied_customer_is_loyal_by_behaviour_at_most(x: float, rung: str) -> None:
    """000-17, 000-13"""
    assert value("ladder", case_of(THRICE, rating(21, x), referral(22), until=25)) == rung


def test_an_open_complaint_leaves_no_trust_until_it_is_resolved() -> None:
    """000-17, 000-6"""
    many = [*THRICE, rating(5, 1.0), rating(6, 1.0), complaint(21)]

    assert value("ladder", case_of(many, until=25)) == "behavioural"
    assert value("ladder", case_of(many, resolved(22), until=25)) == "initial_trust"


def test_emotional_loyalty_shows_in_standing_shocks() -> None:
    """000-15, 000-17: of two complaints one was followed by a purchase within m, or none."""
    happy = [*purchases(0, 10, 20, 30, 40), rating(5, 1.0), rating(6, 1.0), rating(7, 1.0), rating(41, 1.0)]
    half = [complaint(9), complaint(41), resolved(42)]
    policy = Policy(mu0=2.302585092994046, complaint_opinion=0.0)

    stood = case_of(happy, half, until=60, policy=policy)

    assert reading("ladder", stood).parts["resilience"] == 0.5
    assert value("ladder", stood) == "emotional"
    assert value("ladder", case_of(happy, complaint(41), resolved(42), until=60, policy=policy)) == "initial_trust"


def test_being_happy_alone_is_not_emotional_loyalty() -> None:
    """000-17"""
    found = reading("ladder", case_of(THRICE, rating(21, 1.0), until=25))

    assert found.value == "initial_trust"
    assert found.coverage == 0.5
    assert found.parts == {"satisfaction": 1.0, "resilience": None, "referrals": 0.0, "fairness": None}
    assert found.missing == (
        "a price rise, talk of a rival or a complaint, at least a usual gap ago",
        "value events, and what the customer bears of cost",
    )


def test_the_ladder_names_everything_that_would_tell_more() -> None:
    """000-17"""
    found = reading("ladder", case_of(THRICE, until=25))

    assert found.coverage == 0.25
    assert found.missing[0] == "an opinion: feedback, a complaint"
    assert len(found.missing) == 3
    assert reading("ladder", case_of(HAPPY, complaint(9), got(32, 160_00), until=60)).coverage == 1.0

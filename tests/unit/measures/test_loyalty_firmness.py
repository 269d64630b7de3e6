"""Standing firm: shocks, price rises, faults, rivals. The rhythm is m = 10 days and W = 30 days."""

import pytest

from shared.domain.events import Competitor, PriceChange
from tests.builders import complaint, contact, inquiry, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import TEN_DAYS, fact, value

SHOCKS = {
    "price_rise": fact(PriceChange, 21, percent=5.0),
    "rival": fact(Competitor, 21, kind="mention"),
    "complaint": complaint(21),
}


@pytest.mark.parametrize("kind", SHOCKS)
def test_a_customer_who_buys_within_a_usual_gap_of_a_shock_stands_it(kind: str) -> None:
    """000-15"""
    stood = case_of(purchases(0, 10, 20, 30), SHOCKS[kind], until=31, policy=TEN_DAYS)
    not_stood = case_of(purchases(0, 10, 20), SHOCKS[kind], until=32, policy=TEN_DAYS)

    assert value("resilience", stood) == 1.0
    assert reading("resilience", stood).parts[kind] == 1.0
    assert reading("resilience", stood).evidence == (SHOCKS[kind].id,)
    assert value("resilience", not_stood) == 0.0


def test_resilience_is_over_all_kinds_of_shocks() -> None:
    """000-15: a complaint followed by a purchase, a rival and a price rise followed by none."""
    case = case_of(
        purchases(0, 10, 20),
        complaint(11),
        fact(Competitor, 21),
        fact(PriceChange, 22, percent=1.0),
        fact(PriceChange, 23, percent=0.9),
        fact(PriceChange, 24, percent=-10.0),
        until=40,
        policy=TEN_DAYS,
    )

    found = reading("resilience", case)

    assert found.value == pytest.approx(1 / 3)
    assert found.parts == {"price_rise": 0.0, "rival": 0.0, "complaint": 1.0}
    assert found.evidence == ("complaint of day 11", "competitor of day 21", "pricechange of day 22")


def test_a_purchase_later_than_a_usual_gap_does_not_stand_the_shock() -> None:
    """000-15"""
    soon = case_of(purchases(0, 10, 20, 30), complaint(20.1), until=31, policy=TEN_DAYS)
    late = case_of(purchases(0, 10, 20, 30), complaint(19.9), purchase(20, order="x"), until=31, policy=TEN_DAYS)
    later = case_of(purchases(0, 10, 20, 31), complaint(20.5), until=31, policy=TEN_DAYS)

    assert value("resilience", soon) == 1.0
    assert value("resilience", late) == 1.0
    assert value("resilience", later) == 0.0


def test_a_shock_is_judged_when_it_is_answered_or_a_usual_gap_old() -> None:
    """000-15"""
    story = [*purchases(0, 10, 20), complaint(21)]

    assert value("resilience", case_of(story, until=30.9, policy=TEN_DAYS)) is None
    assert value("resilience", case_of(story, until=31.1, policy=TEN_DAYS)) == 0.0
    assert reading("resilience", case_of(story, until=22, policy=TEN_DAYS)).missing == (
        "a price rise, talk of a rival or a complaint, at least a usual gap ago",
    )


def test_the_purchase_of_the_same_instant_came_before_the_shock() -> None:
    """000-15"""
    assert value("resilience", case_of(purchases(0, 10, 20), complaint(20), until=31, policy=TEN_DAYS)) == 0.0
    assert value("resilience", case_of(purchase(20), complaint(20), until=99, policy=TEN_DAYS)) == 0.0


def test_shocks_before_the_first_purchase_are_none_of_a_customer() -> None:
    """000-15"""
    assert value("resilience", case_of(fact(Competitor, 0), purchase(5), until=99, policy=TEN_DAYS)) is None
    assert value("resilience", case_of(fact(Competitor, 0), until=99, policy=TEN_DAYS)) is None


def test_fewer_purchases_after_a_price_rise_are_price_sensitivity() -> None:
    """003-11: two purchase days in the 2m before a rise of 20 %, one in the 2m after: (1/2 - 1)/0.2 = -2.5."""
    case = case_of(purchases(0, 10, 20), fact(PriceChange, 21, percent=20.0), purchase(30), until=45, policy=TEN_DAYS)

    found = reading("price_sensitivity", case)

    assert found.value == pytest.approx(-2.5)
    assert found.parts == {"price_rises": 1}
    assert found.evidence == ("pricechange of day 21",)


def test_price_sensitivity_is_the_mean_of_the_rises() -> None:
    """003-11: 0 at the first rise, (1/2 - 1)/0.1 = -5 at the second."""
    first, second = fact(PriceChange, 21, percent=50.0), fact(PriceChange, 41, percent=10.0)
    case = case_of(purchases(0, 10, 20, 30, 40, 50), first, second, until=65, policy=TEN_DAYS)

    assert value("price_sensitivity", case) == pytest.approx(-2.5)
    assert reading("price_sensitivity", case).parts == {"price_rises": 2}


def test_two_purchases_of_a_day_are_one_purchase_day() -> None:
    """003-11"""
    twice = [purchase(10, order="a"), purchase(10.5, order="b"), purchase(30)]

    case = case_of(twice, fact(PriceChange, 21, percent=10.0), until=60, policy=TEN_DAYS)

    assert value("price_sensitivity", case) == pytest.approx(0.0)


def test_a_price_rise_is_judged_when_two_usual_gaps_have_passed() -> None:
    """003-11"""
    story = [*purchases(0, 10, 20), fact(PriceChange, 21, percent=10.0)]

    assert value("price_sensitivity", case_of(story, until=40.9, policy=TEN_DAYS)) is None
    assert value("price_sensitivity", case_of(story, until=41.1, policy=TEN_DAYS)) == pytest.approx(-10.0)


def test_a_price_rise_nobody_bought_before_tells_nothing() -> None:
    """003-11"""
    quiet = case_of(purchase(0), fact(PriceChange, 50, percent=10.0), until=200, policy=TEN_DAYS)
    cheaper = case_of(purchases(0, 10), fact(PriceChange, 11, percent=-10.0), until=200, policy=TEN_DAYS)

    assert reading("price_sensitivity", quiet).missing == (
        "a price rise, with two usual gaps of buying before and after it",
    )
    assert value("price_sensitivity", cheaper) is None


@pytest.mark.parametrize(
    ("claim", "score"), [("tolerant", 1.0), ("negotiated", 0.7), ("compensation", 0.3), ("legal", 0.0)]
)
def test_the_claim_of_a_complaint_tells_how_tolerant_a_customer_is(claim: str, score: float) -> None:
    """003-13"""
    assert value("tolerance", case_of(complaint(0, claim=claim), until=1)) == score


def test_tolerance_is_the_mean_over_complaints_that_name_their_claim() -> None:
    """003-13"""
    case = case_of(complaint(0, claim="tolerant"), complaint(1), complaint(2, claim="legal"), until=3)

    found = reading("tolerance", case)

    assert found.value == 0.5
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == ("the claim of every complaint",)
    assert found.evidence == ("complaint of day 0", "complaint of day 2")
    assert reading("tolerance", case_of(complaint(0), until=1)).missing == ("the claim of a complaint",)
    assert reading("tolerance", case_of(complaint(0, claim="legal"), until=1)).missing == ()


def test_interest_in_rivals_is_their_share_of_what_is_talked_about() -> None:
    """003-14: as of day 90 the last 2W, 60 days, begin after day 30."""
    case = case_of(
        fact(Competitor, 30), contact(30), inquiry(30),
        fact(Competitor, 31), contact(31), contact(60), inquiry(61), inquiry(89),
        until=90,
        policy=TEN_DAYS,
    )  # fmt: skip

    found = reading("rival_interest", case)

    assert found.value == 0.25
    assert found.parts == {"mentions": 1, "contacts": 4}
    assert found.evidence == ("competitor of day 31",)


def test_talk_of_rivals_and_of_nothing_else_is_full_interest() -> None:
    """003-14"""
    assert value("rival_interest", case_of(fact(Competitor, 1), until=2)) == 1.0
    assert value("rival_interest", case_of(fact(Competitor, 1), fact(Competitor, 2), contact(2), until=2)) == 1.0
    assert value("rival_interest", case_of(contact(1), until=2)) == 0.0
    assert reading("rival_interest", case_of(purchase(1), until=2)).missing == (
        "contacts, inquiries or talk of rivals",
    )

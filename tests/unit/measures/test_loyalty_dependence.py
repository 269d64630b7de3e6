"""Dependence, what keeping costs, and whom to cross-sell to."""

import pytest

from shared.domain.events import Cost
from shared.domain.policy import Policy
from tests.builders import contact, contract, inquiry, purchase, purchases, rating
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import TEN_DAYS, fact, value

EVEN = Policy(window_gaps=0.001)
"""W is 30 days whatever the rhythm, and 4W are 120."""


def firm_cost(day: float, amount: int, **more: object) -> Cost:
    """The firm spent something on the customer."""
    return fact(Cost, day, **{"what": "service", "amount": amount, "currency": "EUR", **more})


def test_dependence_is_the_mean_of_breadth_depth_and_routine() -> None:
    """002-10: one category of three; 200 in the last 30 days against a level of 300; gaps of ten days."""
    found = reading("dependence", case_of(purchases(0, 10, 20, 30, 40, line="shoes"), until=55, policy=TEN_DAYS))

    assert found.value == pytest.approx((1 / 3 + 2 / 3 + 1) / 3)
    assert found.parts == {"breadth": pytest.approx(1 / 3), "depth": pytest.approx(2 / 3), "routine": 1.0}
    assert found.coverage == 1.0
    assert found.missing == ()


def test_dependence_is_as_wide_as_it_gets_with_three_categories() -> None:
    """002-10"""
    bought = [purchase(day, line=line) for day, line in enumerate(("a", "b", "c", "d"))]

    assert reading("dependence", case_of(bought, until=4)).parts["breadth"] == 1.0


def test_what_is_not_known_of_dependence_is_left_out() -> None:
    """002-10"""
    found = reading("dependence", case_of(purchases(0, 10), until=11, policy=TEN_DAYS))
    foreign = reading("dependence", case_of(purchase(0), purchase(1, currency="USD"), until=2))

    assert found.value == 1.0
    assert found.parts == {"breadth": None, "depth": 1.0, "routine": None}
    assert found.coverage == pytest.approx(1 / 3)
    assert found.missing == ("the line of purchases or of their items", "purchases on at least 5 days")
    assert "amounts of purchases in a currency with a rate" in foreign.missing
    assert reading("dependence", case_of(inquiry(0), until=2)).missing == ("a purchase",)


def test_keeping_a_customer_costs_a_share_of_the_margin() -> None:
    """002-10: 10 of 40 in the 120 days up to day 120, 2 + 3 of 50 in the 120 days after it."""
    case = case_of(
        purchase(10, cost=60_00),
        contact(20, cost=10_00, currency="EUR"),
        purchase(121, cost=50_00),
        contact(130, cost=2_00),
        firm_cost(140, 3_00),
        contact(150),
        until=240,
        policy=EVEN,
    )

    found = reading("keeping_cost", case)

    assert found.value == pytest.approx(0.1)
    assert found.parts == {"before": 0.25, "falling": True}
    assert found.evidence == ("contact of day 130", "cost of day 140")


@pytest.mark.parametrize(
    ("more", "ratio"),
    [
        ({"what": "time"}, None),
        ({"what": "service", "by": "customer"}, None),
        ({"what": "time", "by": "firm"}, 0.1),
        ({"what": None}, 0.1),
        ({"currency": "USD"}, None),
    ],
)
def test_only_what_the_firm_bears_is_a_cost_of_keeping(more: dict[str, object], ratio: float | None) -> None:
    """002-10"""
    case = case_of(purchase(1, cost=0), firm_cost(2, 10_00, **more), until=9)

    assert value("keeping_cost", case) == ratio


def test_without_a_cost_or_a_margin_keeping_has_no_price() -> None:
    """002-10"""
    missing = ("the cost of contacts, or cost events", "the cost of the goods of purchases, with a margin above 0")

    assert reading("keeping_cost", case_of(purchase(1, cost=0), until=9)).missing == missing
    assert value("keeping_cost", case_of(purchase(1), firm_cost(2, 1), until=9)) is None
    assert value("keeping_cost", case_of(purchase(1, cost=100_00), firm_cost(2, 1), until=9)) is None
    assert value("keeping_cost", case_of(purchase(1, cost=120_00), firm_cost(2, 1), until=9)) is None
    assert value("keeping_cost", case_of(firm_cost(2, 1), until=9)) is None


def test_a_cost_that_did_not_fall_says_so() -> None:
    """002-10"""
    case = case_of(purchases(10, 130, cost=60_00), firm_cost(20, 10_00), firm_cost(140, 10_00), until=240, policy=EVEN)
    first = case_of(purchase(130, cost=60_00), firm_cost(140, 10_00), until=240, policy=EVEN)

    assert reading("keeping_cost", case).parts == {"before": 0.25, "falling": False}
    assert reading("keeping_cost", first).parts == {"before": None, "falling": None}


def test_a_stable_customer_with_few_categories_is_one_to_cross_sell_to() -> None:
    """002-22"""
    days = range(0, 200, 10)
    pledged = [contract(0), rating(150, 1.0)]
    narrow = case_of(pledged, [purchase(day, line=("a", "b")[day % 20 == 0]) for day in days], until=191)
    wide = case_of(pledged, [purchase(day, line=("a", "b", "c")[day % 3]) for day in days], until=191)
    untold = case_of(pledged, purchases(*days), until=191)

    assert {case.state.stage for case in (narrow, wide, untold)} == {"stability"}
    assert value("cross_sell_candidate", narrow) is True
    assert value("cross_sell_candidate", wide) is False
    assert value("cross_sell_candidate", untold) is None
    assert value("cross_sell_candidate", case_of(purchase(0, line="a"), until=5)) is False


def test_what_cost_nothing_is_no_share_of_the_margin() -> None:
    """002-10: a contact that says that it was free is known, and costs 0."""
    free = contact(2, cost=0, currency="EUR")

    assert value("keeping_cost", case_of(purchase(1, cost=50_00), free, until=9)) == 0

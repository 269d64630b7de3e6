"""Margin, what is left of it after serving, and since when that pays."""

import pytest

from tests.builders import contact, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import cost, item


def test_margin_is_what_is_left_of_the_amount_after_the_cost_of_the_goods() -> None:
    """004-2: 100 - 60 by the order's cost, 50 - 20 by that of its items: 70."""
    case = case_of(purchase(0, 100_00, cost=60_00), purchase(9, 50_00, items=item(cost=20_00)), until=10)

    found = reading("historic_margin", case)

    assert found.value == 70_00
    assert found.coverage == 1
    assert found.missing == ()
    assert found.evidence == ("purchase of day 0", "purchase of day 9")


def test_margin_is_known_for_the_part_whose_cost_is_known() -> None:
    """004-2: of 150 bought the cost of 100 is known."""
    case = case_of(purchase(0, 100_00, cost=60_00), purchase(9, 50_00), until=10)

    found = reading("historic_margin", case)

    assert found.value == 40_00
    assert found.coverage == pytest.approx(100 / 150)
    assert found.missing == ("the cost of every purchase",)
    assert found.evidence == ("purchase of day 0",)


def test_a_purchase_of_unknown_amount_counts_by_its_number() -> None:
    """004-2: dollars without a rate are half of two purchases."""
    case = case_of(purchase(0, 100_00, cost=60_00), purchase(9, 50_00, currency="USD", cost=1), until=10)

    found = reading("historic_margin", case)

    assert found.value == 40_00
    assert found.coverage == 0.5


def test_without_any_cost_margin_is_unknown_and_not_the_amount() -> None:
    """004-2: a purchase without its cost tells revenue alone."""
    found = reading("historic_margin", case_of(purchase(0, 100_00), until=10))

    assert found.value is None
    assert found.missing == ("a purchase with its cost",)


def test_a_refund_takes_its_part_of_the_margin_back() -> None:
    """004-2: half of 100 with a cost of 60 goes back, 50 - 30 is left; what went back whole brought nothing."""
    half = case_of(purchase(0, 100_00, cost=60_00), refund(5, 50_00), until=10)
    whole = case_of(purchase(0, 100_00), refund(5, 100_00), until=10)

    assert reading("historic_margin", half).value == 20_00
    assert reading("historic_margin", whole).value == 0
    assert reading("historic_margin", whole).coverage == 1


def test_a_gift_costs_what_it_costs() -> None:
    """004-2: nothing was paid for goods of 7; a gift has a coverage too."""
    case = case_of(purchase(0, 0, cost=7_00), purchase(1, 0), until=10)

    found = reading("historic_margin", case)

    assert found.value == -7_00
    assert found.coverage == 0.5


@pytest.mark.parametrize(("until", "year", "month"), [(29, 40_00, 40_00), (30, 40_00, 0), (364, 40_00, 0), (365, 0, 0)])
def test_the_long_view_of_margin_is_a_year_and_the_short_one_a_month(until: int, year: int, month: int) -> None:
    """001-16: a purchase of day 0 is out of the last 30 days on day 30, out of the last 365 on day 365."""
    found = reading("yearly_margin", case_of(purchase(0, 100_00, cost=60_00), until=until))

    assert found.value == year
    assert found.coverage == 1
    assert found.parts == {"short_view": month}


def test_the_margin_of_the_year_is_unknown_where_no_cost_of_it_is() -> None:
    """001-16: the cost of an older purchase says nothing of this year's."""
    case = case_of(purchase(0, cost=60_00), purchase(400), until=410)

    assert reading("yearly_margin", case).value is None
    assert reading("yearly_margin", case_of(until=1)).value is None


def test_margin_less_cost_takes_contacts_and_the_firms_costs_off() -> None:
    """002-8: 40 - 10 for a visit - 5 for service; what the customer bears is not taken off."""
    case = case_of(
        purchase(0, 100_00, cost=60_00),
        contact(1, cost=10_00, currency="EUR"),
        cost(2, 5_00, "service"),
        cost(3, 9_00, "time"),
        cost(4, 9_00, "training", by="customer"),
        contact(5),
        until=10,
    )

    found = reading("net_margin", case)

    assert found.value == 25_00
    assert found.parts == {"margin": 40_00, "cost": 15_00}
    assert found.coverage == pytest.approx((1 + 2 / 3) / 2)


def test_margin_less_cost_is_unknown_as_long_as_either_is() -> None:
    """002-8: what was not sent is not taken for free."""
    without_cost = reading("net_margin", case_of(purchase(0, cost=60_00), until=10))
    without_margin = reading("net_margin", case_of(purchase(0), contact(1, cost=5), until=10))

    assert without_cost.missing == ("what serving costs: a contact with its cost, or a cost event",)
    assert without_margin.missing == ("a purchase with its cost",)


def test_break_even_is_the_day_since_which_margin_covers_cost() -> None:
    """002-8: 100 were spent to win a customer who brings 40 on days 1, 11 and 21: -60, -20, +20."""
    won = cost(0, 100_00, "sales")
    case = case_of(won, purchases(1, 11, 21, cost=60_00), until=30)

    found = reading("break_even", case)

    assert found.value == 20
    assert found.parts == {"date": "2024-01-22", "days_ago": 9, "balance": 20_00}
    assert found.evidence == ("purchase of day 1", "purchase of day 11", "purchase of day 21")
    assert found.coverage == 1


def test_break_even_counts_from_the_newest_time_that_cost_was_covered() -> None:
    """002-8: a cost of 30 on day 25 throws the balance back to -10, the purchase of day 31 lifts it to +30."""
    story = [cost(0, 100_00, "sales"), *purchases(1, 11, 21, cost=60_00), cost(25, 30_00, "service")]

    thrown_back = reading("break_even", case_of(story, until=30))
    again = reading("break_even", case_of(story, purchase(31, cost=60_00), until=40))

    assert thrown_back.value is None
    assert thrown_back.missing == ("more margin: the cost is not covered yet",)
    assert thrown_back.parts == {"balance": -10_00}
    assert again.value == 30


def test_a_balance_of_nought_is_even_and_a_day_is_taken_together() -> None:
    """002-8: 80 spent, 40 + 40 earned; and 40 spent on the day that 40 were earned."""
    exact = case_of(cost(0, 80_00, "sales"), purchases(1, 11, cost=60_00), until=30)
    a_cent_short = case_of(cost(0, 40_01, "sales"), purchases(1, 11, cost=60_00), until=30)
    same_day = case_of(purchase(1, cost=60_00), cost(1.5, 40_00, "sales"), until=30)

    assert reading("break_even", exact).value == 10
    assert reading("break_even", a_cent_short).value == 10
    assert reading("break_even", same_day).value == 0


def test_who_never_cost_more_than_it_brought_broke_even_at_once() -> None:
    """002-8: the balance never was below 0."""
    case = case_of(purchases(5, 15, cost=60_00), contact(20, cost=1), until=30)

    assert reading("break_even", case).value == 0
    assert reading("break_even", case_of(purchase(5, cost=1), until=30)).value is None

"""Kinds of buying: repeat, incremental, cross; add-ons, upgrades, made to measure; routine."""

import pytest

from shared.domain.events import Item
from shared.domain.policy import Policy
from tests.builders import inquiry, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import TEN_DAYS, value

COUNTS = ("repeat_buys", "incremental_buys", "cross_buys")


def test_a_category_seen_before_is_a_repeat_and_a_new_one_is_a_cross_buy() -> None:
    """000-8: of four later days two repeat alone, one is new alone, one is both."""
    both = (Item(line="shoes"), Item(line="hats"))
    case = case_of(
        purchases(0, 10, line="shoes"),
        purchase(20, line="bags"),
        purchase(30, items=both),
        purchase(40, line="bags"),
        until=60,
        policy=TEN_DAYS,
    )

    repeats, crosses = reading("repeat_buys", case), reading("cross_buys", case)

    assert repeats.value == 3
    assert repeats.evidence == ("purchase of day 10", "purchase of day 30", "purchase of day 40")
    assert repeats.parts == {"share": 0.75, "amount": 300_00, "per_window": pytest.approx(1.5)}
    assert crosses.value == 2
    assert crosses.evidence == ("purchase of day 20", "purchase of day 30")
    assert crosses.parts == {"share": 0.5, "amount": 200_00, "per_window": pytest.approx(1.0)}


@pytest.mark.parametrize(("amount", "incremental"), [(119, 0), (120, 1), (121, 1)])
def test_a_purchase_day_is_incremental_from_a_fifth_above_the_own_median_on(amount: int, incremental: int) -> None:
    """000-8"""
    case = case_of(purchase(0, 100), purchase(5, 90), purchase(9, 110), purchase(12, amount), until=13)

    assert value("incremental_buys", case) == incremental


def test_the_median_is_of_the_days_before_and_amounts_of_a_day_are_one() -> None:
    """000-8: 60 + 60 on one day against 100 before."""
    case = case_of(purchase(0, 100), purchase(5, 60), purchase(5.5, 60), until=9)

    found = reading("incremental_buys", case)

    assert found.value == 1
    assert found.parts["amount"] == 120


def test_what_costs_nothing_is_never_incremental() -> None:
    """000-8"""
    assert value("incremental_buys", case_of(purchases(0, 5, amount=0), until=9)) == 0
    assert value("incremental_buys", case_of(purchase(0, 0), purchase(5, 1), until=9)) == 0


def test_the_median_looks_back_on_eight_purchase_days() -> None:
    """000-8: four of 1 and four of 100 make 50.5, and 60 is less than 1.2 times that; with a ninth, of 1, it were 1."""
    nine = [purchase(0, 1), *purchases(1, 2, 3, 4, amount=1), *purchases(5, 6, 7, 8, amount=100)]

    found = reading("incremental_buys", case_of(nine, purchase(9, 60), until=9))

    assert found.evidence == ("purchase of day 5", "purchase of day 6", "purchase of day 7", "purchase of day 8")


def test_the_rate_per_window_is_over_at_least_one_window() -> None:
    """000-8"""
    case = case_of(purchases(0, 5, line="shoes"), until=5)

    assert reading("repeat_buys", case).parts["per_window"] == 1.0


def test_a_single_purchase_has_no_kind_yet() -> None:
    """000-8"""
    case = case_of(purchase(0), until=5)

    for name in COUNTS:
        assert reading(name, case).value == 0
        assert reading(name, case).coverage == 1.0
        assert reading(name, case).parts["share"] is None


def test_without_lines_it_cannot_be_told_what_was_bought_again() -> None:
    """000-8"""
    untold = case_of(purchases(0, 5), until=9)
    half = case_of(purchases(0, 3, line="shoes"), purchase(5), until=9)

    assert reading("repeat_buys", untold).missing == ("the line of purchases or of their items",)
    assert reading("cross_buys", untold).value is None
    assert value("repeat_buys", half) == 1
    assert reading("repeat_buys", half).coverage == 0.5
    assert reading("repeat_buys", half).missing == ("the line of purchases or of their items",)


def test_a_category_is_not_new_where_the_ones_before_are_unknown() -> None:
    """000-8"""
    assert value("cross_buys", case_of(purchase(0), purchase(5, line="shoes"), until=9)) is None


def test_amounts_without_a_rate_do_not_say_what_is_more() -> None:
    """000-8"""
    case = case_of(purchase(0, 100), purchase(5, 500, currency="USD"), until=9)

    found = reading("incremental_buys", case)

    assert found.value is None
    assert found.missing == ("amounts of purchases in a currency with a rate",)


def test_without_a_purchase_nothing_was_bought_again() -> None:
    """000-8, 000-9, 002-24, 004-21"""
    case = case_of(inquiry(0), until=5)

    for name in (*COUNTS, "attach_rate", "upgrades", "customised_share"):
        assert reading(name, case).value is None
        assert reading(name, case).missing == ("a purchase",)


def test_add_ons_and_services_attach_to_orders() -> None:
    """000-9: of three orders with items one has an add-on, one a service; a fourth has no items."""
    case = case_of(
        purchase(0, items=(Item(), Item(addon=True))),
        purchase(5, items=(Item(service=True),)),
        purchase(9, items=(Item(upgrade=True),)),
        purchase(12),
        until=20,
    )

    found = reading("attach_rate", case)

    assert found.value == pytest.approx(2 / 3)
    assert found.coverage == 0.75
    assert found.missing == ("the items of purchases",)
    assert found.evidence == ("purchase of day 0", "purchase of day 5")


def test_an_order_that_was_refunded_in_full_attaches_nothing() -> None:
    """000-9"""
    case = case_of(purchase(0, items=(Item(),)), purchase(5, items=(Item(addon=True),)), refund(6), until=20)

    assert value("attach_rate", case) == 0.0
    assert reading("attach_rate", case).coverage == 1.0
    assert reading("attach_rate", case).evidence == ("purchase of day 0",)


def test_orders_without_items_say_nothing_of_what_is_in_them() -> None:
    """000-9, 002-24, 004-21"""
    case = case_of(purchase(0), until=5)

    for name in ("attach_rate", "upgrades", "customised_share"):
        assert reading(name, case).value is None
        assert reading(name, case).missing == ("the items of purchases",)


def test_upgrades_are_counted_with_their_share() -> None:
    """002-24"""
    case = case_of(purchase(0, items=(Item(),)), purchase(5, items=(Item(), Item(upgrade=True))), until=9)
    none = case_of(purchase(0, items=(Item(addon=True),)), until=9)

    assert value("upgrades", case) == 1
    assert reading("upgrades", case).parts == {"share": 0.5}
    assert reading("upgrades", case).evidence == ("purchase of day 5",)
    assert value("upgrades", none) == 0


def test_what_is_made_for_the_customer_has_its_share() -> None:
    """004-21"""
    case = case_of(purchase(0, items=(Item(addon=True),)), purchase(5, items=(Item(customised=True),)), until=9)

    assert value("customised_share", case) == 0.5


def test_buying_at_even_gaps_is_routine() -> None:
    """000-11: gaps of 10, 10, 10 and 10 days."""
    found = reading("routine", case_of(purchases(0, 10, 20, 30, 40), until=41))

    assert found.value is True
    assert found.parts == {"variation": 0.0, "gaps": 4}


def test_three_gaps_are_too_few_for_a_routine() -> None:
    """000-11"""
    found = reading("routine", case_of(purchases(0, 10, 20, 30), until=41))

    assert found.value is None
    assert found.missing == ("purchases on at least 5 days",)


@pytest.mark.parametrize(("allowed", "held"), [(0.4, True), (0.39, False)])
def test_a_routine_varies_by_two_fifths_at_most(allowed: float, held: bool) -> None:
    """000-11: gaps of 6, 14, 6 and 14 days have a mean of 10 and a deviation of 4."""
    case = case_of(purchases(0, 6, 20, 26, 40), until=41, policy=Policy(routine_variation=allowed))

    assert value("routine", case) is held
    assert reading("routine", case).parts["variation"] == pytest.approx(0.4)

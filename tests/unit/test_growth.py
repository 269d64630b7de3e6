"""How buying grows, stands still, or goes down in price (000-8, 000-12, 002-12)."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from shared.domain.alerts import AlertKind, AlertStatus, Outcome
from shared.domain.context import EMPTY, SignKind
from shared.domain.customer import Customer
from shared.domain.events import Fact, Item, Purchase
from shared.domain.growth import compares, grew, newest_growth, stagnant
from shared.domain.instants import local_day
from shared.domain.packed import numbers
from shared.domain.policy import Policy
from shared.domain.reasons import sign_of
from tests.builders import alert_of, alerts_of, day, days_in, fold_story, purchase, purchases, refund

MONTH = Policy(window_gaps=0.001)
"""W is thirty days for everybody."""


def of_amounts(*amounts: int) -> Customer:
    """A customer that bought every ten days for these amounts."""
    return fold_story([purchase(10 * place, amount) for place, amount in enumerate(amounts)]).customer


@pytest.mark.parametrize(
    ("amounts", "grows"),
    [
        ((100, 120), True),
        ((100, 119), False),
        ((100, 300, 240), True),
        ((100, 300, 239), False),
        ((100,), False),
        ((0, 0), False),
        ((0, 5), False),
    ],
)
def test_a_purchase_is_incremental_from_a_fifth_above_the_own_median(amounts: tuple[int, ...], grows: bool) -> None:
    """000-8: incremental from 1.2 times the own median of the occasions before; the median of 100 and 300 is 200."""
    assert grew(of_amounts(*amounts), 1, Policy()) is grows


def test_the_policy_says_what_growth_is() -> None:
    assert grew(of_amounts(100, 150), 1, Policy(growth_factor=1.5))
    assert not grew(of_amounts(100, 149), 1, Policy(growth_factor=1.5))


def test_the_own_median_is_that_of_the_eight_occasions_before() -> None:
    """000-8: nine before the newest; of all of them the median would be 1000, of the newest eight it is 550."""
    amounts = (1_000, 100, 100, 100, 100, 1_000, 1_000, 1_000, 1_000)

    assert grew(of_amounts(*amounts, 660), 1, Policy())
    assert not grew(of_amounts(*amounts, 659), 1, Policy())


def test_what_was_bought_in_an_earlier_cycle_is_nothing_to_grow_from() -> None:
    customer = replace(of_amounts(10, 10, 100, 110), cycle_occasions=2)

    assert not grew(customer, 1, Policy())
    assert grew(replace(customer, cycle_occasions=4), 1, Policy())


def test_an_unknown_amount_neither_grows_nor_counts_among_those_before() -> None:
    foreign = [purchase(0, 100), purchase(10, 7, currency="USD"), purchase(20, 120)]

    assert grew(fold_story(foreign).customer, 1, Policy())
    assert not grew(fold_story(foreign, purchase(30, 500, currency="USD")).customer, 1, Policy())
    assert not grew(fold_story(purchase(0, 100), purchase(10, 7, currency="USD")).customer, 1, Policy())


@pytest.mark.parametrize(("day_of_growth", "amount"), [(20, 120), (30, 150)])
def test_the_newest_growth_is_remembered_with_its_time(day_of_growth: int, amount: int) -> None:
    """000-8, 000-12."""
    folded = fold_story([purchase(one, amount if one == day_of_growth else 100) for one in range(0, 50, 10)])

    assert newest_growth(folded.customer, Policy()) == local_day(day(day_of_growth), "UTC")


@pytest.mark.parametrize(("grows_at", "comparing"), [(10, False), (20, True)])
def test_a_customer_compares_us_with_rivals_from_its_third_purchase_day_on_if_it_grows(
    grows_at: int, comparing: bool
) -> None:
    """000-12: external comparison opens at N of three and an incremental or cross purchase."""
    folded = fold_story([purchase(one, 500 if one == grows_at else 100) for one in range(0, grows_at + 1, 10)])

    assert compares(folded.customer, Policy()) is comparing


def test_once_a_customer_compares_it_goes_on_comparing() -> None:
    assert compares(of_amounts(100, 100, 200, 50), Policy())


def test_a_purchase_that_opens_a_line_is_growth_whatever_it_costs() -> None:
    """000-8: cross is a category not seen before; the first purchase of all is nothing to be cross to."""
    crossing = fold_story(purchase(0, 100, line="a"), purchase(10, 1, line="b"), purchase(20, 1, line="b"))

    assert days_in(crossing.customer.widened_at) == 10
    assert newest_growth(crossing.customer, Policy()) == local_day(day(10), "UTC")
    assert fold_story(purchase(0, 100, line="a")).customer.widened_at is None


def steady(until: int, grows_at: int = 20) -> list[Purchase]:
    """Somebody who buys for 100 every ten days, and once for 130."""
    return [purchase(one, 130_00 if one == grows_at else 100_00) for one in range(0, until + 1, 10)]


@pytest.mark.parametrize(("until", "told"), [(160, True), (120, True), (110, False)])
def test_who_buys_as_much_as_ever_and_has_not_grown_for_three_windows_is_stagnant(until: int, told: bool) -> None:
    """000-12: W = 30. Three windows after day 20 is day 110, but a trend is known from day 120 on."""
    kinds = [kind for kind, _ in alerts_of(fold_story(steady(until), policy=MONTH))]

    assert (AlertKind.STAGNATION in kinds) is told


@pytest.mark.parametrize(("since", "stands"), [(90, True), (89, False)])
def test_stagnation_takes_three_windows_without_growth(since: float, stands: bool) -> None:
    """000-12: 3 W are ninety days."""
    customer = replace(fold_story(steady(200, grows_at=20), policy=MONTH).customer, widened_at=day(200 - since))

    assert stagnant(customer, day(200), MONTH) is stands


def test_who_does_not_compare_or_never_grew_does_not_stagnate() -> None:
    """000-12: before that there is nothing to stand still from."""
    grower, steady_one = fold_story(steady(200), policy=MONTH), fold_story(steady(200, grows_at=999), policy=MONTH)

    assert stagnant(grower.customer, day(200), MONTH)
    assert not stagnant(grower.customer, day(200), Policy(window_gaps=0.001, growth_occasions=22))
    assert not stagnant(steady_one.customer, day(200), MONTH)


def test_level_buying_is_within_any_slope() -> None:
    customer = fold_story(steady(200), policy=MONTH).customer

    assert stagnant(customer, day(200), Policy(window_gaps=0.001, stagnation_slope=1e-9))


@pytest.mark.parametrize("factor", [1.2, 0.8])
def test_who_buys_more_and_more_or_less_and_less_does_not_stagnate(factor: float) -> None:
    """000-12: strengthening and regressing are the two other outcomes of comparing."""
    moving = fold_story([purchase(one, round(100_00 * factor ** (one // 30))) for one in range(0, 201, 10)]).customer
    customer = replace(moving, widened_at=day(0))

    assert not stagnant(customer, day(200), MONTH)


def test_an_unknown_trend_is_no_stagnation() -> None:
    customer = fold_story(steady(100, grows_at=20), policy=MONTH).customer

    assert not stagnant(customer, day(119), MONTH)


def test_growing_again_ends_the_alert_of_stagnation() -> None:
    """000-12: the customer came back to growing."""
    folded = fold_story(steady(160), purchase(170, 200_00), policy=MONTH)

    alert = alert_of(folded, AlertKind.STAGNATION)
    assert (alert.status, alert.outcome) == (AlertStatus.RESOLVED, Outcome.RETURNED)
    assert days_in(alert.closed_at) == 170


def at_price(place: int, euros: float, units: float = 2, currency: str = "EUR") -> Purchase:
    """Two units at a price, on the tenth day after the last."""
    amount = round(100 * euros * units)
    return purchase(10 * place, amount, currency=currency, items=(Item(quantity=units, amount=amount),))


def priced(*euros: float) -> list[Purchase]:
    """Two units every ten days at these prices."""
    return [at_price(place, price) for place, price in enumerate(euros)]


def prices(*story: Fact | Sequence[Fact]) -> tuple[int, ...]:
    """What a unit cost at the newest orders, minor units."""
    return numbers((fold_story(*story).customer.context or EMPTY).packed_prices)


@pytest.mark.parametrize(("cheap", "down"), [(8.0, True), (7.99, True), (8.01, False)])
def test_four_orders_a_fifth_cheaper_than_the_four_before_are_trading_down(cheap: float, down: bool) -> None:
    """002-12: the median price per unit falls by a fifth."""
    folded = fold_story(priced(10, 10, 10, 10, cheap, cheap, cheap, cheap))

    assert (AlertKind.TRADING_DOWN in [kind for kind, _ in alerts_of(folded)]) is down
    assert (sign_of(folded.customer, SignKind.TRADED_DOWN) is not None) is down


def test_medians_are_compared_so_that_one_order_says_nothing() -> None:
    """002-12: the middle of 10, 10, 10 and 99 is 10; of 1, 8, 8 and 12 it is 8."""
    assert AlertKind.TRADING_DOWN in [kind for kind, _ in alerts_of(fold_story(priced(10, 99, 10, 10, 12, 8, 1, 8)))]
    assert alerts_of(fold_story(priced(10, 10, 10, 10, 10, 10, 10, 1))) == []


def test_seven_priced_orders_are_too_few_to_tell() -> None:
    assert alerts_of(fold_story(priced(10, 10, 10, 1, 1, 1, 1))) == []


def test_trading_down_is_told_with_its_event_its_strength_and_for_two_windows() -> None:
    """002-12: from 10 to 7 is 0.3; W is thirty days at least, two m here."""
    folded = fold_story(priced(10, 10, 10, 10, 7, 7, 7, 7), policy=MONTH)

    sign = sign_of(folded.customer, SignKind.TRADED_DOWN)
    assert sign is not None
    assert (days_in(sign.at), sign.event_id) == (70, "purchase of day 70")
    assert sign.strength == pytest.approx(0.3)
    alert = alert_of(folded, AlertKind.TRADING_DOWN)
    assert (days_in(alert.effective_at), days_in(alert.lapses_at)) == (70, 130)
    assert alert.evidence.event_ids == ("purchase of day 70",)


def test_what_was_always_given_away_has_no_price_to_fall_from() -> None:
    """002-12: trading down is from something."""
    free = fold_story(priced(*[0] * 8))
    dear = fold_story(priced(*[0] * 4, *[5] * 4))

    assert (alerts_of(free), sign_of(free.customer, SignKind.TRADED_DOWN)) == ([], None)
    assert alerts_of(dear) == []


def test_the_price_of_an_order_is_the_average_of_its_units() -> None:
    """002-12: three at 10 and one at 2 are 32 for four: 8 a unit."""
    mixed = purchase(0, 32_00, items=(Item(quantity=3, amount=30_00), Item(quantity=1, amount=2_00)))

    assert prices(mixed) == (8_00,)


@pytest.mark.parametrize(
    "items",
    [
        (),
        (Item(quantity=2),),
        (Item(amount=10),),
        (Item(quantity=0.0, amount=10),),
        (Item(quantity=-1.0, amount=10),),
    ],
)
def test_an_order_whose_items_do_not_tell_amount_and_quantity_has_no_price(items: tuple[Item, ...]) -> None:
    assert prices(purchase(0, items=items)) == ()


def test_items_that_do_not_tell_are_left_out() -> None:
    assert prices(purchase(0, 99_00, items=(Item(quantity=2, amount=10_00), Item(amount=80_00)))) == (5_00,)


def test_the_newest_eight_prices_are_kept() -> None:
    assert prices(priced(9, 8, 7, 6, 5, 4, 3, 2, 1)) == (800, 700, 600, 500, 400, 300, 200, 100)


def test_prices_of_another_currency_are_not_compared() -> None:
    """Amounts of different currencies are never held against each other."""
    assert prices(at_price(0, 10), at_price(1, 7, currency="USD"), at_price(2, 9)) == (10_00, 9_00)


def test_a_refund_takes_no_price_back() -> None:
    assert prices(at_price(0, 10), refund(1, 500)) == (10_00,)


def test_who_bought_regularly_at_one_price_is_told_nothing_of() -> None:
    assert alerts_of(fold_story(purchases(0, 10, 20, 30), priced(10, 10, 10, 10))) == []

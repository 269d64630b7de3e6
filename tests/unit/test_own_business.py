"""Whether a customer buys less of us because its own total business fell (002-13)."""

from math import exp, log

import pytest

from shared.domain.customer import Customer
from shared.domain.events import Event, Purchase
from shared.domain.lifecycle import Outcome
from shared.domain.need import trend_share
from shared.domain.policy import DEFAULT
from shared.domain.stages import Signal, Stage
from tests.builders import day, fold_story, last, purchase, wallet

FIRST = 31 * 8
"""The day of the first smaller order. W is 61.6 days, so that each window has two orders."""


def orders(until: int, left: float) -> list[Purchase]:
    """Somebody who orders for 1000.00 every 31 days, and for so large a share of it from day 248 on."""
    return [purchase(one, round(1000_00 * (left if one >= FIRST else 1))) for one in range(0, until + 1, 31)]


def told(newest: float) -> list[Event]:
    """Its own total business in a year, and what share of it was left in the next."""
    return [wallet(5, "2023", 80_000_00), wallet(240, "2024", round(80_000_00 * newest))]


def after(until: int, left: float, newest: float) -> Outcome:
    return fold_story(orders(until, left), told(newest))


def share(until: int, amounts: list[int]) -> float | None:
    """What `trend_share` makes of amounts ordered every 31 days, at the last of them."""
    story = [purchase(31 * place, amount) for place, amount in enumerate(amounts)]
    customer: Customer = fold_story(story).customer
    return trend_share(customer, day(until), DEFAULT)


def test_a_fall_in_one_step_is_as_deep_as_was_bought_not_as_its_slope_would_go_on() -> None:
    """002-13: windows of 2000, 2000, 500, 500: a quarter is left; the median slope would leave 18 %."""
    left = share(341, [1000_00] * 8 + [250_00] * 4)

    slopes = sorted([0, log(501 / 2001), 0, log(501 / 2001) / 2, log(501 / 2001) / 2, log(501 / 2001) / 3])
    assert exp(3 * (slopes[2] + slopes[3]) / 2) == pytest.approx(0.177, abs=0.001)
    assert left == 0.25


def test_a_steady_fall_is_as_deep_as_its_trend() -> None:
    """002-13: windows of 2000, 1600, 1280 and, by an odd small order, 900: the trend leaves more than was bought."""
    left = share(341, [1000_00] * 6 + [800_00] * 2 + [640_00] * 2 + [640_00, 260_00])

    # The slopes in the middle are ln(901/2001)/3 and ln(1601/2001).
    assert left == pytest.approx(exp(3 * (log(901 / 2001) / 3 + log(1601 / 2001)) / 2))
    assert left == pytest.approx(0.480, abs=0.001)


def test_a_share_is_unknown_where_the_trend_is() -> None:
    assert share(93, [1000_00] * 4) is None


@pytest.mark.parametrize(("newest", "moves"), [(0.2, False), (0.25, False), (0.26, True)])
def test_who_needs_as_much_less_as_it_buys_less_has_not_declined(newest: float, moves: bool) -> None:
    """002-13: a quarter is still bought; decline only where more than a quarter of its own business is left."""
    folded = after(372, 0.25, newest)

    assert (folded.customer.stage is Stage.DECLINE) is moves
    assert bool(folded.alerts) is moves


def test_whose_own_business_stood_declines_by_the_sharp_rule_before_the_gradual_one() -> None:
    """002-13: on day 310 two orders of 250 follow one of 1000 and one of 250, at the second occasion running."""
    folded = after(310, 0.25, 0.9)

    assert (last(folded).reason.signal, last(folded).effective_at) == (Signal.DROP_SHARP, day(310))

"""How buying grows, stands still, or goes down in price: what a customer shows that compares us with rivals."""

from statistics import median
from typing import Final

from msgspec.structs import replace

from shared.domain.context import EMPTY, Sign, SignKind, with_sign
from shared.domain.customer import Customer
from shared.domain.events import Purchase
from shared.domain.instants import Day, Instant, local_day
from shared.domain.packed import add_number, numbers
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import window
from shared.domain.volume import trend

RECENT: Final = 8
"""Occasions, or priced orders, that the newest one is held against."""


def grew(customer: Customer, place: int, policy: Policy) -> bool:
    """000-8: whether the occasion at a place, from the end, came to 1.2 times the own median of those before it.

    Those before it are the last 8 of the cycle that memory still holds.
    """
    newest = customer.occasions[-place].amount
    count = min(RECENT, customer.cycle_occasions - place)
    before = [one.amount for one in customer.occasions[-place - count : -place] if one.amount is not None]
    return newest is not None and bool(before) and newest >= policy.growth_factor * median(before) > 0


def newest_growth(customer: Customer, policy: Policy) -> Day | None:
    """000-8: the day of the newest incremental or cross purchase of this cycle that memory still holds."""
    widened = None if customer.widened_at is None else local_day(customer.widened_at, policy.time_zone)
    held = range(1, min(len(customer.occasions), customer.cycle_occasions))
    grown = next((customer.occasions[-place].day for place in held if grew(customer, place, policy)), None)
    return max((one for one in (widened, grown) if one is not None), default=None)


def compares(customer: Customer, policy: Policy) -> bool:
    """000-12: from the third occasion on, a customer that has bought more, or wider, compares us with rivals."""
    enough = customer.cycle_occasions >= policy.growth_occasions
    return enough and newest_growth(customer, policy) is not None


def ungrown(customer: Customer, day: Day, policy: Policy) -> bool:
    """000-12: compares us with rivals, and has bought neither more nor wider for three windows."""
    if customer.cycle_occasions < policy.growth_occasions:
        return False
    newest = newest_growth(customer, policy)
    return newest is not None and day - newest >= policy.stagnation_windows * window(customer, policy)


def flat(slope: float | None, policy: Policy) -> bool:
    """Whether volume is known to have no trend."""
    return slope is not None and abs(slope) <= policy.stagnation_slope


def stagnant(customer: Customer, at: Instant, policy: Policy) -> bool:
    """000-12: compares us with rivals, keeps buying as much as ever, and has not grown for three windows."""
    day = local_day(at, policy.time_zone)
    return flat(trend(customer, day, policy), policy) and ungrown(customer, day, policy)


def note_price(customer: Customer, event: Purchase, policy: Policy) -> bool:
    """002-12: keep what a unit cost; True when the newest four lie, in the median, a fifth below the four before."""
    price = _unit_price(event)
    if price is None or event.currency != customer.currency:
        return False
    held = customer.context or EMPTY
    packed = add_number(held.packed_prices, price, RECENT)
    customer.context = replace(held, packed_prices=packed)
    prices = numbers(packed)
    if len(prices) < RECENT:
        return False
    before, newest = median(prices[: RECENT // 2]), median(prices[RECENT // 2 :])
    if before <= 0 or newest > (1 - policy.traded_down) * before:
        return False
    sign = Sign(event.occurred_at, event.id, 1 - newest / before)
    customer.context = with_sign(customer.context, SignKind.TRADED_DOWN, sign)
    return True


def _unit_price(event: Purchase) -> int | None:
    """The average price of a unit in an order, minor units; None where its items do not tell."""
    priced = [(item.amount, item.quantity) for item in event.items if item.amount is not None and item.quantity]
    units = sum(quantity for _, quantity in priced)
    return round(sum(amount for amount, _ in priced) / units) if units > 0 else None

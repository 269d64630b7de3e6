"""How buying grows, stands still, or goes down in price: what a customer shows that compares us with rivals."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from msgspec.structs import replace

from shared.domain.context import EMPTY, Sign, SignKind, with_sign
from shared.domain.customer import Customer
from shared.domain.events import Purchase
from shared.domain.instants import DAY, Instant, local_day
from shared.domain.packed import add_number, numbers
from shared.domain.policy import Policy
from shared.domain.rhythm import window
from shared.domain.volume import trend

RECENT: Final = 8
"""Occasions, or priced orders, that the newest one is held against."""


def note_growth(customer: Customer, at: Instant, widens: bool, policy: Policy) -> bool:
    """000-8: whether the newest purchase is incremental, or cross (`widens`: the first of a line)."""
    if customer.cycle_occasions < 2 or not (widens or incremental(customer, policy)):
        return False
    customer.grown_at = at
    customer.compares = customer.compares or customer.cycle_occasions >= policy.growth_occasions
    return True


def incremental(customer: Customer, policy: Policy) -> bool:
    """000-8: the newest occasion comes to 1.2 times the own median of those before, in this cycle."""
    count = min(RECENT, customer.cycle_occasions - 1)
    newest = customer.occasions[-1].amount
    before = [occasion.amount for occasion in customer.occasions[-count - 1 : -1] if occasion.amount is not None]
    return newest is not None and bool(before) and newest >= policy.growth_factor * _median(before) > 0


def stagnant(customer: Customer, at: Instant, policy: Policy) -> bool:
    """000-12: compares us with rivals, keeps buying as much as ever, and has not grown for three windows."""
    if not customer.compares or customer.grown_at is None:
        return False
    if at - customer.grown_at < policy.stagnation_windows * window(customer, policy) * DAY:
        return False
    slope = trend(customer, local_day(at, policy.time_zone), policy)
    return slope is not None and abs(slope) <= policy.stagnation_slope


def note_price(customer: Customer, event: Purchase, policy: Policy) -> bool:
    """002-12: keep what a unit cost; True when the newest four lie, in the median, a fifth below the four before."""
    price = _unit_price(event)
    if price is None or event.currency != customer.currency:
        return False
    held = customer.context or EMPTY
    packed = add_number(held.packed_prices, price, RECENT)
    customer.context = replace(held, packed_prices=packed)
    prices = numbers(packed)
    half = RECENT // 2
    if len(prices) < RECENT or _median(prices[half:]) > (1 - policy.traded_down) * _median(prices[:half]):
        return False
    sign = Sign(event.occurred_at, event.id, 1 - _median(prices[half:]) / max(1.0, _median(prices[:half])))
    customer.context = with_sign(customer.context, SignKind.TRADED_DOWN, sign)
    return True


def _unit_price(event: Purchase) -> int | None:
    """The average price of a unit in an order, minor units; None where its items do not tell."""
    priced = [(item.amount, item.quantity) for item in event.items if item.amount is not None and item.quantity]
    units = sum(quantity for _, quantity in priced)
    return round(sum(amount for amount, _ in priced) / units) if units > 0 else None


def _median(amounts: Sequence[int]) -> float:
    return float(median(amounts))

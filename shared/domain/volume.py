"""How much a customer buys: sums over windows, their trend, the usual level."""

from itertools import combinations
from math import log1p
from statistics import median

from shared.domain.customer import Customer
from shared.domain.instants import Day
from shared.domain.money import decimals
from shared.domain.policy import Policy
from shared.domain.rhythm import tenure_days, window

VOLUMES = 8
"""How many occasions the usual level looks back on."""


def volume(customer: Customer, end: Day, length: float, back: int = 0) -> int | None:
    """Net amount in the local days (end - (back + 1)·length, end - back·length], minor units.

    Unknown where an amount in it is unknown or the memory does not reach back far enough.
    """
    newest = end - back * length
    oldest = newest - length
    if customer.forgotten_day is not None and customer.forgotten_day > oldest:
        return None
    total = 0
    for occasion in reversed(customer.occasions):
        if occasion.day <= oldest:
            break
        if occasion.day <= newest:
            if occasion.amount is None:
                return None
            total += occasion.amount
    return total


def bought_in_every_window(customer: Customer, end: Day, length: float, windows: int = 4) -> bool:
    """Whether each of the last windows has an occasion: buying unbroken (001-5)."""
    held = {int((end - occasion.day) // length) for occasion in customer.occasions if occasion.day <= end}
    return held.issuperset(range(windows))


def trend(customer: Customer, end: Day, policy: Policy) -> float | None:
    """tau: Theil-Sen slope per window of ln(1 + A) over four windows, A in major units (CONCEPTS, Primitives).

    Unknown for customers younger than four windows, for very slow buyers, and where a window is unknown.
    """
    length = window(customer, policy)
    if customer.median_gap > policy.trend_longest_gap_days or tenure_days(customer, end) < 4 * length:
        return None
    unit = 10 ** decimals(customer.currency) if customer.currency else 1
    heights = []
    for back in (3, 2, 1, 0):
        amount = volume(customer, end, length, back)
        if amount is None:
            return None
        heights.append(log1p(amount / unit))
    return median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(heights), 2))


def level(customer: Customer) -> float | None:
    """The median of the volumes at the last eight occasions of the cycle, minor units; unknown without any."""
    known = [amount for amount in customer.volumes if amount is not None]
    return median(known) if known else None


def depth(customer: Customer, end: Day, policy: Policy) -> float | None:
    """D: the volume of the last window over the usual level, at most 1."""
    usual, now = level(customer), volume(customer, end, window(customer, policy))
    if usual is None or now is None:
        return None
    return 1.0 if usual <= 0 else min(1.0, now / usual)

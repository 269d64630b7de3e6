"""How much a customer buys: sums over windows, their trend, the usual level."""

from collections.abc import Sequence
from math import log1p

from shared.domain.customer import Customer
from shared.domain.instants import Day
from shared.domain.money import decimals
from shared.domain.packed import UNKNOWN, numbers
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import tenure_days, window

WINDOWS = 4
"""How many windows the trend goes over."""

REMEMBERED_VOLUMES = 8
"""How many occasions the usual level looks back on."""


def volumes(customer: Customer, end: Day, length: float, windows: int) -> list[int | None]:
    """Net amounts of the last windows, the newest first, minor units: of (end - length, end], and so on back.

    A window is unknown where an amount in it is unknown or the memory does not reach back to its beginning.
    """
    sums: list[int | None] = [0] * windows
    place, oldest = 0, end - length
    for occasion in reversed(customer.occasions):
        while occasion.day <= oldest:
            place += 1
            oldest = end - (place + 1) * length
            if place == windows:
                break
        if place == windows:
            break
        so_far, amount = sums[place], occasion.amount
        sums[place] = None if so_far is None or amount is None else so_far + amount
    if customer.forgotten_day is not None:
        for back in range(windows):
            if customer.forgotten_day > end - (back + 1) * length:
                sums[back] = None
    return sums


def volume(customer: Customer, end: Day, length: float) -> int | None:
    """Net amount of the newest window, minor units; None where it is unknown."""
    return volumes(customer, end, length, 1)[0]


def bought_in_every_window(customer: Customer, end: Day, length: float, windows: int = WINDOWS) -> bool:
    """Whether each of the last windows has an occasion: buying unbroken (001-5)."""
    held = {int((end - occasion.day) // length) for occasion in customer.occasions if occasion.day <= end}
    return held.issuperset(range(windows))


def trend(customer: Customer, end: Day, policy: Policy) -> float | None:
    """tau: Theil-Sen slope per window of ln(1 + A) over four windows, A in major units (CONCEPTS, Primitives).

    Unknown for customers younger than four windows, for very slow buyers, and where a window is unknown.
    """
    length = window(customer, policy)
    return slope(customer, end, volumes(customer, end, length, WINDOWS), length, policy)


def slope(customer: Customer, end: Day, recent: Sequence[int | None], length: float, policy: Policy) -> float | None:
    """`trend`, from the amounts of the last four windows of a length in days, the newest first."""
    if customer.median_gap > policy.trend_longest_gap_days:
        return None
    amounts = [amount for amount in reversed(recent) if amount is not None]
    if len(amounts) < WINDOWS or tenure_days(customer, end) < WINDOWS * length:
        return None
    unit = 10 ** decimals(customer.currency) if customer.currency else 1
    oldest, older, newer, newest = (log1p(amount / unit) for amount in amounts)
    halves, third = ((newer - oldest) / 2, (newest - older) / 2), (newest - oldest) / 3
    slopes = sorted((older - oldest, newer - older, newest - newer, *halves, third))
    return (slopes[2] + slopes[3]) / 2


def level(customer: Customer) -> float | None:
    """The median of the volumes at the last eight occasions of the cycle, minor units; unknown without any."""
    known = sorted([amount for amount in numbers(customer.packed_volumes) if amount != UNKNOWN])
    middle = len(known) // 2
    if not known:
        return None
    return float(known[middle]) if len(known) % 2 else (known[middle - 1] + known[middle]) / 2


def depth(customer: Customer, end: Day, policy: Policy) -> float | None:
    """D: the volume of the last window over the usual level, at most 1."""
    usual, now = level(customer), volume(customer, end, window(customer, policy))
    if usual is None or now is None:
        return None
    return 1.0 if usual <= 0 else min(1.0, now / usual)

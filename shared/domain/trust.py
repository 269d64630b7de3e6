"""Trust: what a relationship has shown so far."""

from typing import Final, NamedTuple

from shared.domain.customer import Customer
from shared.domain.instants import Day
from shared.domain.opinions import satisfaction
from shared.domain.rhythm import tenure_days

WEIGHTS: Final = {"repetition": 0.4, "satisfaction": 0.3, "tenure": 0.3}
"""CONCEPTS, Primitives: trust."""
ENOUGH_OCCASIONS: Final = 6
ENOUGH_DAYS: Final = 180


class Trust(NamedTuple):
    """0 to 1, None without a purchase; the parts, None where unknown; and the weight of those that are known."""

    value: float | None
    parts: dict[str, float | None]
    coverage: float


def trust(customer: Customer, day: Day) -> Trust:
    """0.4 min(N, 6)/6 + 0.3 (s + 1)/2 + 0.3 min(T/180 d, 1); a part that is unknown is left out of the mean."""
    if not customer.cycle_occasions:
        return Trust(None, dict.fromkeys(WEIGHTS), 0.0)
    s = satisfaction(customer)
    parts = {
        "repetition": min(customer.cycle_occasions, ENOUGH_OCCASIONS) / ENOUGH_OCCASIONS,
        "satisfaction": None if s is None else (s + 1) / 2,
        "tenure": min(tenure_days(customer, day) / ENOUGH_DAYS, 1.0),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    weight = sum(WEIGHTS[name] for name in known)
    return Trust(sum(WEIGHTS[name] * part for name, part in known.items()) / weight, parts, weight)

"""Trust: what a relationship has shown so far."""

from typing import Final, NamedTuple

from shared.domain.customer import Customer
from shared.domain.instants import Day
from shared.domain.opinions import satisfaction
from shared.domain.rhythm import tenure_days

REPETITION: Final = 0.4
SATISFACTION: Final = 0.3
TENURE: Final = 0.3
WEIGHTS: Final = {"repetition": REPETITION, "satisfaction": SATISFACTION, "tenure": TENURE}
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
    repetition, content, tenure = _parts(customer, day)
    parts = {"repetition": repetition, "satisfaction": content, "tenure": tenure}
    coverage = sum(WEIGHTS[name] for name, part in parts.items() if part is not None)
    return Trust(trust_of(customer, day), parts, coverage)


def trust_of(customer: Customer, day: Day) -> float | None:
    """The value of `trust` alone."""
    if not customer.cycle_occasions:
        return None
    repetition, content, tenure = _parts(customer, day)
    known, weight = REPETITION * repetition + TENURE * tenure, REPETITION + TENURE
    return known / weight if content is None else (known + SATISFACTION * content) / (weight + SATISFACTION)


def _parts(customer: Customer, day: Day) -> tuple[float, float | None, float]:
    s = satisfaction(customer)
    repetition = min(customer.cycle_occasions, ENOUGH_OCCASIONS) / ENOUGH_OCCASIONS
    return repetition, None if s is None else (s + 1) / 2, min(tenure_days(customer, day) / ENOUGH_DAYS, 1.0)

"""Trust: what a relationship has shown so far."""

from typing import NamedTuple

from shared.domain.customer import Customer
from shared.domain.instants import Day
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import tenure_days


class Trust(NamedTuple):
    """0 to 1, None without a purchase; the parts, None where unknown; and the share of the weights that is known."""

    value: float | None
    parts: dict[str, float | None]
    coverage: float


def trust(customer: Customer, day: Day, policy: Policy) -> Trust:
    """0.4 min(N, 6)/6 + 0.3 (s + 1)/2 + 0.3 min(T/180 d, 1) (CONCEPTS, Primitives: trust).

    A part that is unknown is left out of the mean.
    """
    if not customer.cycle_occasions:
        return Trust(None, {"repetition": None, "satisfaction": None, "tenure": None}, 0.0)
    repetition, content, tenure = _parts(customer, day, policy)
    known = policy.trust_repetition + policy.trust_tenure
    whole = known + policy.trust_satisfaction
    return Trust(
        trust_of(customer, day, policy),
        {"repetition": repetition, "satisfaction": content, "tenure": tenure},
        (known if content is None else whole) / whole if whole else 0.0,
    )


def trust_of(customer: Customer, day: Day, policy: Policy) -> float | None:
    """The value of `trust` alone."""
    if not customer.cycle_occasions:
        return None
    repetition, content, tenure = _parts(customer, day, policy)
    filled = policy.trust_repetition * repetition + policy.trust_tenure * tenure
    weight = policy.trust_repetition + policy.trust_tenure
    if content is not None:
        filled += policy.trust_satisfaction * content
        weight += policy.trust_satisfaction
    return filled / weight if weight else None


def _parts(customer: Customer, day: Day, policy: Policy) -> tuple[float, float | None, float]:
    s = satisfaction(customer)
    repetition = min(customer.cycle_occasions, policy.trust_occasions) / policy.trust_occasions
    return repetition, None if s is None else (s + 1) / 2, min(tenure_days(customer, day) / policy.trust_days, 1.0)

"""How a guard is made of a value and a threshold; an unknown value is told as such."""

from shared.domain.customer import Customer
from shared.domain.decisions import Guard
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import silence_r, silent_since


def at_least(name: str, concept: str, value: float | None, threshold: float) -> Guard:
    """Holds where the value is known and reaches the threshold."""
    return guard(name, concept, value, threshold, holds=value is not None and value >= threshold)


def at_most(name: str, concept: str, value: float | None, threshold: float) -> Guard:
    """Holds where the value is known and does not exceed the threshold."""
    return guard(name, concept, value, threshold, holds=value is not None and value <= threshold)


def unless_known_below(name: str, concept: str, value: float | None, threshold: float) -> Guard:
    """Holds where nothing is known, or the value reaches the threshold."""
    return guard(name, concept, value, threshold, holds=value is None or value >= threshold)


def guard(name: str, concept: str, value: float | None, threshold: float | None, *, holds: bool) -> Guard:
    """A guard. Counts and amounts become the floats that the fields promise: 3 and 3.0 are not the same bytes."""
    return Guard(
        name=name,
        concept=concept,
        value=None if value is None else float(value),
        threshold=None if threshold is None else float(threshold),
        holds=holds,
    )


def silent_as_long(concept: str, customer: Customer, at: Instant, r: float, policy: Policy) -> Guard:
    """Holds from the instant on at which silence reaches an r.

    Due times are rounded up to a second, so r there is its threshold or a hair more; people read 1.5.
    """
    value, since = silence_r(customer, at, policy), silent_since(customer, r, policy)
    shown = None if value is None else round(value, 6)
    return guard("silence_r", concept, shown, r, holds=since is not None and at >= since)

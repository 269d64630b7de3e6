"""What belongs to the current cycle of a customer: a new one forgets the opinions and inquiries of the old one."""

from collections.abc import Iterable
from typing import TypeVar

from shared.domain.events import Event, order_key
from shared.domain.instants import Instant
from shared.domain.measures.case import Case

E = TypeVar("E", bound=Event)


def began(case: Case) -> Instant:
    """When the current cycle of the relationship began; before everything where nobody has asked or bought yet."""
    return case.once(_began)


def _began(case: Case) -> Instant:
    moves = (one for one in case.transitions if one.line is None and one.cycle == case.state.cycle)
    return next((one.effective_at for one in moves), Instant(0))


def of_cycle(case: Case, kind: type[E]) -> list[E]:
    """The events of a type in the current cycle, the oldest first."""
    since = began(case)
    return [event for event in case.of(kind) if event.occurred_at >= since]


def in_order(*kinds: Iterable[Event]) -> list[Event]:
    """Events of several types, in the order of the fold."""
    return sorted((event for events in kinds for event in events), key=order_key)

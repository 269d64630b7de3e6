"""Any kind of event of a story, for what the builders have no word of their own."""

from typing import Any, TypeVar

from shared.domain.facts.base import Fact
from shared.domain.ids import EventId
from tests.builders import ANNA, instant_of

F = TypeVar("F", bound=Fact)


def told(kind: type[F], day: float, /, **more: Any) -> F:
    """An event of a kind on a day of the story; its id says both, as in `Praise of day 3`."""
    name = EventId(more.pop("id", f"{kind.__name__} of day {day}"))
    at = instant_of(day)
    return kind(id=name, source="crm", customer_id=ANNA, occurred_at=at, received_at=at, **more)


def monthly(count: int) -> list[float]:
    """So many days of the story, thirty days apart, from its first on."""
    return [30.0 * place for place in range(count)]

"""One builder for the events that the other builders have no word for."""

from typing import Any, TypeVar

from shared.domain.events import Fact
from shared.domain.ids import EventId
from tests.builders import ANNA, instant_of

F = TypeVar("F", bound=Fact)


def told(kind: type[F], day: float, /, **data: Any) -> F:
    """An event of a type on a day of the story, with its data; `id` and `source` where the story names them."""
    head = {"id": EventId(f"{kind.__name__} of day {day}"), "source": "shop", "customer_id": ANNA}
    return kind(**{**head, "occurred_at": instant_of(day), "received_at": instant_of(day), **data})

"""What the stories about loyalty are told with: the rarer events, and a policy whose rhythm is easy to reckon with."""

from math import log
from typing import Any, TypeVar

from shared.domain.events import Fact
from shared.domain.ids import EventId
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from tests.builders import ANNA, instant_of
from tests.unit.measures.cases import reading

F = TypeVar("F", bound=Fact)

TEN_DAYS = Policy(mu0=log(10))
"""The prior gap is ten days: who buys every ten days has m = 10 and W = 30."""


def fact(of: type[F], day: float, /, **more: Any) -> F:
    """An event of a type, named after it and its day."""
    name = EventId(more.pop("id", f"{of.__name__.lower()} of day {day}"))
    at = instant_of(day)
    return of(id=name, source="shop", customer_id=ANNA, occurred_at=at, received_at=at, **more)


def value(name: str, case: Case) -> object:
    """The value of a measure; None where it is unknown."""
    return reading(name, case).value

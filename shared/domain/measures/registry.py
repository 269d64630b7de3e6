"""The measures by their names: one table that feeds the API, the documents and the tests."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading

EVERY_PART: Final = ("*",)

MeasureFunction = Callable[[Case], Reading]


class Card(StrEnum):
    """Where a measure is shown: on the customer itself, or on one of its cards."""

    CUSTOMER = "customer"
    LOYALTY = "loyalty"
    VALUE = "value"
    SATISFACTION = "satisfaction"
    ADVICE = "advice"


class Measure(Struct, frozen=True, kw_only=True):
    """A measure: a pure function of a case, under the name that every part of the product calls it by.

    `concepts` are its numbers in the theory. `unit` is `share`, `score`, `days`, `count`, `money` (minor units of the
    case's currency), `flag`, `word`, `ratio` …; `low` and `high` bound the value (None: unbounded). `words` are the
    values that a measure of unit `word` can have, each with an English and a Chinese label. `amounts` names the parts
    of its readings that are amounts, in minor units too; `EVERY_PART` says that all numbers among them are.
    """

    name: str
    concepts: tuple[str, ...]
    card: Card
    unit: str
    low: float | None
    high: float | None
    en: str
    zh: str
    words: dict[str, tuple[str, str]]
    function: MeasureFunction
    amounts: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What it measures, in the first line of its docstring."""
        return (self.function.__doc__ or "").partition("\n")[0]


MEASURES: Final[dict[str, Measure]] = {}
"""Every measure by its name, in the order of registration. `shared.domain.measures.all` fills it."""


def measure(
    *concepts: str,
    card: Card,
    unit: str,
    en: str,
    zh: str,
    low: float | None = None,
    high: float | None = None,
    words: dict[str, tuple[str, str]] | None = None,
    amounts: tuple[str, ...] = (),
) -> Callable[[MeasureFunction], MeasureFunction]:
    """Register a function as a measure under its own name."""

    def register(function: MeasureFunction) -> MeasureFunction:
        name = function.__name__
        if name in MEASURES:
            raise ValueError(f"there are two measures called {name!r}")
        MEASURES[name] = Measure(
            name=name,
            concepts=concepts,
            card=card,
            unit=unit,
            low=low,
            high=high,
            en=en,
            zh=zh,
            words=words or {},
            function=function,
            amounts=amounts,
        )
        return function

    return register


def of_card(card: Card) -> list[Measure]:
    """The measures of a card, in the order of registration."""
    return [measure for measure in MEASURES.values() if measure.card is card]

"""Periods as people name them, as days: `2026`, `2026-H1`, `2026-Q1`, `2026-03`."""

import re
from datetime import date
from typing import Final

from msgspec import Struct

from shared.domain.instants import Day

_WRITTEN: Final = re.compile(r"(?P<year>\d{4})(?:[-/ ]?(?:(?P<kind>[QHM])(?P<of>\d{1,2})|(?P<month>\d{2})))?")
_MONTHS: Final = {"H": 6, "Q": 3, "M": 1}
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Period(Struct, frozen=True, kw_only=True, order=True):
    """Days from `first` until the day before `past`."""

    first: Day
    past: Day

    @property
    def days(self) -> int:
        """How long it is."""
        return self.past - self.first

    def elapsed(self, today: Day) -> int:
        """How many of its days have begun."""
        return max(0, min(self.past, today + 1) - self.first)


def period_named(word: str) -> Period | None:
    """The period that a word names; None where it names none that is known here."""
    found = _WRITTEN.fullmatch(word.strip().upper())
    if found is None or not 1970 <= int(found["year"]) <= 8999:
        return None
    kind = found["kind"] or ("M" if found["month"] else None)
    length = 12 if kind is None else _MONTHS[kind]
    place = int(found["of"] or found["month"] or 1)
    if not 1 <= place <= 12 // length:
        return None
    first = int(found["year"]) * 12 + (place - 1) * length
    return Period(first=_first_of(first), past=_first_of(first + length))


def _first_of(months: int) -> Day:
    """The first day of a month that is counted from the year 0."""
    return Day(date(months // 12, months % 12 + 1, 1).toordinal() - _EPOCH)

"""Known pauses and peaks: a day on which half as much is bought counts as half a day, of silence and of what comes.

A season is written `12-01..12-20 x1.5` (every year) or `2026-08-01..2026-08-21 x0` (once); both days belong to it. Days
are those of UTC. Where seasons overlap, what each adds or takes away adds up.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from shared.domain.instants import DAY, Instant, moment

_PARTS: Final = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)\.\.(?:(\d{4})-)?(\d\d)-(\d\d) x(\d{1,2}(?:\.\d{1,6})?)")
_LEAP_YEAR: Final = 2024


class Season(NamedTuple):
    """From the first to the last day (year, or 0 for every year; month; day) so many times as much is bought."""

    first: tuple[int, int, int]
    last: tuple[int, int, int]
    factor: float


def season_of(text: str) -> Season:
    """A season as it is written. Raises ValueError, which names the way out."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError("is not a season: write '12-01..12-20 x1.5', or with years '2026-08-01..2026-08-21 x0'")
    first_year, first_month, first_day, last_year, last_month, last_day, factor = found.groups()
    if (first_year is None) != (last_year is None):
        raise ValueError("has a year on one side only: give both, or neither for every year")
    first = (int(first_year or 0), int(first_month), int(first_day))
    last = (int(last_year or 0), int(last_month), int(last_day))
    for year, month, day in (first, last):
        date(year or _LEAP_YEAR, month, day)
    if first_year is not None and last < first:
        raise ValueError("ends before it begins: turn the days round")
    return Season(first, last, float(factor))


@lru_cache(maxsize=64)
def seasons_of(written: tuple[str, ...]) -> tuple[Season, ...]:
    """Several seasons; they have been checked."""
    return tuple(season_of(text) for text in written)


def exposure(seasons: Sequence[Season], start: Instant, end: Instant) -> float:
    """How many ordinary days the time between two instants counts for, at least 0."""
    total = float(end - start)
    for season in seasons:
        for begins, ends in _times(season, moment(start).year, moment(end).year):
            total += (season.factor - 1) * max(0, min(end, ends) - max(start, begins))
    return max(0.0, total / DAY)


def _times(season: Season, since: int, until: int) -> Sequence[tuple[int, int]]:
    """When a season begins and ends, in the years that matter."""
    if season.first[0]:
        return (_span(season.first, season.last),)
    wraps = season.last < season.first
    return [
        _span((year, *season.first[1:]), (year + wraps, *season.last[1:])) for year in range(since - wraps, until + 1)
    ]


@lru_cache(maxsize=1_024)
def _span(first: tuple[int, int, int], last: tuple[int, int, int]) -> tuple[int, int]:
    return _midnight(*first), _midnight(*last) + DAY


def _midnight(year: int, month: int, day: int) -> int:
    """The beginning of a day; the 29th of February is the 28th in other years."""
    if (month, day) == (2, 29) and (year % 4 or (not year % 100 and year % 400)):
        day = 28
    return round(datetime(min(year, 9_999), month, day, tzinfo=UTC).timestamp()) * 1_000_000

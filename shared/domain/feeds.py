"""Sources of events that fell silent: while one is, the silence of its customers means nothing."""

from collections.abc import Mapping
from statistics import median
from typing import Final

from msgspec import Struct

from shared.domain.instants import LATEST, SECOND, Instant
from shared.domain.policy import Policy

Feeds = Mapping[str, tuple[tuple[Instant, Instant], ...]]
"""The silences of each source, the oldest first: from an instant until before another, `LATEST` while it lasts."""

KEPT: Final = 8
"""Silences of a source that are remembered; what an older one has held back was judged when it ended."""


def heard(feeds: Feeds, source: str, at: Instant, *, silent: bool) -> Feeds:
    """The silences once a source has fallen silent, or speaks again; said twice it changes nothing."""
    silences = feeds.get(source, ())
    lasting = bool(silences) and silences[-1][1] == LATEST
    if lasting == silent:
        return feeds
    after = (*silences, (at, LATEST)) if silent else (*silences[:-1], (silences[-1][0], at))
    return {**feeds, source: after[-KEPT:]}


def held_until(feeds: Feeds, source: str | None, at: Instant) -> Instant | None:
    """When something due at an instant may be judged: then, or once the source speaks again; None while it does not."""
    if source is None:
        return at
    for begin, end in feeds.get(source, ()):
        if begin <= at < end:
            return None if end == LATEST else end
    return at


HOUR: Final = 3_600 * SECOND
DAY_HOURS: Final = 24
COMPARED_DAYS: Final = 14
"""Days that the usual rate is taken from."""


class Heard(Struct, frozen=True, kw_only=True, gc=False):
    """How many events of a source were received in an hour; hours are counted since 1970."""

    source: str
    hour: int
    events: int


def hour_of(at: Instant) -> int:
    """The hour that an instant lies in."""
    return at // HOUR


def usual(hours: Mapping[int, int], now: int, policy: Policy) -> float | None:
    """How many events the last hours usually bring: the median of the same hours of the days before.

    `hours` are the events by hour, `now` is the hour that runs. Unknown until the source was heard for enough days.
    """
    first = min(hours, default=now)
    days = min(COMPARED_DAYS, (now - first) // DAY_HOURS)
    if days < policy.feed_days:
        return None
    span = range(now - policy.feed_hours, now)
    return float(median(sum(hours.get(hour - DAY_HOURS * day, 0) for hour in span) for day in range(1, days + 1)))


def fell_silent(hours: Mapping[int, int], now: int, policy: Policy) -> bool:
    """Whether a source lies far below its own usual rate: so far that its events must be getting lost."""
    expected = usual(hours, now, policy)
    if expected is None or expected < policy.feed_least:
        return False
    return _recent(hours, now, policy.feed_hours) <= policy.feed_share * expected


def speaks_again(hours: Mapping[int, int], now: int, policy: Policy) -> bool:
    """Whether a silent source is back: within an hour it has told more than a silent one would in all of them."""
    expected = usual(hours, now, policy)
    heard_now = hours.get(now, 0) + hours.get(now - 1, 0)
    return heard_now > 0 if expected is None else heard_now > policy.feed_share * expected


def _recent(hours: Mapping[int, int], now: int, span: int) -> int:
    """The events of the last full hours, and of the one that runs."""
    return sum(hours.get(hour, 0) for hour in range(now - span, now + 1))

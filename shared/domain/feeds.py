"""Sources of events that fell silent: while one is, the silence of its customers means nothing."""

from collections.abc import Mapping
from typing import Final

from shared.domain.instants import LATEST, Instant

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

"""A store that notes which records each committed transaction took, and on demand what it wrote.

A benchmark that is to write the same rows again lets a store in memory score the same batches afterwards: to keep what
was written while the clock runs would make the garbage collector, and the caches, part of what is measured.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from shared.domain.controls import Control
from shared.domain.instants import Instant
from shared.ports.store import Changes, Clash, Key, Message, Position, Store, StoredEvent, Unit


class Cut(NamedTuple):
    """The records of one transaction: those of a partition from one offset up to another.

    `until` is the newest tick that it was given. It may lie beyond: with more timers than fit, the tick comes again.
    """

    partition: int
    first: int
    next: int
    until: Instant | None


class Written(NamedTuple):
    """What one transaction wrote, by reference: nothing of it changes after the commit."""

    before: Position
    after: Position
    events: Sequence[StoredEvent]
    changes: Changes


class WatchedStore:
    """A store in front of another one; with `keep` it remembers what was written."""

    def __init__(self, store: Store, *, keep: bool = False) -> None:
        self._store, self._keep = store, keep
        self.cuts: list[Cut] = []
        self.written: list[Written] = []

    async def claim(self, partition: int) -> Position:
        """As the store does."""
        return await self._store.claim(partition)

    async def position(self, partition: int) -> Position | None:
        """As the store does."""
        return await self._store.position(partition)

    async def controls(self, partition: int) -> Sequence[Control]:
        """As the store does."""
        return await self._store.controls(partition)

    async def parked_count(self) -> int:
        """As the store does."""
        return await self._store.parked_count()

    async def unpublished(self, partition: int, most: int) -> Sequence[Message]:
        """As the store does."""
        return await self._store.unpublished(partition, most)

    async def published(self, partition: int, number: int) -> None:
        """As the store does."""
        await self._store.published(partition, number)

    @asynccontextmanager
    async def begin(self, partition: int) -> AsyncIterator[Unit]:
        """A transaction whose writes are noted when it has committed."""
        async with self._store.begin(partition) as unit:
            watched = _WatchedUnit(unit, self._keep)
            yield watched
        if watched.moved is not None:
            before, after = watched.moved
            self.cuts.append(Cut(before.partition, before.next_offset, after.next_offset, watched.until))
            if self._keep:
                self.written.append(Written(before, after, watched.events, watched.changes))


class _WatchedUnit:
    """A unit that passes everything on and keeps what was written."""

    def __init__(self, unit: Unit, keep: bool) -> None:
        self._keep = keep
        self.load, self.histories, self.walk, self.recount = unit.load, unit.histories, unit.walk, unit.recount
        self._unit = unit
        self.events: list[StoredEvent] = []
        self.changes = Changes()
        self.moved: tuple[Position, Position] | None = None
        self.until: Instant | None = None

    async def due(self, until: Instant, most: int) -> Sequence[tuple[Instant, str]]:
        self.until = until
        return await self._unit.due(until, most)

    async def advance(self, expected: Position, new: Position) -> None:
        await self._unit.advance(expected, new)
        self.moved = (expected, new)

    async def add_events(self, events: Sequence[StoredEvent]) -> Mapping[Key, Clash]:
        clashes = await self._unit.add_events(events)
        if self._keep:
            self.events = [e for e in events if (e.event.customer_id, e.event.source, e.event.id) not in clashes]
        return clashes

    async def save(self, changes: Changes) -> None:
        await self._unit.save(changes)
        if self._keep:
            self.changes = changes

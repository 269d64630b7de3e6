"""A store that remembers what each committed transaction wrote, so that a benchmark can write it again."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from shared.domain.controls import Control
from shared.ports.store import Changes, Clash, Key, Message, Position, Store, StoredEvent, Unit


class Written(NamedTuple):
    """What one transaction wrote, by reference: nothing of it changes after the commit."""

    before: Position
    after: Position
    events: Sequence[StoredEvent]
    changes: Changes


class WatchedStore:
    """A store in front of another one."""

    def __init__(self, store: Store) -> None:
        self._store = store
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
            watched = _WatchedUnit(unit)
            yield watched
        if watched.moved is not None:
            self.written.append(Written(*watched.moved, watched.events, watched.changes))


class _WatchedUnit:
    """A unit that passes everything on and keeps what was written."""

    def __init__(self, unit: Unit) -> None:
        self.load, self.due, self.histories, self.walk = unit.load, unit.due, unit.histories, unit.walk
        self._unit = unit
        self.events: list[StoredEvent] = []
        self.changes = Changes()
        self.moved: tuple[Position, Position] | None = None

    async def advance(self, expected: Position, new: Position) -> None:
        await self._unit.advance(expected, new)
        self.moved = (expected, new)

    async def add_events(self, events: Sequence[StoredEvent]) -> Mapping[Key, Clash]:
        clashes = await self._unit.add_events(events)
        self.events = [one for one in events if (one.event.customer_id, one.event.source, one.event.id) not in clashes]
        return clashes

    async def save(self, changes: Changes) -> None:
        await self._unit.save(changes)
        self.changes = changes

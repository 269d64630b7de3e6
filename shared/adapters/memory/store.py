"""The store in memory: for tests and for programs that live and die in one process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import structs

from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.models import MemoryModels
from shared.adapters.memory.queries import MemoryQueries
from shared.adapters.memory.surveys import MemorySurveys
from shared.adapters.memory.tables import Tables
from shared.adapters.memory.unit import MemoryUnit
from shared.adapters.memory.workbench import MemoryWorkbench
from shared.ports.store import Message, Position


class MemoryStore(MemoryQueries, MemoryWorkbench, MemoryAudit):
    """A store, and everything that can be asked of it; `partitions` is how many the log has."""

    def __init__(self, partitions: int) -> None:
        tables = Tables(partitions)
        super().__init__(tables)
        self.surveys = MemorySurveys(tables)
        self.models = MemoryModels()

    async def claim(self, partition: int) -> Position:
        """Take a partition over: waits for the open transaction of an earlier owner, and fences it out."""
        ledger = self._tables.ledger(partition)
        async with ledger.turn:
            position = ledger.position or Position(partition=partition)
            ledger.position = structs.replace(position, epoch=position.epoch + 1)
            return ledger.position

    async def position(self, partition: int) -> Position | None:
        """The committed position."""
        return self._tables.ledger(partition).position

    async def parked_count(self) -> int:
        """How many customers are parked."""
        return sum(dossier.parked is not None for dossier in self._tables.dossiers.values())

    @asynccontextmanager
    async def begin(self, partition: int) -> AsyncIterator[MemoryUnit]:
        """A transaction of one partition."""
        unit = MemoryUnit(self._tables, partition)
        try:
            yield unit
            unit.commit()
        finally:
            unit.end()

    async def unpublished(self, partition: int, most: int) -> Sequence[Message]:
        """Outbox messages after the relay's cursor."""
        ledger = self._tables.ledger(partition)
        first = ledger.published + 1
        numbers = sorted(number for number in ledger.outbox if number >= first)
        return [ledger.outbox[number] for number in numbers[:most]]

    async def published(self, partition: int, number: int) -> None:
        """Move the relay's cursor, never backwards."""
        ledger = self._tables.ledger(partition)
        ledger.published = max(ledger.published, number)

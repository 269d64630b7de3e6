"""Everything stored in memory, read for inspection."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

from shared.adapters import codec, gaps
from shared.adapters.memory.queries import placed_alerts, placed_transitions
from shared.adapters.memory.tables import Dossier, Tables
from shared.domain.controls import Control
from shared.domain.ids import partition_of, shard_of
from shared.domain.instants import Instant
from shared.ports.audit import Audited, CommitGap, TallyGap
from shared.ports.store import Message, Position


class MemoryAudit:
    """Inspection of a store in memory."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @asynccontextmanager
    async def look(self, shard: int) -> AsyncIterator["MemoryLook"]:
        """A view of one shard; what is committed meanwhile is not seen."""
        yield MemoryLook(self._tables, shard)

    async def commit_gaps(self) -> Sequence[CommitGap]:
        """Where the record of commits breaks I4."""
        ledgers = sorted(self._tables.ledgers.items())
        positions = [ledger.position for _, ledger in ledgers if ledger.position is not None]
        return gaps.gaps(positions, {partition: ledger.commits for partition, ledger in ledgers})

    async def outbox_gaps(self) -> Sequence[tuple[int, int]]:
        """(partition, number) after which a number is missing."""
        found: list[tuple[int, int]] = []
        for partition, ledger in sorted(self._tables.ledgers.items()):
            newest = 0 if ledger.position is None else ledger.position.outbox
            numbers = [0, *sorted(ledger.outbox), newest + 1]
            found.extend((partition, before) for before, number in pairwise(numbers) if number != before + 1)
        return found

    async def outbox(self, partition: int) -> Sequence[Message]:
        """The partition's whole outbox in order."""
        return [message for _, message in sorted(self._tables.ledger(partition).outbox.items())]

    async def tally_gaps(self) -> Sequence[TallyGap]:
        """None: heads and moves are counted when they are asked for."""
        return []

    async def misplaced(self) -> Mapping[str, int]:
        """Counts of what must be 0. A dossier cannot lie in a wrong shard: it has none."""
        kinds: dict[tuple[int, int], list[str]] = {}
        ahead = 0
        for name, dossier in self._tables.dossiers.items():
            partition = partition_of(shard_of(name), self._tables.partitions)
            position = self._tables.ledger(partition).position
            for stored in dossier.events.values():
                kinds.setdefault((partition, stored.offset), []).append("event")
                ahead += position is not None and stored.offset >= position.next_offset
            for stored in dossier.conflicts.values():
                kinds.setdefault((partition, stored.offset), []).append("conflict")
        for partition, ledger in self._tables.ledgers.items():
            for offset in ledger.dead_letters:
                kinds.setdefault((partition, offset), []).append("dead letter")
        doubled = Counter(" and ".join(sorted(each)) for each in kinds.values() if len(each) > 1)
        return {**doubled, "event beyond the position": ahead, "customer in a wrong shard": 0}


class MemoryLook:
    """One shard, as it was when the look began."""

    def __init__(self, tables: Tables, shard: int) -> None:
        ledger = tables.ledger(partition_of(shard, tables.partitions))
        self._position = ledger.position
        self._controls = [*ledger.controls.values()]
        self._timers = dict(ledger.timers)
        # A commit puts new dossiers in the place of old ones, so that these stay as they are.
        self._dossiers = [(name, each) for name, each in sorted(tables.dossiers.items()) if shard_of(name) == shard]

    async def position(self) -> Position | None:
        """The position of the shard's partition."""
        return self._position

    async def controls(self) -> Sequence[Control]:
        """The controls of the shard's partition."""
        return sorted(self._controls, key=lambda control: (control.effective_at, control.id))

    async def customers(self) -> AsyncIterator[Audited]:
        """The shard's customers in the order of their ids."""
        for name, dossier in self._dossiers:
            if dossier.row is not None:
                yield Audited(
                    known=dossier.row.known(name, self._timers.get(name)),
                    events=[codec.decode_event(stored.body) for stored in dossier.events.values()],
                    transitions=placed_transitions(dossier),
                    alerts=placed_alerts(name, dossier, self._as_of(dossier)),
                    timer_at=self._timers.get(name),
                )

    async def states(self) -> AsyncIterator[bytes]:
        """The states of the shard's customers that are not parked, in the order of their ids."""
        for _, dossier in self._dossiers:
            if dossier.row is not None and not dossier.row.parked:
                yield dossier.row.state

    def _as_of(self, dossier: Dossier) -> Instant | None:
        newest = None if dossier.row is None else dossier.row.newest_at
        stream = None if self._position is None else self._position.stream_time
        return max((at for at in (newest, stream) if at is not None), default=None)

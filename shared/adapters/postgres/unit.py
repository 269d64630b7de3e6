"""One open transaction of one partition on PostgreSQL: bulk SQL on the bare connection."""

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

from shared.adapters.gaps import prunable
from shared.adapters.postgres import history, rows, tallies, values
from shared.adapters.postgres.hot import Hot, Timers
from shared.adapters.postgres.rows import Row, columns
from shared.adapters.postgres.save import save
from shared.adapters.postgres.tallies import Counted
from shared.adapters.postgres.upsert import EVENTS
from shared.domain.errors import Fenced
from shared.domain.ids import shards_of
from shared.domain.instants import Instant
from shared.ports.store import Changes, Clash, History, Key, Known, Position, StoredEvent

ADVANCE: Final = """
    WITH moved AS (
        UPDATE position
        SET next_offset = $4, version = $5, stream_time = $6, outbox = $7, walk_effective_at = $8, walk_shard = $9,
            walk_customer_id = $10, walk_from_shard = $11, walk_from_customer_id = $12, walk_turn = $13, live = $14
        WHERE partition = $1 AND version = $2 AND epoch = $3
        RETURNING partition, version, epoch, next_offset
    )
    INSERT INTO commit (partition, version, epoch, first_offset, next_offset)
    SELECT partition, version, epoch, $15, next_offset FROM moved
"""

PRUNE_COMMITS: Final = "DELETE FROM commit WHERE partition = $1 AND version <= $2"

KEPT_BODIES: Final = """
    SELECT event.customer_id, event.source, event.id, event.body
    FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[]) AS known (shard, customer_id, source, id)
    JOIN event USING (shard, customer_id, source, id)
"""

LOAD: Final = """
    SELECT customer_id, state, base, version, numbered, timer.due_at, parked, stage, type, currency, level
    FROM unnest($1::smallint[], $2::text[]) AS wanted (shard, customer_id)
    JOIN customer USING (shard, customer_id)
    LEFT JOIN timer USING (shard, customer_id)
"""

DUE: Final = """
    SELECT due_at, customer_id FROM timer
    WHERE partition = $1 AND due_at <= $2
    ORDER BY due_at, customer_id LIMIT $3
"""

WALK: Final = """
    SELECT customer_id, state, base, version, numbered, timer.due_at, parked, stage, type, currency, level
    FROM customer LEFT JOIN timer USING (shard, customer_id)
    WHERE shard BETWEEN $1 AND $2 AND (shard, customer_id) > ($3, $4)
    ORDER BY shard, customer_id LIMIT $5
"""


class PostgresUnit:
    """A transaction of one partition on a connection of its own."""

    def __init__(self, raw: asyncpg.Connection, partition: int, partitions: int, hot: Hot) -> None:
        self._raw = raw
        self._partition = partition
        self._shards = shards_of(partition, partitions)
        self._hot = hot
        self._version: int | None = None
        self._written: Sequence[Row] = ()
        self._found: dict[str, Instant | None] = {}
        self._counted: dict[str, Counted] = {}
        self._changed: Timers = {}

    async def advance(self, expected: Position, new: Position) -> None:
        """Move the position; from here on this transaction holds the partition."""
        if self._hot.version not in (None, expected.version):
            raise Fenced(self._partition)
        answer = await self._raw.execute(
            ADVANCE,
            self._partition,
            expected.version,
            expected.epoch,
            new.next_offset,
            new.version,
            new.stream_time,
            new.outbox,
            *rows.walk_columns(new.walk),
            new.live,
            expected.next_offset,
        )
        if answer != "INSERT 0 1":
            raise Fenced(self._partition)
        self._version = new.version
        if (oldest := prunable(new.version)) is not None:
            await self._raw.execute(PRUNE_COMMITS, self._partition, oldest)

    async def add_events(self, events: Sequence[StoredEvent]) -> Mapping[Key, Clash]:
        """Store the events that are new; an offset that the insert does not return was stored before."""
        if not events:
            return {}
        given = rows.event_rows(events)
        if await self._all_new(given):
            return {}
        added = await EVENTS.run(self._raw, given)
        if len(added) == len(events):
            return {}
        new = {row[0] for row in added}
        return await self._clashes([stored for stored in events if stored.offset not in new])

    async def _all_new(self, given: Sequence[Row]) -> bool:
        """Copy the events in: half the work of an INSERT that looks for each first. False when some were stored before.

        That happens after a crash, and when a sender tries again.
        """
        await self._raw.execute("SAVEPOINT events")
        try:
            await self._raw.copy_records_to_table("event", columns=EVENTS.columns, records=given)
        except asyncpg.UniqueViolationError:
            await self._raw.execute("ROLLBACK TO SAVEPOINT events")
            return False
        await self._raw.execute("RELEASE SAVEPOINT events")
        return True

    async def _clashes(self, events: Sequence[StoredEvent]) -> Mapping[Key, Clash]:
        keys = [row[:4] for row in rows.event_rows(events)]
        kept = {tuple(row[:3]): row[3] for row in await self._raw.fetch(KEPT_BODIES, *columns(keys))}
        named = {(each.event.customer_id, each.event.source, each.event.id): each for each in events}
        return {key: Clash(stored=stored, kept=kept[key].encode()) for key, stored in named.items()}

    async def load(self, customer_ids: Sequence[str]) -> Mapping[str, Known]:
        """The rows of those customers that are known; those that were written last need not be read."""
        found: dict[str, Known] = {}
        missing = []
        for name in customer_ids:
            known = self._hot.known(name)
            if known is None:
                missing.append(name)
            else:
                found[name], self._counted[name] = known, self._hot.counted(name)
        if missing:
            for row in await self._raw.fetch(LOAD, *columns(rows.key_rows(missing))):
                found[row[0]] = self._read(row)
        return found

    async def due(self, until: Instant, most: int) -> Sequence[tuple[Instant, str]]:
        """The partition's due timer rows, the earliest first."""
        return [(row[0], row[1]) for row in await self._raw.fetch(DUE, self._partition, until, most)]

    async def histories(self, before: Mapping[str, int | None]) -> Mapping[str, History]:
        """Histories to fold again, each from the snapshot that the late event leaves valid."""
        return await history.histories(self._raw, before)

    async def walk(self, shard: int, customer_id: str, most: int) -> Sequence[Known]:
        """The partition's customers after a cursor."""
        first, last = self._shards[0], self._shards[-1]
        return [self._read(row) for row in await self._raw.fetch(WALK, first, last, shard, customer_id, most)]

    def _read(self, row: asyncpg.Record) -> Known:
        """A row of `LOAD` or `WALK`; its timer, and what the tallies hold of it, are remembered."""
        known = values.known(row)
        self._found[known.customer_id], self._counted[known.customer_id] = known.armed_at, tuple(row[7:])
        return known

    async def save(self, changes: Changes) -> None:
        """Write everything, one statement per table."""
        written = rows.customer_rows(changes.customers)
        await save(self._raw, changes, written, self._partition, self._counted)
        self._written, self._changed = written, changes.timers

    async def recount(self) -> None:
        """Count the partition's heads and moves anew."""
        await tallies.recount(self._raw, self._partition, self._shards)

    def committed(self) -> None:
        """Remember what was written, now that everybody can see it."""
        if self._version is not None:
            self._hot.commit(self._version, self._written, self._found, self._changed)

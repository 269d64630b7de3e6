"""Everything stored, read for inspection: each shard from one snapshot of PostgreSQL, a chunk at a time."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters import codec, gaps
from shared.adapters.gaps import Commit
from shared.adapters.postgres import values
from shared.adapters.postgres.engine import connected, transaction
from shared.adapters.postgres.store import CONTROLS, POSITION, POSITION_COLUMNS
from shared.adapters.postgres.tallies import HEADS, MOVES
from shared.domain.controls import Control
from shared.domain.ids import partition_of, shard_of, shards_of
from shared.ports.audit import Audited, CommitGap, TallyGap
from shared.ports.store import Message, Position

CHUNK: Final = 500
FETCHED: Final = 5_000

SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

CUSTOMERS: Final = """
    SELECT customer_id, state, base, version, numbered, timer.due_at, parked
    FROM customer LEFT JOIN timer USING (shard, customer_id)
    WHERE shard = $1 AND customer_id > $2 ORDER BY customer_id LIMIT $3
"""

STATES: Final = """
    SELECT customer_id, state FROM customer WHERE shard = $1 AND customer_id > $2 AND NOT parked
    ORDER BY customer_id LIMIT $3
"""

EVENTS: Final = "SELECT customer_id, body FROM event WHERE shard = $1 AND customer_id BETWEEN $2 AND $3"

TRANSITIONS: Final = """
    SELECT customer_id, number, decided_at, retracted_at, body FROM transition
    WHERE shard = $1 AND customer_id BETWEEN $2 AND $3 ORDER BY customer_id, effective_at, number
"""

ALERTS: Final = """
    SELECT alert.id, alert.customer_id, alert.level, alert.currency, alert.body,
        greatest(customer.newest_at, position.stream_time)
    FROM alert
    LEFT JOIN customer ON customer.shard = alert.shard AND customer.customer_id = alert.customer_id
    LEFT JOIN position ON position.partition = $4
    WHERE alert.shard = $1 AND alert.customer_id BETWEEN $2 AND $3
    ORDER BY alert.customer_id, alert.effective_at, alert.kind, alert.id
"""

TIMERS: Final = "SELECT customer_id, due_at FROM timer WHERE shard = $1 AND customer_id BETWEEN $2 AND $3"

POSITIONS: Final = f"SELECT {POSITION_COLUMNS} FROM position ORDER BY partition"

COMMITS: Final = """
    SELECT partition, version, epoch, first_offset, next_offset FROM commit ORDER BY partition, version
"""

OUTBOX_GAPS: Final = """
    SELECT partition, before FROM (
        SELECT partition, number, lag(number, 1, 0::bigint) OVER (PARTITION BY partition ORDER BY number) AS before
        FROM (SELECT partition, number FROM outbox UNION ALL SELECT partition, outbox + 1 FROM position) AS numbered
    ) AS stepped
    WHERE number <> before + 1
    ORDER BY partition, before
"""

OUTBOX: Final = "SELECT number, topic, customer_id, payload FROM outbox WHERE partition = $1 ORDER BY number"

# A record is one thing only: a stored event, a conflict or a dead letter.
TWICE: Final = """
    WITH placed AS (
        SELECT shard * $1::integer / 256 AS partition, log_offset, 'event' AS kind FROM event
        UNION ALL SELECT shard * $1::integer / 256, log_offset, 'conflict' FROM conflict
        UNION ALL SELECT partition, log_offset, 'dead letter' FROM dead_letter
    ), doubled AS (
        SELECT string_agg(kind, ' and ' ORDER BY kind) AS kinds FROM placed
        GROUP BY partition, log_offset HAVING count(*) > 1
    )
    SELECT kinds, count(*) FROM doubled GROUP BY kinds
"""

AHEAD: Final = """
    SELECT count(*) FROM event JOIN position ON position.partition = event.shard * $1::integer / 256
    WHERE event.log_offset >= position.next_offset
"""

PLACED: Final = """
    SELECT shard, customer_id FROM event UNION SELECT shard, customer_id FROM conflict
    UNION SELECT shard, customer_id FROM customer UNION SELECT shard, customer_id FROM timer
    UNION SELECT shard, customer_id FROM transition UNION SELECT shard, customer_id FROM alert
    UNION SELECT shard, customer_id FROM snapshot UNION SELECT shard, customer_id FROM parked
"""


# Each is one statement, so that tallies and counts are of one moment.
HEAD_GAPS: Final = f"""
    WITH kept AS (
        SELECT partition, stage, type, currency, heads, level FROM heads
        WHERE partition = $1 AND (heads <> 0 OR level <> 0)
    ), counted AS ({HEADS})
    SELECT stage, type, currency, kept.heads, kept.level, counted.heads, counted.level
    FROM kept FULL JOIN counted USING (partition, stage, type, currency)
    WHERE (kept.heads, kept.level) IS DISTINCT FROM (counted.heads, counted.level)
    ORDER BY stage, type, currency
"""

MOVE_GAPS: Final = f"""
    WITH kept AS (SELECT partition, source, target, count FROM moves WHERE partition = $1 AND count <> 0),
    counted AS ({MOVES})
    SELECT source, target, kept.count, counted.count
    FROM kept FULL JOIN counted USING (partition, source, target)
    WHERE kept.count IS DISTINCT FROM counted.count
    ORDER BY source, target
"""


class PostgresAudit:
    """Inspection over a pool of connections; `partitions` is how many the log has."""

    def __init__(self, engine: AsyncEngine, partitions: int) -> None:
        self._engine = engine
        self._partitions = partitions

    @asynccontextmanager
    async def look(self, shard: int) -> AsyncIterator["PostgresLook"]:
        """A view of one shard; what is committed meanwhile is not seen."""
        async with transaction(self._engine, SNAPSHOT) as raw:
            yield PostgresLook(raw, shard, partition_of(shard, self._partitions))

    async def commit_gaps(self) -> Sequence[CommitGap]:
        """Where the record of commits breaks I4."""
        async with transaction(self._engine, SNAPSHOT) as raw:
            positions = [values.position(row) for row in await raw.fetch(POSITIONS)]
            found = groupby(await raw.fetch(COMMITS), itemgetter(0))
            commits = {partition: [Commit(*row[1:]) for row in group] for partition, group in found}
        return gaps.gaps(positions, commits)

    async def outbox_gaps(self) -> Sequence[tuple[int, int]]:
        """(partition, number) after which a number is missing."""
        async with connected(self._engine) as raw:
            return [(row[0], row[1]) for row in await raw.fetch(OUTBOX_GAPS)]

    async def outbox(self, partition: int) -> Sequence[Message]:
        """The partition's whole outbox in order."""
        async with connected(self._engine) as raw:
            found = await raw.fetch(OUTBOX, partition)
        return [Message(number=row[0], topic=row[1], customer_id=row[2], payload=row[3]) for row in found]

    async def tally_gaps(self) -> Sequence[TallyGap]:
        """Where the tallies are not what a count gives."""
        found: list[TallyGap] = []
        async with connected(self._engine) as raw:
            for partition in range(self._partitions):
                shards = shards_of(partition, self._partitions)
                given = (partition, shards[0], shards[-1])
                gaps = [_head_gap(*row) for row in await raw.fetch(HEAD_GAPS, *given)]
                gaps += [_move_gap(*row) for row in await raw.fetch(MOVE_GAPS, *given)]
                found += [TallyGap(partition=partition, problem=gap) for gap in gaps]
        return found

    async def misplaced(self) -> Mapping[str, int]:
        """Counts of what must be 0."""
        async with transaction(self._engine, SNAPSHOT) as raw:
            counts = {row[0]: row[1] for row in await raw.fetch(TWICE, self._partitions)}
            counts["event beyond the position"] = await raw.fetchval(AHEAD, self._partitions)
            counts["customer in a wrong shard"] = 0
            async for shard, customer_id in raw.cursor(PLACED, prefetch=FETCHED):
                counts["customer in a wrong shard"] += shard != shard_of(customer_id)
        return counts


class PostgresLook:
    """One shard, as it was when the look began."""

    def __init__(self, raw: asyncpg.Connection, shard: int, partition: int) -> None:
        self._raw = raw
        self._shard = shard
        self._partition = partition

    async def position(self) -> Position | None:
        """The position of the shard's partition."""
        found = await self._raw.fetchrow(POSITION, self._partition)
        return None if found is None else values.position(found)

    async def controls(self) -> Sequence[Control]:
        """The controls of the shard's partition."""
        return [codec.decode_control(row[0]) for row in await self._raw.fetch(CONTROLS, self._partition)]

    async def customers(self) -> AsyncIterator[Audited]:
        """The shard's customers in the order of their ids."""
        async for chunk in self._chunks(CUSTOMERS):
            for audited in await self._audited(chunk):
                yield audited

    async def states(self) -> AsyncIterator[bytes]:
        """The states of the shard's customers that are not parked, in the order of their ids."""
        async for chunk in self._chunks(STATES):
            for _, body in chunk:
                yield body

    async def _chunks(self, wanted: str) -> AsyncIterator[Sequence[asyncpg.Record]]:
        """The rows of a question about the shard's customers, so many at a time."""
        after = ""
        while chunk := await self._raw.fetch(wanted, self._shard, after, CHUNK):
            yield chunk
            after = chunk[-1][0]

    async def _audited(self, chunk: Sequence[asyncpg.Record]) -> list[Audited]:
        between = (self._shard, chunk[0][0], chunk[-1][0])
        events = defaultdict(list)
        for name, body in await self._raw.fetch(EVENTS, *between):
            events[name].append(codec.decode_event(body))
        transitions = defaultdict(list)
        for row in await self._raw.fetch(TRANSITIONS, *between):
            transitions[row[0]].append(values.placed_transition(row))
        alerts = defaultdict(list)
        for row in await self._raw.fetch(ALERTS, *between, self._partition):
            alerts[row[1]].append(values.placed_alert(row))
        timers = {row[0]: row[1] for row in await self._raw.fetch(TIMERS, *between)}
        return [
            Audited(
                known=values.known(row),
                events=events[row[0]],
                transitions=transitions[row[0]],
                alerts=alerts[row[0]],
                timer_at=timers.get(row[0]),
            )
            for row in chunk
        ]


def _head_gap(stage: str, kind: str, currency: str, *found: Decimal | int | None) -> str:
    heads, level, counted, worth = (int(number or 0) for number in found)
    return (
        f"heads of {stage}, {kind}, {currency or 'no currency'}: {heads} with levels of {level} are kept,"
        f" {counted} with {worth} are there"
    )


def _move_gap(source: str, target: str, kept: int | None, counted: int | None) -> str:
    return f"moves from {source} to {target}: {kept or 0} are kept, {counted or 0} are there"

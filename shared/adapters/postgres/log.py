"""The log in PostgreSQL tables: for a single machine, with nothing else to install."""

import asyncio
from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import Role, transaction
from shared.adapters.postgres.leases import Leases
from shared.adapters.postgres.line import TROUBLE, told
from shared.adapters.postgres.log_reader import PostgresLogReader
from shared.adapters.postgres.log_writer import PostgresLogWriter
from shared.domain.errors import LogTimeout
from shared.domain.instants import Instant
from shared.ports.log import EVENTS, LogReader, LogWriter

DEADLINE: Final = 10.0  # seconds
LEASE: Final = 5.0
IDLE: Final = 60.0
BATCH: Final = 2000

LOG: Final = Role(
    name="lifestage-log",
    statement=DEADLINE,
    lock=5,
    idle=10,
    settings={"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"},
)

# Bounded, and never past an offset that is still wanted. The rows go first, so that appends wait for a short time only.
TRIM: Final = """
    WITH oldest AS MATERIALIZED (
        SELECT p.partition, r.log_offset, r.appended_at, b.below
        FROM log_partition AS p
        LEFT JOIN unnest($3::smallint[], $4::bigint[]) AS b (partition, below) ON b.partition = p.partition
        CROSS JOIN LATERAL (
            SELECT log_offset, appended_at
            FROM log_record
            WHERE topic = p.topic AND partition = p.partition AND log_offset >= p.first_offset
            ORDER BY log_offset
            LIMIT $5
        ) AS r
        WHERE p.topic = $1
    ), gone AS (
        DELETE FROM log_record AS r
        USING oldest AS o
        WHERE r.topic = $1 AND r.partition = o.partition AND r.log_offset = o.log_offset
            AND o.appended_at < $2 AND (o.below IS NULL OR o.log_offset < o.below)
        RETURNING r.partition, r.log_offset
    )
    SELECT partition, max(log_offset) + 1 AS first_offset, count(*) AS records FROM gone GROUP BY partition
"""
TRIMMED: Final = """
    UPDATE log_partition AS p
    SET first_offset = greatest(p.first_offset, t.first_offset)
    FROM unnest($2::smallint[], $3::bigint[]) AS t (partition, first_offset)
    WHERE p.topic = $1 AND p.partition = t.partition
"""


class PostgresLog:
    """The log in the tables of a database. The engine is one of `make_engine(url, LOG)`.

    Of its pool a writer takes one connection for good, a reader one for good and another now and then.
    """

    def __init__(self, engine: AsyncEngine, *, partitions: int = 4, deadline: float = DEADLINE) -> None:
        self._engine = engine
        self._partitions = partitions
        self._deadline = deadline

    def writer(self) -> LogWriter:
        """A new writer."""
        return PostgresLogWriter(self._engine, self._partitions, self._deadline)

    def reader(
        self, *, group: str = "scorer", batch: int = BATCH, lease: float = LEASE, idle: float = IDLE
    ) -> LogReader:
        """A new reader, which shares the partitions with others of its group.

        A dead one's are free after `lease` seconds, those of one that is not polled after `idle` seconds.
        """
        leases = Leases(self._engine, group=group, partitions=self._partitions, lease=lease, idle=idle)
        return PostgresLogReader(self._engine, leases, self._partitions, batch=batch, deadline=self._deadline)

    async def trim(
        self, *, before: Instant, topic: str = EVENTS, below: Mapping[int, int] | None = None, most: int = 10_000
    ) -> int:
        """Delete a topic's records appended before an instant, at most so many of each partition; tells how many.

        Where `below` names an offset for a partition, records from there on stay: so the scorer's are kept.
        """
        wanted = below or {}
        try:
            async with asyncio.timeout(self._deadline), transaction(self._engine) as raw:
                gone = await raw.fetch(TRIM, topic, before, [*wanted], [*wanted.values()], most)
                firsts = {row["partition"]: row["first_offset"] for row in gone}
                await raw.execute(TRIMMED, topic, sorted(firsts), [firsts[partition] for partition in sorted(firsts)])
        except TROUBLE as error:
            raise LogTimeout(f"the log was not trimmed: {told(error)}") from error
        return sum(row["records"] for row in gone)

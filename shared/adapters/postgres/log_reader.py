"""Reading the log in PostgreSQL."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.holdings import Holdings, patient
from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.leases import CHANNEL, Leases
from shared.adapters.postgres.line import TROUBLE, Line, told
from shared.adapters.postgres.log_writer import prepare
from shared.domain.errors import LogMismatch, LogTimeout, PositionLost
from shared.ports.log import EVENTS, Claim, Record

PATIENCE: Final = 0.03  # seconds that a poll waits to be notified; the next one looks anyhow
RETRY: Final = 0.5

logger: Final = logging.getLogger(__name__)

READ: Final = """
    SELECT r.partition, r.log_offset, r.appended_at, r.key, r.value
    FROM unnest($2::smallint[], $3::bigint[]) AS w (partition, next_offset)
    CROSS JOIN LATERAL (
        SELECT partition, log_offset, appended_at, key, value
        FROM log_record
        WHERE topic = $1 AND partition = w.partition AND log_offset >= w.next_offset
        ORDER BY log_offset
        LIMIT $4
    ) AS r
    ORDER BY r.partition, r.log_offset
"""
BOUNDS: Final = "SELECT first_offset, next_offset FROM log_partition WHERE topic = $1 AND partition = $2"
ENDS: Final = "SELECT partition, next_offset FROM log_partition WHERE topic = $1"


class PostgresLogReader:
    """Reads the tables: when notified of something new, and now and then in case a notification was lost."""

    def __init__(self, engine: AsyncEngine, leases: Leases, partitions: int, *, batch: int, deadline: float) -> None:
        self._engine = engine
        self._leases = leases
        self._partitions = partitions
        self._batch = batch
        self._deadline = deadline
        self._bell = asyncio.Event()
        self._line = Line(engine, {EVENTS: self._bell.set, CHANNEL: leases.wake})
        self._claim: Claim
        self._holdings = Holdings(self._claimed)
        self._retry_at = 0.0

    async def start(self, claim: Claim) -> None:
        self._claim = claim
        await prepare(self._engine, self._partitions, self._deadline)
        try:
            await self._line.listen(within=self._deadline)  # before joining, so that no answer to it is missed
            await self._leases.start(self._holdings.keep)
        except TROUBLE as error:
            raise LogTimeout(f"the log cannot be reached: {told(error)}") from error

    async def poll(self) -> Mapping[int, Sequence[Record]]:
        self._leases.use()
        self._holdings.raise_error()
        self._bell.clear()
        found = await self._read()
        if not found:
            await patient(self._bell, PATIENCE)
            if self._bell.is_set():
                self._bell.clear()
                found = await self._read()
        if not self._leases.alive():  # frozen for so long that others have taken over
            self._leases.wake()
            self._holdings.keep(())
            return {}
        self._holdings.raise_error()
        for partition, records in found.items():
            self._holdings.advance(partition, records[-1].offset + 1)
        return found

    def owned(self) -> frozenset[int]:
        return self._holdings.owned()

    def hold(self, partition: int) -> None:
        self._holdings.hold(partition)

    def release(self, partition: int) -> None:
        self._holdings.release(partition)
        self._bell.set()

    def forget(self, partition: int) -> None:
        if self._leases.alive():
            self._holdings.renew(partition)
        else:
            self._holdings.drop(partition)
        self._leases.wake()

    async def ends(self) -> Mapping[int, int]:
        try:
            async with asyncio.timeout(self._deadline), connected(self._engine) as raw:
                return {row["partition"]: row["next_offset"] for row in await raw.fetch(ENDS, EVENTS)}
        except TROUBLE as error:
            raise LogTimeout(f"the log does not tell its ends: {told(error)}") from error

    async def stop(self) -> None:
        await self._holdings.stop()
        await self._leases.stop()
        await self._line.close()

    async def _claimed(self, partition: int) -> int:
        offset = await self._claim(partition)
        await self._check(partition, offset)
        self._bell.set()
        return offset

    async def _read(self) -> dict[int, list[Record]]:
        """What is new in the partitions that are wanted; nothing while the database is away."""
        if time.monotonic() < self._retry_at:
            return {}
        wanted = self._holdings.wanted()
        try:
            if not wanted:
                await self._line.listen(within=self._deadline)
                return {}
            rows = await self._line.fetch(
                READ, EVENTS, [*wanted], [*wanted.values()], self._batch, within=self._deadline
            )
        except TROUBLE as error:
            logger.warning("the log cannot be read", extra={"error": told(error)})
            self._retry_at = time.monotonic() + RETRY
            return {}
        records = groupby(map(Record._make, rows), attrgetter("partition"))
        return {partition: found for partition, group in records if self._follows(partition, found := list(group))}

    def _follows(self, partition: int, records: Sequence[Record]) -> bool:
        """Whether these are the records wanted now; while they were read, the partition may have been forgotten."""
        wanted = self._holdings.wanted().get(partition)
        if wanted is not None and records[0].offset > wanted:
            self._holdings.lose(partition, PositionLost(partition, wanted, records[0].offset))
        return records[0].offset == wanted

    async def _check(self, partition: int, wanted: int) -> None:
        """Hold a partition that cannot be read from where the store stands."""
        async with asyncio.timeout(self._deadline), connected(self._engine) as raw:
            (bounds,) = await raw.fetch(BOUNDS, EVENTS, partition)
        if wanted < bounds["first_offset"]:
            self._holdings.lose(partition, PositionLost(partition, wanted, bounds["first_offset"]))
        if wanted > bounds["next_offset"]:
            end = bounds["next_offset"]
            mismatch = f"partition {partition}: offset {wanted} is wanted, but the log ends at {end}"
            self._holdings.lose(partition, LogMismatch(mismatch))

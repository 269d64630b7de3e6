"""Appending to the log in PostgreSQL."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import msgpack
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import transaction
from shared.adapters.postgres.line import TROUBLE, Line, Raw, told
from shared.domain.errors import LogMismatch, LogTimeout
from shared.ports.log import ALERTS_TOPIC, EVENTS, TRANSITIONS_TOPIC, Appending

TOPICS: Final = (EVENTS, TRANSITIONS_TOPIC, ALERTS_TOPIC)
MOST: Final = 5000  # records in one statement

# Two processes that start at once must not both make the partitions.
LOCK: Final = "LOCK TABLE log_partition IN SHARE ROW EXCLUSIVE MODE"
COUNT: Final = "SELECT topic, count(*) AS partitions FROM log_partition GROUP BY topic"
MAKE: Final = """
    INSERT INTO log_partition (topic, partition)
    SELECT t.topic, p.partition
    FROM unnest($1::text[]) AS t (topic) CROSS JOIN generate_series(0, $2::integer - 1) AS p (partition)
"""

# The partitions' rows are locked in order first, so that appends to several of them cannot deadlock. Only then is the
# clock read: whoever comes later in the log has the later time.
APPEND: Final = """
    WITH taken AS MATERIALIZED (
        SELECT w.lane, w.records, p.topic, p.partition
        FROM unnest($1::text[], $2::smallint[], $3::integer[]) WITH ORDINALITY AS w (topic, partition, records, lane)
        JOIN log_partition AS p ON p.topic = w.topic AND p.partition = w.partition
        ORDER BY p.topic, p.partition
        FOR UPDATE OF p
    ), advanced AS (
        UPDATE log_partition AS p
        SET next_offset = p.next_offset + t.records, appended_at = greatest(p.appended_at, clock_timestamp())
        FROM taken AS t
        WHERE p.topic = t.topic AND p.partition = t.partition
        RETURNING t.lane, p.topic, p.partition, p.next_offset - t.records AS first_offset, p.appended_at
    ), kept AS (
        INSERT INTO log_record (topic, partition, log_offset, appended_at, key, value, headers)
        SELECT a.topic, a.partition, a.first_offset + r.place, a.appended_at, r.key, r.value, r.headers
        FROM unnest($4::integer[], $5::integer[], $6::bytea[], $7::bytea[], $8::bytea[])
            AS r (lane, place, key, value, headers)
        JOIN advanced AS a ON a.lane = r.lane
    )
    SELECT lane, first_offset, pg_notify(topic, '') FROM advanced ORDER BY lane
"""


class _Request(NamedTuple):
    """One append that waits for its turn."""

    topic: str
    records: Sequence[Appending]
    offsets: asyncio.Future[list[int]]


class _Lanes:
    """The records of several appends, set out as the columns that the statement takes; one lane for each partition."""

    def __init__(self, requests: Sequence[_Request]) -> None:
        self._lanes: dict[tuple[str, int], int] = {}
        self._counts: list[int] = []
        self._lane: list[int] = []
        self._place: list[int] = []
        records = [record for request in requests for record in request.records]
        for request in requests:
            for record in request.records:
                self._add(request.topic, record.partition)
        self.columns: tuple[Sequence[object], ...] = (
            [topic for topic, _ in self._lanes],
            [partition for _, partition in self._lanes],
            self._counts,
            self._lane,
            self._place,
            [record.key for record in records],
            [record.value for record in records],
            [msgpack.encode(record.headers) if record.headers else None for record in records],
        )

    def _add(self, topic: str, partition: int) -> None:
        lane = self._lanes.setdefault((topic, partition), len(self._lanes))
        if lane == len(self._counts):
            self._counts.append(0)
        self._lane.append(lane + 1)
        self._place.append(self._counts[lane])
        self._counts[lane] += 1

    def offsets(self, firsts: Sequence[int]) -> list[int]:
        """Every record's offset, given each lane's first."""
        return [firsts[lane - 1] + place for lane, place in zip(self._lane, self._place, strict=True)]


class PostgresLogWriter:
    """Appends to the tables. What is asked for while one statement runs goes into the next one together."""

    def __init__(self, engine: AsyncEngine, partitions: int, deadline: float) -> None:
        self._engine = engine
        self._partitions = partitions
        self._deadline = deadline
        self._line = Line(engine)
        self._waiting: deque[_Request] = deque()
        self._working: asyncio.Task[None] | None = None

    @property
    def partitions(self) -> int:
        return self._partitions

    async def start(self) -> None:
        await prepare(self._engine, self._partitions, self._deadline)

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        self._check(topic, records)
        if not records:
            return []
        offsets: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(topic, records, offsets))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        try:
            async with asyncio.timeout(self._deadline):
                return await offsets
        except TimeoutError as error:
            raise LogTimeout(f"the log did not acknowledge within {self._deadline:g} s") from error

    async def stop(self) -> None:
        if self._working is not None:
            await asyncio.wait({self._working}, timeout=self._deadline)
        if self._working is not None:
            self._working.cancel()
        for request in self._waiting:
            _fail(request, "the writer was stopped")
        await self._line.close()

    def _check(self, topic: str, records: Sequence[Appending]) -> None:
        if topic not in TOPICS:
            raise ValueError(f"{topic!r} is not a topic of the log: {', '.join(TOPICS)}")
        for record in records:
            if not 0 <= record.partition < self._partitions:
                raise ValueError(f"partition {record.partition} is not one of {self._partitions}")

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._append(self._take())
        finally:
            self._working = None

    def _take(self) -> list[_Request]:
        """The next appends to be done together; those that nobody waits for any more are left out."""
        taken: list[_Request] = []
        count = 0
        while self._waiting and count < MOST:
            request = self._waiting.popleft()
            if not request.offsets.done():
                taken.append(request)
                count += len(request.records)
        return taken

    async def _append(self, requests: Sequence[_Request]) -> None:
        try:
            lanes = _Lanes(requests)
            rows = await self._line.fetch(APPEND, *lanes.columns, within=self._deadline)
            offsets = iter(lanes.offsets([row["first_offset"] for row in rows]))
        except Exception as error:  # whatever it is, it must not be the end of appending
            for request in requests:
                _fail(request, f"the log did not acknowledge: {told(error)}")
        else:
            for request in requests:
                given = [next(offsets) for _ in request.records]
                if not request.offsets.done():
                    request.offsets.set_result(given)


def _fail(request: _Request, why: str) -> None:
    if not request.offsets.done():
        request.offsets.set_exception(LogTimeout(why))


async def prepare(engine: AsyncEngine, partitions: int, deadline: float) -> None:
    """Make the partitions that are missing. Raises LogMismatch when there is another number of them."""
    try:
        async with asyncio.timeout(deadline), transaction(engine) as raw:
            counts = await _counts(raw)
            if counts.keys() != set(TOPICS):
                await raw.execute(LOCK)
                counts = await _counts(raw)
                await raw.execute(MAKE, [topic for topic in TOPICS if topic not in counts], partitions)
    except TROUBLE as error:
        raise LogTimeout(f"the log cannot be reached: {told(error)}") from error
    for topic, count in counts.items():
        if count != partitions:
            raise LogMismatch(f"topic {topic} has {count} partitions, not {partitions}")


async def _counts(raw: Raw) -> dict[str, int]:
    return {row["topic"]: row["partitions"] for row in await raw.fetch(COUNT)}

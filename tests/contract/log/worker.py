"""Somebody who reads the log as a scorer does; run as a program it can be killed and frozen."""

import asyncio
import contextlib
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log import KafkaLog
from shared.adapters.postgres.engine import make_engine
from shared.adapters.postgres.log import LOG, PostgresLog
from shared.domain.errors import LifestageError, LogTimeout
from shared.ports.log import EVENTS, Appending, LogReader, LogWriter, Record


def numbered(partition: int, numbers: range, prefix: str = "") -> list[Appending]:
    """Records whose values are numbers."""
    return [Appending(partition, b"anna", f"{prefix}{number}".encode()) for number in numbers]


def values_of(records: Sequence[Appending]) -> list[bytes]:
    return [record.value for record in records]


def everywhere(value: bytes, partitions: int = 4) -> list[Appending]:
    """A record for each partition."""
    return [Appending(partition, None, value) for partition in range(partitions)]


async def appended_in_the_end(writer: LogWriter, records: Sequence[Appending], within: float = 10) -> Sequence[int]:
    """Append as those do who post events: again and again, until it is acknowledged."""
    async with asyncio.timeout(within):
        while True:
            try:
                return await writer.append(EVENTS, records)
            except LogTimeout:
                await asyncio.sleep(0.02)


class Worker:
    """Polls a reader and keeps what it is handed. `positions` is what workers that take turns share: their store."""

    def __init__(self, reader: LogReader, positions: dict[int, int]) -> None:
        self.reader = reader
        self.positions = positions
        self.claims: list[int] = []
        self.records: dict[int, list[Record]] = defaultdict(list)
        self.most: dict[int, int] = defaultdict(int)
        self.errors: list[LifestageError] = []
        self._polled = asyncio.Event()
        self._polling: asyncio.Task[None] | None = None

    async def claim(self, partition: int) -> int:
        """Take a partition over."""
        self.claims.append(partition)
        return self.positions.get(partition, 0)

    async def start(self) -> None:
        """Join and begin to poll."""
        await self.reader.start(self.claim)
        self.work()

    def work(self) -> None:
        """Poll."""
        self._polling = asyncio.create_task(self._poll())

    def rest(self) -> None:
        """Poll no more."""
        if self._polling is not None:
            self._polling.cancel()

    async def stop(self) -> None:
        """Poll no more, and leave."""
        self.rest()
        await self.reader.stop()

    async def until(self, condition: Callable[[], bool], within: float = 15) -> None:
        """Wait until what has been handed out fulfils a condition."""
        async with asyncio.timeout(within):
            while not condition():
                self._alive()
                await self._polled.wait()
                self._polled.clear()

    async def polls(self, count: int) -> None:
        """Wait for so many polls."""
        for _ in range(count):
            self._polled.clear()
            await self._polled.wait()

    async def until_it_owns(self, count: int) -> None:
        """Wait until it has so many partitions."""
        await self.until(lambda: len(self.reader.owned()) == count)

    def values(self, partition: int) -> list[bytes]:
        """What has been read of a partition, in order."""
        return [record.value for record in self.records[partition]]

    def total(self) -> int:
        """How many records have been read."""
        return sum(map(len, self.records.values()))

    def has_read(self, count: int) -> bool:
        """Whether it has read exactly so many records."""
        return self.total() == count

    def _alive(self) -> None:
        if self._polling is not None and self._polling.done():
            self._polling.result()

    async def _poll(self) -> None:
        while True:
            try:
                found = await self.reader.poll()
            except LifestageError as error:
                self.errors.append(error)
                found = {}
            for partition, records in found.items():
                self.records[partition] += records
                self.positions[partition] = records[-1].offset + 1
                self.most[partition] = max(self.most[partition], len(records))
            self._polled.set()


class Load:
    """Appends numbers one after the other, and knows which of them the log has acknowledged."""

    def __init__(self, writer: LogWriter, partition: int) -> None:
        self._writer = writer
        self._partition = partition
        self._task = asyncio.create_task(self._run())
        self.acknowledged: dict[int, bytes] = {}
        self.failures = 0

    async def until(self, acknowledged: int, within: float = 30) -> None:
        """Wait until so many have been acknowledged."""
        async with asyncio.timeout(within):
            while len(self.acknowledged) < acknowledged:
                await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Append no more."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        number = 0
        while True:
            values = [b"%d/%d" % (self._partition, number + place) for place in range(10)]
            records = [Appending(self._partition, b"k", value) for value in values]
            try:
                offsets = await self._writer.append(EVENTS, records)
            except LogTimeout:
                self.failures += 1  # then the same again, as those do who post events
                await asyncio.sleep(0.05)
            else:
                self.acknowledged |= dict(zip(offsets, values, strict=True))
                number += 10


@contextlib.asynccontextmanager
async def working(reader: LogReader, positions: dict[int, int] | None = None) -> AsyncIterator[Worker]:
    """A worker that has started, and stops in the end."""
    worker = Worker(reader, {} if positions is None else positions)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


def _reader(settings: dict[str, Any]) -> LogReader:
    if "postgres" in settings:
        log = PostgresLog(make_engine(settings["postgres"], LOG), partitions=settings["partitions"])
        return log.reader(lease=settings["lease"])
    cluster = KafkaCluster(partitions=settings["partitions"], **settings["kafka"])
    return KafkaLog(cluster).reader(session=settings["session"])


async def _main(settings: dict[str, Any]) -> None:
    worker = Worker(_reader(settings), {})
    await worker.start()
    told = None
    while True:
        await worker.polls(1)
        said = {"owned": sorted(worker.reader.owned()), "claims": worker.claims}
        if said != told:
            told = json.loads(json.dumps(said))
            print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.argv[1])))

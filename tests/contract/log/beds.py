"""A log for each test, on every technology, and what the tests do to it beside using it."""

import asyncio
import contextlib
import json
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from msgspec import msgpack
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log import KafkaLog
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.memory.log import MemoryLog, MemoryLogReader, MemoryLogWriter
from shared.adapters.postgres import log_tables
from shared.adapters.postgres.engine import connected, make_engine
from shared.adapters.postgres.log import LOG, PostgresLog
from shared.adapters.postgres.tables import metadata
from shared.domain.instants import LATEST
from shared.ports.log import EVENTS, LogReader, LogWriter
from tests.contract.log.worker import Worker

PARTITIONS: Final = 4
ABSENCE: Final = 1.5  # seconds after which a silent worker counts as dead
Headers = tuple[tuple[str, bytes], ...]


class Bed(Protocol):
    """One test's log."""

    def writer(self, partitions: int = PARTITIONS) -> LogWriter:
        """A writer that believes in so many partitions."""

    def reader(self, batch: int = 2000) -> LogReader:
        """A reader of the test's group."""

    async def trim(self, partition: int, below: int) -> None:
        """Retention has removed the records of the events topic below an offset."""

    async def headers(self, partition: int, offset: int) -> Headers:
        """The headers of a record of the events topic."""

    async def victim(self) -> "Victim":
        """A started reader that can be killed."""


class Victim(Protocol):
    """A reader that somebody else runs."""

    async def until_it_owns(self, count: int) -> None:
        """Wait until it has so many partitions."""

    async def kill(self) -> None:
        """End it without a word."""


class MemoryBed:
    """A log in this process; a dead reader is one that says nothing any more."""

    def __init__(self) -> None:
        self._log = MemoryLog(PARTITIONS)

    def writer(self, partitions: int = PARTITIONS) -> LogWriter:
        return MemoryLogWriter(self._log, partitions)

    def reader(self, batch: int = 2000) -> LogReader:
        return self._log.reader(batch=batch)

    async def trim(self, partition: int, below: int) -> None:
        self._log.trim(partition, below)

    async def headers(self, partition: int, offset: int) -> Headers:
        return self._log.partition(EVENTS, partition).headers[offset]

    async def victim(self) -> Victim:
        reader = MemoryLogReader(self._log, 2000)
        worker = Worker(reader, {})
        await worker.start()
        return MemoryVictim(reader, worker)


class MemoryVictim:
    """A reader of this process that is dropped."""

    def __init__(self, reader: MemoryLogReader, worker: Worker) -> None:
        self._reader = reader
        self._worker = worker

    async def until_it_owns(self, count: int) -> None:
        await self._worker.until(lambda: len(self._reader.owned()) == count)

    async def kill(self) -> None:
        self._worker.rest()
        self._reader.die()


class PostgresBed:
    """A log in a database of its own."""

    def __init__(self, url: str, engine: AsyncEngine) -> None:
        self.url = url
        self.engine = engine
        self._stack = contextlib.AsyncExitStack()

    def log(self, partitions: int = PARTITIONS, deadline: float = 5) -> PostgresLog:
        return PostgresLog(self.engine, partitions=partitions, deadline=deadline)

    def writer(self, partitions: int = PARTITIONS) -> LogWriter:
        return self.log(partitions).writer()

    def reader(self, batch: int = 2000, idle: float = 60) -> LogReader:
        return self.log().reader(batch=batch, lease=ABSENCE, idle=idle)

    async def trim(self, partition: int, below: int) -> None:
        kept = {number: below if number == partition else 0 for number in range(PARTITIONS)}
        await self.log().trim(before=LATEST, below=kept)

    async def headers(self, partition: int, offset: int) -> Headers:
        query = "SELECT headers FROM log_record WHERE topic = $1 AND partition = $2 AND log_offset = $3"
        async with connected(self.engine) as raw:
            packed = await raw.fetchval(query, EVENTS, partition, offset)
        return () if packed is None else msgpack.decode(packed, type=Headers)

    async def victim(self) -> "Process":
        return await started(self._stack, {"postgres": self.url, "lease": ABSENCE})

    async def end(self) -> None:
        await self._stack.aclose()


class KafkaBed:
    """A log in topics of its own."""

    def __init__(self, bootstrap: str, deadline: float = 10) -> None:
        self.cluster: dict[str, Any] = {
            "bootstrap": bootstrap,
            "replication": 1,
            "prefix": f"{uuid.uuid4().hex}.",
            "deadline": deadline,
        }
        self.bootstrap = bootstrap
        self._stack = contextlib.AsyncExitStack()

    def log(self, partitions: int = PARTITIONS, **settings: Any) -> KafkaLog:
        return KafkaLog(KafkaCluster(partitions=partitions, **{**self.cluster, **settings}))

    def writer(self, partitions: int = PARTITIONS) -> LogWriter:
        return self.log(partitions).writer()

    def reader(self, batch: int = 2000, stall: float = 10, idle: float = 60) -> LogReader:
        return self.log().reader(batch=batch, session=ABSENCE, stall=stall, idle=idle)

    async def trim(self, partition: int, below: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            await admin.delete_records({self._place(partition): RecordsToDelete(below)})
        finally:
            await admin.close()

    async def headers(self, partition: int, offset: int) -> Headers:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign([self._place(partition)])
            consumer.seek(self._place(partition), offset)
            record = await asyncio.wait_for(consumer.getone(), 10)
            return tuple(record.headers)
        finally:
            await consumer.stop()

    async def victim(self) -> "Process":
        return await started(self._stack, {"kafka": self.cluster, "session": ABSENCE})

    async def end(self) -> None:
        await self._stack.aclose()

    def _place(self, partition: int) -> TopicPartition:
        return TopicPartition(f"{self.cluster['prefix']}{EVENTS}", partition)


class Process:
    """A worker in a process of its own, which tells what it claims and owns."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._told = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())
        self.owned: set[int] = set()
        self.claims: list[int] = []

    async def until(self, condition: Callable[[], bool], within: float = 15) -> None:
        """Wait until what it has told so far fulfils a condition."""
        async with asyncio.timeout(within):
            while not condition():
                await self._told.wait()
                self._told.clear()

    async def until_it_owns(self, count: int) -> None:
        await self.until(lambda: len(self.owned) == count)

    def freeze(self) -> None:
        """Let it stand still, as a machine does that swaps or is paused."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had been."""
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._listening

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said: Mapping[str, Any] = json.loads(line)
            self.owned = set(said["owned"])
            self.claims = said["claims"]
            self._told.set()


async def started(stack: contextlib.AsyncExitStack, settings: Mapping[str, Any]) -> Process:
    """A worker process, killed when the stack ends."""
    command = [sys.executable, "-m", "tests.contract.log.worker", json.dumps({**settings, "partitions": PARTITIONS})]
    process = Process(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))
    stack.push_async_callback(process.kill)
    return process


@contextlib.asynccontextmanager
async def postgres_bed(url: str) -> AsyncIterator[PostgresBed]:
    """A log in a database that has no tables yet."""
    engine = make_engine(url, LOG, size=20)
    tables = [log_tables.log_partition, log_tables.log_record, log_tables.log_worker, log_tables.log_lease]
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all, tables=tables)
    bed = PostgresBed(url, engine)
    try:
        yield bed
    finally:
        await bed.end()
        await engine.dispose()


@contextlib.asynccontextmanager
async def kafka_bed(server: KafkaServer, deadline: float = 10) -> AsyncIterator[KafkaBed]:
    """A log in a Kafka that others use as well."""
    bed = KafkaBed(server.bootstrap, deadline)
    try:
        yield bed
    finally:
        await bed.end()

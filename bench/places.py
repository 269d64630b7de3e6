"""Places to run the scorer in: every log with a store of its own, the servers under them real and started here."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final, Never

from msgspec import Struct

from services.scorer.loop import Scorer
from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log import KafkaLog
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR, READER, SCORER, make_engine
from shared.adapters.postgres.log import LOG, PostgresLog
from shared.adapters.postgres.migrate import migrate
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.postgres.store import PostgresStore
from shared.ports.audit import Audit
from shared.ports.log import LogReader, LogWriter
from shared.ports.queries import Queries
from shared.ports.store import Store
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics

POLL_SECONDS: Final = 0.02
PLACES: Final = ("memory", "postgres", "kafka1", "kafka4")


class Place(Struct, frozen=True, kw_only=True):
    """A log and an empty store. Of the writer, reader and store every user gets one of its own."""

    partitions: int
    writer: Callable[[], LogWriter]
    reader: Callable[[], LogReader]
    store: Callable[[], Store]
    audit: Audit
    queries: Queries


def _no_log() -> Never:
    raise LookupError("this place has no log")


@contextmanager
def server_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter: PostgreSQL, which refuses root, runs as one of them."""
    with tempfile.TemporaryDirectory(prefix="lifestage-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Place]:
    """A place by its name, its servers started for it alone; call it from the main thread."""
    if name == "memory":
        yield in_memory()
        return
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(server_folder())
        postgres = await PostgresServer.start(folder / "postgres")
        stack.push_async_callback(postgres.stop)
        if name == "postgres":
            yield await stack.enter_async_context(on_postgres(postgres.url))
            return
        kafka = await KafkaServer.start(folder / "kafka")
        stack.push_async_callback(kafka.stop)
        partitions = int(name.removeprefix("kafka"))
        cluster = KafkaCluster(bootstrap=kafka.bootstrap, partitions=partitions, replication=1)
        yield await stack.enter_async_context(on_kafka(postgres.url, cluster))


def in_memory(partitions: int = 4) -> Place:
    """Log and store in this process."""
    log, store = MemoryLog(partitions), MemoryStore(partitions)
    return Place(
        partitions=partitions,
        writer=log.writer,
        reader=log.reader,
        store=lambda: store,
        audit=store,
        queries=store,
    )


@asynccontextmanager
async def on_postgres(url: str, partitions: int = 4) -> AsyncIterator[Place]:
    """Log and store in one database that has nothing in it yet."""
    log_engine = make_engine(url, LOG, size=8)
    log = PostgresLog(log_engine, partitions=partitions)
    try:
        await migrate(url)
        async with stored(url, partitions, log.writer, log.reader) as place:
            yield place
    finally:
        await log_engine.dispose()


@asynccontextmanager
async def on_kafka(url: str, cluster: KafkaCluster) -> AsyncIterator[Place]:
    """The log in Kafka, the store in a database that has nothing in it yet."""
    log = KafkaLog(cluster)
    await migrate(url)
    async with stored(url, cluster.partitions, log.writer, log.reader) as place:
        yield place


@asynccontextmanager
async def stored(
    url: str, partitions: int, writer: Callable[[], LogWriter] = _no_log, reader: Callable[[], LogReader] = _no_log
) -> AsyncIterator[Place]:
    """A place on a database that has its tables; without a log it is good for looking only."""
    engine = make_engine(url, SCORER, size=2 * partitions + 2)
    looking, asking = make_engine(url, OPERATOR), make_engine(url, READER)
    try:
        yield Place(
            partitions=partitions,
            writer=writer,
            reader=reader,
            store=lambda: PostgresStore(engine, partitions),
            audit=PostgresAudit(looking, partitions),
            queries=PostgresQueries(asking, partitions),
        )
    finally:
        for each in (engine, looking, asking):
            await each.dispose()


def scorer_at(place: Place, writer: LogWriter, reader: LogReader | None = None) -> Scorer:
    """A scorer as its process makes it, with metrics of its own."""
    return Scorer(place.store(), reader or place.reader(), writer, ScorerMetrics(Catalogue("scorer")))


@asynccontextmanager
async def writing(place: Place) -> AsyncIterator[LogWriter]:
    """A writer that has made its topics."""
    writer = place.writer()
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


@asynccontextmanager
async def scoring(scorers: Sequence[Scorer]) -> AsyncIterator[None]:
    """Scorers at work. When one of them ends by itself, so does the block, with its error."""
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            for scorer in scorers:
                group.create_task(scorer.run(stop))
            try:
                yield
            finally:
                stop.set()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def processed(
    place: Place, ends: Mapping[int, int], *, within: float = 3_600, told: Callable[[int], None] | None = None
) -> float:
    """Wait until every partition's position has reached its end; how many seconds that took.

    `told` hears how many more records have been processed since it was called last.
    """
    started, before = perf_counter(), 0
    async with asyncio.timeout(within):
        while True:
            reached = {position.partition: position for position in await place.queries.positions()}
            done = sum(reached[partition].next_offset for partition in reached)
            if told is not None:
                told(done - before)
            before = done
            walking = any(position.walk is not None for position in reached.values())
            if not walking and all(p in reached and reached[p].next_offset >= end for p, end in ends.items()):
                return perf_counter() - started
            await asyncio.sleep(POLL_SECONDS)


async def relayed(place: Place, *, within: float = 60) -> None:
    """Wait until the outbox of every partition has been published."""
    store = place.store()
    async with asyncio.timeout(within):
        while [p for p in range(place.partitions) if await store.unpublished(p, 1)]:
            await asyncio.sleep(POLL_SECONDS)

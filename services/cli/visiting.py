"""Visiting an instance for a moment: where its database and its log are, whether it runs or not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

from msgspec import structs

from services.cli.ground import found_address, grounded
from shared.adapters.compose import facts, opened_log, pool, reach, started_writer
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.instance import Instance
from shared.adapters.postgres.server import PostgresServer
from shared.config import Settings
from shared.domain.errors import LifestageError
from shared.ports.log import LogWriter
from shared.telemetry import logs

C = TypeVar("C")
T = TypeVar("T")

PAGE: Final = 500


class NoInstance(LifestageError):
    """There is nothing to visit."""

    code = "no_instance"


@asynccontextmanager
async def visited(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with the address of the instance's PostgreSQL: the one named, the one that runs in the folder,
    or the embedded one, started for as long as the visit lasts. Call it from the main thread."""
    logs.configure("error")
    folder = Path(settings.data).resolve()
    if settings.database_url is not None:
        await reach(settings)
        yield settings
    elif not (folder / "postgres").exists():
        raise NoInstance(
            f"there is no instance in {folder}: name its folder with --data or its database with --database"
            f" (`lifestage up --data {folder}` makes one there)"
        )
    elif (url := await PostgresServer.attach(folder / "postgres")) is not None:
        yield structs.replace(settings, database_url=url)
    else:
        async with grounded(structs.replace(settings, log="postgres")) as ground:
            yield structs.replace(settings, database_url=ground.settings.database_url)


async def made(settings: Settings) -> Instance:
    """The facts of a visited instance. Raises NoInstance before its first start, and NoTables."""
    async with pool(settings, OPERATOR, size=1) as engine:
        found = await facts(engine)
    if found is None:
        raise NoInstance("the database is prepared, but no instance was ever started on it")
    return found


async def paged(fetch: Callable[[C | None, int], Awaitable[Sequence[T]]], cursor: Callable[[T], C]) -> AsyncIterator[T]:
    """All of a list that is told page by page."""
    after: C | None = None
    while page := await fetch(after, PAGE):
        for one in page:
            yield one
        after = cursor(page[-1])


@asynccontextmanager
async def with_log(settings: Settings) -> AsyncIterator[Settings]:
    """The settings of a visited instance with its log: its kind and partitions as stored, Kafka where it is there."""
    fixed = await made(settings)
    settings = structs.replace(settings, log=fixed.log, partitions=fixed.partitions, clock=fixed.clock)
    async with AsyncExitStack() as stack:
        if settings.log == "kafka" and settings.kafka is None:
            settings = structs.replace(settings, kafka=await _kafka(Path(settings.data).resolve(), stack))
        yield settings


@asynccontextmanager
async def writing(settings: Settings) -> AsyncIterator[LogWriter]:
    """A started writer of a visited instance's log."""
    async with with_log(settings) as complete, opened_log(complete) as log, started_writer(log) as writer:
        yield writer


async def _kafka(folder: Path, stack: AsyncExitStack) -> str:
    """The Kafka that runs in a folder, or the embedded one, started for as long as the visit lasts."""
    running = found_address(folder)
    if running is not None and running.kafka is not None:
        return running.kafka
    if not (folder / "kafka").exists():
        raise NoInstance("the log of this instance is in Kafka: name its bootstrap servers with --kafka")
    server = await KafkaServer.start(folder / "kafka")
    stack.push_async_callback(server.stop)
    return server.bootstrap

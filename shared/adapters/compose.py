"""What has a lifetime, opened from settings and closed in the end: pools of connections, the log, its writer."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log import KafkaLog
from shared.adapters.kafka.log_ends import KafkaLogEnds
from shared.adapters.postgres.engine import OPERATOR, Role, connected, make_engine
from shared.adapters.postgres.instance import Instance, settle
from shared.adapters.postgres.log import LOG, PostgresLog
from shared.config import Settings, variable
from shared.domain.controls import FOLD_VERSION
from shared.domain.errors import LifestageError
from shared.ports.log import LogReader, LogWriter

CLOSING_SECONDS: Final = 5.0

BURY_WORKERS: Final = "DELETE FROM log_worker"

FACTS: Final = "SELECT partitions, log, clock, fold_version FROM instance"

logger: Final = logging.getLogger(__name__)


class Incomplete(LifestageError):
    """A setting is missing that cannot be made up."""

    code = "incomplete_settings"


class OtherInstance(LifestageError):
    """The database holds an instance that was made with other facts than this process is told."""

    code = "other_instance"

    def __init__(self, name: str, made: object, told: object) -> None:
        super().__init__(
            f"this instance was made with --{name} {made} and cannot be started with --{name} {told}: start it with"
            f" --{name} {made} ({variable(name)}={made}), or make another instance in another folder or database"
        )


class NoTables(LifestageError):
    """The database was not prepared."""

    code = "no_tables"

    def __init__(self) -> None:
        super().__init__("the database has no tables of Lifestage yet: run `lifestage migrate` on it first")


class DatabaseAway(LifestageError):
    """PostgreSQL does not let us in."""

    code = "database_away"

    def __init__(self, url: str, error: BaseException) -> None:
        shown = make_url(url).render_as_string(hide_password=True)
        super().__init__(f"the database at {shown} cannot be used: {str(error) or type(error).__name__}")


class NewerInstance(LifestageError):
    """A later release has written the database."""

    code = "newer_instance"


Ends = Callable[[], Awaitable[Mapping[int, int]]]
"""The end offset of every partition of the events topic."""


class Log(Protocol):
    """A log of whichever kind."""

    def writer(self) -> LogWriter:
        """A new writer, not started."""

    def reader(self) -> LogReader:
        """A new reader, not started."""


def database(settings: Settings) -> str:
    """The url of PostgreSQL. Raises Incomplete."""
    if settings.database_url is None:
        raise Incomplete("no database: give --database or set LIFESTAGE_DATABASE_URL")
    return settings.database_url


async def reach(settings: Settings) -> None:
    """See that the database answers and lets us in. Raises DatabaseAway."""
    url = database(settings)
    try:
        async with pool(settings, OPERATOR, size=1) as engine, connected(engine):
            pass
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError) as error:
        raise DatabaseAway(url, error) from error


@asynccontextmanager
async def pool(settings: Settings, role: Role, size: int = 4) -> AsyncIterator[AsyncEngine]:
    """A pool of connections for one kind of user."""
    engine = make_engine(database(settings), role, size=size)
    try:
        yield engine
    finally:
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await engine.dispose()
        except (TimeoutError, OSError) as error:  # a frozen server must not hold up our own end
            logger.warning("connections were abandoned", extra={"role": role.name, "error": repr(error)})


async def agree(settings: Settings) -> None:
    """Store the facts that are fixed at the first start, or see that the settings agree with those that are.

    Raises OtherInstance, NewerInstance or NoTables.
    """
    wanted = Instance(partitions=settings.partitions, log=settings.log, clock=settings.clock, fold_version=FOLD_VERSION)
    async with pool(settings, OPERATOR, size=1) as engine:
        try:
            made = await settle(engine, wanted)
        except asyncpg.UndefinedTableError:
            raise NoTables from None
    _compare(made, wanted)


async def facts(engine: AsyncEngine) -> Instance | None:
    """The facts that were fixed at the first start, None where there was none yet. Raises NoTables."""
    try:
        async with connected(engine) as raw:
            found = await raw.fetchrow(FACTS)
    except asyncpg.UndefinedTableError:
        raise NoTables from None
    return None if found is None else Instance(**found)


async def bury_workers(settings: Settings) -> None:
    """For whoever knows that no scorer lives on this database: the leases of those that were killed end at once."""
    async with pool(settings, OPERATOR, size=1) as engine, connected(engine) as raw:
        await raw.execute(BURY_WORKERS)


def _compare(made: Instance, wanted: Instance) -> None:
    for name in ("partitions", "log", "clock"):
        if getattr(made, name) != getattr(wanted, name):
            raise OtherInstance(name, getattr(made, name), getattr(wanted, name))
    if made.fold_version > FOLD_VERSION:
        raise NewerInstance(f"a newer Lifestage has written this database (fold {made.fold_version}): upgrade this one")


@asynccontextmanager
async def opened_log(settings: Settings, writers: int = 1) -> AsyncIterator[Log]:
    """The log that the settings name, good for so many writers and one reader."""
    if settings.log == "kafka":
        yield KafkaLog(_cluster(settings))
    else:
        async with pool(settings, LOG, size=writers + 2) as engine:
            yield PostgresLog(engine, partitions=settings.partitions, deadline=settings.log_seconds)


@asynccontextmanager
async def log_ends(settings: Settings, log: Log) -> AsyncIterator[Ends]:
    """What tells the ends of the events topic to a process that does not read it."""
    if settings.log == "kafka":
        asker = KafkaLogEnds(_cluster(settings))
        try:
            yield asker.ends
        finally:
            await asker.stop()
    else:
        yield log.reader().ends  # in PostgreSQL a reader can tell without having joined the others


def _cluster(settings: Settings) -> KafkaCluster:
    if settings.kafka is None:
        raise Incomplete("no Kafka: give --kafka or set LIFESTAGE_KAFKA to its bootstrap servers")
    return KafkaCluster(
        bootstrap=settings.kafka,
        partitions=settings.partitions,
        replication=settings.replication,
        deadline=settings.log_seconds,
    )


@asynccontextmanager
async def started_writer(log: Log) -> AsyncIterator[LogWriter]:
    """A writer that has found its topics. Raises LogMismatch or LogTimeout."""
    writer = log.writer()
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()

"""Connections to PostgreSQL: every one with deadlines, and none that is broken goes back to its pool.

On these connections a `timestamptz` is an `Instant`, an integer of microseconds, in both directions: exact, and five
times cheaper than a `datetime`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.adapters.postgres.upsert import PREPARATIONS
from shared.domain.errors import LifestageError

CONNECT_SECONDS: Final = 10.0
ROLLBACK_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 5.0  # how much longer than the server's deadline we wait for its answer
# After these nothing is sent on a connection any more. asyncpg takes some deaths of a server for a fault of its own.
BROKEN: Final = (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_POSTGRES_EPOCH: Final = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970-01-01


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """How long a kind of user may hold up the others, in seconds, and how PostgreSQL should plan for it."""

    name: str
    statement: float
    lock: float
    idle: float
    settings: Mapping[str, str] = field(default_factory=dict)
    preparations: tuple[str, ...] = ()
    """What each new connection is told first."""


# The scorer goes by keys alone: a plan that was made while a table was empty must not read the table as a whole later.
SCORER: Final = Role(
    name="lifestage-scorer",
    statement=30,
    lock=15,
    idle=5,
    settings={"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"},
    preparations=PREPARATIONS,
)
# Filters differ from call to call: each deserves a plan of its own.
READER: Final = Role(
    name="lifestage-reader", statement=10, lock=5, idle=10, settings={"plan_cache_mode": "force_custom_plan"}
)
OPERATOR: Final = Role(name="lifestage-operator", statement=3_600, lock=30, idle=600)


class TransactionLost(LifestageError):
    """The database rolled back what was to be committed."""

    code = "transaction_lost"


def make_engine(url: str, role: Role, *, size: int = 4) -> AsyncEngine:
    """A pool of at most `size` connections for one kind of user; dispose of it in the end."""
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": role.statement + PATIENCE_SECONDS,
            "max_cached_statement_lifetime": 0,
            "server_settings": {
                "application_name": role.name,
                "jit": "off",
                "timezone": "UTC",
                "statement_timeout": _milliseconds(role.statement),
                "lock_timeout": _milliseconds(role.lock),
                "idle_in_transaction_session_timeout": _milliseconds(role.idle),
                **role.settings,
            },
        },
    )
    event.listen(engine.sync_engine, "connect", partial(_prepare, role))
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[asyncpg.Connection]:
    """A pooled connection, to be used directly; it leaves the pool if its state is in doubt afterwards."""
    async with engine.connect() as connection:
        pooled = await connection.get_raw_connection()
        raw = cast(asyncpg.Connection, pooled.driver_connection)
        try:
            yield raw
        except BROKEN:
            raw.terminate()
            raise
        except asyncio.CancelledError:
            await connection.invalidate()  # which lets the server know that nobody waits for its answer
            raise
        finally:
            if not connection.invalidated and (raw.is_closed() or raw.is_in_transaction()):
                await connection.invalidate()


@asynccontextmanager
async def transaction(engine: AsyncEngine, begin: str = "BEGIN") -> AsyncIterator[asyncpg.Connection]:
    """A transaction: committed when the block ends well, rolled back when it raises.

    When the commit itself raises a connection error its outcome is unknown (FACTS 14).
    """
    async with connected(engine) as raw:
        await raw.execute(begin)
        try:
            yield raw
        except BROKEN:
            raise
        except Exception:
            await _roll_back(raw)
            raise
        # A transaction in which a statement has failed answers COMMIT with ROLLBACK, and no error.
        if (answer := await raw.execute("COMMIT")) != "COMMIT":
            raise TransactionLost(f"the database answered the commit with {answer}: nothing was written")


async def _roll_back(raw: asyncpg.Connection) -> None:
    """Roll back, or leave the connection to be discarded: the server then rolls back by itself."""
    try:
        async with asyncio.timeout(ROLLBACK_SECONDS):
            await raw.execute("ROLLBACK")
    except (*BROKEN, asyncpg.PostgresError):
        raw.terminate()


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1_000))


def _prepare(role: Role, pooled: Any, _record: object) -> None:
    pooled.run_async(_pass_instants)
    for statement in role.preparations:
        pooled.run_async(lambda raw, statement=statement: raw.execute(statement))


async def _pass_instants(raw: asyncpg.Connection) -> None:
    await raw.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        format="tuple",
        encoder=lambda instant: (instant - _POSTGRES_EPOCH,),
        decoder=lambda since_2000: since_2000[0] + _POSTGRES_EPOCH,
    )


def _refuse_closed(pooled: Any, _record: object, _proxy: object) -> None:
    """A connection that broke while it lay in the pool is replaced by a new one."""
    if pooled.driver_connection.is_closed():
        raise DisconnectionError

"""What benchmarks ask of the machine: a fresh database, and how much processor time a server has used."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from shared.adapters.postgres import log_tables
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.postgres.tables import metadata

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_NAMES: Final = count(1)

TABLES: Final = (metadata, log_tables)
"""All tables of the store and of the log are defined once both modules are imported."""


@asynccontextmanager
async def database(server: PostgresServer) -> AsyncIterator[str]:
    """A new database with empty tables, and its url; dropped in the end."""
    name = f"bench_{next(_NAMES)}"
    admin = await asyncpg.connect(plain(server.url))
    await admin.execute(f"CREATE DATABASE {name}")
    url = server.url.rsplit("/", 1)[0] + f"/{name}"
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    try:
        yield url
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


def plain(url: str) -> str:
    """The url as asyncpg takes it, without SQLAlchemy's driver."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


def postgres_cpu(postmaster: int) -> float:
    """Processor seconds that a PostgreSQL server and its processes have used, those that have ended included."""
    pids = [postmaster, *(pid for pid in _pids() if _stat(pid)[1] == postmaster)]
    # 11 to 14: own user and system time, and that of children that were waited for.
    return sum(sum(_stat(pid)[11:15]) for pid in pids) / _TICKS


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/PID/stat from the state on; all zero for a process that has gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return [0] * 20
    return [0, *(int(field) for field in fields[1:20])]

"""Refits in PostgreSQL, one row each."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

import asyncpg
from msgspec import ValidationError, json
from sqlalchemy import BigInteger, Boolean, Column, Identity, Table
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.alone import alone
from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.tables import MOMENT, WORD, metadata
from shared.domain.instants import Instant
from shared.fitting.report import Refit
from shared.ports.models import StoredRefit

refit: Final = Table(
    "refit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("version", WORD, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("effective_at", MOMENT),
    Column("body", WORD, nullable=False),
)

KEPT: Final = 400
"""Refits that are kept: more than seven years of weekly ones, or one of daily ones."""

FOUND: Final = "SELECT id, made_at, effective_at, body FROM refit"
NEWEST: Final = f"{FOUND} WHERE $2::bigint IS NULL OR id < $2 ORDER BY id DESC LIMIT $1"
ACCEPTED: Final = f"{FOUND} WHERE accepted ORDER BY id DESC LIMIT 1"
OF: Final = f"{FOUND} WHERE version = $1 ORDER BY id DESC LIMIT 1"
MADE_AT: Final = "SELECT made_at FROM refit ORDER BY id DESC LIMIT 1"
NUMBER: Final = "SELECT nextval(pg_get_serial_sequence('refit', 'id'))"
ADD: Final = "INSERT INTO refit (id, version, accepted, made_at, effective_at, body) VALUES ($1, $2, $3, $4, $5, $6)"
FORGET: Final = "DELETE FROM refit WHERE id <= $1 - $2::bigint"


class PostgresModels:
    """Refits over a pool of connections; making one takes a connection for itself."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def made_at(self) -> Instant | None:
        """When the newest refit was made."""
        async with connected(self._engine) as raw:
            found: Instant | None = await raw.fetchval(MADE_AT)
        return found

    async def number(self) -> int:
        """A number for the next refit."""
        async with connected(self._engine) as raw:
            return int(await raw.fetchval(NUMBER))

    async def add(self, stored: StoredRefit) -> None:
        """Keep a refit, and forget those that are too many."""
        told = stored.refit
        body = json.encode(told).decode()
        async with connected(self._engine) as raw:
            await raw.execute(ADD, stored.id, told.version, told.accepted, stored.made_at, stored.effective_at, body)
            await raw.execute(FORGET, stored.id, KEPT)

    async def newest(self, most: int, before: int | None = None) -> Sequence[StoredRefit]:
        """So many of the newest refits."""
        return await self._found(NEWEST, most, before)

    async def accepted(self) -> StoredRefit | None:
        """The newest refit that was accepted."""
        return next(iter(await self._found(ACCEPTED)), None)

    async def of(self, version: str) -> StoredRefit | None:
        """The refit that made a version of the model."""
        return next(iter(await self._found(OF, version)), None)

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Whether nobody else in the fleet makes one meanwhile."""
        return alone(self._engine, "refit")

    async def _found(self, wanted: str, *given: object) -> list[StoredRefit]:
        async with connected(self._engine) as raw:
            rows = await raw.fetch(wanted, *given)
        return [stored for row in rows if (stored := _stored(row)) is not None]


def _stored(row: asyncpg.Record) -> StoredRefit | None:
    """A row's refit; None where another release has made it, whose figures are not ours."""
    try:
        told = json.decode(row["body"], type=Refit)
    except ValidationError:
        return None
    return StoredRefit(id=row["id"], made_at=row["made_at"], effective_at=row["effective_at"], refit=told)

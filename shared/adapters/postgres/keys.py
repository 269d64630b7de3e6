"""The bearer keys of an instance, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected, transaction
from shared.domain.instants import Instant
from shared.ports.queries import ApiKey

FIND: Final = """
    SELECT id, name, hashed, scopes, created_at, revoked_at FROM api_key WHERE hashed = $1 AND revoked_at IS NULL
"""

EVERY: Final = "SELECT id, name, hashed, scopes, created_at, revoked_at FROM api_key ORDER BY created_at, id"

ADD: Final = """
    INSERT INTO api_key (id, name, hashed, scopes, created_at, revoked_at)
    VALUES ($1, $2, $3, $4::text[], $5, $6)
"""

ANY: Final = "SELECT EXISTS (SELECT FROM api_key)"

# Whoever else wants to be the first waits, and then sees what this one has done.
ALONE: Final = "LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE"

REVOKE: Final = "UPDATE api_key SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1"


class PostgresKeys:
    """Keys over a pool of connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, hashed: bytes) -> ApiKey | None:
        """The key with this hash that is not revoked."""
        async with connected(self._engine) as raw:
            found = await raw.fetchrow(FIND, hashed)
        return None if found is None else _key(found)

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""
        async with connected(self._engine) as raw:
            await raw.execute(ADD, *_row(key))

    async def every(self) -> Sequence[ApiKey]:
        """All keys, the oldest first."""
        async with connected(self._engine) as raw:
            return [_key(row) for row in await raw.fetch(EVERY)]

    async def revoke(self, key_id: str, at: Instant) -> bool:
        """Revoke a key; one that was revoked before keeps its time."""
        async with connected(self._engine) as raw:
            return await raw.execute(REVOKE, key_id, at) == "UPDATE 1"

    async def first(self, key: ApiKey) -> bool:
        """Store a key only where there is none yet, revoked ones included."""
        async with transaction(self._engine) as raw:
            await raw.execute(ALONE)
            if await raw.fetchval(ANY):
                return False
            await raw.execute(ADD, *_row(key))
            return True


def _row(key: ApiKey) -> tuple[object, ...]:
    return (key.id, key.name, key.hashed, sorted(key.scopes), key.created_at, key.revoked_at)


def _key(row: asyncpg.Record) -> ApiKey:
    key, name, hashed, scopes, created_at, revoked_at = row
    return ApiKey(
        id=key, name=name, hashed=hashed, scopes=frozenset(scopes), created_at=created_at, revoked_at=revoked_at
    )

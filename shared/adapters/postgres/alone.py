"""Work that one process of the fleet does at a time: whoever holds the lock of its name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected

# It ends with its connection, so that whoever dies over the work is in nobody's way.
TAKE: Final = "SELECT pg_try_advisory_lock(hashtextextended('lifestage.' || $1::text, 0))"
GIVE: Final = "SELECT pg_advisory_unlock(hashtextextended('lifestage.' || $1::text, 0))"


@asynccontextmanager
async def alone(engine: AsyncEngine, work: str) -> AsyncIterator[bool]:
    """Whether nobody else in the fleet does the work meanwhile. It takes a connection for itself."""
    async with connected(engine) as raw:
        first = bool(await raw.fetchval(TAKE, work))
        try:
            yield first
        finally:
            if first and not raw.is_closed():
                await raw.execute(GIVE, work)

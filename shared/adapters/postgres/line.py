"""One connection kept open, for statements whose speed matters and for notifications."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final, TypeAlias

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected

Raw: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# What a database that is away, slow, restarting or in trouble makes us see. A server that is killed while it answers
# can leave asyncpg in a state of which it says that it is its own fault.
TROUBLE: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    SQLAlchemyError,
)


class Line:
    """A connection of the pool's, for good. After any failure it is thrown away, and the next use makes a new one.

    It is for one task: one statement runs at a time.
    """

    def __init__(self, engine: AsyncEngine, listening: Mapping[str, Callable[[], None]] | None = None) -> None:
        self._engine = engine
        self._listening = dict(listening or {})
        self._stack = AsyncExitStack()
        self._raw: Raw | None = None

    async def fetch(self, statement: str, *arguments: object, within: float) -> list[asyncpg.Record]:
        """Run a statement, connecting first if need be."""
        try:
            async with asyncio.timeout(within):
                raw = await self._connected()
                return await raw.fetch(statement, *arguments)
        except BaseException:
            await self.close()
            raise

    async def listen(self, *, within: float) -> None:
        """See that notifications are heard."""
        try:
            async with asyncio.timeout(within):
                await self._connected()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let the connection go at once, whatever it is doing."""
        if self._raw is not None:
            self._raw.terminate()
            self._raw = None
        await self._stack.aclose()

    async def _connected(self) -> Raw:
        if self._raw is None or self._raw.is_closed():
            await self.close()
            raw = await self._stack.enter_async_context(connected(self._engine))
            self._raw = raw
            for channel, ring in self._listening.items():
                await raw.add_listener(channel, _callback(ring))
        return self._raw


def _callback(ring: Callable[[], None]) -> Callable[..., None]:
    def heard(*_: Any) -> None:
        ring()

    return heard


def told(error: BaseException) -> str:
    """What went wrong, also for errors that have no words of their own."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

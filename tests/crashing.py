"""Stores and logs that break at the n-th await: before a call reached them, or after, when only the answer is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import iscoroutinefunction
from typing import Any, Protocol, cast

from shared.domain.errors import LifestageError
from shared.ports.log import LogWriter
from shared.ports.store import Store, Unit


class Crash(Exception):
    """The process died here."""


class Fuse(Protocol):
    """What is asked at every await."""

    async def __call__(self) -> None:
        """Go on, or break."""


class Raises:
    """Raises at the n-th await, and at every one after it: a process that has died does nothing more."""

    def __init__(self, at: int, error: Callable[[], Exception] = Crash) -> None:
        self.left = at
        self._error = error

    async def __call__(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise self._error()


class Cancels:
    """Cancels whoever waits at the n-th await, as a stop or a deadline does."""

    def __init__(self, at: int) -> None:
        self.left = at

    async def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            task = asyncio.current_task()
            assert task is not None, "an await belongs to a task"
            task.cancel()
            await asyncio.sleep(0)


class Fails:
    """Raises at the awaits in a range, and works again after it: a database that was away for a while."""

    def __init__(self, first: int, last: int) -> None:
        self.seen = 0
        self._broken = range(first, last + 1)

    async def __call__(self) -> None:
        self.seen += 1
        if self.seen in self._broken:
            raise LifestageError(f"await {self.seen} failed")


class Fragile:
    """Anything whose every async call asks a fuse before it begins and after it is done."""

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not iscoroutinefunction(found):
            return found

        async def call(*args: Any, **more: Any) -> Any:
            await self._fuse()
            answer = await found(*args, **more)
            await self._fuse()
            return answer

        return call


class FragileStore(Fragile):
    """A store whose transactions break, too: before the commit, which undoes it, or after, when it has happened."""

    def begin(self, partition: int) -> AbstractAsyncContextManager[Unit]:
        return self._transaction(partition)

    @asynccontextmanager
    async def _transaction(self, partition: int) -> AsyncIterator[Unit]:
        await self._fuse()
        async with self._inner.begin(partition) as unit:
            yield cast(Unit, Fragile(unit, self._fuse))
            await self._fuse()
        await self._fuse()


def fragile_store(store: Store, fuse: Fuse) -> Store:
    """A store that asks a fuse at every await."""
    return cast(Store, FragileStore(store, fuse))


def fragile_writer(writer: LogWriter, fuse: Fuse) -> LogWriter:
    """A writer that asks a fuse at every await."""
    return cast(LogWriter, Fragile(writer, fuse))

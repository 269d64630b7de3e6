"""The partitions of one reader, whichever the log: being claimed, ready at an offset, held back, or lost."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Collection, Mapping
from typing import Final

from shared.domain.errors import LifestageError
from shared.ports.log import Claim

PROBATION: Final = 5.0  # seconds; a partition claimed anew within this time waits before the next claim
SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0

logger: Final = logging.getLogger(__name__)


class Holdings:
    """Claims partitions, each in a task of its own that tries until it works, and remembers where each stands."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._next: dict[int, int] = {}
        self._held: set[int] = set()
        self._claiming: dict[int, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._pauses: dict[int, tuple[float, float]] = {}
        self._errors: deque[LifestageError] = deque()

    def keep(self, partitions: Collection[int]) -> None:
        """These and no others are this worker's: claim what is new, drop what is gone."""
        for partition in [*self._next, *self._claiming]:
            if partition not in partitions:
                self.drop(partition)
        for partition in sorted(partitions):
            if partition not in self._next and partition not in self._claiming:
                self._take(partition, pause=0)

    def drop(self, partition: int) -> None:
        """It is not this worker's any more."""
        self._next.pop(partition, None)
        self._held.discard(partition)
        task = self._claiming.pop(partition, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def renew(self, partition: int) -> None:
        """Claim it anew if it is ready: at once, but with a growing pause when that happens again and again."""
        if partition in self._next:
            self.drop(partition)
            self._take(partition, pause=self._pause(partition))

    def hold(self, partition: int) -> None:
        """Leave it out of what is wanted, until released or claimed anew."""
        if partition in self._next:
            self._held.add(partition)

    def release(self, partition: int) -> None:
        """Want it again."""
        self._held.discard(partition)

    def lose(self, partition: int, error: LifestageError) -> None:
        """It cannot go on: hold it, and have the error raised once."""
        self._held.add(partition)
        self._errors.append(error)

    def raise_error(self) -> None:
        """Raise what was found wrong with a partition, one at a time."""
        if self._errors:
            raise self._errors.popleft()

    def advance(self, partition: int, offset: int) -> None:
        """Its records below the offset have been handed out."""
        self._next[partition] = offset

    def next(self, partition: int) -> int | None:
        """The next offset to be handed out, None when the partition is not ready."""
        return self._next.get(partition)

    def wanted(self) -> Mapping[int, int]:
        """The next offset of every partition that is ready and not held."""
        return {partition: offset for partition, offset in self._next.items() if partition not in self._held}

    def owned(self) -> frozenset[int]:
        """The partitions that are ready, held or not."""
        return frozenset(self._next)

    async def stop(self) -> None:
        """Drop everything, and see that no claim goes on."""
        self.keep(())
        if self._ending:
            await asyncio.wait(self._ending)

    def _take(self, partition: int, *, pause: float) -> None:
        self._claiming[partition] = asyncio.create_task(self._claim_until_done(partition, pause, set(self._ending)))

    def _pause(self, partition: int) -> float:
        now = time.monotonic()
        since, pause = self._pauses.get(partition, (-PROBATION, 0.0))
        pause = min(max(2 * pause, SHORTEST_PAUSE), LONGEST_PAUSE) if now - since < PROBATION + pause else 0.0
        self._pauses[partition] = (now, pause)
        return pause

    async def _claim_until_done(self, partition: int, pause: float, ending: "set[asyncio.Task[None]]") -> None:
        if ending:
            await asyncio.wait(ending)  # the claims of one partition must not overlap
        while True:
            await asyncio.sleep(pause)
            try:
                offset = await self._claim(partition)
            except Exception as error:  # whatever it is, the partition has to be served in the end
                logger.warning("a partition could not be claimed", extra={"partition": partition, "error": str(error)})
                pause = min(max(2 * pause, SHORTEST_PAUSE), LONGEST_PAUSE)
            else:
                break
        self._next[partition] = offset
        del self._claiming[partition]


async def patient(event: asyncio.Event, within: float) -> None:
    """Wait for an event, but not for longer than so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()

"""Work made again and again beside a scorer, whenever what came of it last has become too old."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from shared.domain.errors import LifestageError
from shared.domain.instants import SECOND, Instant

log: Final = logging.getLogger(__name__)

FIRST_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 60.0
LONGEST_SECONDS: Final = 3_600.0
"""How long work that fails again and again rests in between."""


class NotNow(LifestageError):
    """The work cannot be done now, and nothing is wrong: it is looked at again a little later."""

    code = "not_now"


class Work(Protocol):
    """What is made again and again."""

    @property
    def name(self) -> str:
        """What it is called in the log."""

    async def prepare(self) -> None:
        """What has to be done at every look, due or not."""

    async def made_at(self) -> Instant | None:
        """When it was made last, by anybody; None where it never was."""

    async def history(self) -> bool:
        """Whether there is anything to make it of."""

    async def make(self) -> None:
        """Make it. Raises NotNow."""


class Periodic:
    """Makes something whenever the newest has become too old, for as long as it runs."""

    def __init__(self, work: Work, *, every: float, clock: Callable[[], Instant]) -> None:
        self._work, self._every, self._clock = work, every, clock
        self._waits_since: Instant | None = None

    async def run(self) -> None:
        """Work until cancelled, unless none is wanted. What fails is made again a little later, then less often."""
        if not self._every:
            return
        await asyncio.sleep(min(FIRST_SECONDS, self._every))
        pause = LOOK_SECONDS
        while True:
            try:
                await self._work.prepare()
                if await self.due():
                    await self.once()
                pause = LOOK_SECONDS
            except NotNow as reason:
                log.info("it was not made", extra={"work": self._work.name, "why": str(reason)})
            except Exception:
                log.exception("it failed and is made again later", extra={"work": self._work.name})
                pause = min(2 * pause, LONGEST_SECONDS)
            await asyncio.sleep(min(pause, self._every))

    async def due(self) -> bool:
        """Whether it should be made now: at once where there is history and it was never made."""
        since = await self._work.made_at()
        if since is None and self._waits_since is None:
            if await self._work.history():
                return True
            self._waits_since = self._clock()
        counted = self._waits_since if since is None else since
        return counted is not None and self._clock() - counted >= self._every * SECOND

    async def once(self) -> None:
        """Make it now."""
        self._waits_since = self._clock()
        await self._work.make()

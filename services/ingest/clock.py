"""The instance's clock: live, or a test clock on which time passes only when somebody says so."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from msgspec import Struct

from services.ingest.ticker import Ends, ticks
from shared.domain.controls import Tick
from shared.domain.errors import LifestageError
from shared.domain.instants import Instant, rfc3339
from shared.ports.log import EVENTS, LogWriter
from shared.ports.store import Position
from shared.telemetry.metrics import IngestMetrics
from shared.web.waiting import Positions, behind

LIVE: Final = "live"
TEST: Final = "test"

_LOOK_SECONDS: Final = 10.0

log: Final = logging.getLogger(__name__)
T = TypeVar("T")


class LiveClock(LifestageError):
    """Time cannot be set on a live instance."""

    code = "live_clock"

    def __init__(self) -> None:
        super().__init__("this instance runs on live time: only one with LIFESTAGE_CLOCK=test can be told the time")


class ClockBehind(LifestageError):
    """Time never goes back."""

    code = "clock_behind"

    def __init__(self, at: Instant, reached: Instant) -> None:
        super().__init__(f"{rfc3339(at)} lies before {rfc3339(reached)}, the time already reached")


class ClockStalled(LifestageError):
    """The tick is in the log, but not everywhere processed yet."""

    code = "clock_stalled"

    def __init__(self, at: Instant, behind: Sequence[int], seconds: float) -> None:
        where = ", ".join(map(str, behind))
        super().__init__(
            f"{rfc3339(at)} is in the log, but partitions {where} have not processed it after {seconds:g} seconds;"
            " send the same time again to go on waiting"
        )


class ClockUnreadable(LifestageError):
    """The store or the log does not tell how far it is."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__("the store or the log does not tell how far it is; try again")


class ClockState(Struct, frozen=True, kw_only=True):
    """What the clock shows: the time that every partition has reached, and how many records wait."""

    kind: str
    at: str | None
    lag: int


class Clock:
    """Appends ticks that somebody asks for, one after the other, and waits until they are processed."""

    def __init__(
        self,
        kind: str,
        writer: LogWriter,
        metrics: IngestMetrics,
        positions: Positions,
        ends: Ends,
        *,
        now: Callable[[], Instant],
        patience: float = 60.0,
    ) -> None:
        self.kind = kind
        self._writer = writer
        self._metrics = metrics
        self._positions = positions
        self._ends = ends
        self._now = now
        self._patience = patience
        self._turn = asyncio.Lock()
        self._appended: Instant | None = None

    async def show(self) -> ClockState:
        """The state now. Raises ClockUnreadable."""
        positions = {position.partition: position for position in await self._look()}
        times = [position.stream_time for position in positions.values()]
        reached = min((at for at in times if at is not None), default=None)
        everywhere = len(times) == self._writer.partitions and None not in times
        ends = await _told(self._ends)
        lag = sum(
            max(0, end - (positions[partition].next_offset if partition in positions else 0))
            for partition, end in ends.items()
        )
        shown = rfc3339(reached) if everywhere and reached is not None else None
        return ClockState(kind=self.kind, at=shown, lag=lag)

    async def move(self, at: Instant) -> None:
        """Let time pass to an instant; returns when every partition has processed it.

        Raises LiveClock, ClockBehind and, when that takes too long, ClockStalled or ClockUnreadable.
        """
        if self.kind != TEST:
            raise LiveClock
        async with self._turn:
            reached = [position.stream_time for position in await self._look()]
            newest = max((time for time in (*reached, self._appended) if time is not None), default=at)
            if at < newest:
                raise ClockBehind(at, newest)
            self._appended = at  # also when the outcome is unknown
            offsets = await self._writer.append(EVENTS, ticks(Tick(at=at), self._writer.partitions))
            self._metrics.ticked(len(offsets), self._now() / 1_000_000)
            left = await behind(self._look, dict(enumerate(offsets)), self._patience)
            if left:
                raise ClockStalled(at, left, self._patience)

    async def _look(self) -> Sequence[Position]:
        return await _told(self._positions)


async def _told(ask: Callable[[], Awaitable[T]]) -> T:
    """An answer within a deadline. Raises ClockUnreadable."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            return await ask()
    except Exception as error:
        log.warning("the clock cannot be read", extra={"error": repr(error)})
        raise ClockUnreadable from error

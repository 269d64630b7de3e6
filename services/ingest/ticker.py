"""Time comes through the log: ticks into every partition, every few seconds, on a live clock only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from shared.adapters import codec
from shared.domain.controls import Tick
from shared.domain.errors import LogTimeout
from shared.domain.instants import SECOND, Instant
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.telemetry.metrics import IngestMetrics
from shared.web.waiting import Positions

log = logging.getLogger(__name__)

GAP_SECONDS: Final = 60
"""A pause of the ticks beyond this is an outage: senders' retries are waited for before time goes on."""

_HEADERS: Final = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"tick"),
    ("ce_source", b"lifestage"),
    ("ce_type", b"tick"),
    ("content-type", b"application/json"),
)

Ends = Callable[[], Awaitable[Mapping[int, int]]]
"""The end offset of every partition of the events topic (`LogReader.ends`); it answers when the log can be reached."""

Sleep = Callable[[float], Awaitable[None]]


def ticks(tick: Tick, partitions: int) -> list[Appending]:
    """The same tick for every partition."""
    value = codec.encode(tick)
    return [Appending(partition, None, value, _HEADERS) for partition in range(partitions)]


class Ticker:
    """Appends ticks until cancelled. After a pause of over a minute it first waits the settling time, counted from when
    the log can be reached again."""

    def __init__(
        self,
        writer: LogWriter,
        metrics: IngestMetrics,
        positions: Positions,
        ends: Ends,
        *,
        clock: Callable[[], Instant],
        every: float = 2.0,
        settling: float = 600.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._writer = writer
        self._metrics = metrics
        self._positions = positions
        self._ends = ends
        self._clock = clock
        self._every = every
        self._settling = settling
        self._sleep = sleep
        self._acknowledged: Instant | None = None

    async def run(self) -> None:
        """Tick for ever. Ticks that fail are only late: the next ones stand for them."""
        while True:
            try:
                await self._settle()
                await self._tick()
            except LogTimeout:
                log.warning("the log does not take ticks")
            except Exception:
                log.exception("ticks fail, they are tried again")
            await self._sleep(self._every)

    async def _tick(self) -> None:
        partitions = self._writer.partitions
        await self._writer.append(EVENTS, ticks(Tick(), partitions))
        self._acknowledged = self._clock()
        self._metrics.ticked(partitions, self._acknowledged / SECOND)

    async def _settle(self) -> None:
        """Wait after a gap: what senders could not deliver has to come before the time at which it would be missed."""
        if not self._gap(self._acknowledged):
            return
        reached = [position.stream_time for position in await self._positions()]
        newest = max((at for at in (self._acknowledged, *reached) if at is not None), default=None)
        outage = newest is not None and self._gap(newest)
        self._metrics.settling(outage)
        if newest is not None and outage:
            await self._ends()
            gap = (self._clock() - newest) // SECOND
            log.warning("ticks wait after an outage", extra={"gap_seconds": gap, "settling_seconds": self._settling})
            await self._sleep(self._settling)
            self._metrics.settling(False)

    def _gap(self, newest: Instant | None) -> bool:
        return newest is None or self._clock() - newest > GAP_SECONDS * SECOND

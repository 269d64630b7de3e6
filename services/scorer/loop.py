"""The scorer: takes partitions over, reads, and feeds each partition's lane."""

import asyncio
import logging
from time import monotonic
from typing import Final

from services.scorer.lane import Lane
from services.scorer.meter import stands
from services.scorer.relay import Relay
from shared.domain.controls import Governance
from shared.domain.errors import PositionLost
from shared.domain.policy import Policy
from shared.ports.clock import now
from shared.ports.log import LogReader, LogWriter
from shared.ports.store import Store
from shared.telemetry.metrics import ScorerMetrics

log: Final = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often the lag is measured."""

LONGEST_PAUSE_SECONDS: Final = 5.0
DEADLINE_SECONDS: Final = 10.0


class Scorer:
    """Works on whatever partitions the reader is given, until stopped. One lane a partition."""

    def __init__(
        self,
        store: Store,
        reader: LogReader,
        writer: LogWriter,
        metrics: ScorerMetrics,
        policy: Policy | None = None,
    ) -> None:
        self._store, self._reader, self._writer, self._metrics = store, reader, writer, metrics
        self._policy = policy
        self._lanes: dict[int, Lane] = {}
        self._failures: dict[int, int] = {}
        self._pauses: set[asyncio.Task[None]] = set()
        self._halted: set[int] = set()
        self._unseen: dict[int, float] = {}
        """Partitions claimed that the reader has not counted as owned yet, and since when."""
        self._looked_at = monotonic()

    @property
    def owned(self) -> frozenset[int]:
        """The partitions that are being worked on."""
        return frozenset(self._lanes)

    async def run(self, stop: asyncio.Event) -> None:
        """Score until told to stop, then hand the partitions over."""
        await self._reader.start(self._claim)
        try:
            while not stop.is_set():
                await self._turn()
        finally:
            for pause in self._pauses:
                pause.cancel()
            await asyncio.gather(*(lane.stop() for lane in self._lanes.values()))
            self._lanes.clear()
            await self._reader.stop()

    async def _turn(self) -> None:
        try:
            fetched = await self._reader.poll()
        except PositionLost as error:
            self._halted.add(error.partition)
            self._metrics.owns(len(self._lanes), len(self._halted))
            log.error("partition halted", extra={"partition": error.partition, "why": str(error)})
            return
        for partition, records in fetched.items():
            lane = self._lanes.get(partition)
            if lane is not None:
                lane.offer(records)
        await self._drop_lost()
        if monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = monotonic()
            await self._look()

    async def _claim(self, partition: int) -> int:
        """Take a partition over in the store, and open its lane where its position stands."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self._close(partition)
            position = await self._store.claim(partition)
            controls = await self._store.controls(partition)
        self._unseen[partition] = monotonic()
        relay = Relay(self._store, self._writer, self._metrics, partition)
        self._lanes[partition] = Lane(
            self._store,
            self._reader,
            self._metrics,
            relay,
            self._writer.partitions,
            position,
            Governance.of(controls, self._policy),
            self._fail,
        )
        self._halted.discard(partition)
        self._metrics.owns(len(self._lanes), len(self._halted))
        log.info("partition taken over", extra={"partition": partition, "next_offset": position.next_offset})
        return position.next_offset

    def _fail(self, partition: int) -> None:
        """A lane has ended: after a pause that grows with each failure in a row, claim the partition anew."""
        task = asyncio.create_task(self._forget_later(partition))
        self._pauses.add(task)
        task.add_done_callback(self._pauses.discard)

    async def _forget_later(self, partition: int) -> None:
        failures = self._failures[partition] = self._failures.get(partition, 0) + 1
        await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, 0.05 * 2**failures))
        self._reader.forget(partition)

    async def _drop_lost(self) -> None:
        owned = self._reader.owned()
        self._unseen = {one: since for one, since in self._unseen.items() if one not in owned}
        for partition in [one for one in self._lanes if one not in owned and not self._just_claimed(one)]:
            await self._close(partition)
            self._metrics.lost(partition)
            self._metrics.owns(len(self._lanes), len(self._halted))

    def _just_claimed(self, partition: int) -> bool:
        """Whether the reader may not have heard yet that the claim has succeeded."""
        return monotonic() - self._unseen.get(partition, -DEADLINE_SECONDS) < DEADLINE_SECONDS

    async def _close(self, partition: int) -> None:
        lane = self._lanes.pop(partition, None)
        if lane is not None:
            await lane.stop()

    async def _look(self) -> None:
        """Tell the metrics how far each partition is behind; failing to is no reason to stop."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                ends = await self._reader.ends()
                self._metrics.parked_now(await self._store.parked_count())
        except Exception as error:
            log.warning("lag unknown", extra={"error": str(error)})
            return
        for partition, lane in self._lanes.items():
            end = ends.get(partition, 0)
            stands(self._metrics, lane.position, end, lane.oldest(), now())
            if lane.position.next_offset >= end:
                self._failures.pop(partition, None)

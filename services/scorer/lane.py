"""One partition at work: its records in a bounded queue, scored batch by batch, one transaction after the other."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from services.scorer.batch import score
from services.scorer.meter import observe
from services.scorer.relay import Relay
from services.scorer.walking import walks_on
from shared.domain.controls import Governance
from shared.domain.errors import Fenced
from shared.ports.log import LogReader, Record
from shared.ports.store import Position, Store
from shared.telemetry.metrics import ScorerMetrics

log: Final = logging.getLogger(__name__)

BATCH: Final = 500
"""Records in one transaction, at most.

Measured with 400 to 10,000: the processor time of an event hardly changes (larger batches save round trips and lose the
processor's cache), so that the small end is chosen for its latency and memory.
"""

DEADLINE_SECONDS: Final = 30.0
"""How long a transaction may take before the partition is given up and taken over anew."""


class Lane:
    """Scores one partition from the position at which it was claimed. Ends by itself when the partition is lost."""

    def __init__(
        self,
        store: Store,
        reader: LogReader,
        metrics: ScorerMetrics,
        relay: Relay,
        partitions: int,
        position: Position,
        governance: Governance,
        failed: Callable[[int], None],
    ) -> None:
        self._store, self._reader, self._metrics, self._relay = store, reader, metrics, relay
        self._partitions = partitions
        self.position, self._governance = position, governance
        self._failed = failed
        self._queue: deque[Record] = deque()
        self._more = asyncio.Event()
        self._held = False
        self._task = asyncio.create_task(self._work())

    def offer(self, records: Sequence[Record]) -> None:
        """Queue records; the reader is told to wait when there are more than two batches of them."""
        expected = self._queue[-1].offset + 1 if self._queue else self.position.next_offset
        self._queue.extend(record for record in records if record.offset >= expected)
        self._more.set()
        if not self._held and len(self._queue) > 2 * BATCH:
            self._held = True
            self._reader.hold(self.position.partition)

    def oldest(self) -> Record | None:
        """The oldest record that waits."""
        return self._queue[0] if self._queue else None

    async def stop(self) -> None:
        """Finish or abandon the batch in work; nothing of it is half written."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._relay.stop()

    async def _work(self) -> None:
        partition = self.position.partition
        try:
            while True:
                if not self._queue and not walks_on(self.position):
                    self._more.clear()
                    await self._more.wait()
                async with asyncio.timeout(DEADLINE_SECONDS):
                    await self._batch()
        except Fenced:
            # Whoever fenced us has the partition; ask again only if the group still says that it is ours.
            self._metrics.fenced()
            log.warning("partition fenced", extra={"partition": partition})
            self._failed(partition)
        except Exception:
            # The commit may or may not have happened: claiming anew reads the position and goes on from the truth.
            self._metrics.outcome_unknown()
            log.exception("batch failed", extra={"partition": partition, "next_offset": self.position.next_offset})
            self._failed(partition)

    async def _batch(self) -> None:
        batch = [self._queue[place] for place in range(min(BATCH, len(self._queue)))]
        before, started = self.position, perf_counter()
        scored = await score(self._store, before, self._governance, self._partitions, batch)
        self.position, self._governance = scored.position, scored.governance
        consumed = [record for record in batch if record.offset < scored.position.next_offset]
        for _ in consumed:
            self._queue.popleft()
        observe(self._metrics, scored, before, consumed, perf_counter() - started)
        if scored.messages:
            self._relay.offer(scored.messages)
        if self._held and len(self._queue) <= BATCH:
            self._held = False
            self._reader.release(self.position.partition)

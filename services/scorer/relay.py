"""The outbox out: what a partition's batches have decided is published to the topics, in order, at least once."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from shared.ports.log import Appending, LogWriter
from shared.ports.store import Message, Store
from shared.telemetry.metrics import ScorerMetrics

log: Final = logging.getLogger(__name__)

MOST: Final = 1_000
PAUSE_SECONDS: Final = 1.0
DEADLINE_SECONDS: Final = 30.0


class Relay:
    """Publishes one partition's outbox while its lane lives. `lifestage-number` lets readers drop repeats."""

    def __init__(self, store: Store, writer: LogWriter, metrics: ScorerMetrics, partition: int) -> None:
        self._store, self._writer, self._metrics, self._partition = store, writer, metrics, partition
        self._more = asyncio.Event()
        self._more.set()
        self._task = asyncio.create_task(self._work())

    def wake(self) -> None:
        """New messages were committed."""
        self._more.set()

    async def stop(self) -> None:
        """Stop publishing; what was not marked is published again by whoever comes next."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    published = await relay(self._store, self._writer, self._metrics, self._partition)
                if published == MOST:
                    self._more.set()
            except Exception as error:
                # Whatever the store or the log raise, what was committed must still go out.
                log.warning("relay failed", extra={"partition": self._partition, "error": str(error)})
                self._more.set()
                await asyncio.sleep(PAUSE_SECONDS)


async def relay(store: Store, writer: LogWriter, metrics: ScorerMetrics, partition: int) -> int:
    """Publish the next messages of a partition's outbox; how many."""
    messages = await store.unpublished(partition, MOST)
    metrics.backlog(partition, len(messages))
    for topic, group in groupby(sorted(messages, key=lambda message: message.topic), lambda message: message.topic):
        records = _records(partition, list(group))
        await writer.append(topic, records)
        metrics.relayed(topic, len(records))
    if messages:
        await store.published(partition, messages[-1].number)
    if len(messages) < MOST:
        metrics.backlog(partition, 0)
    return len(messages)


def _records(partition: int, messages: Sequence[Message]) -> list[Appending]:
    return [
        Appending(
            partition,
            message.customer_id.encode(),
            message.payload,
            (("lifestage-number", str(message.number).encode()),),
        )
        for message in messages
    ]

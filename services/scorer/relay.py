"""The outbox out: what a partition's batches have decided is published to the topics, in order, at least once."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Final

from shared.ports.log import Appending, LogWriter
from shared.ports.store import Message, Store
from shared.telemetry.metrics import ScorerMetrics

log: Final = logging.getLogger(__name__)

MOST: Final = 1_000
PAUSE_SECONDS: Final = 1.0
DEADLINE_SECONDS: Final = 30.0
HELD: Final = 10 * MOST
"""Messages held in memory at most; when the topics cannot keep up, the outbox itself is the queue."""


class Relay:
    """Publishes one partition's outbox while its lane lives. `lifestage-number` lets readers drop repeats.

    What the lane has just committed need not be read back: it is published from memory, in the order of its numbers.
    The store is read for the rest: at the start, after a failure, and when more came than is held.
    """

    def __init__(self, store: Store, writer: LogWriter, metrics: ScorerMetrics, partition: int) -> None:
        self._store, self._writer, self._metrics, self._partition = store, writer, metrics, partition
        self._held: deque[Message] = deque()
        self._published = -1
        """The newest number that was marked as published; -1 while that is not known."""
        self._more = asyncio.Event()
        self._more.set()
        self._task = asyncio.create_task(self._work())

    def offer(self, messages: Sequence[Message]) -> None:
        """Messages that were just committed, in order."""
        if len(self._held) + len(messages) > HELD:
            self._held.clear()
        else:
            self._held.extend(messages)
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
                    messages = await self._next()
                    await publish(self._store, self._writer, self._metrics, self._partition, messages)
                self._drop(messages)
                if self._held or len(messages) == MOST:
                    self._more.set()
            except Exception as error:
                # Whatever the store or the log raise, what was committed must still go out.
                log.warning("relay failed", extra={"partition": self._partition, "error": str(error)})
                self._more.set()
                await asyncio.sleep(PAUSE_SECONDS)

    async def _next(self) -> Sequence[Message]:
        """What comes after the newest published number: from memory, or else all that the store holds of it."""
        if self._held and self._held[0].number == self._published + 1:
            return [*islice(self._held, MOST)]
        self._held.clear()
        return await self._store.unpublished(self._partition, MOST)

    def _drop(self, published: Sequence[Message]) -> None:
        if published:
            self._published = published[-1].number
        while self._held and self._held[0].number <= self._published:
            self._held.popleft()


async def relay(store: Store, writer: LogWriter, metrics: ScorerMetrics, partition: int) -> int:
    """Publish the next messages of a partition's outbox; how many."""
    messages = await store.unpublished(partition, MOST)
    await publish(store, writer, metrics, partition, messages)
    return len(messages)


async def publish(
    store: Store, writer: LogWriter, metrics: ScorerMetrics, partition: int, messages: Sequence[Message]
) -> None:
    """Append messages to their topics, and mark them once all are acknowledged."""
    metrics.backlog(partition, len(messages))
    for topic, group in groupby(sorted(messages, key=lambda message: message.topic), lambda message: message.topic):
        records = _records(partition, list(group))
        await writer.append(topic, records)
        metrics.relayed(topic, len(records))
    if messages:
        await store.published(partition, messages[-1].number)
    if len(messages) < MOST:
        metrics.backlog(partition, 0)


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

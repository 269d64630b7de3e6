"""One consumer of the events topic: a member of the readers' group from its opening to its closing."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from shared.adapters.kafka.cluster import KafkaCluster, close_consumer, milliseconds
from shared.ports.log import EVENTS

PATIENCE: Final = 0.03  # seconds that a fetch waits for records
HEARTBEATS: Final = 4  # in a session
NEVER: Final = 86_400.0  # aiokafka loses count of who is idle at the first error: the reader sees to that
FETCH_BYTES: Final = 4 * 1024 * 1024
FETCH_WAIT: Final = 0.1  # short: a partition that is wanted again has to wait for the answer about the others

Fetched = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]


class Membership(ConsumerRebalanceListener):
    """Records come only from partitions that are asked for, from where they were sought; Kafka keeps no offsets."""

    def __init__(
        self, cluster: KafkaCluster, *, group: str, session: float, changed: Callable[[Collection[int]], None]
    ) -> None:
        self._cluster = cluster
        self._topic = cluster.prefix + EVENTS
        self._changed = changed
        self._unsettled: float | None = time.monotonic()
        self._closed = False
        self._consumer = AIOKafkaConsumer(
            group_id=cluster.prefix + group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=milliseconds(session),
            rebalance_timeout_ms=milliseconds(session),
            heartbeat_interval_ms=milliseconds(session / HEARTBEATS),
            max_poll_interval_ms=milliseconds(NEVER),
            request_timeout_ms=milliseconds(max(cluster.deadline, 2 * session)),
            fetch_max_wait_ms=milliseconds(FETCH_WAIT),
            max_partition_fetch_bytes=FETCH_BYTES,
            **cluster.client("reader"),
        )

    async def open(self) -> None:
        """Connect, and begin to join."""
        async with asyncio.timeout(self._cluster.deadline):
            await self._consumer.start()
        self._consumer.subscribe([self._topic], listener=self)

    async def close(self) -> None:
        """Leave the group."""
        self._closed = True
        await close_consumer(self._consumer)

    # What raises in these two is swallowed, and consuming goes on (FACTS 2): they only tell, and claims run in tasks.

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """A rebalance begins."""
        self._unsettled = time.monotonic()
        if not self._closed:
            self._changed(())

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """A rebalance has ended."""
        self._consumer.pause(*assigned)  # first of all, as fetching goes on meanwhile (FACTS 1)
        self._unsettled = None
        if not self._closed:
            self._changed({found.partition for found in assigned})

    @property
    def unsettled(self) -> float:
        """For how many seconds a rebalance has been going on."""
        return 0.0 if self._unsettled is None else time.monotonic() - self._unsettled

    def seek(self, partition: int, offset: int) -> None:
        """Fetch from there on."""
        place = TopicPartition(self._topic, partition)
        self._consumer.seek(place, offset)
        self._consumer.resume(place)

    async def fetch(self, partitions: Collection[int], most: int) -> Fetched:
        """New records of these partitions, at most so many each; what is fetched of others is kept for later.

        Waits for a short while when there are none, and for the end of a rebalance. Even without partitions it says
        that this member is alive.
        """
        places = [TopicPartition(self._topic, partition) for partition in partitions]
        fetched: dict[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]] = {}
        for place in places:
            fetched.update(await self._consumer.getmany(place, max_records=most))
        if fetched:
            return fetched
        nothing = TopicPartition(self._topic, -1)  # to name none would mean all
        return await self._consumer.getmany(*(places or [nothing]), timeout_ms=milliseconds(PATIENCE), max_records=most)

    async def bounds(self, partition: int) -> tuple[int, int]:
        """The offsets of the oldest record kept and of the next one to come."""
        place = TopicPartition(self._topic, partition)
        async with asyncio.timeout(self._cluster.deadline):
            first = await self._consumer.beginning_offsets([place])
            end = await self._consumer.end_offsets([place])
        return first[place], end[place]

    async def ends(self, *, within: float) -> dict[int, int]:
        """The offset of the next record to come in every partition."""
        places = [TopicPartition(self._topic, partition) for partition in range(self._cluster.partitions)]
        async with asyncio.timeout(within):
            ends = await self._consumer.end_offsets(places)
        return {place.partition: offset for place, offset in ends.items()}

"""Where the events topic ends, for whoever does not read it: ingest, which only writes."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.adapters.kafka.cluster import TROUBLE, KafkaCluster, close_consumer
from shared.domain.errors import LogTimeout
from shared.ports.log import EVENTS


class KafkaLogEnds:
    """Asks for the ends as a consumer of no group, made when it is first needed and anew after a failure."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster
        self._consumer: AIOKafkaConsumer | None = None
        self._turn = asyncio.Lock()

    async def ends(self) -> Mapping[int, int]:
        """The offset of the next record to come in every partition. Raises LogTimeout."""
        topic = self._cluster.prefix + EVENTS
        places = [TopicPartition(topic, partition) for partition in range(self._cluster.partitions)]
        async with self._turn:
            try:
                async with asyncio.timeout(self._cluster.deadline):
                    consumer = await self._started()
                    ends = await consumer.end_offsets(places)
            except TROUBLE as error:
                await self._drop()
                raise LogTimeout(f"Kafka does not tell the log's ends: {error!r}") from error
        return {place.partition: offset for place, offset in ends.items()}

    async def stop(self) -> None:
        """Close, within a deadline."""
        async with self._turn:
            await self._drop()

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = AIOKafkaConsumer(enable_auto_commit=False, **self._cluster.client("ends"))
            await self._consumer.start()
        return self._consumer

    async def _drop(self) -> None:
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await close_consumer(consumer)

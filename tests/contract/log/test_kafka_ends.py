"""The ends of the topic in Kafka, as ingest asks for them: a consumer that joins nobody."""

import asyncio

import pytest

from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log_ends import KafkaLogEnds
from shared.adapters.process import free_ports
from shared.domain.errors import LogTimeout
from shared.ports.log import EVENTS, Appending
from tests.contract.log.beds import PARTITIONS, KafkaBed


async def test_the_ends_are_told_without_reading(kafka: KafkaBed) -> None:
    writer = kafka.writer()
    await writer.start()
    asker = KafkaLogEnds(KafkaCluster(partitions=PARTITIONS, **kafka.cluster))

    before = await asker.ends()
    await writer.append(EVENTS, [Appending(0, None, b"{}"), Appending(0, None, b"{}"), Appending(2, None, b"{}")])
    together = await asyncio.gather(*(asker.ends() for _ in range(5)))
    await asker.stop()
    await writer.stop()

    assert before == dict.fromkeys(range(PARTITIONS), 0)
    assert together == [{**before, 0: 2, 2: 1}] * 5


async def test_a_log_out_of_reach_is_told_in_time_and_asked_anew() -> None:
    [port] = free_ports(1)
    asker = KafkaLogEnds(KafkaCluster(bootstrap=f"127.0.0.1:{port}", partitions=1, replication=1, deadline=0.5))

    for _ in range(2):
        with pytest.raises(LogTimeout, match="Kafka does not tell the log's ends"):
            await asker.ends()
    await asker.stop()

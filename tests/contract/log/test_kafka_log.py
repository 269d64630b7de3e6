"""The log in Kafka keeps what it acknowledged and goes on reading, whatever breaks."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.adapters.kafka.server import KafkaServer
from shared.domain.errors import LogMismatch, LogTimeout
from shared.ports.log import EVENTS, Appending, LogWriter
from tests.contract.log.beds import PARTITIONS, KafkaBed, kafka_bed
from tests.contract.log.worker import Load, Worker, appended_in_the_end, everywhere, working


@pytest.fixture
async def bed(kafka_server: KafkaServer) -> AsyncIterator[KafkaBed]:
    async with kafka_bed(kafka_server, deadline=5) as bed:
        yield bed


async def test_a_broker_killed_under_load_loses_nothing_acknowledged(
    bed: KafkaBed, writer: LogWriter, kafka_server: KafkaServer
) -> None:
    async with working(bed.reader()) as worker:
        loads = [Load(writer, partition) for partition in range(PARTITIONS)]
        await loads[0].until(acknowledged=200)
        await kafka_server.kill()
        await kafka_server.restart()
        for load in loads:
            await load.until(acknowledged=len(load.acknowledged) + 200)
        for load in loads:
            await load.end()
        await appended_in_the_end(writer, everywhere(b"end"))
        await worker.until(lambda: all(worker.values(p)[-1:] == [b"end"] for p in range(PARTITIONS)), within=30)

    for partition, load in enumerate(loads):
        read = {record.offset: record.value for record in worker.records[partition]}
        assert load.acknowledged.items() <= read.items()
        assert sorted(read) == list(range(len(read)))


async def test_a_frozen_broker_is_a_timeout_and_not_the_end(bed: KafkaBed, kafka_server: KafkaServer) -> None:
    writer = bed.log(deadline=0.8).writer()
    await writer.start()
    await writer.append(EVENTS, everywhere(b"before"))

    kafka_server.freeze()
    begun = time.monotonic()
    results = await asyncio.gather(
        *(writer.append(EVENTS, everywhere(b"?")) for _ in range(20)), return_exceptions=True
    )
    took = time.monotonic() - begun
    kafka_server.thaw()
    offsets = await appended_in_the_end(writer, everywhere(b"after"))
    await writer.stop()

    assert {type(result) for result in results} == {LogTimeout}
    assert took < 2
    assert min(offsets) >= 1


async def test_a_worker_that_was_frozen_loses_its_partitions_and_rejoins_without_stealing(bed: KafkaBed) -> None:
    victim = await bed.victim()
    await victim.until_it_owns(PARTITIONS)
    async with working(bed.reader()) as heir:
        await victim.until_it_owns(PARTITIONS // 2)
        await heir.until_it_owns(PARTITIONS // 2)

        victim.freeze()
        await heir.until_it_owns(PARTITIONS)
        claimed = len(victim.claims)
        victim.thaw()
        await heir.until_it_owns(PARTITIONS // 2)
        await victim.until_it_owns(PARTITIONS // 2)

        assert victim.owned.isdisjoint(heir.reader.owned())
        assert set(victim.claims[claimed:]) == victim.owned


async def test_a_worker_that_polls_no_more_loses_its_partitions_until_it_does(bed: KafkaBed) -> None:
    async with working(bed.reader(idle=0.4)) as stuck, working(bed.reader()) as heir:
        await stuck.until_it_owns(PARTITIONS // 2)
        await heir.until_it_owns(PARTITIONS // 2)

        stuck.rest()
        await heir.until_it_owns(PARTITIONS)
        lost = not stuck.reader.owned()
        stuck.work()
        await stuck.until_it_owns(PARTITIONS // 2)

    assert lost


async def test_a_consumer_that_silently_stops_fetching_is_replaced(bed: KafkaBed, writer: LogWriter) -> None:
    reader: Any = bed.reader(stall=0.5)
    async with working(reader) as worker:
        await worker.until_it_owns(PARTITIONS)
        reader._membership._consumer._fetcher._fetch_task.cancel()
        await worker.polls(10)  # until what it had asked for before is answered

        await writer.append(EVENTS, everywhere(b"x"))
        await worker.until(lambda: worker.total() == PARTITIONS)

    assert sorted(worker.claims) == sorted([*range(PARTITIONS), *range(PARTITIONS)])


async def test_an_idle_consumer_is_not_replaced(bed: KafkaBed, writer: LogWriter) -> None:
    async with working(bed.reader(stall=0.2)) as worker:
        await worker.until_it_owns(PARTITIONS)
        await worker.polls(40)
        await writer.append(EVENTS, everywhere(b"x"))
        await worker.until(lambda: worker.total() == PARTITIONS)

    assert len(worker.claims) == PARTITIONS


async def test_a_topic_that_carries_its_senders_time_is_refused(bed: KafkaBed) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bed.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(f"{bed.cluster['prefix']}{EVENTS}", PARTITIONS, 1)])
    await admin.close()

    with pytest.raises(LogMismatch, match=r"message\.timestamp\.type=CreateTime"):
        await bed.writer().start()


async def test_without_a_kafka_starting_is_a_timeout(bed: KafkaBed) -> None:
    nowhere = KafkaBed("127.0.0.1:1", deadline=0.5)

    with pytest.raises(LogTimeout, match="out of reach"):
        await nowhere.writer().start()
    reader = nowhere.reader()
    with pytest.raises(LogTimeout, match="out of reach"):
        await reader.start(Worker(reader, {}).claim)
    await reader.stop()


async def test_an_append_larger_than_a_batch_keeps_its_order(bed: KafkaBed, writer: LogWriter) -> None:
    values = [b"%d:" % number + bytes(20_000) for number in range(200)]

    offsets = await writer.append(EVENTS, [Appending(1, None, value) for value in values])
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == 200)

    assert list(offsets) == list(range(200))
    assert worker.values(1) == values

"""The local Kafka is a real one: it keeps what it acknowledged, and it is never left behind."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.adapters.kafka import distribution
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.process import ServerFailed
from tests.contract.starters import Starter, outlives_its_starter
from tests.servers import running_kafka, server_folder

STARTER = Starter(
    imports="from shared.adapters.kafka.server import KafkaServer as Server",
    process_id="server.pid()",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as path:
        yield path / "kafka"


async def make_topic(server: KafkaServer, topic: str, copies: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=copies)])
    finally:
        await admin.close()


async def produce(server: KafkaServer, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap, acks="all", request_timeout_ms=20_000)
    await producer.start()
    try:
        await asyncio.wait_for(producer.send_and_wait(topic, value), 30)
    finally:
        await producer.stop()


async def consume(server: KafkaServer, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=server.bootstrap,
        group_id=f"{topic}-readers",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=2000,
        heartbeat_interval_ms=500,
    )
    await consumer.start()
    try:
        return [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_a_record_comes_back_in_a_group_whose_session_is_two_seconds(kafka_server: KafkaServer) -> None:
    await make_topic(kafka_server, "round-trip")

    await produce(kafka_server, "round-trip", b"bought")

    assert await consume(kafka_server, "round-trip", 1) == [b"bought"]


async def test_a_record_survives_kill_9_and_the_broker_comes_back_where_it_was(kafka_server: KafkaServer) -> None:
    await make_topic(kafka_server, "kept")
    await produce(kafka_server, "kept", b"before")

    await kafka_server.kill()
    assert not kafka_server.running()
    await kafka_server.restart()
    await produce(kafka_server, "kept", b"after")

    assert await consume(kafka_server, "kept", 2) == [b"before", b"after"]


async def test_a_frozen_broker_answers_again_once_thawed(kafka_server: KafkaServer) -> None:
    await make_topic(kafka_server, "frozen")

    kafka_server.freeze()
    waiting = asyncio.create_task(produce(kafka_server, "frozen", b"patience"))
    await asyncio.sleep(1)
    assert not waiting.done()
    kafka_server.thaw()
    await waiting

    assert await consume(kafka_server, "frozen", 1) == [b"patience"]


async def test_a_stopped_kafka_starts_again_on_its_folder_and_only_with_as_many_nodes(folder: Path) -> None:
    first = await KafkaServer.start(folder)
    await make_topic(first, "kept")
    await produce(first, "kept", b"before")
    await first.stop()

    with pytest.raises(ServerFailed, match="has 1 nodes"):
        await KafkaServer.start(folder, nodes=3)
    second = await KafkaServer.start(folder)

    assert await consume(second, "kept", 1) == [b"before"]
    await second.stop()


async def test_the_broker_ends_with_the_process_that_started_it(folder: Path) -> None:
    assert not await outlives_its_starter(STARTER, folder)


async def test_three_brokers_go_on_without_one() -> None:
    async with running_kafka(nodes=3) as server:
        await make_topic(server, "copied", copies=3)
        await produce(server, "copied", b"before")

        await server.kill(1)
        await produce(server, "copied", b"during")
        await server.restart(1)

        assert await consume(server, "copied", 2) == [b"before", b"during"]


async def test_a_failed_start_quotes_the_log_and_frees_the_folder(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(ServerFailed, match="Invalid value many"):
            await KafkaServer.start(folder, settings={"num.io.threads": "many"})


async def test_without_network_and_cache_the_error_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with pytest.raises(ServerFailed, match="could not be fetched from Maven Central, which needs a network once"):
        await distribution.jars(cache=tmp_path)

    assert list(tmp_path.iterdir()) == []

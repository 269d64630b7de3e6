"""A log for each contract test, on every technology."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.kafka.server import KafkaServer
from shared.ports.log import LogWriter
from tests.contract.log.beds import Bed, KafkaBed, MemoryBed, PostgresBed, kafka_bed, postgres_bed


@pytest.fixture
def memory() -> MemoryBed:
    """A log in this process."""
    return MemoryBed()


@pytest.fixture
async def postgres(empty_database_url: str) -> AsyncIterator[PostgresBed]:
    """A log in a database of the test's own."""
    async with postgres_bed(empty_database_url) as bed:
        yield bed


@pytest.fixture
async def kafka(kafka_server: KafkaServer) -> AsyncIterator[KafkaBed]:
    """A log in topics of the test's own."""
    async with kafka_bed(kafka_server) as bed:
        yield bed


@pytest.fixture(params=["memory", "postgres", "kafka"])
def bed(request: pytest.FixtureRequest) -> Bed:
    """A log of every kind."""
    chosen: Bed = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
async def writer(bed: Bed) -> AsyncIterator[LogWriter]:
    """A writer of the test's log."""
    writer = bed.writer()
    await writer.start()
    yield writer
    await writer.stop()

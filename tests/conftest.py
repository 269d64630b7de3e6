"""Fixtures for every test: servers are started on first use, once per run; one that cannot start fails the test."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.server import PostgresServer
from tests import servers

# A busy machine is no reason to fail: what takes how long is measured under bench/.
settings.register_profile("steady", deadline=None, print_blob=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
async def postgres_server() -> AsyncIterator[PostgresServer]:
    """The PostgreSQL that all tests share."""
    async with servers.running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
async def kafka_server() -> AsyncIterator[KafkaServer]:
    """The Kafka that all tests share: name topics and groups so that they belong to one test."""
    async with servers.running_kafka() as server:
        yield server


@pytest.fixture
async def empty_database_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """A database of the test's own, without any table."""
    async with servers.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
async def database_url(empty_database_url: str) -> str:
    """A database of the test's own."""
    return empty_database_url

"""A store for each contract test: in memory, and in a database that they share and empty in turn."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.migrate import migrate
from shared.adapters.postgres.server import PostgresServer
from tests.contract.stores import Place, in_memory, migrated, on_postgres
from tests.servers import fresh_database


@pytest.fixture(scope="session")
async def store_engine(postgres_server: PostgresServer) -> AsyncIterator[AsyncEngine]:
    """A pool for a database with our tables."""
    async with fresh_database(postgres_server) as url:
        await migrate(url)
        async with migrated(url) as engine:
            yield engine


@pytest.fixture
def memory_place() -> Place:
    """An empty store in memory."""
    return in_memory()


@pytest.fixture
async def postgres_place(store_engine: AsyncEngine) -> Place:
    """An empty store in PostgreSQL."""
    return await on_postgres(store_engine)


@pytest.fixture
async def forgetful_place(store_engine: AsyncEngine) -> Place:
    """An empty store in PostgreSQL that reads back every row."""
    return await on_postgres(store_engine, hot_bytes=0)


@pytest.fixture(params=["memory", "postgres", "forgetful"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty store of every kind."""
    chosen: Place = request.getfixturevalue(f"{request.param}_place")
    return chosen

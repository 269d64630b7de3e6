"""Real servers for tests: a PostgreSQL and a Kafka in folders of their own, and a database for each test."""

import contextlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg

from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.server import PostgresServer


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter: PostgreSQL, which refuses root, runs as one of them."""
    with tempfile.TemporaryDirectory(prefix="lifestage-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path


@contextlib.asynccontextmanager
async def running_postgres() -> AsyncIterator[PostgresServer]:
    """A PostgreSQL for many tests; what it commits survives its own end, not the machine's."""
    with server_folder() as folder:
        server = await PostgresServer.start(folder / "postgres", durable=False)
        try:
            yield server
        finally:
            await server.stop()


@contextlib.asynccontextmanager
async def running_kafka(nodes: int = 1) -> AsyncIterator[KafkaServer]:
    """A Kafka of so many brokers for many tests."""
    with server_folder() as folder:
        server = await KafkaServer.start(folder / "kafka", nodes=nodes)
        try:
            yield server
        finally:
            await server.stop()


@contextlib.asynccontextmanager
async def fresh_database(server: PostgresServer, template: str = "template1") -> AsyncIterator[str]:
    """The url of a new database, a copy of the template, dropped in the end whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    await execute(server.url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield f"{server.url.rpartition('/')[0]}/{name}"
    finally:
        await execute(server.url, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(url: str, statement: str) -> None:
    """Run one statement on a connection of its own."""
    async with connected(url) as connection:
        await connection.execute(statement)


@contextlib.asynccontextmanager
async def connected(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A bare connection to a database named as SQLAlchemy names it."""
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=10)
    try:
        yield connection
    finally:
        await connection.close(timeout=10)

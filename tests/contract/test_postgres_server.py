"""The embedded PostgreSQL keeps what was committed, is alone on its folder, and is never left behind."""

import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from shared.adapters.postgres import binaries
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.process import ServerFailed
from tests.contract.starters import Starter, outlives_its_starter
from tests.servers import connected, execute, server_folder

STARTER = Starter(
    imports="from shared.adapters.postgres.server import PostgresServer as Server",
    process_id="server.pid",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as path:
        yield path / "postgres"


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[PostgresServer]:
    server = await PostgresServer.start(folder, durable=False)
    yield server
    await server.stop()


async def write_row(url: str) -> None:
    await execute(url, "CREATE TABLE kept (word text)")
    await execute(url, "INSERT INTO kept VALUES ('here')")


async def rows(url: str) -> list[str]:
    async with connected(url) as connection:
        return [row["word"] for row in await connection.fetch("SELECT word FROM kept")]


async def test_a_row_survives_kill_9_and_a_restart_on_the_same_folder_and_port(folder: Path) -> None:
    first = await PostgresServer.start(folder)
    await write_row(first.url)

    await first.kill()
    second = await PostgresServer.start(folder, port=first.port)

    assert second.url == first.url
    assert await rows(second.url) == ["here"]
    await second.stop()


async def test_the_server_ends_with_the_process_that_started_it_and_leaves_a_folder_that_starts(folder: Path) -> None:
    assert not await outlives_its_starter(STARTER, folder)

    server = await PostgresServer.start(folder)
    await write_row(server.url)
    assert await rows(server.url) == ["here"]
    await server.stop()


async def test_stopping_does_not_wait_for_open_connections(folder: Path) -> None:
    server = await PostgresServer.start(folder, durable=False)

    async with connected(server.url):
        await server.stop(within=5)

    assert not server.running


async def test_a_folder_has_one_server_at_a_time(server: PostgresServer, folder: Path) -> None:
    with pytest.raises(ServerFailed, match="another process already runs"):
        await PostgresServer.start(folder)

    assert server.running


async def test_another_process_can_attach_only_while_the_server_runs(folder: Path) -> None:
    assert await PostgresServer.attach(folder) is None
    server = await PostgresServer.start(folder, durable=False)

    assert await PostgresServer.attach(folder) == server.url
    await server.stop()

    assert await PostgresServer.attach(folder) is None


async def test_the_server_asks_for_a_password_and_listens_on_loopback_only(server: PostgresServer) -> None:
    async with connected(server.url) as connection:
        assert await connection.fetchval("SHOW listen_addresses") == "127.0.0.1"
        assert await connection.fetchval("SHOW unix_socket_directories") == ""

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=server.port, user="lifestage", password="guess", database="postgres"
        )


async def test_the_password_is_for_our_eyes_only(server: PostgresServer, folder: Path) -> None:
    found = (folder / "password").stat()

    assert server.running
    assert (found.st_mode & 0o777, found.st_uid) == (0o600, os.geteuid())


async def test_commits_reach_the_disk_unless_a_test_says_otherwise(folder: Path) -> None:
    server = await PostgresServer.start(folder)

    async with connected(server.url) as connection:
        settings = [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]

    assert settings == ["on", "on"]
    await server.stop()


async def test_a_failed_start_quotes_the_log_and_frees_the_folder(folder: Path) -> None:
    with pytest.raises(ServerFailed, match="invalid value for parameter"):
        await PostgresServer.start(folder, durable=False, settings={"max_connections": "many"})

    server = await PostgresServer.start(folder, durable=False)
    assert server.running
    await server.stop()


async def test_a_port_in_use_is_an_error_that_says_so(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServerFailed, match="Address already in use"):
        await PostgresServer.start(folder, durable=False, port=taken.getsockname()[1])


async def test_what_an_interrupted_first_start_left_is_made_anew(folder: Path) -> None:
    (folder / "cluster.unfinished" / "base").mkdir(parents=True)
    folder.chmod(0o711)

    server = await PostgresServer.start(folder, durable=False)

    assert server.running
    await server.stop()


async def test_a_stranger_who_got_the_old_process_id_does_not_keep_the_server_from_starting(folder: Path) -> None:
    first = await PostgresServer.start(folder, durable=False)
    await first.kill()
    mark = folder / "cluster" / "postmaster.pid"
    mark.write_text(mark.read_text().replace(str(first.pid), str(os.getpid()), 1))

    second = await PostgresServer.start(folder, durable=False)

    assert second.running
    await second.stop()


async def test_a_server_whose_starter_is_gone_is_ended_before_the_next_one_starts(folder: Path) -> None:
    first = await PostgresServer.start(folder, durable=False)
    os.kill(first.pid, signal.SIGSTOP)  # so that it cannot end by itself
    first._forget()

    second = await PostgresServer.start(folder, durable=False)

    assert (first.running, second.running) == (False, True)
    await second.stop()


def test_a_folder_that_the_server_may_not_enter_is_named() -> None:
    with server_folder() as path:
        (path / "closed" / "data").mkdir(parents=True)
        (path / "closed").chmod(0o700)

        assert binaries.closed_folder(path / "closed" / "data", owner=binaries.NOBODY) == path / "closed"


def test_programs_that_the_server_may_not_read_are_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with server_folder() as path:
        hidden = path / "hidden"
        shutil.copytree(binaries.find(), hidden, symlinks=True)
        hidden.chmod(0o700)
        monkeypatch.setattr(binaries, "find", lambda: hidden)

        copy = binaries.readable_by(binaries.NOBODY, cache=path / "cache")
        again = binaries.readable_by(binaries.NOBODY, cache=path / "cache")

        assert copy == again
        assert copy.parent == path / "cache"
        assert os.access(copy / "bin" / "postgres", os.X_OK)
        assert [left.name for left in (path / "cache").iterdir()] == [copy.name]

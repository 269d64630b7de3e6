"""A PostgreSQL of our own: started from a Python wheel, on one folder, and never left behind."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import asyncpg

from shared.adapters import process
from shared.adapters.postgres.cluster import USER, Cluster
from shared.adapters.process import FolderLock, Process, ServerFailed

DATABASE: Final = "lifestage"
START_PATIENCE: Final = 120.0  # seconds; after a crash the server first replays its log
ATTEMPTS: Final = 5
PORT_TAKEN: Final = "could not bind"
LINGERING: Final = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')

# For a machine of two cores that also runs Lifestage itself.
SETTINGS: Final[Mapping[str, str]] = {
    "autovacuum_naptime": "15s",
    "checkpoint_timeout": "15min",
    "effective_cache_size": "1GB",
    "jit": "off",
    "listen_addresses": process.LOOPBACK,
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "unix_socket_directories": "",
    "wal_buffers": "16MB",
    "wal_compression": "on",
    "work_mem": "16MB",
}
# For tests: what was committed survives the end of the server, not the end of the machine.
FRAGILE: Final[Mapping[str, str]] = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


class PostgresServer:
    """A running PostgreSQL on a data folder, reachable over loopback only, ending with the process that started it."""

    def __init__(self, cluster: Cluster, lock: FolderLock, running: Process, url: str, port: int) -> None:
        self._cluster = cluster
        self._lock = lock
        self._process = running
        self.url = url
        self.port = port

    @classmethod
    async def start(
        cls, data: Path, *, port: int | None = None, durable: bool = True, settings: Mapping[str, str] | None = None
    ) -> "PostgresServer":
        """Start a server on the folder, making its database first if there is none; call it from the main thread.

        `durable=False` is for tests. Without a port a free one is taken; the settings add to ours or replace them.
        """
        cluster = Cluster(data)
        lock = await cluster.take()
        try:
            password = await cluster.prepare(durable=durable)
            chosen = {**SETTINGS, **({} if durable else FRAGILE), **(settings or {})}
            running, port = await _start(cluster, chosen, port, password)
        except BaseException:
            lock.release()
            raise
        cluster.address.write_text(json.dumps({"port": port}), encoding="utf-8")
        return cls(cluster, lock, running, _url(port, password), port)

    @classmethod
    async def attach(cls, data: Path) -> str | None:
        """The url of the server that some process runs on this folder at the moment, if any."""
        cluster = Cluster(data)
        if not FolderLock.held(cluster.lock) or not cluster.address.exists():
            return None
        port = json.loads(cluster.address.read_text(encoding="utf-8"))["port"]
        return _url(port, cluster.password.read_text(encoding="utf-8"))

    @property
    def pid(self) -> int:
        """The process id of the server, whose other processes are its children."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        return self._process.poll() is None

    async def stop(self, *, within: float = 30) -> None:
        """End the server in order, which breaks open connections; if it takes too long, end it as a crash would."""
        steps = [(signal.SIGINT, within), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)]
        await process.end(self._process, steps)
        self._forget()

    async def kill(self) -> None:
        """End every process of the server with kill -9, as a power cut would; what it had committed survives."""
        children = process.proc(self.pid, f"task/{self.pid}/children").split()
        await process.end(self._process, [(signal.SIGKILL, 5)])
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        self._forget()

    def _forget(self) -> None:
        self._cluster.address.unlink(missing_ok=True)
        self._lock.release()


def _url(port: int, password: str) -> str:
    return f"postgresql+asyncpg://{USER}:{password}@{process.LOOPBACK}:{port}/{DATABASE}"


async def _start(cluster: Cluster, settings: Mapping[str, str], port: int | None, password: str) -> tuple[Process, int]:
    """Start the server, again if its port was taken meanwhile or a killed predecessor's last processes linger."""
    for attempt in range(ATTEMPTS):
        chosen = port or process.free_ports(1)[0]
        options = [f"--{name}={value}" for name, value in {**settings, "port": str(chosen)}.items()]
        before = process.size(cluster.log)
        running = process.spawn(cluster.program("postgres", "-D", str(cluster.data), *options))
        try:
            if await _ready(running, chosen, password):
                return running, chosen
        except BaseException:
            await process.end(running, [(signal.SIGQUIT, 5), (signal.SIGKILL, 5)])
            raise
        reason = process.tail(cluster.log, since=before)
        if not any(words in reason for words in (LINGERING if port else (*LINGERING, PORT_TAKEN))):
            break
        await asyncio.sleep(0.2 * 2**attempt)
    raise ServerFailed(f"PostgreSQL does not start on {cluster.folder}: its log ends\n{reason}")


async def _ready(running: Process, port: int, password: str) -> bool:
    """Whether the server answers and has our database; False when it ended instead."""
    deadline = time.monotonic() + START_PATIENCE
    while running.poll() is None:
        try:
            await _make_database(port, password)
        except asyncpg.InvalidAuthorizationSpecificationError as error:  # then it should be another server's port
            if not await process.ended(running, within=2):
                raise ServerFailed("PostgreSQL refuses the password that lies beside its data") from error
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError) as error:
            if time.monotonic() > deadline:
                raise ServerFailed(f"PostgreSQL is still not ready after {START_PATIENCE:.0f} s: {error}") from error
            await asyncio.sleep(process.POLL)
        else:
            return True
    return False


async def _make_database(port: int, password: str) -> None:
    connection = await asyncpg.connect(
        host=process.LOOPBACK, port=port, user=USER, password=password, database="postgres", ssl=False, timeout=2
    )
    try:
        if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close(timeout=5)

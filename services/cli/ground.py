"""The servers under an instance: those that were named, or embedded ones started in its folder."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct, field, json, structs

from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.process import FolderLock, ServerFailed
from shared.config import Settings
from shared.domain.errors import LifestageError

LOOK_SECONDS: Final = 0.2


class Address(Struct, frozen=True, kw_only=True):
    """Where a running instance is found, as it lies in its folder while it runs."""

    url: str
    pid: int
    kafka: str | None = None


class AlreadyRunning(LifestageError):
    """Another process runs an instance on the folder."""

    code = "already_running"

    def __init__(self, folder: Path, where: Address | None) -> None:
        known = "" if where is None else f" at {where.url} (process {where.pid})"
        super().__init__(f"an instance on {folder} runs already{known}: stop it first, or choose another --data")


class Ground(Struct, frozen=True, kw_only=True):
    """Settings in which every server has its address, and a watch over those that are ours."""

    settings: Settings
    alive: Mapping[str, Callable[[], bool]] = field(default_factory=dict)

    async def watch(self) -> None:
        """Run until an embedded server ends, which it must not do by itself. Raises ServerFailed."""
        while True:
            self.check()
            await asyncio.sleep(LOOK_SECONDS)

    def check(self) -> None:
        """Raise ServerFailed when an embedded server has ended."""
        for name, alive in self.alive.items():
            if not alive():
                raise ServerFailed(f"the embedded {name} ended; its log is in {self.settings.data}")


@asynccontextmanager
async def held_folder(settings: Settings) -> AsyncIterator[Path]:
    """The instance's folder, made if it is missing, for as long as this process alone runs an instance on it."""
    folder = Path(settings.data).resolve()
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)  # PostgreSQL refuses root and runs as another user
    try:
        lock = await FolderLock.take(folder / "lock")
    except ServerFailed as error:
        raise AlreadyRunning(folder, found_address(folder)) from error
    try:
        yield folder
    finally:
        (folder / "address.json").unlink(missing_ok=True)
        lock.release()


def leave_address(folder: Path, address: Address) -> None:
    """Tell the other commands where the instance is."""
    partial = folder / "address.json.partial"
    partial.write_bytes(json.encode(address))
    partial.rename(folder / "address.json")


def found_address(folder: Path) -> Address | None:
    """Where the instance that runs on a folder is found, None when none does."""
    if not FolderLock.held(folder / "lock"):
        return None
    try:
        return json.decode((folder / "address.json").read_bytes(), type=Address)
    except (FileNotFoundError, DecodeError):
        return None


@asynccontextmanager
async def grounded(settings: Settings) -> AsyncIterator[Ground]:
    """PostgreSQL and, where the log is in it, Kafka: started in the folder unless their addresses are given.

    Call it from the main thread: Linux ends the servers together with the thread that started them.
    """
    folder, alive = Path(settings.data).resolve(), dict[str, Callable[[], bool]]()
    async with AsyncExitStack() as stack:
        if settings.database_url is None:
            postgres = await PostgresServer.start(folder / "postgres")
            stack.push_async_callback(postgres.stop)
            settings = structs.replace(settings, database_url=postgres.url)
            alive["PostgreSQL"] = lambda: postgres.running
        if settings.log == "kafka" and settings.kafka is None:
            kafka = await KafkaServer.start(folder / "kafka")
            stack.push_async_callback(kafka.stop)
            settings = structs.replace(settings, kafka=kafka.bootstrap)
            alive["Kafka"] = kafka.running
        yield Ground(settings=settings, alive=alive)

"""The folder of an embedded PostgreSQL: what lies in it, made once, and cleared of what an earlier run left."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from shared.adapters import process
from shared.adapters.postgres import binaries
from shared.adapters.process import FolderLock, Program, ServerFailed

USER: Final = "lifestage"
ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
INIT_PATIENCE: Final = 120.0
ORPHAN_PATIENCE: Final = 2.0


class Cluster:
    """The paths of one data folder; the cluster belongs to the user that PostgreSQL runs as, the rest to ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "cluster"
        self.unfinished = self.folder / "cluster.unfinished"
        self.password = self.folder / "password"
        self.address = self.folder / "address.json"
        self.lock = self.folder / "lock"
        self.log = self.folder / "server.log"

    @property
    def owner(self) -> int | None:
        """Whom PostgreSQL, which refuses root, has to run as: None for ourselves."""
        if os.geteuid() != 0:
            return None
        return (self.data.stat().st_uid if self.data.exists() else 0) or binaries.NOBODY

    async def take(self) -> FolderLock:
        """Make the folder if it is missing, and take the right to run a server on it."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        return await FolderLock.take(self.lock)

    def program(self, name: str, *arguments: str) -> Program:
        """One of PostgreSQL's programs, run on this folder; it ends at once when the process that started it ends."""
        return Program(
            command=[str(binaries.readable_by(self.owner) / "bin" / name), *arguments],
            folder=self.folder,
            log=self.log,
            death_signal=signal.SIGQUIT,
            environment=ENVIRONMENT,
            owner=self.owner,
        )

    async def prepare(self, *, durable: bool = True) -> str:
        """Make the cluster unless it is there, see that nothing else runs on it, and tell its password."""
        self._check_reachable()
        self.address.unlink(missing_ok=True)  # of a process that was killed
        process.keep_short(self.log)
        version = self.data / "PG_VERSION"
        if not version.exists():
            await self._init(durable)
        elif (found := version.read_text(encoding="utf-8").strip()) != str(binaries.MAJOR):
            raise ServerFailed(f"{self.data} was made by PostgreSQL {found}; this Lifestage brings {binaries.MAJOR}")
        await self._end_orphan()
        return self.password.read_text(encoding="utf-8")

    def _check_reachable(self) -> None:
        if self.owner is not None and (closed := binaries.closed_folder(self.folder, self.owner)) is not None:
            raise ServerFailed(
                f"PostgreSQL refuses to run as root and so runs as user {self.owner}, who may not enter {closed}: "
                f"choose a data folder elsewhere, allow it with 'chmod o+x {closed}', or run Lifestage as another user"
            )

    async def _init(self, durable: bool) -> None:
        """Run initdb beside the final place, so that what lies there is always complete."""
        for leftover in (self.unfinished, self.data):
            if leftover.exists():
                shutil.rmtree(leftover)
        owner = self.owner
        self.unfinished.mkdir(mode=0o700)
        self.password.unlink(missing_ok=True)
        self.password.touch(mode=0o600)
        self.password.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        if owner is not None:
            os.chown(self.unfinished, owner, owner)
            os.chown(self.password, owner, owner)
        options = self._init_options() if durable else [*self._init_options(), "--no-sync"]
        await process.run(self.program("initdb", *options), within=INIT_PATIENCE)
        os.chown(self.password, os.geteuid(), os.getegid())
        self.unfinished.rename(self.data)

    def _init_options(self) -> list[str]:
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = [f"--username={USER}", f"--pwfile={self.password}", "--auth=scram-sha-256"]
        return [f"--pgdata={self.unfinished}", *locale, *access, "--no-instructions"]

    async def _end_orphan(self) -> None:
        """Wait for a server whose starter ended a moment ago, or end it; forget the mark of one that is long gone."""
        mark = self.data / "postmaster.pid"
        if not mark.exists() or not Path("/proc/self").exists():
            return
        pid = int(mark.read_text(encoding="utf-8").split(maxsplit=1)[0])
        for step in (signal.SIGQUIT, signal.SIGKILL):
            if not await self._gone(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, step)
        if await self._gone(pid) and Path(f"/proc/{pid}").exists():
            mark.unlink(missing_ok=True)  # a stranger has the number now: PostgreSQL would take it for its predecessor

    async def _gone(self, pid: int) -> bool:
        deadline = time.monotonic() + ORPHAN_PATIENCE
        while self._served_by(pid):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(process.POLL)
        return True

    def _served_by(self, pid: int) -> bool:
        return f"\0-D\0{self.data}\0".encode() in process.proc(pid, "cmdline")

"""Server processes that Lifestage starts itself: spawned, watched, ended, and never left behind."""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from shared.adapters import launch
from shared.domain.errors import LifestageError

LOOPBACK: Final = "127.0.0.1"
POLL: Final = 0.02
LOG_LIMIT: Final = 10_000_000

Process = subprocess.Popen[bytes]


class ServerFailed(LifestageError):
    """A server that Lifestage starts itself could not be started; the message says why and what to do."""

    code = "server_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, where, as whom, and where its words go."""

    command: Sequence[str]
    folder: Path
    log: Path
    death_signal: signal.Signals  # what it gets when the process that started it ends
    environment: Mapping[str, str]
    owner: int | None = None  # another user than ours, possible for root only


def spawn(program: Program) -> Process:
    """Start a program in a session of its own, so that Ctrl-C reaches us alone and we end it in order.

    Call it from the main thread: Linux ends the program together with the thread that started it.
    """
    owner = -1 if program.owner is None else program.owner
    helper = [sys.executable, "-I", "-S", launch.__file__]
    facts = [os.getpid(), int(program.death_signal), owner, program.folder]
    with program.log.open("ab") as log:
        return subprocess.Popen(
            [*helper, *map(str, facts), *program.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(program.environment),
            start_new_session=True,
        )


async def run(program: Program, *, within: float) -> None:
    """Run a program to its end, which has to be a success."""
    process = spawn(program)
    try:
        if not await ended(process, within=within):
            raise ServerFailed(f"{program.command[0]} is still not done after {within:.0f} s\n{tail(program.log)}")
    finally:
        await end(process, [(signal.SIGKILL, 5)])
    if process.returncode:
        raise ServerFailed(f"{program.command[0]} failed with code {process.returncode}\n{tail(program.log)}")


async def ended(process: Process, *, within: float) -> bool:
    """Whether the process ends within so many seconds."""
    deadline = time.monotonic() + within
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL)
    return True


async def end(process: Process, steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send one signal after another, each with seconds to take effect, until the process has ended."""
    for step, patience in steps:
        if process.poll() is None:
            process.send_signal(step)
        if await ended(process, within=patience):
            return


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on; whoever uses them must be ready to lose a race for them."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


async def listening(port: int, process: Process, *, within: float) -> bool:
    """Whether the process opens the port within so many seconds; it gives up at once when the process ends."""
    deadline = time.monotonic() + within
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.close()
            await writer.wait_closed()
            return True
        await asyncio.sleep(POLL)
    return False


def keep_short(log: Path) -> None:
    """Begin a log anew when it has become long; the old one stays beside it until the next time."""
    if size(log) > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))


def size(log: Path) -> int:
    """How long a log is by now, to tell later what came after."""
    return log.stat().st_size if log.exists() else 0


def tail(log: Path, since: int = 0, lines: int = 20) -> str:
    """The last lines of a log that came after a length it had, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, file.seek(0, os.SEEK_END) - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(it wrote no log)"


def proc(pid: int, name: str) -> bytes:
    """What Linux tells about a process, nothing where there is no such process or no /proc."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


class FolderLock:
    """The right to run a server on a folder: one process has it at a time, until it gives it back or ends somehow."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @classmethod
    async def take(cls, path: Path, *, within: float = 2) -> "FolderLock":
        """Take the lock; somebody who merely looks at it is waited for, somebody who holds it is an error."""
        with contextlib.ExitStack() as on_failure:
            file = on_failure.enter_context(path.open("ab"))
            deadline = time.monotonic() + within
            while not _try_lock(file, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise ServerFailed(f"another process already runs the server of {path.parent}: stop it first")
                await asyncio.sleep(POLL)
            on_failure.pop_all()
        return cls(file)

    @staticmethod
    def held(path: Path) -> bool:
        """Whether a process, this one or another, holds the lock."""
        try:
            with path.open("rb") as file:
                return not _try_lock(file, fcntl.LOCK_SH)
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the right back."""
        self._file.close()


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

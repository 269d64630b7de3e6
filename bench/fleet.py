"""The services as processes of their own, started by the program's command line as docker-compose.yml does."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Final

from shared.adapters import process
from shared.adapters.process import Process, Program

PROGRAM: Final = Path(sys.executable).with_name("lifestage")
LEAVE_SECONDS: Final = 30.0
SUPERVISED_SECONDS: Final = 0.5


class Member:
    """One service process, which is started again under the same name after it was killed."""

    def __init__(self, name: str, program: Program) -> None:
        self.name = name
        self._program = program
        self._process: Process | None = None
        self._wanted = False
        self.restarts = 0

    @property
    def pid(self) -> int:
        """Its process id, the last one if it has ended."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is alive, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it unless it runs; call it from the main thread."""
        self._wanted = True
        if not self.running:
            self._process = process.spawn(self._program)

    def see_to_it(self) -> None:
        """Start it again where it has ended by itself, as an orchestrator does (`restart: unless-stopped`)."""
        if self._wanted and not self.running:
            self.restarts += 1
            self.start()

    async def kill(self) -> float:
        """Kill -9; the time at which that was done."""
        self._wanted = False
        at = monotonic()
        if self._process is not None:
            await process.end(self._process, [(signal.SIGKILL, 5)])
        return at

    async def leave(self) -> int | None:
        """Ask it to end (SIGTERM); its exit code, None when it had to be killed."""
        self._wanted = False
        if self._process is None:
            return None
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        if await process.ended(self._process, within=LEAVE_SECONDS):
            return self._process.returncode
        await self.kill()
        return None

    def freeze(self) -> None:
        """SIGSTOP: as a machine that swaps, or that is paused."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on as if nothing had been."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    async def says(self, words: str, *, within: float) -> bool:
        """Whether its log comes to contain some words."""
        deadline = monotonic() + within
        while words.encode() not in self._program.log.read_bytes():
            if monotonic() > deadline:
                return False
            await asyncio.sleep(process.POLL)
        return True

    def tail(self) -> str:
        """The last lines that it logged."""
        return process.tail(self._program.log)


class Fleet:
    """The members of one run. What they log lies in the run's folder, a file each."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIFESTAGE_")}
        self._environment = {**inherited, **environment}
        self.members: dict[str, Member] = {}

    def add(self, name: str, command: str, **environment: str) -> Member:
        """A started member that runs one of the program's commands."""
        member = Member(name, self.program(name, command, environment=environment))
        self.members[name] = member
        member.start()
        return member

    async def run(self, name: str, command: str, *arguments: str, within: float = 300) -> tuple[int, str]:
        """Run a command to its end: its exit code and what it said."""
        program = self.program(name, command, *arguments)
        program.log.unlink(missing_ok=True)
        running = process.spawn(program)
        try:
            await process.ended(running, within=within)
        finally:
            await process.end(running, [(signal.SIGKILL, 5)])
        return running.returncode, program.log.read_text(encoding="utf-8", errors="replace")

    async def supervise(self) -> None:
        """See to it until cancelled that whoever ends by itself comes back."""
        while True:
            for member in self.members.values():
                member.see_to_it()
            await asyncio.sleep(SUPERVISED_SECONDS)

    async def end(self) -> None:
        """End whoever is left, frozen ones too."""
        for member in self.members.values():
            if member.running:
                member.thaw()
                await member.kill()

    def program(
        self, name: str, command: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Program:
        """A command of ours, logging to a file of its own."""
        return Program(
            command=[str(PROGRAM), command, *arguments],
            folder=self._folder,
            log=self._folder / f"{name}.log",
            death_signal=signal.SIGKILL,
            environment={**self._environment, **(environment or {})},
        )

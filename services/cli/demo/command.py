"""`lifestage demo`: a running instance with 18 months of a real shop behind it."""

import asyncio
import math
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import Struct
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli import terminal
from services.cli.client import connected
from services.cli.demo import history, story
from services.cli.demo.replay import Reached, Replay
from services.cli.ground import found_address
from services.cli.options import LogKind
from services.cli.running import until_told
from shared.adapters import process
from shared.adapters.process import Process, Program, ServerFailed
from shared.config import variable
from shared.domain.errors import LifestageError
from shared.telemetry import logs
from shared.web.server import listen

DEFAULT_PORT: Final = 8080
START_SECONDS: Final = 240.0
STOP_SECONDS: Final = 40.0


class NotEmpty(LifestageError):
    """The demo wants a folder of its own."""

    code = "not_empty"


class Wanted(Struct, frozen=True, kw_only=True):
    """What the demo was asked for."""

    log: str
    data: Path | None
    port: int | None
    customers: int | None
    leave: bool


@terminal.command
def demo(
    leave: Annotated[bool, typer.Option("--exit", help="Stop after the story instead of running on.")] = False,
    log: Annotated[LogKind, typer.Option(help="What carries the records.")] = LogKind.POSTGRES,
    data: Annotated[Path | None, typer.Option(help="Keep the instance in this new folder.", file_okay=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8080, or a free one")] = None,
    customers: Annotated[int | None, typer.Option(min=1, help="Replay so many customers only.")] = None,
) -> None:
    """Watch a shop's customers come, stay and leave: 69,659 purchases of 23,570 people over 18 months.

    Starts everything on this machine on a test clock, posts the CDNOW history day by day through the real HTTP door,
    then shows the funnel, the most urgent alerts and one customer's story, and runs on for you to try. Its folder is
    temporary and removed in the end.

    [bold]Examples[/]

      lifestage demo
      lifestage demo --log kafka                [dim]# through a real Apache Kafka, started here as well[/]
      lifestage demo --exit --customers 500     [dim]# a short one[/]
    """
    wanted = Wanted(log=log.value, data=data, port=port, customers=customers, leave=leave)
    terminal.run(until_told(lambda started, stop: _demo(wanted, started, stop), STOP_SECONDS))


async def _demo(wanted: Wanted, started: asyncio.Event, stop: asyncio.Event) -> None:
    logs.configure("error")
    days = list(history.days(history.purchases(wanted.customers)))
    key = f"ls_{secrets.token_urlsafe(24)}"
    with _folder(wanted.data) as folder:
        async with _instance(wanted, folder, key) as instance, connected(instance.url, key) as client:
            terminal.out.print(f"\n[bold]Lifestage[/] runs at [bold]{instance.url}[/] ({wanted.log} log, test clock)")
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(instance.watch())
                with _bar(len(days)) as told:
                    reached = await Replay(client, days, told).run()
                await story.show(client, reached, instance.url, key)
                if not wanted.leave:
                    started.set()
                    terminal.out.print("\n[dim]It keeps running; Ctrl-C ends it.[/]")
                    await stop.wait()
                watching.cancel()


@contextmanager
def _bar(days: int) -> Iterator[Callable[[Reached], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=terminal.out, transient=True, disable=not terminal.out.is_terminal) as progress:
        task = progress.add_task("replaying", total=days)

        def told(reached: Reached) -> None:
            rate = reached.events / max(0.001, reached.seconds)
            words = f"{reached.day}  {reached.events:>6,} purchases  {rate:>6,.0f}/s"
            progress.update(task, completed=reached.days, description=words)

        yield told


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The folder given, which has to be new, or a temporary one that other users may enter (PostgreSQL does)."""
    if data is not None:
        if data.exists() and any(data.iterdir()):
            raise NotEmpty(f"{data} is not empty: the demo wants a new folder")
        yield data.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="lifestage-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder, "instance")


class Instance:
    """`lifestage up` as a process of its own."""

    def __init__(self, url: str, running: Process, log: Path) -> None:
        self.url = url
        self._running = running
        self._log = log

    async def watch(self) -> None:
        """Run until the process ends, which it must not do by itself. Raises ServerFailed."""
        await process.ended(self._running, within=math.inf)
        raise ServerFailed(f"the instance ended; its log ends\n{process.tail(self._log)}")


@asynccontextmanager
async def _instance(wanted: Wanted, folder: Path, key: str) -> AsyncIterator[Instance]:
    """Start an instance, which ends with this process however this one ends."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    options = ["--data", str(folder), "--port", str(_port(wanted.port)), "--clock", "test", "--log", wanted.log]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIFESTAGE_")}
    program = Program(
        command=[sys.executable, "-m", "services.cli.main", "up", *options, "--log-format", "json"],
        folder=folder,
        log=folder / "lifestage.log",
        death_signal=signal.SIGTERM,
        environment={**ours, variable("admin_key"): key},
    )
    running = process.spawn(program)
    try:
        with terminal.out.status("Starting …" if wanted.log == "postgres" else "Starting, Kafka too …"):
            url = await _url(folder, running, program.log)
        yield Instance(url, running, program.log)
    finally:
        await process.end(running, [(signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)])


async def _url(folder: Path, running: Process, log: Path) -> str:
    """Where the instance is found, once it is ready."""
    async with asyncio.timeout(START_SECONDS):
        while running.poll() is None:
            if (address := found_address(folder)) is not None:
                return address.url
            await asyncio.sleep(process.POLL)
    raise ServerFailed(f"the instance did not start; its log ends\n{process.tail(log)}")


def _port(wanted: int | None) -> int:
    """The port asked for, else the usual one or, where that is taken, a free one."""
    if wanted is not None:
        return wanted
    try:
        listen(process.LOOPBACK, DEFAULT_PORT).close()
    except OSError:
        return 0
    return DEFAULT_PORT

"""Refit: the churn model fitted to a store of a million customers, its time and its memory.

The customers are copies of thousands of CDNOW's, as they stood on 1997-10-01. `lifestage refit --dry-run` is run as a
process, on a durable PostgreSQL that is started here; its memory is that of all its processes together.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import typer
from msgspec import Struct

from bench.growth_seed import seed
from bench.places import server_folder
from bench.showing import Bar, progress
from bench.showing import console as terminal
from shared.adapters.compose import agree
from shared.adapters.postgres.engine import OPERATOR, make_engine
from shared.adapters.postgres.migrate import migrate
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.process import proc
from shared.config import Settings

PARTITIONS: Final = 4
SHAPES: Final = 5_000
LOOK_SECONDS: Final = 0.05
PATIENCE: Final = 600.0

MOST_SECONDS: Final = 60.0
MOST_MEGABYTES: Final = 1_000.0

console = terminal()


class Found(Struct, frozen=True, kw_only=True):
    """What a refit took, and what it said."""

    seconds: float
    megabytes: float
    said: str


def main(customers: Annotated[int, typer.Option(help="Customers in the store.", min=1_000)] = 1_000_000) -> None:
    """Measure a refit; exit code 1 when it takes over 60 s or 1 GB.

    Examples:

      python -m bench.refit
      python -m bench.refit --customers 50000
    """
    with progress(console) as bar:
        found = asyncio.run(_refit(customers, bar))
    console.print(found.said)
    kept = found.seconds < MOST_SECONDS and found.megabytes < MOST_MEGABYTES
    console.print(f"{customers:,} customers: {found.seconds:.1f} s, {found.megabytes:.0f} MB")
    console.print("[green]within the limits[/]" if kept else "[bold red]a limit was passed[/]")
    if not kept:
        raise typer.Exit(1)


async def _refit(customers: int, bar: Bar) -> Found:
    with server_folder() as folder:
        postgres = await PostgresServer.start(folder / "postgres")
        engine = make_engine(postgres.url, OPERATOR)
        try:
            bar.begin("seeding", customers)
            await migrate(postgres.url)
            await seed(engine, customers, PARTITIONS, bar.add, shapes=SHAPES, tables=("customer",))
            await agree(Settings(database_url=postgres.url, partitions=PARTITIONS, clock="test"))
            bar.begin("refitting", 1)
            return await _watched(postgres.url)
        finally:
            await engine.dispose()
            await postgres.stop()


async def _watched(url: str) -> Found:
    """Run it, and look at its memory meanwhile."""
    command = [sys.executable, "-m", "services.cli.main", "refit", "--dry-run", "--database", url]
    environment = {**os.environ, "COLUMNS": "140"}
    begun, most = monotonic(), 0.0
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment)
    ending = asyncio.create_task(process.communicate())
    async with asyncio.timeout(PATIENCE):
        while not ending.done():
            most = max(most, _megabytes(process.pid))
            await asyncio.sleep(LOOK_SECONDS)
        out, complaint = await ending
    if not out:
        raise SystemExit(complaint.decode())
    return Found(seconds=monotonic() - begun, megabytes=most, said=out.decode())


def _megabytes(pid: int) -> float:
    """Resident memory of a process and of all that it has started."""
    resident = proc(pid, "statm").split()
    own = int(resident[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000 if resident else 0.0
    return own + sum(_megabytes(int(child)) for child in _children(pid))


def _children(pid: int) -> list[str]:
    threads = Path(f"/proc/{pid}/task")
    try:
        return [child for thread in threads.iterdir() for child in (thread / "children").read_text().split()]
    except OSError:
        return []


if __name__ == "__main__":
    typer.run(main)

"""Growth: the scorer with 10,000 to 1,000,000 customers in the store, and with 100,000 timers due on one tick.

Each size has servers of its own: a durable PostgreSQL filled with COPY, a Kafka, and `lifestage scorer` as a process.
"""

import asyncio
from random import Random
from typing import Annotated, Final

import typer
from msgspec import Struct
from rich.table import Table

from bench.growth_run import Pace, Surge, ground, memory, mix, pace, surge
from bench.growth_seed import seed
from bench.places import server_folder
from bench.showing import Bar, progress
from bench.showing import console as terminal

SLOWER_BY: Final = 0.30
MEGABYTES: Final = 300.0
WAIT_SECONDS: Final = 3.0

console = terminal()


class Size(Struct, frozen=True, kw_only=True):
    """What was found at one size."""

    customers: int
    pace: Pace
    memory: float
    surge: Surge | None


def main(
    sizes: Annotated[str, typer.Option(help="Customers in the store, one run each.")] = "10000,100000,1000000",
    events: Annotated[int, typer.Option(help="Events scored at each size.", min=1_000)] = 40_000,
    timers: Annotated[int, typer.Option(help="Timers due on one tick, at the last size; 0 for none.", min=0)] = 100_000,
    seed: Annotated[int, typer.Option(help="Another seed is another choice of customers and events.")] = 1,
) -> None:
    """Measure how the scorer keeps up as the store grows; exit code 1 when a limit is passed.

    The limits: events/s fall by less than 30 %, the scorer's memory stays under 300 MB, and while the timers of one
    partition are fired in chunks nobody loses a partition and the others' events do not wait for them.

    Examples:

      python -m bench.growth
      python -m bench.growth --sizes 10000,100000 --timers 20000
    """
    counts = [int(size) for size in sizes.split(",")]
    with progress(console) as bar:
        found = asyncio.run(_grow(counts, events, timers, seed, bar))
    if not _show(found):
        raise typer.Exit(1)


async def _grow(sizes: list[int], events: int, timers: int, number: int, bar: Bar) -> list[Size]:
    found = []
    for size in sizes:
        random = Random(number)
        with server_folder() as folder:
            async with ground(folder) as there:
                bar.begin(f"{size:,} customers: seeding", size)
                await seed(there.engine, size, there.place.partitions, bar.add)
                bar.begin(f"{size:,} customers: scoring", events)
                reached = await pace(
                    there, lambda: there.fleet.add("scorer", "scorer"), mix(size, events, random), bar.add
                )
                due = None
                if timers and size == sizes[-1]:
                    bar.begin(f"{size:,} customers: {timers:,} timers on one tick", 1)
                    due = await surge(there, size, timers, random)
                    bar.add(1)
                _, most = memory(there.fleet.members["scorer"])
                found.append(Size(customers=size, pace=reached, memory=most, surge=due))
    return found


def _show(found: list[Size]) -> bool:
    table = Table(title="The same events per run, over customers chosen at random")
    for heading in ("customers", "events/s", "ratio", "updates in place", "where the stage stays", "memory, most"):
        table.add_column(heading, justify="right")
    first = found[0].pace.events / found[0].pace.seconds
    kept = True
    for size in found:
        rate = size.pace.events / size.pace.seconds
        speed = [f"{size.customers:,}", f"{rate:,.0f}", f"{rate / first:.2f}"]
        table.add_row(*speed, f"{size.pace.hot:.1%}", f"{size.pace.hot_unmoved:.1%}", f"{size.memory:.0f} MB")
        kept = kept and rate / first > 1 - SLOWER_BY and size.memory < MEGABYTES
    console.print(table)
    last = found[-1].surge
    if last is not None:
        kept = kept and not last.rebalanced and not last.left and last.longest_wait < WAIT_SECONDS
        console.print(
            f"{last.timers:,} timers due on one tick of one partition: fired in {last.seconds:.1f} s and"
            f" {last.transactions} transactions, {last.left} left; partitions changed hands: {last.rebalanced};"
            f" meanwhile {last.others:,} events of others came, each committed in {last.longest_wait:.2f} s at most"
        )
    console.print("[green]within the limits[/]" if kept else "[bold red]a limit was passed[/]")
    return kept


if __name__ == "__main__":
    typer.run(main)

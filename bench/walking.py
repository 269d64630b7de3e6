"""A walk in a live store: how long a control takes through everybody, and how long events wait meanwhile.

A durable PostgreSQL filled with COPY, a Kafka, and `lifestage scorer` as a process. Ticks come as in a live system; the
same load is measured without a walk first.
"""

import asyncio
from enum import StrEnum
from random import Random
from statistics import quantiles
from typing import Annotated, Final

import typer
from rich.table import Table

from bench.growth_run import PARTITIONS, ground
from bench.growth_seed import seed
from bench.places import server_folder
from bench.showing import Bar, progress
from bench.showing import console as terminal
from bench.walking_run import Load, Walked, walk
from shared.domain.controls import Control, Model, ModelChange, PolicyChange
from shared.domain.instants import SECOND, Instant
from shared.domain.policy import DEFAULT, Policy
from shared.ports.clock import now

WAIT_SECONDS: Final = 0.5
LEAD: Final = 3 * SECOND

console = terminal()


class Kind(StrEnum):
    """Which control: one that moves hardly anybody, or one that moves many."""

    MODEL = "model"
    POLICY = "policy"


def main(
    customers: Annotated[int, typer.Option(help="Customers in the store.", min=1_000)] = 100_000,
    rate: Annotated[int, typer.Option(help="Events a second, over all partitions.", min=10)] = 200,
    control: Annotated[Kind, typer.Option(help="A refitted model, or a policy that is stricter.")] = Kind.POLICY,
    tick_seconds: Annotated[float, typer.Option(help="Time between ticks.", min=0.1)] = 2.0,
    alone_seconds: Annotated[float, typer.Option(help="How long the load is measured without a walk.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Another seed is another choice of customers and events.")] = 1,
) -> None:
    """Measure a walk while events come in; exit code 1 when a limit is passed.

    The limits: of a hundred posts that come while it lasts, 99 are committed within half a second; nobody loses a
    partition.

    Examples:

      python -m bench.walking
      python -m bench.walking --customers 1000000 --control model
    """
    load = Load(customers=customers, rate=rate, tick_seconds=tick_seconds)
    with progress(console) as bar:
        found = asyncio.run(_run(load, control, alone_seconds, seed, bar))
    if not _show(found):
        raise typer.Exit(1)


async def _run(load: Load, kind: Kind, alone_seconds: float, number: int, bar: Bar) -> Walked:
    with server_folder() as folder:
        async with ground(folder) as there:
            bar.begin(f"{load.customers:,} customers: seeding", load.customers)
            until = Instant(now() // SECOND * SECOND)
            await seed(there.engine, load.customers, there.place.partitions, bar.add, until)
            bar.begin("events, then events and a walk", 1)
            found = await walk(there, load, lambda: _control(kind), alone_seconds, Random(number))
            bar.add(1)
            return found


def _control(kind: Kind) -> Control:
    """It takes effect in a moment: later than any stream time."""
    at = Instant(now() + LEAD)
    match kind:
        case Kind.MODEL:
            model = Model(version="refitted", mu0=DEFAULT.mu0 + 0.05, sigma0=DEFAULT.sigma0)
            return ModelChange(id="model-refitted", effective_at=at, model=model)
        case Kind.POLICY:
            return PolicyChange(id="policy-2", effective_at=at, policy=Policy(version=2, long_gap_sigmas=0.5))


def _show(found: Walked) -> bool:
    table = Table(title="From the post of events to their commit")
    for heading in ("", "posts", "median", "p99", "longest"):
        table.add_column(heading, justify="right")
    for name, waits in (("without a walk", found.alone), ("while one is open", found.meanwhile)):
        figures = (_cut(waits, 50), _cut(waits, 99), max(waits))
        table.add_row(name, f"{len(waits):,}", *(f"{figure * 1000:.0f} ms" for figure in figures))
    console.print(table)
    rate = found.customers / found.seconds
    console.print(
        f"{found.customers:,} customers in {PARTITIONS} partitions walked in {found.seconds:.1f} s ({rate:,.0f}/s),"
        f" {found.moved:,} stages moved; partitions changed hands: {found.rebalanced}"
    )
    kept = _cut(found.meanwhile, 99) < WAIT_SECONDS and not found.rebalanced
    console.print("[green]within the limits[/]" if kept else "[bold red]a limit was passed[/]")
    return kept


def _cut(waits: list[float], percent: int) -> float:
    return quantiles(waits, n=100)[percent - 1]


if __name__ == "__main__":
    typer.run(main)

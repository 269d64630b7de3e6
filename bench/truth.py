"""One truth: a purchase history through every log, into a fresh store each, and the same digest in the end.

The records are appended to each log exactly as the door writes them, with a tick after each day and churn models that
take effect under way, and scored by the service's own loop. The digest is the full one: states, transitions with their
numbers, due times and alerts.
"""

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from bench.feed import append, days, events_of, in_order
from bench.histories import Columns, Row, cdnow, every, read_rows
from bench.models import model_changes
from bench.places import PLACES, opened, processed, scorer_at, scoring, writing
from bench.showing import Bar, progress
from bench.showing import console as terminal
from services.scorer.digest import digest
from services.scorer.verify import verify
from shared.domain.events import Event
from shared.domain.ids import SHARDS

console = terminal()


class Run(NamedTuple):
    """What one log made of the history."""

    via: str
    partitions: int
    scorers: int
    seconds: float
    digest: str
    problems: int
    """What `verify` found to complain of."""


def main(
    file: Annotated[
        Path | None, typer.Argument(help="CSV (may be gzipped) with one row per purchase. Default: CDNOW.", exists=True)
    ] = None,
    refunds: Annotated[
        Path | None, typer.Option(help="CSV with the same columns: money given back, of whatever sign.", exists=True)
    ] = None,
    via: Annotated[
        str, typer.Option(help="Logs to go through. kafka1 and kafka4 are Kafka with so many partitions.")
    ] = ",".join(PLACES),
    sample: Annotated[int, typer.Option(help="Take every so-manieth customer only.", min=1)] = 1,
    customer: Annotated[str, typer.Option(help="Column of the customer's id.")] = "customer_id",
    at: Annotated[str, typer.Option(help="Column of the date or time.")] = "date",
    amount: Annotated[str, typer.Option(help="Column of the amount.")] = "amount",
    currency: Annotated[str, typer.Option(help="Currency of the amounts.")] = "USD",
) -> None:
    """Replay a history through several logs and compare what came of it; exit code 1 when it is not the same.

    Events/s include the timers that come due on the way; `problems` is what `lifestage verify` would complain of.

    Examples:

      python -m bench.truth
      python -m bench.truth --via memory,kafka4 --sample 10
      python -m bench.truth orders.csv.gz --refunds cancellations.csv --currency GBP
    """
    names = via.split(",")
    if unknown := [name for name in names if name not in PLACES]:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(PLACES)}", param_hint="--via")
    columns = Columns(customer, at, amount)
    rows = list(read_rows(file, columns, currency) if file else cdnow())
    back: list[Row] = list(read_rows(refunds, columns, currency)) if refunds else []
    if sample > 1:
        rows = list(every(rows, sample))
        kept = {row.customer_id for row in rows}
        back = [row for row in back if row.customer_id in kept]
    events = events_of(rows, back, currency)
    runs = asyncio.run(_compare(names, events))
    _show(runs, events)
    if len({run.digest for run in runs}) > 1 or any(run.problems for run in runs):
        raise typer.Exit(1)


async def _compare(names: list[str], events: list[Event]) -> list[Run]:
    with progress(console) as bar:
        return [await _through(name, events, bar) for name in names]


async def _through(name: str, events: list[Event], bar: Bar) -> Run:
    async with opened(name) as place, writing(place) as writer:
        history = days(events)
        records = in_order(history, place.partitions, model_changes(history))
        bar.begin(f"{name}: appending", len(records))
        ends = await append(writer, records, bar.add)
        scorers = [scorer_at(place, writer) for _ in range(2 if place.partitions > 1 and name != "memory" else 1)]
        bar.begin(f"{name}: scoring", len(records))
        started = perf_counter()
        async with scoring(scorers):
            await processed(place, ends, told=bar.add)
            seconds = perf_counter() - started
        bar.begin(f"{name}: digest", SHARDS)
        found = await digest(place.audit, told=lambda _: bar.add(1))
        bar.begin(f"{name}: verify", SHARDS)
        report = await verify(place.audit, told=lambda _: bar.add(1))
    return Run(name, place.partitions, len(scorers), seconds, found, len(report.problems))


def _show(runs: list[Run], events: list[Event]) -> None:
    ticks = len(days(events))
    title = f"{len(events):,} events of {len({event.customer_id for event in events}):,} customers, {ticks:,} ticks"
    table = Table(title=title)
    for heading in ("log", "partitions", "scorers", "seconds", "events/s", "problems"):
        table.add_column(heading, justify="left" if heading == "log" else "right")
    for run in runs:
        rate = f"{len(events) / run.seconds:,.0f}"
        table.add_row(run.via, str(run.partitions), str(run.scorers), f"{run.seconds:.1f}", rate, str(run.problems))
    console.print(table)
    for run in runs:
        console.print(f"{run.via:9} {run.digest}", highlight=False, soft_wrap=True)
    same = len({run.digest for run in runs}) == 1
    console.print("[green]one truth[/]: all digests are equal" if same else "[bold red]the digests differ[/]")


if __name__ == "__main__":
    typer.run(main)

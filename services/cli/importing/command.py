"""`lifestage import`: a file of purchases or events into an instance, safe to repeat."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from time import monotonic
from typing import Annotated, Final, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from msgspec import Struct, structs
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from services.cli import terminal
from services.cli.client import connected
from services.cli.importing.events import Columns, Reading
from services.cli.importing.rows import File
from services.cli.importing.send import Sender, Summary
from shared.domain.errors import LifestageError

KEY_VARIABLES: Final = ["LIFESTAGE_KEY", "LIFESTAGE_ADMIN_KEY"]


class UnknownZone(LifestageError):
    """Not a time zone."""

    code = "unknown_time_zone"


class Job(Struct, frozen=True, kw_only=True):
    """One import: what, whereto, how."""

    path: Path
    encoding: str
    url: str
    key: str
    batch: int
    parallel: int
    rejected: Path | None


@terminal.command
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV with a header, or NDJSON; .gz is unpacked.", dir_okay=False)],
    to: Annotated[str, typer.Option("--to", envvar="LIFESTAGE_URL", help="The instance.")] = "http://127.0.0.1:8080",
    key: Annotated[str, typer.Option("--key", envvar=KEY_VARIABLES, help="A key with the scope ingest.")] = "",
    customer: Annotated[str, typer.Option(help="Column of the customer's id.")] = "customer_id",
    at: Annotated[str, typer.Option(help="Column of the time of purchase.")] = "date",
    amount: Annotated[str, typer.Option(help="Column of the amount, in major units.")] = "amount",
    currency: Annotated[str | None, typer.Option(help="Column of the currency, if any.")] = None,
    order: Annotated[str | None, typer.Option(help="Column of the order's number, if any.")] = None,
    line: Annotated[str | None, typer.Option(help="Column of the business line, if any.")] = None,
    source: Annotated[str | None, typer.Option(help="Column of the source, if any; else it is 'import'.")] = None,
    currency_code: Annotated[str, typer.Option(help="Currency of rows that name none.")] = "USD",
    time_zone: Annotated[str, typer.Option(help="Zone of times without an offset; a date means midnight.")] = "UTC",
    at_format: Annotated[str | None, typer.Option(help="How times are written, as for strptime: '%d.%m.%Y'.")] = None,
    refunds: Annotated[bool, typer.Option("--refunds", help="Rows with a negative amount are refunds.")] = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="It is history: mute the alerts that it raises.")
    ] = False,
    batch: Annotated[int, typer.Option(min=1, max=2500, help="Events in one request.")] = 500,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Requests on the way at once.")] = 4,
    rejected: Annotated[
        Path | None, typer.Option(help="File for all rejected rows, one JSON object a line.", dir_okay=False)
    ] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding.")] = "utf-8",
) -> None:
    """Import purchases from a CSV file, or purchases and other events from NDJSON.

    Safe to repeat, also after it was interrupted: an event's id depends on its row alone (its source and order number,
    or customer, time and amount), so what the instance has already is not taken twice. A line of NDJSON that has a
    type is posted as the event that it is; any other is a row like those of CSV.
    Columns called currency, order_id, line and source are found by themselves. Exit code 1 when a row was rejected.

    [bold]Examples[/]

      lifestage import purchases.csv --key $LIFESTAGE_KEY
      lifestage import orders.csv.gz --customer buyer --at ordered_at --amount total --order id --currency-code EUR
      lifestage import events.ndjson --to https://lifestage.example.com --rejected rejected.ndjson
      lifestage import old.csv --backfill       [dim]# years of history: nobody is alerted about the past[/]
    """
    if not key:
        raise typer.BadParameter("a key is needed: --key or LIFESTAGE_KEY", param_hint="--key")
    names = Columns(customer=customer, at=at, amount=amount, currency=currency, order=order, line=line, source=source)
    reading = Reading(
        columns=names,
        currency=currency_code,
        zone=zone_of(time_zone),
        at_format=at_format,
        backfill=backfill,
        refunds=refunds,
    )
    job = Job(path=file, encoding=encoding, url=to, key=key, batch=batch, parallel=parallel, rejected=rejected)
    summary = terminal.run(_import(job, reading))
    if summary.rejected:
        raise typer.Exit(1)


async def _import(job: Job, reading: Reading) -> Summary:
    begun = monotonic()
    with closing(File(job.path, job.encoding)) as file, _sink(job.rejected) as sink:
        header = file.header()
        if header is not None:
            reading = structs.replace(reading, columns=reading.columns.found_in(header))
        with _bar(file) as bar:
            async with connected(job.url, job.key, connections=job.parallel) as client:
                sender = Sender(
                    client, reading, batch=job.batch, parallel=job.parallel, sink=sink, told=lambda: bar(sender.summary)
                )
                summary = await sender.send(file.rows())
    _show(summary, monotonic() - begun, job.rejected)
    return summary


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone(f"{name!r} is not a time zone: a name like Europe/Berlin is accepted") from None


@contextmanager
def _sink(path: Path | None) -> Iterator[TextIO | None]:
    with nullcontext() if path is None else path.open("w", encoding="utf-8") as sink:
        yield sink


@contextmanager
def _bar(file: File) -> Iterator[Callable[[Summary], None]]:
    """A bar over the bytes of the file, with rows and their rate, if somebody looks on."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    begun = monotonic()
    with Progress(*columns, console=terminal.err, transient=True, disable=not terminal.err.is_terminal) as progress:
        task = progress.add_task("0 rows", total=max(1, file.size))

        def told(summary: Summary) -> None:
            rate = summary.rows / max(0.001, monotonic() - begun)
            progress.update(task, completed=file.done, description=f"{summary.rows:,} rows, {rate:,.0f}/s")

        yield told


def _show(summary: Summary, seconds: float, rejected: Path | None) -> None:
    show = terminal.out.print
    rate = summary.rows / max(0.001, seconds)
    adjusted = f", {summary.adjusted:,} of them with their future time set to now" if summary.adjusted else ""
    show(f"{summary.accepted:,} accepted{adjusted}, {summary.rejected:,} rejected in {seconds:.1f} s ({rate:,.0f}/s)")
    for one in summary.first:
        show(f"  line {one.row}: {escape(one.message)}")
    more = summary.rejected - len(summary.first)
    if more > 0:
        show(f"  … and {more:,} more{'' if rejected else '; --rejected FILE keeps them all'}")
    if summary.rejected and rejected is not None:
        show(f"all rejected rows are in {escape(str(rejected))}")

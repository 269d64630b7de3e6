"""`lifestage backtest`: what the model would have said of a history of one's own, against what happened."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from services.cli import terminal
from services.cli.backtest.asking import settings_of
from services.cli.backtest.plan import Asked
from services.cli.backtest.reading import Source
from services.cli.importing.command import zone_of
from services.cli.importing.events import Columns, Reading
from services.cli.policies import changes_in
from shared.domain.money import decimals

DAY_FORMATS: Final = ["%Y-%m-%d"]


@terminal.command
def backtest(
    file: Annotated[Path, typer.Argument(help="Purchases: CSV with a header, or NDJSON; .gz is unpacked.")],
    cutoff: Annotated[
        datetime | None, typer.Option(metavar="DATE", help="Risks: the last day that is known.", formats=DAY_FORMATS)
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", help="Alerts: they are judged after this day.", formats=DAY_FORMATS),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(metavar="DAYS", min=1, max=36_500, help="How far ahead risk looks.")
    ] = None,
    gap: Annotated[
        int | None, typer.Option(metavar="DAYS", min=1, max=36_500, help="Alerts: a longer silence is a customer gone.")
    ] = None,
    refit: Annotated[int, typer.Option(metavar="DAYS", min=1, help="Alerts: days from one refit to the next.")] = 28,
    out: Annotated[Path | None, typer.Option(help="CSV to write risks or alerts to.", dir_okay=False)] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Folder for plots as PNG; else beside --out.", file_okay=False)
    ] = None,
    customer: Annotated[str, typer.Option(help="Column of the customer's id.")] = "customer_id",
    at: Annotated[str, typer.Option(help="Column of the date or time of purchase.")] = "date",
    amount: Annotated[str | None, typer.Option(help="Column of the amount; 'amount' where there is one.")] = None,
    currency: Annotated[str | None, typer.Option(help="Column of the currency, if any.")] = None,
    currency_code: Annotated[str, typer.Option(help="Currency of rows that name none.")] = "USD",
    time_zone: Annotated[str, typer.Option(help="Zone of times without an offset, and of purchase days.")] = "UTC",
    at_format: Annotated[str | None, typer.Option(help="How times are written, as for strptime: '%d.%m.%Y'.")] = None,
    policy: Annotated[Path | None, typer.Option(help="JSON of policy fields to test.", dir_okay=False)] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A policy field to test; may be repeated.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding.")] = "utf-8",
) -> None:
    """Test the model on a history of your own: what it would have said then, held against what happened.

    With --cutoff everybody known by that day gets a risk: the probability of no purchase in the --horizon after it.
    With --start the history is lived through from there, with a refit every --refit days, and alerts are raised as the
    service would have raised them: as many as there are silences of over --gap days, the threshold set by each refit.
    Nothing after the cut-off, or after a refit, is read before it. Without either a cut-off is chosen and told.
    Beside the model stand the rules that everybody uses. A row that cannot be read is told and left out; where there
    are no amounts, dates are enough. Whatever FILE holds, no instance is needed and none is touched.

    [bold]Examples[/]

      lifestage backtest orders.csv             [dim]# cut-off and horizon are chosen[/]
      lifestage backtest orders.csv --cutoff 2025-06-30 --horizon 90 --out risks.csv
      lifestage backtest orders.csv.gz --customer buyer --at ordered_at --amount total --cutoff 2025-06-30 --horizon 30
      lifestage backtest orders.csv --start 2025-03-31 --horizon 60 --gap 120 --out alerts.csv
      lifestage backtest orders.csv --start 2025-03-31 --set alerts_per_week=20 --plots plots
    """
    decimals(currency_code)
    zone = zone_of(time_zone)
    columns = Columns(customer=customer, at=at, amount=amount or "", currency=currency)
    reading = Reading(columns=columns, currency=currency_code, zone=zone, at_format=at_format)
    asked = Asked(
        cutoff=None if cutoff is None else cutoff.date(),
        start=None if start is None else start.date(),
        horizon=horizon,
        gap=gap,
        refit=refit,
    )
    changes = settings_of(given or [], {} if policy is None else changes_in(policy))
    # Loaded here: numpy and scipy take a second, which no other command waits.
    from services.cli.backtest import run

    source = Source(path=file, encoding=encoding, amount=amount, reading=reading)
    run.backtest(run.Wanted(source=source, asked=asked, given=changes, zone_name=time_zone, out=out, plots=plots))

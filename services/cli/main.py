"""The `lifestage` program: every command, each from the module that does it."""

from typing import Final

import typer

from services.cli import audit, commands, deadletters, keys, parked, policies
from services.cli.backtest.command import backtest
from services.cli.demo.command import demo
from services.cli.importing.command import import_file
from services.cli.refit import refit
from services.cli.survey import survey

RUN: Final = "Run"
TRY: Final = "Try and fill"
LOOK_AFTER: Final = "Look after"

app: Final = typer.Typer(
    name="lifestage",
    help="Real-time customer lifecycle stages and churn alerts.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def lifestage() -> None:
    """Real-time customer lifecycle stages and churn alerts."""


app.command(rich_help_panel=RUN)(commands.up)
app.command(rich_help_panel=RUN)(commands.ingest)
app.command(rich_help_panel=RUN)(commands.scorer)
app.command(rich_help_panel=RUN)(commands.api)
app.command(rich_help_panel=TRY)(demo)
app.command("import", rich_help_panel=TRY)(import_file)
app.command(rich_help_panel=TRY)(backtest)
app.command(rich_help_panel=LOOK_AFTER)(commands.migrate)
app.add_typer(keys.app, rich_help_panel=LOOK_AFTER)
app.add_typer(policies.app, rich_help_panel=LOOK_AFTER)
app.add_typer(deadletters.app, rich_help_panel=LOOK_AFTER)
app.add_typer(parked.app, rich_help_panel=LOOK_AFTER)
app.command(rich_help_panel=LOOK_AFTER)(survey)
app.command(rich_help_panel=LOOK_AFTER)(refit)
app.command(rich_help_panel=LOOK_AFTER)(audit.verify)
app.command(rich_help_panel=LOOK_AFTER)(audit.digest)
app.command(rich_help_panel=LOOK_AFTER)(audit.rebuild)


if __name__ == "__main__":
    app()

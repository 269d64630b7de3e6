"""`lifestage refit`: the churn model fitted to all customers, tested, and brought to govern where it passes."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from services.api.model_labels import SCORERS
from services.cli import options, terminal
from services.cli.visiting import made, visited, writing
from services.scorer.refit import Refitting
from shared.adapters.compose import pool
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.models import PostgresModels
from shared.adapters.postgres.queries import PostgresQueries
from shared.config import Settings
from shared.domain.ids import SHARDS
from shared.domain.instants import rfc3339
from shared.fitting.report import BackTest, Refit
from shared.ports.models import StoredRefit


@terminal.command
def refit(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep nothing, and let nothing take effect.")] = False,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
) -> None:
    """Fit the churn model to all customers; where it passes its back-test it takes effect through the log.

    Works on a running and on a stopped instance. A scorer on a live clock makes a refit by itself every
    LIFESTAGE_REFIT_SECONDS. The exit code is 1 where the refit was refused: the model in force stays.

    [bold]Examples[/]

      lifestage refit --data /srv/lifestage
      lifestage refit --dry-run                 [dim]# what would come of it[/]
    """
    if not terminal.run(_refit(options.settings(locals()), dry_run)):
        raise typer.Exit(1)


async def _refit(settings: Settings, dry_run: bool) -> bool:
    """Whether it was accepted."""
    async with visited(settings) as known:
        fixed = await made(known)
        async with pool(known, OPERATOR) as engine:
            refitting = Refitting(
                audit=PostgresAudit(engine, fixed.partitions),
                queries=PostgresQueries(engine, fixed.partitions),
                models=PostgresModels(engine),
                partitions=fixed.partitions,
                live=fixed.clock == "live",
            )
            if dry_run:
                with terminal.progress("reading and fitting", SHARDS) as told:
                    trial = await refitting.trial(told)
                _show(trial)
                return trial.accepted
            stored = await _made(known, refitting)
        _show(stored.refit)
        if stored.effective_at is not None:
            terminal.out.print(f"{stored.refit.version} takes effect at {rfc3339(stored.effective_at)}")
        return stored.refit.accepted


async def _made(known: Settings, refitting: Refitting) -> StoredRefit:
    async with writing(known) as writer:
        with terminal.progress("reading and fitting", SHARDS) as told:
            return await refitting.made(writer, told)


def _show(refit: Refit) -> None:
    verdict = "[green]accepted[/]" if refit.accepted else f"[bold red]refused[/] ({refit.reason})"
    terminal.out.print(f"{refit.version}: {verdict}. {escape(refit.said)}")
    report = refit.report
    if report.sampled < 1:
        terminal.out.print(f"{report.sampled:.1%} of the customers were looked at: {report.customers}")
    if report.back_test is not None:
        terminal.out.print(_scores(report.back_test))
    if report.threshold is not None:
        rate = "" if report.alerts_per_week is None else f", about {report.alerts_per_week:.1f} alerts a week lately"
        terminal.out.print(f"silence from a probability of {report.threshold:.3f} on{rate}")
    if report.lines:
        terminal.out.print(f"lines with members of their own: {escape(', '.join(report.lines))}")


def _scores(test: BackTest) -> Table:
    table = Table(title=f"Back-test over {test.horizon_days} days: {test.customers} customers, {test.churn:.1%} left")
    table.add_column("what speaks")
    for heading in ("AUC", "log-loss", "off by", "mean probability"):
        table.add_column(heading, justify="right")
    for member, score in test.scores.items():
        figures = (score.auc, score.log_loss, score.ece, score.mean_p)
        shown = ["–" if figure is None else f"{figure:.3f}" for figure in figures]
        table.add_row(SCORERS[member].en, *shown)
    return table

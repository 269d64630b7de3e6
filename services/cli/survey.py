"""`lifestage survey`: every customer looked at once, for the reports and, where asked for, to govern."""

from typing import Annotated

import typer

from services.cli import options, terminal
from services.cli.visiting import made, visited, writing
from services.scorer.issuing import effect, issue
from services.scorer.survey import Conducted, conduct
from services.scorer.surveyor import model_of
from shared.adapters.compose import pool
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.surveys import PostgresSurveys
from shared.config import Settings
from shared.domain.controls import ModelChange
from shared.domain.ids import SHARDS
from shared.domain.instants import rfc3339


@terminal.command
def survey(
    apply: Annotated[
        bool, typer.Option("--apply", help="Let what is found govern: priors of rhythm, tiers, odds. Stages may move.")
    ] = False,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
) -> None:
    """Look at every customer once and store what they tell: the reports of the api are read from the newest survey.

    Works on a running and on a stopped instance. A scorer makes a survey by itself every LIFESTAGE_SURVEY_SECONDS.

    [bold]Examples[/]

      lifestage survey --data /srv/lifestage
      lifestage survey --apply                  [dim]# and let what was found take effect through the log[/]
    """
    terminal.run(_survey(options.settings(locals()), apply))


async def _survey(settings: Settings, apply: bool) -> None:
    async with visited(settings) as known:
        fixed = await made(known)
        partitions = fixed.partitions
        async with pool(known, OPERATOR) as engine:
            with terminal.progress("surveying", SHARDS) as told:
                conducted = await conduct(PostgresAudit(engine, partitions), PostgresSurveys(engine), told=told)
            _show(conducted)
            if apply:
                control = await _apply(
                    known, conducted, PostgresQueries(engine, partitions), live=fixed.clock == "live"
                )
                terminal.out.print(f"{control.id} takes effect at {rfc3339(control.effective_at)}")


async def _apply(known: Settings, conducted: Conducted, queries: PostgresQueries, *, live: bool) -> ModelChange:
    async with writing(known) as writer:
        return await issue(model_of(conducted), writer, await effect(queries.positions, live=live))


def _show(conducted: Conducted) -> None:
    told = conducted.stored.survey
    broken = [check.code for check in told.checks if check.holds is False]
    show = terminal.out.print
    show(f"survey {conducted.stored.id}: {told.customers} customers as of {rfc3339(told.as_of)}, {told.gaps} gaps")
    if told.parked:
        show(f"{told.parked} parked customers were left out")
    if broken:
        show(f"[yellow]checks that do not hold:[/] {', '.join(broken)}")

"""`lifestage verify`, `digest` and `rebuild`: whether what is stored is what the events say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import typer
from rich.markup import escape

from services.cli import options, terminal
from services.cli.visiting import made, visited
from services.scorer.digest import digest as digested
from services.scorer.rebuild import rebuild as rebuilt
from services.scorer.verify import Report
from services.scorer.verify import verify as verified
from shared.adapters.compose import pool
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR, SCORER
from shared.adapters.postgres.store import PostgresStore
from shared.config import Settings
from shared.domain.ids import SHARDS

SHOWN: Final = 20


@terminal.command
def verify(data: options.Data = None, database_url: options.DatabaseUrl = None) -> None:
    """Fold every customer again and compare with what is stored; check the books of the partitions too.

    Works on a running and on a stopped instance, and changes nothing. Exit code 1 when something does not hold.

    [bold]Examples[/]

      lifestage verify --data /srv/lifestage
      lifestage verify --database postgresql://me:secret@db/lifestage
    """
    if not terminal.run(_verify(options.settings(locals()))):
        raise typer.Exit(1)


@terminal.command
def digest(
    current: Annotated[
        bool, typer.Option("--current", help="Leave out what depends on the order in which events arrived.")
    ] = False,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Print one SHA-256 over all states, transitions, due times and alerts: equal digests, equal truth.

    [bold]Examples[/]

      lifestage digest --data /srv/lifestage
      lifestage digest --current                [dim]# the same whatever order the events came in[/]
    """
    typer.echo(terminal.run(_digest(options.settings(locals()), current)))


@terminal.command
def rebuild(data: options.Data = None, database_url: options.DatabaseUrl = None) -> None:
    """Fold every customer again from the stored events, and correct in the open what differs.

    Safe on a running instance: its scorers give way and come back.

    [bold]Example[/]

      lifestage rebuild --data /srv/lifestage
    """
    terminal.run(_rebuild(options.settings(locals())))


async def _verify(settings: Settings) -> bool:
    async with _audited(settings) as audit:
        with terminal.progress("checking", SHARDS) as told:
            report = await verified(audit, told=told)
    _show(report)
    return not report.problems


async def _digest(settings: Settings, current: bool) -> str:
    async with _audited(settings) as audit:
        with terminal.progress("reading", SHARDS) as told:
            return await digested(audit, current=current, told=told)


async def _rebuild(settings: Settings) -> None:
    async with visited(settings) as known:
        partitions = (await made(known)).partitions
        async with pool(known, SCORER) as engine:
            with terminal.progress("customers") as told:
                done = await rebuilt(PostgresStore(engine, partitions), partitions, told=told)
    terminal.out.print(f"{done} customers were folded again")


@asynccontextmanager
async def _audited(settings: Settings) -> AsyncIterator[PostgresAudit]:
    async with visited(settings) as known:
        partitions = (await made(known)).partitions
        async with pool(known, OPERATOR) as engine:
            yield PostgresAudit(engine, partitions)


def _show(report: Report) -> None:
    show = terminal.out.print
    show(
        f"looked at {report.customers} customers, {report.parked} of them parked, {report.events} events,"
        f" {report.transitions} transitions, {report.alerts} alerts"
    )
    for problem in report.problems[:SHOWN]:
        show(f"[red]{problem.invariant}[/] {escape(problem.where)}: {escape(problem.found)}")
    if len(report.problems) > SHOWN:
        show(f"… and {len(report.problems) - SHOWN} more")
    show("[green]everything holds[/]" if not report.problems else f"[red]{len(report.problems)} problems[/]")

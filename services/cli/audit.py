"""`lifestage verify`, `digest` and `rebuild`: whether what is stored is what the events say."""

from collections.abc import AsyncIterator, Mapping
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
from shared.domain.errors import LifestageError
from shared.domain.ids import SHARDS

SHOWN: Final = 20


class UnknownPartition(LifestageError):
    """The log has no such partition."""

    code = "unknown_partition"

    def __init__(self, partition: int, partitions: int) -> None:
        super().__init__(f"partition {partition} does not exist: this instance has {partitions}, counted from 0")


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
def rebuild(
    resume: Annotated[
        list[str] | None,
        typer.Option("--resume", metavar="PARTITION:OFFSET", help="Afterwards go on from there; repeat for more."),
    ] = None,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Fold every customer again from the stored events, and correct in the open what differs.

    Safe on a running instance: its scorers give way and come back. With --resume a partition that is halted, because
    the log no longer keeps what it had to read next, goes on from the offset; what lies between is not read.

    [bold]Examples[/]

      lifestage rebuild --data /srv/lifestage
      lifestage rebuild --resume 2:104100       [dim]# the halted partition's message tells the offset[/]
    """
    places = dict(_place(text) for text in resume or ())
    terminal.run(_rebuild(options.settings(locals()), places))


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


async def _rebuild(settings: Settings, resume: Mapping[int, int]) -> None:
    async with visited(settings) as known:
        partitions = (await made(known)).partitions
        if unknown := [partition for partition in resume if partition >= partitions]:
            raise UnknownPartition(unknown[0], partitions)
        async with pool(known, SCORER) as engine:
            with terminal.progress("customers") as told:
                done = await rebuilt(PostgresStore(engine, partitions), partitions, resume=resume, told=told)
    terminal.out.print(f"{done} customers were folded again")


def _place(text: str) -> tuple[int, int]:
    partition, _, offset = text.partition(":")
    if not (partition.isdecimal() and offset.isdecimal()):
        raise typer.BadParameter(f"{text!r} is not PARTITION:OFFSET, as in 2:104100", param_hint="--resume")
    return int(partition), int(offset)


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

"""`lifestage dead-letters`: records that could not be used, and giving them another try."""

from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Final

import typer
from msgspec import json, to_builtins
from rich.markup import escape
from rich.table import Table

from services.cli import options, terminal
from services.cli.visiting import PAGE, paged, visited, with_log
from shared.adapters import codec
from shared.adapters.compose import opened_log, pool, started_writer
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.workbench import PostgresWorkbench
from shared.config import Settings
from shared.domain.errors import LifestageError, MalformedRecord
from shared.domain.ids import partition_of, shard_of
from shared.domain.instants import rfc3339
from shared.ports.log import EVENTS, Appending
from shared.ports.queries import Workbench
from shared.ports.store import DeadLetter

SHOWN: Final = 70

app = typer.Typer(
    name="dead-letters", help="Look at records that could not be used, and try them again.", no_args_is_help=True
)


class UnknownLetter(LifestageError):
    """There is no such dead letter."""

    code = "unknown_dead_letter"


@app.command("list")
@terminal.command
def every(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with the whole record.")] = False,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """List the records that could not be used and were not tried again, with the reason.

    [bold]Examples[/]

      lifestage dead-letters list --data /srv/lifestage
      lifestage dead-letters list --json | jq .reason
    """
    terminal.run(_list(options.settings(locals()), as_json))


@app.command()
@terminal.command
def retry(
    partition: Annotated[int | None, typer.Argument(help="The partition of one record.")] = None,
    offset: Annotated[int | None, typer.Argument(help="Its offset.")] = None,
    every_one: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
) -> None:
    """Append records again as they are; one that still cannot be used comes back as a new dead letter.

    Do it after the reason is gone: a newer release can read them, or they lay in the wrong partition.

    [bold]Examples[/]

      lifestage dead-letters retry 2 1041
      lifestage dead-letters retry --all --data /srv/lifestage
    """
    if every_one == (partition is not None) or (partition is None) != (offset is None):
        raise typer.BadParameter("give a PARTITION and an OFFSET, or --all")
    chosen = None if partition is None or offset is None else (partition, offset)
    terminal.run(_retry(options.settings(locals()), chosen))


async def _list(settings: Settings, as_json: bool) -> None:
    table = Table("partition", "offset", "appended", "reason", "record", box=None, header_style="bold")
    async with visited(settings) as known, pool(known, OPERATOR, size=1) as engine:
        async for letter in _letters(PostgresWorkbench(engine)):
            if as_json:
                typer.echo(_json(letter))
            else:
                appended = rfc3339(letter.appended_at)
                table.add_row(
                    str(letter.partition), str(letter.offset), appended, escape(letter.reason), _short(letter)
                )
    if table.row_count:
        terminal.out.print(table)
    elif not as_json:
        terminal.out.print("there are no dead letters")


async def _retry(settings: Settings, chosen: tuple[int, int] | None) -> None:
    async with visited(settings) as known, pool(known, OPERATOR, size=1) as engine:
        workbench = PostgresWorkbench(engine)
        letters = [one async for one in _letters(workbench) if chosen in (None, (one.partition, one.offset))]
        if chosen is not None and not letters:
            raise UnknownLetter(f"there is no dead letter in partition {chosen[0]} at offset {chosen[1]}")
        if letters:
            async with with_log(known) as complete, opened_log(complete) as log, started_writer(log) as writer:
                for start in range(0, len(letters), PAGE):
                    page = letters[start : start + PAGE]
                    await writer.append(EVENTS, list(again(page, writer.partitions)))
                    await workbench.mark_retried([(letter.partition, letter.offset) for letter in page])
    terminal.out.print(f"{len(letters)} appended again")


def again(letters: Iterable[DeadLetter], partitions: int) -> Iterable[Appending]:
    """The records as they are, each in its customer's partition; where no customer can be read, where it lay."""
    for letter in letters:
        try:
            customer_id = getattr(codec.decode(letter.value), "customer_id", None)
        except MalformedRecord:
            customer_id = None
        partition = letter.partition if customer_id is None else partition_of(shard_of(customer_id), partitions)
        yield Appending(partition, letter.key, letter.value)


def _letters(workbench: Workbench) -> AsyncIterator[DeadLetter]:
    return paged(workbench.dead_letters, lambda letter: (letter.partition, letter.offset))


def _short(letter: DeadLetter) -> str:
    text = letter.value.decode(errors="backslashreplace")
    return escape(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def _json(letter: DeadLetter) -> str:
    told = {
        **to_builtins(letter),
        "appended_at": rfc3339(letter.appended_at),
        "key": None if letter.key is None else letter.key.decode(errors="backslashreplace"),
        "value": letter.value.decode(errors="backslashreplace"),
    }
    return json.encode(told).decode()

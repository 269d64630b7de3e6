"""`lifestage parked`: customers whose events make the fold raise, and giving them another try."""

from collections.abc import AsyncIterator
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from services.cli import options, terminal
from services.cli.visiting import paged, visited, with_log
from shared.adapters import codec
from shared.adapters.compose import opened_log, pool, started_writer
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.workbench import PostgresWorkbench
from shared.config import Settings
from shared.domain.controls import Retry
from shared.domain.errors import LifestageError
from shared.domain.ids import partition_of, shard_of
from shared.domain.instants import rfc3339
from shared.ports.log import EVENTS, Appending
from shared.ports.queries import Workbench
from shared.ports.store import Parked

app = typer.Typer(
    name="parked", help="Look at customers whose events cannot be folded, and try them again.", no_args_is_help=True
)


class NotParked(LifestageError):
    """The customer is not parked."""

    code = "not_parked"

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"customer {customer_id!r} is not parked: `lifestage parked list` tells who is")


@app.command("list")
@terminal.command
def every(data: options.Data = None, database_url: options.DatabaseUrl = None) -> None:
    """List parked customers with what went wrong. Their events are stored; their stage stands still.

    [bold]Example[/]

      lifestage parked list --data /srv/lifestage
    """
    terminal.run(_list(options.settings(locals())))


@app.command()
@terminal.command
def retry(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
) -> None:
    """Fold a parked customer again from all its events; one that still fails stays parked.

    [bold]Example[/]

      lifestage parked retry anna --data /srv/lifestage
    """
    terminal.run(_retry(options.settings(locals()), customer))


async def _list(settings: Settings) -> None:
    table = Table("customer", "since", "event", "error", box=None, header_style="bold")
    async with visited(settings) as known, pool(known, OPERATOR, size=1) as engine:
        async for one in _parked(PostgresWorkbench(engine)):
            table.add_row(escape(one.customer_id), rfc3339(one.parked_at), one.event_id or "", escape(one.error))
    terminal.out.print(table if table.row_count else "nobody is parked")


async def _retry(settings: Settings, customer_id: str) -> None:
    async with visited(settings) as known, pool(known, OPERATOR, size=1) as engine:
        if customer_id not in {one.customer_id async for one in _parked(PostgresWorkbench(engine))}:
            raise NotParked(customer_id)
        async with with_log(known) as complete, opened_log(complete) as log, started_writer(log) as writer:
            partition = partition_of(shard_of(customer_id), writer.partitions)
            record = Appending(partition, customer_id.encode(), codec.encode(Retry(customer_id=customer_id)))
            await writer.append(EVENTS, [record])
    terminal.out.print(f"{escape(customer_id)} is folded again as soon as a scorer comes to it")


def _parked(workbench: Workbench) -> AsyncIterator[Parked]:
    return paged(workbench.parked, lambda one: (shard_of(one.customer_id), one.customer_id))

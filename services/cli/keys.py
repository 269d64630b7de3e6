"""`lifestage keys`: the bearer keys of an instance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from services.cli import options, terminal
from services.cli.visiting import visited
from shared.adapters.compose import pool
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.keys import PostgresKeys
from shared.config import Settings
from shared.domain.errors import LifestageError
from shared.domain.instants import rfc3339
from shared.ports.clock import now
from shared.web.auth import Scope, make_key

app = typer.Typer(name="keys", help="Make, list and revoke the bearer keys of an instance.", no_args_is_help=True)


class UnknownKey(LifestageError):
    """There is no such key."""

    code = "unknown_key"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"there is no key {key_id!r}: `lifestage keys list` tells their ids")


@app.command()
@terminal.command
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, so that it can be told from others later.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; give the option again for more.")],
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Make a key. Its secret is shown once; only a hash of it is stored.

    ingest posts events; read asks; manage also acts on alerts; admin may do everything.

    [bold]Examples[/]

      lifestage keys create shop --scope ingest
      lifestage keys create dashboard --scope read --data /srv/lifestage
      lifestage keys create crm --scope ingest --scope manage --database postgresql://me:secret@db/lifestage
    """
    terminal.run(_create(options.settings(locals()), name, scope))


@app.command("list")
@terminal.command
def every(data: options.Data = None, database_url: options.DatabaseUrl = None) -> None:
    """List all keys, the oldest first. Secrets cannot be shown again.

    [bold]Example[/]

      lifestage keys list --data /srv/lifestage
    """
    terminal.run(_list(options.settings(locals())))


@app.command()
@terminal.command
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `lifestage keys list` tells it.")],
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Revoke a key: within two seconds nobody is let in with it any more.

    [bold]Example[/]

      lifestage keys revoke key_0123456789abcdef
    """
    terminal.run(_revoke(options.settings(locals()), key_id))


async def _create(settings: Settings, name: str, scopes: list[Scope]) -> None:
    key, secret = make_key(name, scopes, now())
    async with _keys(settings) as keys:
        await keys.add(key)
    terminal.err.print(f"{key.id} for {escape(name)}, {', '.join(sorted(key.scopes))}; shown once, keep it:")
    typer.echo(secret)


async def _list(settings: Settings) -> None:
    table = Table("id", "name", "scopes", "made", "revoked", box=None, header_style="bold")
    async with _keys(settings) as keys:
        for key in await keys.every():
            revoked = "" if key.revoked_at is None else rfc3339(key.revoked_at)
            table.add_row(key.id, escape(key.name), " ".join(sorted(key.scopes)), rfc3339(key.created_at), revoked)
    terminal.out.print(table)


async def _revoke(settings: Settings, key_id: str) -> None:
    async with _keys(settings) as keys:
        if not await keys.revoke(key_id, now()):
            raise UnknownKey(key_id)
    terminal.out.print(f"{escape(key_id)} is revoked")


@asynccontextmanager
async def _keys(settings: Settings) -> AsyncIterator[PostgresKeys]:
    async with visited(settings) as known, pool(known, OPERATOR, size=1) as engine:
        yield PostgresKeys(engine)

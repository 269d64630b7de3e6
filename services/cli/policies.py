"""`lifestage policy`: the numbers that govern, their versions, and what a change would do."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from getpass import getuser
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import DecodeError, ValidationError, json, structs
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from services.api.policies import Policies, Register, Wanted, register_of
from services.api.policy_answers import page_answer, policy_answer, preview_answer
from services.api.previewing import preview
from services.api.schemas.policies import FieldChange, PolicyPreview
from services.api.times import instant_of
from services.cli import options, terminal
from services.cli.visiting import made, visited, writing
from shared.adapters.compose import pool
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.queries import PostgresQueries
from shared.config import Settings
from shared.domain.errors import LifestageError
from shared.domain.ids import SHARDS
from shared.domain.instants import Instant
from shared.domain.policies import Version
from shared.domain.policy_fields import FIELDS
from shared.ports.clock import now

PATIENCE_SECONDS: Final = 30.0
LIVE: Final = "live"

app = typer.Typer(name="policy", help="Show, change and preview the numbers that govern.", no_args_is_help=True)


class BadFile(LifestageError):
    """The file holds no changes."""

    code = "bad_file"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path} cannot be used: {problem}; a JSON object of fields and values is accepted, as in"
            ' {"silent_r": 1.4}'
        )


File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help='JSON of fields and their new values, as in {"silent_r": 1.4}; - for stdin.',
        allow_dash=True,
    ),
]
Wait = Annotated[float, typer.Option("--wait", metavar="SECONDS", help="How long to wait for the instance.", min=0)]
Note = Annotated[str | None, typer.Option("--note", help="What there is to say about it.")]
At = Annotated[str | None, typer.Option("--at", metavar="INSTANT", help="When it takes effect, in RFC 3339.")]


@app.command()
@terminal.command
def show(
    version: Annotated[int | None, typer.Argument(help="A version, with all its values; else the list.")] = None,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """List the versions of the policy, or show one with all its fields.

    [bold]Examples[/]

      lifestage policy show --data /srv/lifestage
      lifestage policy show 3
    """
    terminal.run(_show(options.settings(locals()), version))


@app.command("set")
@terminal.command
def change(
    file: File,
    at: At = None,
    note: Note = None,
    wait: Wait = PATIENCE_SECONDS,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
) -> None:
    """Make a new version from changes of the newest one. It takes effect everywhere at one instant, through the log.

    [bold]Examples[/]

      lifestage policy set changes.json --data /srv/lifestage
      lifestage policy set changes.json --at 2026-09-01T00:00:00+02:00
    """
    terminal.run(_issue(options.settings(locals()), _wanted(changes_in(file), at, note), wait))


@app.command()
@terminal.command
def back(
    version: Annotated[int, typer.Argument(help="The version that is to govern again, as a new one.")],
    at: At = None,
    note: Note = None,
    wait: Wait = PATIENCE_SECONDS,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
) -> None:
    """Make an older version govern again.

    [bold]Example[/]

      lifestage policy back 2 --data /srv/lifestage
    """
    terminal.run(_issue(options.settings(locals()), _wanted(version, at, note), wait))


@app.command("preview")
@terminal.command
def foretell(
    file: File,
    at: At = None,
    days: Annotated[float, typer.Option(help="How many days to look beyond that.", min=0, max=3_650)] = 30.0,
    most: Annotated[int, typer.Option(help="How many of each kind to list; all are counted.", min=0)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="As the API answers it.")] = False,
    data: options.Data = None,
    database_url: options.DatabaseUrl = None,
) -> None:
    """Tell what a change would do to all customers, without doing it: who moves, which alerts come, which would not.

    Works on a running and on a stopped instance, and changes nothing.

    [bold]Examples[/]

      lifestage policy preview changes.json --data /srv/lifestage
      lifestage policy preview changes.json --at 2026-01-01T00:00:00Z   [dim]# what would have come of it since[/]
    """
    wanted = Wanted(changes=changes_in(file), effective_at=_instant(at))
    answer = terminal.run(_preview(options.settings(locals()), wanted, days, most))
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _tell(answer)


async def _show(settings: Settings, number: int | None) -> None:
    async with _visited(settings) as (engine, known):
        register = await register_of(PostgresQueries(engine, known.partitions), known.partitions)
    terminal.out.print(_versions(register) if number is None else _fields(register, register.version(number)))


async def _issue(settings: Settings, wanted: Wanted, wait: float) -> None:
    async with AsyncExitStack() as stack:
        engine, known = await stack.enter_async_context(_visited(settings))
        fixed = await made(known)
        writer = await stack.enter_async_context(writing(known))
        queries = PostgresQueries(engine, fixed.partitions)
        policies = Policies(queries, writer, wait, live=fixed.clock == LIVE)
        register, version = await policies.issue(wanted, (await policies.register()).newest)
    _tell_issued(register, version)


async def _preview(settings: Settings, wanted: Wanted, days: float, most: int) -> PolicyPreview:
    async with _visited(settings) as (engine, known):
        register = await register_of(PostgresQueries(engine, known.partitions), known.partitions)
        change = register.draft(wanted, now() if known.clock == LIVE else None)
        question = register.question(change, days, most)
        with terminal.progress("folding", SHARDS) as told:
            found = await preview(PostgresAudit(engine, known.partitions), question, told)
    return preview_answer(register, question, found, "en")


@asynccontextmanager
async def _visited(settings: Settings) -> AsyncIterator[tuple[AsyncEngine, Settings]]:
    """The database of an instance, and the settings as they were fixed when it was made."""
    async with visited(settings) as known:
        fixed = await made(known)
        async with pool(known, OPERATOR, size=2) as engine:
            yield engine, structs.replace(known, partitions=fixed.partitions, clock=fixed.clock)


def changes_in(path: Path) -> dict[str, object]:
    """The changes that a file holds; - is stdin. Raises BadFile."""
    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        found = json.decode(text, type=dict[str, object])
    except (DecodeError, ValidationError) as error:
        raise BadFile(path, str(error)) from None
    if not found:
        raise BadFile(path, "it names no field")
    return found


def _instant(text: str | None) -> Instant | None:
    return None if text is None else instant_of(text)


def _wanted(changes: Mapping[str, object] | int, at: str | None, note: str | None) -> Wanted:
    """What somebody at the terminal wants, who is known by the name that they are logged in with."""
    return Wanted(changes=changes, effective_at=_instant(at), actor=getuser(), note=note)


def _versions(register: Register) -> Table:
    table = Table("version", "state", "effective at", "by", "changes", "note", box=None, header_style="bold")
    for one in page_answer(register, None, len(register.versions)).items:
        state = f"{one.state}, not yet in partitions {_listed(one.pending)}" if one.pending else one.state
        words = (one.actor or "", _differing(one.changes), one.note or "")
        table.add_row(str(one.version), state, one.effective_at or "from the start", *map(escape, words))
    return table


def _fields(register: Register, version: Version) -> Table:
    values = policy_answer(register, version).values
    table = Table("field", "value", "default", "unit", "meaning", box=None, header_style="bold")
    for field in FIELDS.values():
        value, default = _shown(values[field.name]), _shown(field.default)
        mark = "bold" if value != default else ""
        table.add_row(field.name, escape(value), escape(default), field.unit or "", field.says, style=mark)
    return table


def _tell_issued(register: Register, version: Version) -> None:
    told = policy_answer(register, version)
    terminal.out.print(
        f"version {told.version} takes effect at {told.effective_at}: {escape(_differing(told.changes))}"
    )
    if told.pending:
        terminal.out.print(
            f"the log has it, but partitions {_listed(told.pending)} have not taken it in yet: they will as soon as the"
            " instance runs"
        )


def _tell(told: PolicyPreview) -> None:
    show = terminal.out.print
    show(f"{escape(_differing(told.changes))}, from {told.effective_at}")
    show(f"[bold]{told.text}[/]")
    for count, what in ((told.parked, "are parked: nothing can be told of them"), (told.broken, "would be parked")):
        if count:
            show(f"[red]{count} customers {what}[/]")
    for one in told.moves:
        line = f" ({one.line})" if one.line else ""
        show(escape(f"  moves      {one.customer_id}{line}: {one.source_label} → {one.target_label}, {one.at}"))
    for words, alerts in (("raises", told.alerts_raised), ("withdraws", told.alerts_withdrawn)):
        for alert in alerts:
            line = f" ({alert.line})" if alert.line else ""
            show(escape(f"  {words:10} {alert.customer_id}{line}: {alert.label}, {alert.at}"))


def _differing(changes: Sequence[FieldChange]) -> str:
    return ", ".join(f"{one.field} {_shown(one.before)} → {_shown(one.after)}" for one in changes)


def _shown(value: object) -> str:
    return json.encode(value).decode()


def _listed(partitions: Sequence[int]) -> str:
    return ", ".join(map(str, partitions))

"""How fast the api answers: a customer of 500 events, its cards, a page of 50, and the funnel of a million customers.

Starts a PostgreSQL, fills it, lets a scorer fold the customer's events, and asks `lifestage api`, a process of its own,
over one connection. In between, row for row, asyncpg reads the same rows by their index and nothing else.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Annotated, Final

import asyncpg
import typer
import uvloop
from msgspec import Struct
from rich.table import Table

from bench.busy import busy
from bench.feed import append
from bench.fleet import Fleet, Member
from bench.growth_seed import SEEDED_UNTIL, seed
from bench.places import Place, on_postgres, processed, scorer_at, scoring, server_folder, writing
from bench.showing import Bar, progress
from bench.showing import console as terminal
from services.api.measuring import CARDS
from services.ingest.accept import record
from shared.adapters.postgres.engine import OPERATOR, connected, make_engine
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.process import free_ports
from shared.domain.ids import shard_of

NAME: Final = "busy"
PAGE: Final = 50
WARM_UP: Final = 30
START_SECONDS: Final = 60.0
OK: Final = 200
LIMITS: Final[Mapping[str, float]] = {"customer": 30.0, "page": 50.0, "funnel": 100.0}
"""What the 99th percentile must stay below, in milliseconds; cards have the customer's."""

ROW: Final = "SELECT * FROM customer WHERE shard = $1 AND customer_id = $2"
ROWS: Final = "SELECT * FROM customer ORDER BY shard, customer_id LIMIT $1"

console = terminal()


class Question(Struct, frozen=True, kw_only=True):
    """What is asked, and the bare read that it is held against."""

    name: str
    path: str
    limit: float
    statement: str = ROW
    given: tuple[object, ...] = (shard_of(NAME), NAME)


class Answered(Struct, frozen=True, kw_only=True):
    """Milliseconds of every answer and of every bare read, and how large the answer is."""

    question: Question
    answers: list[float]
    bare: list[float]
    size: int


QUESTIONS: Final = (
    Question(name="customer", path=f"/v1/customers/{NAME}", limit=LIMITS["customer"]),
    *(
        Question(name=f"its card {card}", path=f"/v1/customers/{NAME}/{card}", limit=LIMITS["customer"])
        for card in CARDS
    ),
    Question(
        name=f"page of {PAGE}", path=f"/v1/customers?limit={PAGE}", limit=LIMITS["page"], statement=ROWS, given=(PAGE,)
    ),
    Question(name="funnel", path="/v1/funnel", limit=LIMITS["funnel"]),
)


def main(
    customers: Annotated[int, typer.Option(help="Customers in the store.", min=PAGE)] = 1_000_000,
    events: Annotated[int, typer.Option(help="Events of the customer that is asked for.", min=30)] = 500,
    times: Annotated[int, typer.Option(help="How often each question is asked.", min=100)] = 300,
) -> None:
    """Measure the api's answers against bare reads; exit code 1 when a limit is passed.

    Examples:

      python -m bench.api
      python -m bench.api --customers 10000
    """
    with progress(console) as bar:
        found = uvloop.run(_measure(customers, events, times, bar))
    if not _show(found, customers, events):
        raise typer.Exit(1)


async def _measure(customers: int, events: int, times: int, bar: Bar) -> list[Answered]:
    with server_folder() as folder:
        postgres = await PostgresServer.start(folder / "postgres")
        try:
            await _fill(postgres.url, customers, events, bar)
            async with _asking(folder, postgres.url) as asker, _reading(postgres.url) as raw:
                bar.begin("asking", times * len(QUESTIONS))
                return [await _answered(one, asker, raw, times, bar.add) for one in QUESTIONS]
        finally:
            await postgres.stop()


async def _fill(url: str, customers: int, events: int, bar: Bar) -> None:
    """A store of so many customers, and one more whose events a scorer has folded."""
    engine = make_engine(url, OPERATOR)
    try:
        async with on_postgres(url) as place:
            bar.begin(f"{customers:,} customers", customers)
            await seed(engine, customers, place.partitions, bar.add)
            bar.begin(f"one of {events:,} events", events)
            await _fold(place, events, bar.add)
    finally:
        await engine.dispose()


async def _fold(place: Place, events: int, told: Callable[[int], None]) -> None:
    # They come after the time that the log has reached: none is late, and nobody else's timer fires.
    records = [record(event, place.partitions) for event in busy(NAME, events, SEEDED_UNTIL)]
    async with writing(place) as writer:
        ends = await append(writer, records)
        async with scoring([scorer_at(place, writer)]):
            await processed(place, ends, told=told)


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[asyncpg.Connection]:
    engine = make_engine(url, OPERATOR)
    try:
        async with connected(engine) as raw:
            yield raw
    finally:
        await engine.dispose()


class Asker:
    """One connection to the api that is kept open, with as little of a client as will do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self._reader, self._writer, self._key = reader, writer, key

    async def ask(self, path: str) -> int:
        """How many bytes the answer's body has. Raises RuntimeError where it is not 200."""
        lines = [f"GET {path} HTTP/1.1", "Host: here", f"Authorization: Bearer {self._key}", "", ""]
        self._writer.write("\r\n".join(lines).encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await self._reader.readexactly(int(length.split(b":")[1]))
        if int(head.split(b" ", 2)[1]) != OK:
            raise RuntimeError(f"GET {path}: {body.decode()}")
        return len(body)


@asynccontextmanager
async def _asking(folder: Path, url: str) -> AsyncIterator[Asker]:
    """The api as a process of its own."""
    (port,), key = free_ports(1), f"ls_{secrets.token_urlsafe(32)}"
    environment = {"DATABASE_URL": url, "LOG": "postgres", "PORT": str(port), "ADMIN_KEY": key}
    fleet = Fleet(folder, {f"LIFESTAGE_{name}": value for name, value in environment.items()})
    member = fleet.add("api", "api")
    try:
        asker = Asker(*await _connected(port, member), key)
        yield asker
    finally:
        await fleet.end()


async def _connected(port: int, member: Member) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                if not member.running:
                    raise RuntimeError(f"the api ended: {member.tail()}") from None
                await asyncio.sleep(0.1)


async def _answered(
    question: Question, asker: Asker, raw: asyncpg.Connection, times: int, told: Callable[[float], None]
) -> Answered:
    read = await raw.prepare(question.statement)
    answers, bare, size = [], [], 0
    for turn in range(WARM_UP + times):
        begun = perf_counter()
        await read.fetch(*question.given)
        between = perf_counter()
        size = await asker.ask(question.path)
        if turn >= WARM_UP:
            bare.append((between - begun) * 1_000)
            answers.append((perf_counter() - between) * 1_000)
            told(1)
    return Answered(question=question, answers=answers, bare=bare, size=size)


def _show(found: list[Answered], customers: int, events: int) -> bool:
    table = Table(title=f"Milliseconds of an answer: {customers:,} customers in the store, {events:,} events of one")
    for heading in ("asked for", "p50", "p99", "bare p50", "bare p99", "ratio", "KB", "p99 must stay below"):
        table.add_column(heading, justify="left" if heading == "asked for" else "right")
    kept = True
    for each in found:
        (middle, last), (bare, bare_last) = _cuts(each.answers), _cuts(each.bare)
        kept = kept and last < each.question.limit
        figures = [f"{figure:.2f}" for figure in (middle, last, bare, bare_last)]
        limit = f"[{'green' if last < each.question.limit else 'bold red'}]{each.question.limit:.0f}[/]"
        table.add_row(each.question.name, *figures, f"{middle / bare:.0f}", f"{each.size / 1_024:.1f}", limit)
    console.print(table)
    console.print("[green]within the limits[/]" if kept else "[bold red]a limit was passed[/]")
    return kept


def _cuts(figures: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    cuts = quantiles(figures, n=100)
    return cuts[49], cuts[98]


if __name__ == "__main__":
    typer.run(main)

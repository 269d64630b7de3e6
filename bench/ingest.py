"""What the door costs: `POST /v1/events` beside a bare route that decodes the same body and awaits the same appends.

Both are served by one process over one log; a client in another process asks them in turn, so that what the machine
does meanwhile hits both. The bare route decodes with msgspec into plain values and appends records made beforehand: it
checks nothing, makes nothing and counts nothing.
"""

import asyncio
import json
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import median, quantiles
from time import process_time
from typing import Annotated, Final, NamedTuple

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.places import opened, server_folder
from bench.posting import poster
from services.ingest.accept import Door, record
from services.ingest.app import ingest_app
from services.ingest.clock import LIVE, Clock
from services.ingest.formats.envelope import Receipt
from services.ingest.formats.native import read
from services.ingest.routes import ingest_routes
from shared.adapters.memory.keys import MemoryKeys
from shared.ports.clock import now
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.ports.store import Position
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import HttpMetrics, IngestMetrics
from shared.web.auth import Guard, Scope, make_key
from shared.web.server import listen, serve

REQUIRED: Final = 0.5
WARMING: Final = 3


class Round(NamedTuple):
    """Requests a second, and milliseconds of the server's processor for each."""

    rate: float
    cpu: float


def main(
    log: Annotated[str, typer.Option(help="memory, postgres, kafka1 or kafka4.")] = "kafka4",
    events: Annotated[int, typer.Option(help="Events in a request.")] = 100,
    requests: Annotated[int, typer.Option(help="Requests of a round.")] = 160,
    connections: Annotated[int, typer.Option(help="Connections that post at once.")] = 8,
    rounds: Annotated[int, typer.Option(help="Rounds of each.")] = 40,
) -> None:
    """Measure the door against a bare route; fails when it reaches less than half of it."""
    bare, ours = uvloop.run(_measure(log, events, requests, connections, rounds))
    ratios = [mine.rate / reference.rate for mine, reference in zip(ours, bare, strict=True)]
    table = Table(title=f"{events} events a request, {connections} connections, log: {log}")
    for column in ("route", "requests/s", "events/s", "server CPU ms a request"):
        table.add_column(column, justify="left" if column == "route" else "right")
    for name, found in (("bare", bare), ("/v1/events", ours)):
        rate, cpu = median(one.rate for one in found), median(one.cpu for one in found)
        table.add_row(name, f"{rate:,.0f}", f"{rate * events:,.0f}", f"{cpu:.2f}")
    Console().print(table)
    ratio, (low, _, high) = median(ratios), quantiles(ratios, n=4)
    Console().print(f"ratio {ratio:.2f} (half of the rounds {low:.2f} to {high:.2f}; required {REQUIRED} over Kafka)")
    if ratio < REQUIRED and log.startswith("kafka"):
        raise typer.Exit(1)


async def _measure(
    log: str, events: int, requests: int, connections: int, rounds: int
) -> tuple[list[Round], list[Round]]:
    body = json.dumps([_event(number) for number in range(events)]).encode()
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(opened(log))
        writer = place.writer()
        await writer.start()
        stack.push_async_callback(writer.stop)
        file = stack.enter_context(server_folder()) / "body.json"
        file.write_bytes(body)
        secret = secrets.token_urlsafe(32)
        stop = asyncio.Event()
        apps = {"bare": _bare(body, writer), "/v1/events": await _ours(writer, secret)}
        listeners = {name: listen("127.0.0.1", 0) for name in apps}
        serving = [asyncio.create_task(serve(app, listeners[name], until=stop)) for name, app in apps.items()]
        found: dict[str, list[Round]] = {name: [] for name in apps}
        client = await stack.enter_async_context(poster("/v1/events", secret, file))
        for number in range(rounds + WARMING):
            for name, listener in listeners.items():
                used = process_time()
                seconds = await client.post(listener.getsockname()[1], requests, connections)
                if number >= WARMING:
                    cpu = (process_time() - used) * 1000 / requests
                    found[name].append(Round(requests / seconds, cpu))
        stop.set()
        await asyncio.gather(*serving)
    return found["bare"], found["/v1/events"]


def _bare(body: bytes, writer: LogWriter) -> Starlette:
    made = read(body, Receipt(at=now())).events
    records: Sequence[Appending] = [record(event, writer.partitions) for event in made]

    async def post(request: Request) -> Response:
        msgspec.json.decode(await request.body())
        await writer.append(EVENTS, records)
        return Response(b'{"accepted": 100}', status_code=202, media_type="application/json")

    return Starlette(routes=[Route("/v1/events", post, methods=["POST"])])


async def _ours(writer: LogWriter, secret: str) -> Starlette:
    catalogue, keys = Catalogue("bench"), MemoryKeys()
    await keys.add(make_key("bench", [Scope.INGEST], now(), secret)[0])
    metrics, http = IngestMetrics(catalogue), HttpMetrics(catalogue)
    clock = Clock(LIVE, writer, metrics, _no_positions, _no_ends, now=now)  # nobody asks it
    routes = ingest_routes(Door(writer, metrics), clock, Guard(keys), metrics, now=now)
    return ingest_app(routes, catalogue, http, _ready)


async def _ready() -> str | None:
    return None


async def _no_positions() -> Sequence[Position]:
    return []


async def _no_ends() -> dict[int, int]:
    return {}


def _event(number: int) -> dict[str, object]:
    return {
        "id": f"order-{number}",
        "source": "shop",
        "type": "purchase",
        "customer_id": f"customer-{number}",
        "occurred_at": "2025-12-01T10:00:00Z",
        "data": {"order_id": f"{number}", "amount": "19.90", "currency": "EUR"},
    }


if __name__ == "__main__":
    typer.run(main)

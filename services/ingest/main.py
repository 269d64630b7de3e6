"""Ingest as a process of its own: opens the adapters, takes events and ticks until told to stop."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from services.ingest.accept import Door
from services.ingest.app import ingest_app
from services.ingest.clock import LIVE, Clock
from services.ingest.routes import ingest_routes
from services.ingest.ticker import Ticker
from shared.adapters.compose import log_ends, opened_log, pool, started_writer
from shared.adapters.postgres.engine import READER
from shared.adapters.postgres.keys import PostgresKeys
from shared.adapters.postgres.queries import PostgresQueries
from shared.config import Settings
from shared.ports.clock import now
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import HttpMetrics, IngestMetrics
from shared.web.auth import Guard
from shared.web.server import listen, serve

CONNECTIONS: Final = 3
"""For keys, which are remembered for seconds, and for the clock: events never touch the database."""


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Take events until told to stop. Raises what ends it otherwise."""
    catalogue = Catalogue("ingest")
    listener = listen(settings.host, settings.port)
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened_log(settings))
        writer = await stack.enter_async_context(started_writer(log))
        ends = await stack.enter_async_context(log_ends(settings, log))
        engine = await stack.enter_async_context(pool(settings, READER, CONNECTIONS))
        queries = PostgresQueries(engine, settings.partitions)

        async def ready() -> str | None:
            return "it is about to stop" if stop.is_set() else None

        metrics = IngestMetrics(catalogue)
        door = Door(writer, metrics, most=settings.in_flight, patience=settings.log_seconds + 2)
        clock = Clock(settings.clock, writer, metrics, queries.positions, ends, now=now)
        routes = ingest_routes(
            door, clock, Guard(PostgresKeys(engine)), metrics, now=now, skew_seconds=settings.skew_seconds
        )
        app = ingest_app(routes, catalogue, HttpMetrics(catalogue), ready, body_seconds=settings.body_seconds)
        ticker = Ticker(
            writer,
            metrics,
            queries.positions,
            ends,
            clock=now,
            every=settings.tick_seconds,
            settling=settings.settling_seconds,
        )
        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(ticker.run()) if settings.clock == LIVE else None
            await serve(app, listener, until=stop, stop_seconds=settings.stop_seconds / 2)
            if ticking is not None:
                ticking.cancel()

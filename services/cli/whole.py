"""The whole of Lifestage in one process: ingest and api on one port, the scorer beside them, on one log and store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from msgspec import Struct
from starlette.types import ASGIApp

from services.api.app import create_app
from services.api.policies import completed
from services.ingest.accept import Door
from services.ingest.clock import LIVE, Clock
from services.ingest.openapi import DOCUMENT
from services.ingest.routes import ingest_routes
from services.ingest.ticker import Ticker
from services.scorer.loop import Scorer
from services.scorer.main import Companion, companions, connections
from shared.adapters.compose import log_ends, opened_log, pool, started_writer
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR, READER, SCORER
from shared.adapters.postgres.keys import PostgresKeys
from shared.adapters.postgres.models import PostgresModels
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.adapters.postgres.surveys import PostgresSurveys
from shared.config import Settings
from shared.ports.clock import now
from shared.ports.queries import Keys
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import IngestMetrics, ScorerMetrics
from shared.telemetry.model import ModelMetrics
from shared.web.auth import Guard

READERS: Final = 8
READY_SECONDS: Final = 3.0


class Whole(Struct, frozen=True, kw_only=True):
    """The parts, made and not yet running."""

    app: ASGIApp
    scorer: Scorer
    companions: list[Companion]
    ticker: Ticker | None
    """None on a test clock."""
    keys: Keys
    ready: Callable[[], Awaitable[str | None]]


@asynccontextmanager
async def assembled(settings: Settings, stop: asyncio.Event, *, alone: bool) -> AsyncIterator[Whole]:
    """Make the parts over a log and a store that are opened here and closed in the end.

    `alone` says that no other process scores, so that all partitions have to be ours before we are ready.
    """
    catalogue = Catalogue("up")
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened_log(settings, writers=2))
        writer = await stack.enter_async_context(started_writer(log))
        relay = await stack.enter_async_context(started_writer(log))
        scoring = await stack.enter_async_context(pool(settings, SCORER, connections(settings)))
        reading = await stack.enter_async_context(pool(settings, READER, READERS))
        looking = await stack.enter_async_context(pool(settings, OPERATOR, size=1))
        keys, queries = PostgresKeys(reading), PostgresQueries(reading, settings.partitions)
        ends = await stack.enter_async_context(log_ends(settings, log))
        metrics = ScorerMetrics(catalogue)
        beside = await stack.enter_async_context(companions(settings, relay, metrics, ModelMetrics(catalogue)))
        store = PostgresStore(scoring, settings.partitions)
        scorer = Scorer(store, log.reader(), relay, metrics)

        async def ready() -> str | None:
            if stop.is_set():
                return "it is about to stop"
            if alone and len(scorer.owned) < settings.partitions:
                return f"the scorer has {len(scorer.owned)} of {settings.partitions} partitions"
            try:
                async with asyncio.timeout(READY_SECONDS):
                    await queries.positions()
            except Exception as error:
                return f"the database does not answer: {type(error).__name__}"
            return None

        ingest = IngestMetrics(catalogue)
        door = Door(writer, ingest, most=settings.in_flight, patience=settings.log_seconds + 2)
        clock = Clock(settings.clock, writer, ingest, queries.positions, ends, now=now)
        routes = ingest_routes(door, clock, Guard(keys), ingest, now=now, skew_seconds=settings.skew_seconds)
        live = settings.clock == LIVE
        app = create_app(
            queries,
            PostgresAudit(looking, settings.partitions),
            writer,
            keys,
            catalogue,
            ready,
            surveys=PostgresSurveys(reading),
            models=PostgresModels(reading),
            body_seconds=settings.body_seconds,
            live=live,
            extra_routes=routes,
            extra_openapi=DOCUMENT,
        )
        await stack.enter_async_context(completed(queries, writer))
        ticker = Ticker(
            writer,
            ingest,
            queries.positions,
            ends,
            clock=now,
            every=settings.tick_seconds,
            settling=settings.settling_seconds,
        )
        yield Whole(app=app, scorer=scorer, companions=beside, ticker=ticker if live else None, keys=keys, ready=ready)

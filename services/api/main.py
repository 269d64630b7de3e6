"""The api as a process of its own: opens the adapters and answers until told to stop."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from services.api.app import create_app
from services.api.policies import completed
from shared.adapters.compose import opened_log, pool, started_writer
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR, READER
from shared.adapters.postgres.keys import PostgresKeys
from shared.adapters.postgres.models import PostgresModels
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.surveys import PostgresSurveys
from shared.config import Settings
from shared.telemetry.catalogue import Catalogue
from shared.web.server import listen, serve

CONNECTIONS: Final = 8
LIVE: Final = "live"
READY_SECONDS: Final = 3.0


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Answer until told to stop. Raises what ends it otherwise."""
    listener = listen(settings.host, settings.port)
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened_log(settings))
        writer = await stack.enter_async_context(started_writer(log))
        engine = await stack.enter_async_context(pool(settings, READER, CONNECTIONS))
        looking = await stack.enter_async_context(pool(settings, OPERATOR, size=1))
        queries = PostgresQueries(engine, settings.partitions)

        async def ready() -> str | None:
            try:
                async with asyncio.timeout(READY_SECONDS):
                    await queries.positions()
            except Exception as error:
                return f"the database does not answer: {type(error).__name__}"
            return None

        app = create_app(
            queries,
            PostgresAudit(looking, settings.partitions),
            writer,
            PostgresKeys(engine),
            Catalogue("api"),
            ready,
            surveys=PostgresSurveys(engine),
            models=PostgresModels(engine),
            body_seconds=settings.body_seconds,
            live=settings.clock == LIVE,
        )
        await stack.enter_async_context(completed(queries, writer))
        await serve(app, listener, until=stop, stop_seconds=settings.stop_seconds)

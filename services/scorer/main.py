"""The scorer as a process: opens the adapters, works until told to stop, and serves its metrics beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Protocol

from starlette.applications import Starlette

from services.scorer.loop import Scorer
from services.scorer.modelwatch import ModelWatch
from services.scorer.periodic import Periodic
from services.scorer.refit import Refitting
from services.scorer.refitter import Refitter
from services.scorer.surveyor import BESIDE, Surveyor
from services.scorer.watch import Watch
from shared.adapters.compose import opened_log, pool, started_writer
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import OPERATOR, SCORER
from shared.adapters.postgres.models import PostgresModels
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.adapters.postgres.surveys import PostgresSurveys
from shared.config import Settings
from shared.ports.clock import now
from shared.ports.log import LogWriter
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import HttpMetrics, ScorerMetrics
from shared.telemetry.model import ModelMetrics
from shared.web.observe import open_routes
from shared.web.problems import problem_handlers
from shared.web.server import listen, serve
from shared.web.stack import middleware

READY_SECONDS: Final = 3.0
COMPANION_CONNECTIONS: Final = 6
"""A survey and a refit take two each, for their lock and for a look; the watches one each."""


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Work until told to stop. Raises what ends it otherwise."""
    catalogue = Catalogue("scorer")
    listener = listen(settings.host, settings.metrics_port)
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(opened_log(settings))
        writer = await stack.enter_async_context(started_writer(log))
        engine = await stack.enter_async_context(pool(settings, SCORER, connections(settings)))
        metrics = ScorerMetrics(catalogue)
        beside = await stack.enter_async_context(companions(settings, writer, metrics, ModelMetrics(catalogue)))
        store = PostgresStore(engine, settings.partitions)
        scorer = Scorer(store, log.reader(), writer, metrics)

        async def ready() -> str | None:
            try:
                async with asyncio.timeout(READY_SECONDS):
                    await store.position(0)
            except Exception as error:
                return f"the database does not answer: {type(error).__name__}"
            return None

        app = Starlette(
            routes=open_routes(catalogue, ready),
            middleware=middleware(HttpMetrics(catalogue)),
            exception_handlers=problem_handlers({}),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(serve(app, listener, until=stop, stop_seconds=settings.stop_seconds))
            group.create_task(scorer.run(stop))
            running = [group.create_task(companion.run()) for companion in beside]
            await stop.wait()
            for task in running:
                task.cancel()


class Companion(Protocol):
    """What works beside a scorer until it is cancelled."""

    async def run(self) -> None:
        """Work."""


@asynccontextmanager
async def companions(
    settings: Settings, writer: LogWriter, metrics: ScorerMetrics, model_metrics: ModelMetrics
) -> AsyncIterator[list[Companion]]:
    """What works beside a scorer, on connections of its own.

    Surveys, a watch over the model in force and, where time is real, refits and a watch over sources. On a test clock
    refits are made when somebody says so: only then is it known to whoever sets the clock when they come.
    """
    async with pool(settings, OPERATOR, COMPANION_CONNECTIONS) as engine:
        live, queries = settings.clock == "live", PostgresQueries(engine, settings.partitions)
        audit, models = PostgresAudit(engine, settings.partitions), PostgresModels(engine)
        apply = settings.survey_apply == "on"
        surveyor = Surveyor(audit, PostgresSurveys(engine), writer, queries.positions, apply=apply, live=live)
        watch = ModelWatch(queries, models, model_metrics, partitions=settings.partitions)
        always: list[Companion] = [Periodic(surveyor, every=settings.survey_seconds, clock=now), watch]
        if not live:
            yield always
            return
        model_metrics.refits_every(settings.refit_seconds)
        refitting = Refitting(
            audit=audit, queries=queries, models=models, partitions=settings.partitions, live=live, share=BESIDE
        )
        refitter = Refitter(refitting, writer, model_metrics)
        yield [*always, Periodic(refitter, every=settings.refit_seconds, clock=now), Watch(queries, writer, metrics)]


def connections(settings: Settings) -> int:
    """One for each lane and its relay, as far as the database has enough of them, and one to look around."""
    return 2 * min(settings.partitions, 8) + 1

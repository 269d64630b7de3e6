"""Ingest as an app of its own; `lifestage up` puts the same routes on the api's port instead."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import HttpMetrics
from shared.web.observe import Ready, open_routes
from shared.web.problems import problem_handlers
from shared.web.stack import middleware


def ingest_app(
    routes: Sequence[BaseRoute], catalogue: Catalogue, http: HttpMetrics, ready: Ready, *, body_seconds: float = 15.0
) -> Starlette:
    """`ingest_routes` with health, metrics, limits and problem+json around them."""
    app = Starlette(
        routes=[*routes, *open_routes(catalogue, ready)],
        middleware=middleware(http, body_seconds=body_seconds),
        exception_handlers=problem_handlers({}),
    )
    app.router.redirect_slashes = False
    return app

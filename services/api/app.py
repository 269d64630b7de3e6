"""The api as an app: its routes, its errors, its OpenAPI document, and what it shares a port with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from services.api import openapi
from services.api.acting import Desk
from services.api.context import Context
from services.api.errors import STATUS, NotProcessedYet, PreviewBusy, PreviewTooLong, StoreFailed
from services.api.openapi import DescribedApi
from services.api.patience import PatientModels, PatientQueries, PatientReports
from services.api.policies import Policies
from services.api.previewing import Previews
from services.api.reading import Reader
from services.api.routes import alerts, customers, funnel, policies, reports
from services.api.routes import models as refits
from shared.domain.errors import LifestageError
from shared.domain.instants import Instant
from shared.ports.audit import Audit
from shared.ports.clock import now
from shared.ports.log import LogWriter
from shared.ports.models import KeptModels
from shared.ports.queries import Keys, Queries
from shared.ports.surveys import Reports
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ApiMetrics, HttpMetrics
from shared.web.auth import Guard
from shared.web.observe import Ready, open_routes
from shared.web.problems import problem_handlers, problem_response
from shared.web.stack import middleware


class Plain(BaseRoute):
    """A route of Starlette's within a FastAPI app, which by itself does not tell the metrics that it was taken."""

    def __init__(self, route: BaseRoute) -> None:
        self._route = route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the route serves a request."""
        match, child = self._route.matches(scope)
        return match, {**child, "route": self._route}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await self._route.handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The route's address."""
        return self._route.url_path_for(name, **path_params)


RETRIED: Final[Mapping[type[LifestageError], int]] = {
    StoreFailed: 1,
    NotProcessedYet: 1,
    PreviewBusy: 5,
    PreviewTooLong: 60,
}
"""What may go well later, and after how many seconds."""


async def try_again(request: Request, error: Exception) -> Response:
    """What went wrong may go well in a moment."""
    assert isinstance(error, LifestageError)
    wait = str(RETRIED[type(error)])
    return problem_response(STATUS[type(error)], error.code, str(error), {"Retry-After": wait})


def create_app(
    queries: Queries,
    audit: Audit,
    writer: LogWriter,
    keys: Keys,
    catalogue: Catalogue,
    ready: Ready,
    *,
    surveys: Reports,
    models: KeptModels,
    clock: Callable[[], Instant] = now,
    query_seconds: float = 15.0,
    action_seconds: float = 10.0,
    preview_seconds: float = 60.0,
    live: bool = False,
    body_seconds: float = 15.0,
    extra_routes: Sequence[BaseRoute] = (),
    extra_errors: Mapping[type[LifestageError], int] | None = None,
    extra_openapi: Mapping[str, Any] | None = None,
) -> FastAPI:
    """The app. `writer` must have been started; `live` says that time passes by itself.

    What shares its port comes as `extra_routes`, their errors with HTTP codes, and the OpenAPI document of both.
    """
    http, metrics = HttpMetrics(catalogue), ApiMetrics(catalogue)
    app = DescribedApi(
        extra_openapi or {},
        redirect_slashes=False,
        middleware=middleware(http, body_seconds=body_seconds),
    )
    patient = PatientQueries(queries, metrics, query_seconds)
    app.state.context = Context(
        queries=patient,
        reports=PatientReports(surveys, metrics, query_seconds),
        models=PatientModels(models, metrics, query_seconds),
        reader=Reader(patient, writer.partitions),
        desk=Desk(patient, writer, clock, action_seconds),
        policies=Policies(patient, writer, action_seconds, live=live, clock=clock),
        previews=Previews(audit, preview_seconds),
        guard=Guard(keys),
        metrics=metrics,
    )
    # Plain routes come first: the hottest one is among them.
    app.router.routes.extend(Plain(route) for route in (*extra_routes, *open_routes(catalogue, ready)))
    for routes in (customers, alerts, funnel, reports, refits, policies, openapi):
        app.include_router(routes.router)
    handlers = problem_handlers({**STATUS, **(extra_errors or {})})
    for error, handler in {**handlers, **dict.fromkeys(RETRIED, try_again)}.items():
        app.add_exception_handler(error, handler)
    return app

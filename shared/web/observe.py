"""Middleware that counts and times requests, and the routes that every process serves without a key."""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import catalogue
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import HttpMetrics
from shared.web.problems import problem_response

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Ready = Callable[[], Awaitable[str | None]]
"""Tells why the process cannot serve now, or None when it can."""


class Observe:
    """Middleware: every request is counted under the template of its route."""

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # unless an answer begins

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = perf_counter()
        try:
            await self._app(scope, receive, observed)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.answered(_template(scope), method, status, perf_counter() - begun)


def _template(scope: Scope) -> str:
    """The path template of the route that was taken. FastAPI keeps that of an included router beside the route."""
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(route, "path_format", None) or "unmatched"


def open_routes(metrics: Catalogue, ready: Ready) -> Sequence[BaseRoute]:
    """`/livez`, `/readyz` and `/metrics`: the only routes that ask for no key."""

    async def livez(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        reason = await ready()
        if reason is None:
            return JSONResponse({"status": "ok"})
        return problem_response(503, "not_ready", reason)

    async def scrape(request: Request) -> Response:
        return Response(metrics.exposition(), media_type=catalogue.MEDIA_TYPE)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", scrape)]

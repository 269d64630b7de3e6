"""Every error of every route as `application/problem+json` with `code` and `message`."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from msgspec import json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shared.domain.errors import LifestageError, LogTimeout

MEDIA_TYPE: Final = "application/problem+json"

CLOSE: Final[Mapping[str, str]] = {"Connection": "close"}
"""Sent where the rest of the request will not be read."""

_CODES: Final = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_timeout",
    409: "conflict",
    413: "too_large",
    415: "unsupported_encoding",
    429: "busy",
    500: "internal",
    503: "unavailable",
}


class Problem(HTTPException):
    """An answer that is an error. Raise it anywhere in a route, a dependency or while a body is read."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, message, headers)
        self.code = code
        self.message = message


def problem_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer itself."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    return Response(
        json.encode({**body, "message": message}), status_code=status, headers=headers, media_type=MEDIA_TYPE
    )


Handler = Callable[[Request, Any], Awaitable[Response]]


def problem_handlers(statuses: Mapping[type[LifestageError], int]) -> dict[Any, Handler]:
    """For `exception_handlers=` of Starlette or FastAPI; `statuses` gives the domain's errors their HTTP codes."""
    handlers: dict[Any, Handler] = {
        HTTPException: _http,
        RequestValidationError: _validation,
        ClientDisconnect: _gone,
        LogTimeout: _outcome_unknown,
        Exception: _internal,
    }
    return {**handlers, **{error: _domain(status) for error, status in statuses.items()}}


async def _http(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    if isinstance(error, Problem):
        return problem_response(status, error.code, error.message, error.headers)
    path, method = request.url.path[:200], request.method
    match status:
        case 404:
            message = f"there is nothing at {path}"
        case 405:
            allowed = (error.headers or {}).get("Allow", "")
            message = f"{method} is not possible at {path}; possible is {allowed}"
        case _:
            message = str(error.detail)
    return problem_response(status, _CODES.get(status, "error"), message, error.headers)


async def _validation(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    given = first.get("input")
    value = f" (got {ascii(given)[:80]})" if isinstance(given, str | int | float) else ""
    return problem_response(400, "invalid_request", f"{place}: {first['msg']}{value}")


async def _gone(request: Request, error: ClientDisconnect) -> Response:
    return problem_response(400, "disconnected", "the connection ended before the body did")


async def _outcome_unknown(request: Request, error: LogTimeout) -> Response:
    message = "outcome unknown, send again with the same id: the log did not acknowledge in time"
    return problem_response(503, LogTimeout.code, message, {"Retry-After": "1"})


async def _internal(request: Request, error: Exception) -> Response:
    return problem_response(500, "internal", "something went wrong here; it has been logged")


def _domain(status: int) -> Handler:
    async def handle(request: Request, error: LifestageError) -> Response:
        return problem_response(status, error.code, str(error))

    return handle

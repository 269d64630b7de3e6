"""The ingest routes: translate HTTP, and nothing more. Plain Starlette and msgspec, because they are hot (FACTS 21)."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from msgspec import DecodeError, Meta, Struct, json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.ingest.accept import Door, Full
from services.ingest.clock import TEST, Clock, ClockBehind, ClockStalled, ClockState, ClockUnreadable, LiveClock
from services.ingest.formats import native
from services.ingest.formats.envelope import Receipt
from services.ingest.formats.native import Reading
from services.ingest.formats.refusals import TIME_ACCEPTED, Adjustment, NotEvents, Refused, Rejection
from services.ingest.formats.values import at_instant
from shared.domain.instants import SECOND, Instant
from shared.telemetry.metrics import IngestMetrics
from shared.web.auth import Guard, Scope
from shared.web.bodies import decoded
from shared.web.problems import Problem

_JSON: Final = "application/json"


class Taken(Struct, frozen=True, kw_only=True):
    """The answer to posted events."""

    accepted: int
    rejected: list[Rejection]
    adjusted: list[Adjustment]


class Moment(Struct, frozen=True, kw_only=True):
    """What `POST /v1/clock` is told."""

    at: Annotated[datetime, Meta(tz=True)]


_answer: Final = json.Encoder().encode
_moment: Final = json.Decoder(Moment)


def ingest_routes(
    door: Door,
    clock: Clock,
    guard: Guard,
    metrics: IngestMetrics,
    *,
    now: Callable[[], Instant],
    skew_seconds: float = 600.0,
) -> list[BaseRoute]:
    """`POST /v1/events` and `/v1/clock`. On a test clock no event's time is ever set back."""
    skew = None if clock.kind == TEST else round(skew_seconds * SECOND)

    async def post_events(request: Request) -> Response:
        await guard.admit(request.headers.get("authorization"), Scope.INGEST)
        try:
            door.check()
            reading = _read(request, await request.body(), _receipt(now(), skew))
            for rejection in reading.rejected:
                metrics.rejected(rejection.code)
            if reading.events:
                await door.take(reading.events, len(reading.adjusted))
        except Full as full:
            metrics.refused(full.code)
            raise Problem(429, full.code, str(full), {"Retry-After": "1"}) from None
        except Problem as problem:
            metrics.refused(problem.code)
            raise
        taken = Taken(accepted=len(reading.events), rejected=reading.rejected, adjusted=reading.adjusted)
        return Response(_answer(taken), status_code=202, media_type=_JSON)

    async def at_clock(request: Request) -> Response:
        posted = request.method == "POST"
        await guard.admit(request.headers.get("authorization"), Scope.ADMIN if posted else Scope.READ)
        until = _told(await request.body()) if posted else None
        return Response(_answer(await _clock(clock, until)), media_type=_JSON)

    return [
        Route("/v1/events", post_events, methods=["POST"]),
        Route("/v1/clock", at_clock, methods=["GET", "POST"]),
    ]


async def _clock(clock: Clock, until: Instant | None) -> ClockState:
    try:
        if until is not None:
            await clock.move(until)
        return await clock.show()
    except (LiveClock, ClockBehind) as error:
        raise Problem(409, error.code, str(error)) from None
    except (ClockStalled, ClockUnreadable) as error:
        raise Problem(503, error.code, str(error), {"Retry-After": "1"}) from None


def _receipt(at: Instant, skew: int | None) -> Receipt:
    return Receipt(at=at) if skew is None else Receipt(at=at, latest=Instant(at + skew))


def _read(request: Request, body: bytes, receipt: Receipt) -> Reading:
    lines = "ndjson" in request.headers.get("content-type", "")
    try:
        return native.read(decoded(body, request.headers.get("content-encoding")), receipt, lines=lines)
    except NotEvents as error:
        raise Problem(400, error.code, error.message) from None


def _told(body: bytes) -> Instant:
    try:
        return at_instant(_moment.decode(body).at, "at")
    except Refused as refused:
        raise Problem(400, refused.code, refused.message) from None
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{error}; accepted is {{'at': …}} with {TIME_ACCEPTED}"
        raise Problem(400, "invalid_time", message) from None

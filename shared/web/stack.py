"""What stands around the routes of every process that serves HTTP."""

from starlette.middleware import Middleware

from shared.telemetry.metrics import HttpMetrics
from shared.web.bodies import MOST, BodyLimit
from shared.web.observe import Observe


def middleware(metrics: HttpMetrics, *, body_seconds: float = 15.0, most: int = MOST) -> list[Middleware]:
    """For `middleware=` of Starlette or FastAPI, beside `exception_handlers=problem_handlers(...)`."""
    return [
        Middleware(Observe, metrics=metrics),
        Middleware(BodyLimit, most=most, seconds=body_seconds),
    ]

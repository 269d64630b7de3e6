"""Running a service until a signal ends it: at once while it starts, later with time to finish what it has begun."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from shared.domain.errors import LifestageError
from shared.web.server import until_signalled

log: Final = logging.getLogger(__name__)

Service = Callable[[asyncio.Event, asyncio.Event], Coroutine[Any, Any, None]]
"""Is given an event to set once it has started, and one that tells it to stop."""


class Overdue(LifestageError):
    """What had to stop was cut off."""

    code = "overdue"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"what had not stopped after {seconds:g} s was cut off; nothing that was acknowledged is lost")


async def until_told(service: Service, stop_seconds: float) -> None:
    """Run a service until SIGTERM or SIGINT. Raises what ends it otherwise, and Overdue."""
    stop, started = until_signalled(), asyncio.Event()
    work = asyncio.create_task(service(started, stop))
    told = asyncio.create_task(stop.wait())
    await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not work.done() and started.is_set():
        log.info("stopping", extra={"within_seconds": stop_seconds})
        await asyncio.wait({work}, timeout=stop_seconds)
    in_time = work.done() or not started.is_set()
    work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        if not in_time:
            raise Overdue(stop_seconds) from None

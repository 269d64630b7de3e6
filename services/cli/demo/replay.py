"""A history posted day by day through the HTTP door, with a tick at the end of each day."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from time import monotonic
from typing import Final

from msgspec import Struct

from services.cli.client import Client
from services.cli.demo.history import Day

MOST: Final = 2_500
"""Events that one request may hold."""

LEAD: Final = 14
"""Days that purchases may be ahead of the ticks."""


class Reached(Struct, frozen=True, kw_only=True):
    """How far a replay has come."""

    day: date
    days: int
    events: int
    seconds: float


class Replay:
    """Posts days and, beside that, lets time pass.

    Time comes through the log, so the next days may be posted while the tick of a day is still being worked on. What
    must not happen is that a day's tick comes before the day's purchases.
    """

    def __init__(self, client: Client, days: Sequence[Day], told: Callable[[Reached], None]) -> None:
        self._client = client
        self._days = days
        self._told = told
        self._posted: asyncio.Queue[Day] = asyncio.Queue(LEAD)

    async def run(self) -> Reached:
        """Replay everything; returns when all of it has been processed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._post())
            ticking = group.create_task(self._tick())
        return ticking.result()

    async def _post(self) -> None:
        for day in self._days:
            for start in range(0, len(day.events), MOST):
                await self._client.post("/v1/events", day.events[start : start + MOST])
            await self._posted.put(day)

    async def _tick(self) -> Reached:
        begun, events = monotonic(), 0
        reached = Reached(day=self._days[0].day, days=0, events=0, seconds=0.0)
        for number in range(1, len(self._days) + 1):
            day = await self._posted.get()
            await self._client.post("/v1/clock", {"at": day.end.isoformat()})
            events += len(day.events)
            reached = Reached(day=day.day, days=number, events=events, seconds=monotonic() - begun)
            self._told(reached)
        return reached

"""What senders do while things break: post a history day by day, insist on an answer, and tell the clock."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, Final

import httpx
from msgspec import json

from bench.feed import Day
from services.ingest.formats import native
from services.ingest.formats.envelope import Receipt
from shared.domain.events import Event, Purchase
from shared.domain.instants import EARLIEST, rfc3339
from shared.domain.money import major

PIECE: Final = 8
"""Events in one request."""
AHEAD: Final = 3
"""Days that are posted ahead of the clock, so that requests are under way at any moment."""
SENDERS: Final = 4
PACE_SECONDS: Final = 0.02
"""How long a day waits on average before it is told, so that requests are under way at any moment."""
SLACK: Final = 12
"""Days that the history may be ahead of the next fault, so that it goes on while the fault strikes."""
RETRY_SECONDS: Final = 0.1
RETRIED: Final = (429, 503)
SENT_AGAIN: Final = 10
"""One day of so many may be sent again after its acknowledgement; of the others a loss would stay a loss."""
KEY = tuple[str, str, str]


def posted(event: Event) -> dict[str, Any]:
    """A purchase as a sender writes it."""
    assert isinstance(event, Purchase), "the history has purchases only"
    return {
        "id": event.id,
        "source": event.source,
        "type": "purchase",
        "customer_id": event.customer_id,
        "occurred_at": rfc3339(event.occurred_at),
        "data": {
            "order_id": event.order_id,
            "amount": major(event.amount, event.currency),
            "currency": event.currency,
        },
    }


def through_the_door(events: Sequence[Event]) -> list[Event]:
    """The events that the door makes of what is posted."""
    taken: list[Event] = []
    for first in range(0, len(events), native.MOST_EVENTS):
        body = json.encode([posted(event) for event in events[first : first + native.MOST_EVENTS]])
        taken += native.read(body, Receipt(at=EARLIEST)).events
    return taken


class Load:
    """Posts a history over HTTP with the same ids until each event is acknowledged."""

    def __init__(self, url: str, key: str, history: Sequence[Day], random: Random, told: Callable[[int], None]) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=httpx.Timeout(75, connect=5)
        )
        self._history, self._random, self._told = history, random, told
        self.days, self.day = len(history), 0
        self.until: Callable[[], float] = lambda: float("inf")
        """The day beyond which the history does not go on for now: what was sent is sent again meanwhile."""
        self.enough = asyncio.Event()
        self.acknowledged: set[KEY] = set()
        self.answers: Counter[str] = Counter()
        """By status, and by the kind of error where there was no answer."""
        self.refused: Counter[str] = Counter()
        self._room = asyncio.Semaphore(AHEAD)
        self._ended: dict[int, asyncio.Event] = {place: asyncio.Event() for place in range(len(history))}

    async def run(self) -> None:
        """Send everything; then some of it again and again until told that it is enough."""
        async with self._client, asyncio.TaskGroup() as group:
            posting = group.create_task(self._post_days())
            for place, day in enumerate(self._history):
                await self._ended[place].wait()
                await asyncio.sleep(self._random.uniform(0, 2 * PACE_SECONDS))
                while place > self.until() + SLACK:
                    await self._again(place)
                await self._tell(rfc3339(day.ends_at))
                self.day = place + 1
                self._room.release()
                self._told(1)
            await posting
            while not self.enough.is_set():
                await self._again(self.days)

    async def _again(self, place: int) -> None:
        """Send some day before a place again, and tell the time that was reached again."""
        chosen = self._random.randrange(0, place, SENT_AGAIN)
        await self._post(self._history[chosen].events)
        await self._tell(rfc3339(self._history[place - 1].ends_at))

    async def _post_days(self) -> None:
        for place, day in enumerate(self._history):
            await self._room.acquire()
            await self._post(day.events)
            self._ended[place].set()

    async def _post(self, events: Sequence[Event]) -> None:
        pieces = [events[first : first + PIECE] for first in range(0, len(events), PIECE)]
        self._random.shuffle(pieces)
        waiting = iter(pieces)

        async def send() -> None:
            for piece in waiting:
                await self._post_piece(piece)

        async with asyncio.TaskGroup() as group:
            for _ in range(SENDERS):
                group.create_task(send())

    async def _post_piece(self, piece: Sequence[Event]) -> None:
        body = json.encode([posted(event) for event in piece])
        answer = await self._insist(lambda: self._client.post("/v1/events", content=body))
        said = answer.json()
        if said["accepted"] != len(piece):
            self.refused[f"POST /v1/events: {answer.text[:200]}"] += 1
        self.acknowledged.update((event.customer_id, event.source, event.id) for event in piece)

    async def _tell(self, at: str) -> None:
        await self._insist(lambda: self._client.post("/v1/clock", json={"at": at}))

    async def _insist(self, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        while True:
            try:
                answer = await send()
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.is_success:
                    return answer
                if answer.status_code not in RETRIED:
                    said = f"POST {answer.url.path}: {answer.status_code} {answer.text[:200]}"
                    self.refused[said] += 1
            await asyncio.sleep(RETRY_SECONDS)

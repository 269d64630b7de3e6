"""An api with a log, a store and a scorer that works when it is told to: the whole path in one process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import httpx

from services.api.app import create_app
from services.api.times import instant_of
from services.scorer.batch import score
from services.scorer.refit import Refitting
from services.scorer.survey import conduct
from services.scorer.walking import walks_on
from shared.adapters import codec
from shared.adapters.memory.keys import MemoryKeys
from shared.adapters.memory.log import MemoryLog, MemoryLogWriter
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Control, Governance, Tick
from shared.domain.events import Event
from shared.domain.ids import partition_of, shard_of
from shared.domain.instants import DAY
from shared.domain.survey.survey import Survey
from shared.ports.audit import Audit
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.ports.models import StoredRefit
from shared.ports.queries import Queries
from shared.ports.store import Position, Store
from shared.telemetry.catalogue import Catalogue
from shared.web.auth import Scope, make_key
from tests import builders

PARTITIONS: Final = 4
NOW: Final = instant_of("2026-06-01T12:00:00Z")
PATIENCE_SECONDS: Final = 0.25

DAYS: Final = ("2026-01-05T10:00:00Z", "2026-01-19T10:00:00Z", "2026-02-02T10:00:00Z")
"""On which a customer buys that is then in formation."""

Answer = dict[str, Any]


class AskedStore(Store, Queries, Protocol):
    """A store that the api asks too."""


class PromptWriter(MemoryLogWriter):
    """A writer whose records are processed at once, before it tells that they are kept."""

    def __init__(self, house: "House") -> None:
        super().__init__(house.log, PARTITIONS)
        self._house = house

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        offsets = await super().append(topic, records)
        await self._house.work()
        return offsets


class House:
    """The parts, and what the tests do with them. A prompt one processes what the api appends at once.

    `audit` looks into the store that is made here, where no other is given.
    """

    def __init__(
        self, *, prompt: bool = False, store: AskedStore | None = None, writer: LogWriter | None = None
    ) -> None:
        self.log = MemoryLog(PARTITIONS, clock=lambda: NOW)
        self.memory = store if isinstance(store, MemoryStore) else MemoryStore(PARTITIONS)
        self.store: AskedStore = store or self.memory
        self.audit: Audit = self.memory
        self.keys = MemoryKeys()
        self.not_ready: str | None = None
        self.catalogue = Catalogue("api")
        self.app = create_app(
            self.store,
            self.audit,
            PromptWriter(self) if prompt else writer or self.log.writer(),
            self.keys,
            self.catalogue,
            self._ready,
            surveys=self.memory.surveys,
            models=self.memory.models,
            clock=lambda: NOW,
            query_seconds=PATIENCE_SECONDS,
            action_seconds=PATIENCE_SECONDS,
        )
        self._positions: dict[int, Position] = {}
        self._governance = dict.fromkeys(range(PARTITIONS), Governance())

    async def client(self, *scopes: Scope) -> httpx.AsyncClient:
        """A client whose key has these scopes; without any it has no key."""
        headers = {}
        if scopes:
            key, secret = make_key("anne", scopes, NOW)
            await self.keys.add(key)
            headers["Authorization"] = f"Bearer {secret}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers)

    async def told(self, *events: Event) -> None:
        """Events arrive, and are processed."""
        for event in events:
            partition = partition_of(shard_of(event.customer_id), PARTITIONS)
            self.log.append(EVENTS, [Appending(partition, event.customer_id.encode(), codec.encode(event))])
        await self.work()

    async def passed(self, until: str) -> None:
        """Time passes in every partition."""
        await self._everywhere(Tick(at=instant_of(until)))

    async def surveyed(self) -> Survey:
        """Everybody is looked at."""
        return (await conduct(self.memory, self.memory.surveys, clock=lambda: NOW)).stored.survey

    async def refitted(self) -> StoredRefit:
        """The churn model is fitted to everybody, and governs where it was accepted."""
        refitting = Refitting(
            audit=self.memory,
            queries=self.memory,
            models=self.memory.models,
            partitions=PARTITIONS,
            live=False,
            clock=lambda: NOW,
        )
        stored = await refitting.made(self.log.writer())
        await self.work()
        return stored

    async def governed(self, control: Control) -> None:
        """A control reaches every partition."""
        await self._everywhere(control)

    async def work(self) -> None:
        """Process what lies in the log."""
        for partition in range(PARTITIONS):
            if partition not in self._positions:
                self._positions[partition] = await self.store.claim(partition)
            while True:
                position = self._positions[partition]
                records = self.log.partition(EVENTS, partition).read(position.next_offset, 1_000)
                if not records and not walks_on(position):
                    break
                scored = await score(self.store, position, self._governance[partition], PARTITIONS, records)
                self._positions[partition], self._governance[partition] = scored.position, scored.governance

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Meanwhile somebody processes whatever comes."""

        async def work() -> None:
            while True:
                await self.work()
                await asyncio.sleep(0.001)

        task = asyncio.create_task(work())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _everywhere(self, entry: codec.Entry) -> None:
        self.log.append(EVENTS, [Appending(one, None, codec.encode(entry)) for one in range(PARTITIONS)])
        await self.work()

    async def _ready(self) -> str | None:
        return self.not_ready


async def answered(client: httpx.AsyncClient, path: str, **query: str | int | list[str]) -> Answer:
    """What a question is answered; it must not be refused."""
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    answer: Answer = response.json()
    return answer


async def walked(client: httpx.AsyncClient, path: str, *, limit: int, **query: str) -> list[Answer]:
    """All items of a list, read page by page."""
    items: list[Answer] = []
    page: Answer = {"next": ""}
    while page["next"] is not None:
        cursor = {"cursor": page["next"]} if page["next"] else {}
        page = await answered(client, path, limit=limit, **query, **cursor)
        assert len(page["items"]) <= limit
        items += page["items"]
    return items


def bought(customer: str, at: str, amount: int = 20_00, *, currency: str = "USD", **more: Any) -> Event:
    """A purchase, its amount in minor units."""
    return builders.purchase(
        _day(at), amount, at[:10], currency, customer=customer, **{"id": f"order {at[:10]}", **more}
    )


def asked(customer: str, at: str, **more: Any) -> Event:
    """An inquiry."""
    return builders.inquiry(_day(at), customer=customer, **more)


def complained(customer: str, at: str, **more: Any) -> Event:
    """A complaint."""
    return builders.complaint(_day(at), customer=customer, **more)


def rated(customer: str, at: str, **more: Any) -> Event:
    """An opinion; on a scale of one point nobody can make sense of it."""
    return builders.feedback(_day(at), rating=1.0, customer=customer, **more)


def noted(customer: str, at: str, **more: Any) -> Event:
    """An event of a type that we do not know."""
    return builders.other(_day(at), "app.opened", customer=customer, **more)


def _day(at: str) -> float:
    return (instant_of(at) - builders.BEGIN) / DAY

"""Ingest in this process: the whole app over a log in memory, asked through HTTP."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from msgspec.structs import replace

from services.ingest.accept import Door
from services.ingest.app import ingest_app
from services.ingest.clock import LIVE, Clock
from services.ingest.routes import ingest_routes
from shared.adapters import codec
from shared.adapters.codec import Entry
from shared.adapters.memory.keys import MemoryKeys
from shared.adapters.memory.log import MemoryLog
from shared.domain.controls import Tick
from shared.domain.instants import SECOND, Instant
from shared.ports.log import EVENTS, LogWriter, Record
from shared.ports.queries import ApiKey
from shared.ports.store import Position
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import HttpMetrics, IngestMetrics
from shared.web.auth import Guard, Scope, make_key

AT = Instant(1_767_225_600 * SECOND)  # 2026-01-01T00:00:00Z: the time of every receipt
PROBLEM = "application/problem+json"


def event(event_id: str = "e-1", customer: str = "anna", **members: Any) -> dict[str, Any]:
    bought = {"order_id": "o-1", "amount": "12.30", "currency": "EUR"}
    return {
        "id": event_id, "source": "shop", "type": "purchase", "customer_id": customer,
        "occurred_at": "2025-12-01T10:00:00Z", "data": bought, **members,
    }  # fmt: skip


class KeyRing(MemoryKeys):
    """Keys in memory that count how often they are looked up, and can be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.broken = False

    async def find(self, hashed: bytes) -> ApiKey | None:
        """The key, if it can be reached."""
        self.asked += 1
        if self.broken:
            raise ConnectionError("the database is away")
        return await super().find(hashed)


class Progress:
    """Where the partitions stand, as a scorer would have committed it."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self.at_once = True
        self.broken = False
        self.processed: dict[int, Position] = {}
        self.looks = 0

    async def positions(self) -> Sequence[Position]:
        self.looks += 1
        if self.broken:
            raise ConnectionError("password wrong")
        if self.at_once:
            self.catch_up()
        return list(self.processed.values())

    async def ends(self) -> dict[int, int]:
        return {partition: self._log.partition(EVENTS, partition).end for partition in range(self._log.partitions)}

    def catch_up(self, *partitions: int) -> None:
        """Everything that is in the log has been processed, in some partitions or in all."""
        for partition in partitions or range(self._log.partitions):
            known = self.processed.get(partition, Position(partition=partition))
            time = known.stream_time
            records = self._log.partition(EVENTS, partition).read(known.next_offset, 10**6)
            for entry, record in ((codec.decode(record.value), record) for record in records):
                if isinstance(entry, Tick):
                    time = max(time or Instant(0), entry.at or record.appended_at)
            self.processed[partition] = replace(known, next_offset=known.next_offset + len(records), stream_time=time)

    def reach(self, partition: int, at: Instant) -> None:
        """A partition has come to an instant."""
        self.processed[partition] = replace(self.processed[partition], stream_time=at)


class House:
    """The app and what stands around it; the log's writer can be replaced by one that misbehaves."""

    def __init__(
        self,
        *,
        kind: str = LIVE,
        writer: LogWriter | None = None,
        most: int = 20_000,
        patience: float = 5.0,
        body_seconds: float = 5.0,
        not_ready: str | None = None,
    ) -> None:
        self.log = MemoryLog(4)
        self.ring, self.progress = KeyRing(), Progress(self.log)
        self._not_ready = not_ready
        catalogue = Catalogue("ingest")
        metrics, http, writer = IngestMetrics(catalogue), HttpMetrics(catalogue), writer or self.log.writer()
        door = Door(writer, metrics, most=most, patience=patience)
        clock = Clock(
            kind, writer, metrics, self.progress.positions, self.progress.ends, now=lambda: AT, patience=patience
        )
        routes = ingest_routes(door, clock, Guard(self.ring), metrics, now=lambda: AT)
        self.app = ingest_app(routes, catalogue, http, self._ready, body_seconds=body_seconds)

    async def _ready(self) -> str | None:
        return self._not_ready


class Ingest:
    """What a test needs of a running ingest."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.client = client
        self.log = house.log
        self.ring = house.ring
        self.progress = house.progress

    async def key(self, *scopes: Scope) -> dict[str, str]:
        """The header of a new key."""
        key, secret = make_key("test", scopes, AT)
        await self.ring.add(key)
        return {"Authorization": f"Bearer {secret}"}

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        """Post events with a key for it; what is no body yet becomes JSON."""
        if not isinstance(body, bytes | str) and not hasattr(body, "__aiter__"):
            body = json.dumps(body)
        key = await self.key(Scope.INGEST)
        return await self.client.post("/v1/events", content=body, headers={**key, **headers})

    def records(self) -> list[Record]:
        """Everything in the events topic."""
        partitions = [self.log.partition(EVENTS, number) for number in range(self.log.partitions)]
        return [record for partition in partitions for record in partition.read(0, 10**6)]

    def entries(self) -> list[Entry]:
        """What the records say."""
        return [codec.decode(record.value) for record in self.records()]

    async def metrics(self) -> str:
        """What a scrape reads."""
        return (await self.client.get("/metrics")).text


@asynccontextmanager
async def ingest(**settings: Any) -> AsyncIterator[Ingest]:
    """A running ingest; the settings are those of House."""
    house = House(**settings)
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        yield Ingest(house, client)

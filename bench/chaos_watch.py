"""Those who look on while things break: at positions, at states and alerts, and at the topics."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic, time
from typing import Final, NamedTuple

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.adapters.kafka.cluster import TROUBLE as KAFKA_TROUBLE
from shared.adapters.kafka.cluster import close_consumer
from shared.adapters.postgres.line import TROUBLE
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC
from shared.ports.queries import Queries

LOOK_SECONDS: Final = 0.05
POLL_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 10.0


class Span(NamedTuple):
    """From when to when, on the monotonic clock."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def meets(self, others: Sequence["Span"]) -> bool:
        """Whether it has a moment in common with one of the others."""
        return any(self.start <= other.end and other.start <= self.end for other in others)


def longest(spans: Sequence[Span], outages: Sequence[Span] = ()) -> float:
    """The longest of those that meet no outage, in seconds."""
    return max((span.seconds for span in spans if not span.meets(outages)), default=0.0)


class Versions:
    """Looks at the positions all the time: the version of each partition, and when that was."""

    def __init__(self, queries: Queries, partitions: int) -> None:
        self._queries = queries
        self._partitions = partitions
        self.seen: dict[int, int] = {}
        self.seen_at = 0.0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    found = await self._queries.positions()
            except TROUBLE:
                pass
            else:
                self.seen = {position.partition: position.version for position in found}
                self.seen_at = monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    async def served_again(self, since: float, within: float) -> float | None:
        """Seconds until every partition has committed something that came after `since`; None: not in time."""
        deadline = since + within
        before = await self._after(since, deadline)
        while before is not None and monotonic() < deadline:
            if all(self.seen.get(partition, 0) > before.get(partition, 0) for partition in range(self._partitions)):
                return self.seen_at - since
            await asyncio.sleep(LOOK_SECONDS / 2)
        return None

    async def _after(self, since: float, deadline: float) -> Mapping[int, int] | None:
        """What was seen first after a moment: commits on their way then have arrived."""
        while self.seen_at < since + LOOK_SECONDS:
            if monotonic() > deadline:
                return None
            await asyncio.sleep(LOOK_SECONDS / 2)
        return dict(self.seen)


class Asker:
    """Asks the api for states and alerts ten times a second, and remembers how long nobody answered."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self.gaps: dict[str, list[Span]] = {"/v1/customers": [], "/v1/alerts": []}
        self.failed: Counter[str] = Counter()

    async def run(self) -> None:
        """Ask until cancelled."""
        headers = {"Authorization": f"Bearer {self._key}"}
        async with (
            httpx.AsyncClient(base_url=self._url, headers=headers, timeout=ANSWER_SECONDS) as client,
            asyncio.TaskGroup() as group,
        ):
            for path in self.gaps:
                group.create_task(self._ask(client, path))

    async def _ask(self, client: httpx.AsyncClient, path: str) -> None:
        answered_at: float | None = None
        while True:
            try:
                answer = await client.get(path, params={"limit": 20})
                if answer.is_success:
                    if answered_at is not None:  # before, the api was not up yet
                        self.gaps[path].append(Span(answered_at, monotonic()))
                    answered_at = monotonic()
                elif answer.status_code != 503:
                    self.failed[f"GET {path}: {answer.status_code} {answer.text[:200]}"] += 1
            except httpx.TransportError:
                pass
            await asyncio.sleep(POLL_SECONDS)


class Subscriber:
    """Reads the topics as anybody may (committed records only), and remembers how long each message waited."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self._bootstrap = bootstrap
        self._places = [TopicPartition(t, p) for t in (TRANSITIONS_TOPIC, ALERTS_TOPIC) for p in range(partitions)]
        self._offsets = dict.fromkeys(self._places, 0)
        self.waits: list[Span] = []
        """From a message's arrival in the log to our reading it."""
        self.messages: dict[tuple[str, int], list[tuple[int, bytes]]] = {}
        """Number and payload, by topic and partition, in the order of the log."""

    async def run(self) -> None:
        """Read until cancelled, with a new consumer after trouble."""
        while True:
            try:
                async with _consumer(self._bootstrap) as consumer:
                    consumer.assign(self._places)
                    for place, offset in self._offsets.items():
                        consumer.seek(place, offset)
                    await self._read(consumer)
            except KAFKA_TROUBLE:
                await asyncio.sleep(POLL_SECONDS)

    async def everything(self, within: float = 30) -> None:
        """Read until there is nothing more."""
        async with asyncio.timeout(within), _consumer(self._bootstrap) as consumer:
            ends = await consumer.end_offsets(self._places)
        reading = asyncio.create_task(self.run())
        try:
            async with asyncio.timeout(within):
                while any(len(self.messages.get((p.topic, p.partition), ())) < end for p, end in ends.items()):
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            reading.cancel()
            await asyncio.wait({reading})

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            fetched = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=5_000)
            skew = time() - monotonic()
            for place, records in fetched.items():
                for record in records:
                    headers = dict(record.headers)
                    kept = self.messages.setdefault((place.topic, place.partition), [])
                    kept.append((int(headers["lifestage-number"]), record.value or b""))
                    self.waits.append(Span(record.timestamp / 1000 - skew, monotonic()))
                self._offsets[place] = records[-1].offset + 1


@asynccontextmanager
async def _consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=100,
        request_timeout_ms=5_000,
    )
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await consumer.start()
        yield consumer
    finally:
        await close_consumer(consumer)

"""A shop in a test: what it posts, what time it is, and what an instance in this process comes to know of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import json, structs

from bench.feed import append
from bench.places import Place, processed, relayed, scorer_at, scoring, stored, writing
from services.ingest.accept import record
from services.ingest.ticker import ticks
from services.scorer.messages import AlertMessage, TransitionMessage
from shared.adapters.memory.log import MemoryLog
from shared.adapters.postgres.migrate import migrate
from shared.domain.controls import Tick
from shared.domain.customer import Customer
from shared.domain.events import Event, Purchase
from shared.domain.instants import Instant
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC, Appending, LogWriter
from shared.ports.queries import PlacedAlert, PlacedTransition
from tests import builders


def purchase(customer_id: str, at: Instant, amount: int = 40_00) -> Purchase:
    """A purchase at an instant, which names it."""
    name = f"{customer_id} at {at}"
    bought = builders.purchase(0, amount, order=name, customer=customer_id, id=name)
    return structs.replace(bought, occurred_at=at, received_at=at)


class Shop:
    """A log in memory, a store in PostgreSQL, and scorers between them while they are on."""

    def __init__(self, place: Place, log: MemoryLog, writer: LogWriter) -> None:
        self._place, self._log, self._writer = place, log, writer
        self._ends = dict.fromkeys(range(place.partitions), 0)

    async def post(self, *events: Event) -> None:
        """Append events as the door does."""
        await self._append([record(event, self._place.partitions) for event in events])

    async def tick(self, *times: Instant) -> None:
        """Let time pass to each of these instants, one after the other."""
        for at in times:
            await self._append(ticks(Tick(at=at), self._place.partitions))

    @asynccontextmanager
    async def scorers(self) -> AsyncIterator[None]:
        """Scorers are on in the block, which ends when everything has been processed and published."""
        async with scoring([scorer_at(self._place, self._writer)]):
            yield
            await self.caught_up()
            await relayed(self._place)

    async def caught_up(self) -> None:
        """Wait until everything that was appended has been processed."""
        await processed(self._place, self._ends, within=30)

    async def customer(self, customer_id: str) -> Customer:
        """The customer's state."""
        found = await self._place.queries.customer(customer_id)
        assert found is not None, f"{customer_id} is unknown"
        return found.customer

    async def transitions(self, customer_id: str) -> Sequence[PlacedTransition]:
        """What the timeline shows of the customer's stages."""
        return await self._place.queries.transitions(customer_id)

    async def alerts(self, customer_id: str) -> Sequence[PlacedAlert]:
        """What the timeline shows of the customer's alerts."""
        return await self._place.queries.alerts_of(customer_id)

    def told_of_transitions(self) -> list[TransitionMessage]:
        """What the world was told on `lifecycle.transitions`."""
        return [json.decode(body, type=TransitionMessage) for body in self._told(TRANSITIONS_TOPIC)]

    def told_of_alerts(self) -> list[AlertMessage]:
        """What the world was told on `lifecycle.alerts`."""
        return [json.decode(body, type=AlertMessage) for body in self._told(ALERTS_TOPIC)]

    async def _append(self, records: Sequence[Appending]) -> None:
        ends = await append(self._writer, records)
        self._ends = {partition: max(end, ends[partition]) for partition, end in self._ends.items()}

    def _told(self, topic: str) -> list[bytes]:
        partitions = [self._log.partition(topic, number) for number in range(self._log.partitions)]
        return [record.value for partition in partitions for record in partition.read(0, partition.end)]


@asynccontextmanager
async def open_shop(database_url: str) -> AsyncIterator[Shop]:
    """A shop whose instance nobody has used yet."""
    await migrate(database_url)
    log = MemoryLog()
    async with stored(database_url, log.partitions, log.writer, log.reader) as place, writing(place) as writer:
        yield Shop(place, log, writer)

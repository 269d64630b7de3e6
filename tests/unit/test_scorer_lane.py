"""One lane and one relay: a bounded queue, a stop that abandons, messages at least once and in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from msgspec import structs

from services.scorer import lane, relay
from services.scorer.lane import Lane
from services.scorer.relay import Relay
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Governance
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC, LogReader, Record
from shared.ports.store import Message, Store, Unit
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from tests import scoring
from tests.builders import purchases
from tests.crashing import Fails, fragile_store, fragile_writer

BATCH = 5
RECORDS = scoring.records_of(purchases(*range(0, 1_000, 10)))


class Gate:
    """A store whose transactions wait at a gate."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.open = asyncio.Event()
        self.waiting = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def begin(self, partition: int) -> AsyncIterator[Unit]:
        async with self._store.begin(partition) as unit:
            yield unit
            self.waiting.set()
            await self.open.wait()


class Reader:
    """A reader that notes what it is told."""

    def __init__(self) -> None:
        self.held = False
        self.told: list[str] = []

    def hold(self, partition: int) -> None:
        self.held = True
        self.told.append("hold")

    def release(self, partition: int) -> None:
        self.held = False
        self.told.append("release")


class World:
    """A lane with what it works on."""

    def __init__(self) -> None:
        self.store, self.log = MemoryStore(1), MemoryLog(1)
        self.metrics = ScorerMetrics(Catalogue("test"))
        self.gate, self.reader = Gate(self.store), Reader()
        self.failed: list[int] = []

    async def lane(self, store: Store | None = None) -> Lane:
        """A lane that begins where the partition stands."""
        position = await self.store.claim(0)
        return Lane(
            store or self.store,
            cast(LogReader, self.reader),
            self.metrics,
            Relay(self.store, self.log.writer(), self.metrics, 0),
            1,
            position,
            Governance.of(await self.store.controls(0)),
            self.failed.append,
        )

    async def reached(self, offset: int) -> None:
        """Wait until the committed position is there."""
        async with asyncio.timeout(5):
            while (position := await self.store.position(0)) is None or position.next_offset < offset:
                await asyncio.sleep(0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(lane, "BATCH", BATCH)
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 0.01)
    return World()


async def test_a_lane_holds_its_reader_while_more_than_two_batches_wait_and_releases_it_after(world: World) -> None:
    working = await world.lane(cast(Store, world.gate))

    working.offer(RECORDS[: 2 * BATCH])
    before = world.reader.held
    working.offer(RECORDS[2 * BATCH : 2 * BATCH + 1])
    after = world.reader.held
    world.gate.open.set()
    await world.reached(2 * BATCH + 1)
    await working.stop()

    assert (before, after) == (False, True)
    assert world.reader.told == ["hold", "release"]


async def test_a_lane_that_obeys_its_hold_never_queues_more_than_two_batches_and_what_was_under_way(
    world: World,
) -> None:
    working, longest = await world.lane(), 0

    offered = 0
    async with asyncio.timeout(5):
        while offered < len(RECORDS):
            if not world.reader.held:
                working.offer(RECORDS[offered : offered + 3])
                offered += 3
            first = working.oldest()
            longest = max(longest, 0 if first is None else offered - first.offset)
            await asyncio.sleep(0)
    await world.reached(len(RECORDS))
    await working.stop()

    assert longest <= 2 * BATCH + 3


async def test_records_offered_again_are_not_queued_again(world: World) -> None:
    working = await world.lane()

    working.offer(RECORDS[:4])
    working.offer(RECORDS[2:6])
    working.offer(RECORDS[:1])
    await world.reached(6)
    await working.stop()

    occasions = scoring.state_of((await scoring.views(world.store))["anna"]).cycle_occasions
    assert (working.position.next_offset, occasions) == (6, 6)


async def test_a_stop_abandons_the_batch_in_work_as_if_it_had_not_been_begun(world: World) -> None:
    working = await world.lane(cast(Store, world.gate))

    working.offer(RECORDS[:3])
    await world.gate.waiting.wait()
    await working.stop()

    position = await world.store.position(0)
    assert position is not None
    assert (position.next_offset, position.version) == (0, 0)
    assert await scoring.views(world.store) == {}
    assert world.failed == []


async def test_a_lane_that_another_owner_has_fenced_out_ends_and_says_so(world: World) -> None:
    working = await world.lane()

    await world.store.claim(0)
    working.offer(RECORDS[:3])
    async with asyncio.timeout(5):
        while not world.failed:
            await asyncio.sleep(0)
    await working.stop()

    assert world.failed == [0]
    assert await scoring.views(world.store) == {}


@pytest.mark.parametrize("place", range(1, 10))
async def test_a_lane_whose_store_fails_ends_and_says_so(
    world: World, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    working = await world.lane(fragile_store(world.store, Fails(place, place)))

    working.offer(RECORDS[:3])
    async with asyncio.timeout(5):
        while not world.failed:
            await asyncio.sleep(0)
    await working.stop()

    assert world.failed == [0]


def published(world: World) -> list[tuple[str, int]]:
    """(topic, number) of everything in the topics, repeats and all, in the order of each topic."""
    found = []
    for topic in (TRANSITIONS_TOPIC, ALERTS_TOPIC):
        log = world.log.partition(topic, 0)
        records: list[Record] = log.read(0, 10_000)
        found += [(topic, int(log.headers[record.offset][0][1])) for record in records]
    return found


def in_order(messages: list[Message]) -> list[tuple[str, int]]:
    """The same of the outbox."""
    return [
        (topic, message.number)
        for topic in (TRANSITIONS_TOPIC, ALERTS_TOPIC)
        for message in messages
        if message.topic == topic
    ]


async def test_a_relay_publishes_each_topic_in_the_order_of_the_outbox(world: World) -> None:
    await scoring.score(world.store, [*purchases(0, 10, 20, 30), scoring.tick(RECORDS[0].appended_at * 2)])

    await relay.relay(world.store, world.log.writer(), world.metrics, 0)

    assert published(world) == in_order(await scoring.outbox(world.store))
    assert await world.store.unpublished(0, 10) == []


async def test_a_relay_takes_as_many_turns_as_the_outbox_needs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "MOST", 2)
    await scoring.score(world.store, [*purchases(0, 10, 20, 30), scoring.tick(RECORDS[0].appended_at * 2)])

    relaying = Relay(world.store, world.log.writer(), world.metrics, 0)
    await emptied(world)
    await relaying.stop()

    assert published(world) == in_order(await scoring.outbox(world.store))


@pytest.mark.parametrize("place", range(1, 5))
async def test_a_relay_whose_log_fails_repeats_and_loses_and_reorders_nothing(
    world: World, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    await scoring.score(world.store, [*purchases(0, 10, 20, 30), scoring.tick(RECORDS[0].appended_at * 2)])

    relaying = Relay(world.store, fragile_writer(world.log.writer(), Fails(place, place)), world.metrics, 0)
    await emptied(world)
    await relaying.stop()

    said = published(world)
    assert list(dict.fromkeys(said)) == in_order(await scoring.outbox(world.store))
    assert len(said) > len(set(said)) or place == 1


async def test_a_relay_sleeps_until_there_is_something_to_say(world: World) -> None:
    relaying = Relay(world.store, world.log.writer(), world.metrics, 0)
    await asyncio.sleep(0.01)

    await scoring.score(world.store, purchases(0))
    await asyncio.sleep(0.01)
    before = published(world)
    relaying.offer(await scoring.outbox(world.store))
    await emptied(world)
    await relaying.stop()

    assert before == []
    assert len(published(world)) == 1


class CountsReads:
    """A store that counts how often its outbox is read."""

    def __init__(self, store: Store) -> None:
        self._store, self.reads = store, 0
        self.published = store.published

    async def unpublished(self, partition: int, most: int) -> Sequence[Message]:
        self.reads += 1
        return await self._store.unpublished(partition, most)


async def test_what_was_just_committed_is_published_without_being_read_back(world: World) -> None:
    store = CountsReads(world.store)
    await scoring.score(world.store, [*purchases(0, 10, 20), scoring.tick(RECORDS[0].appended_at * 2)])
    outbox = await scoring.outbox(world.store)
    relaying = Relay(cast(Store, store), world.log.writer(), world.metrics, 0)
    await emptied(world)
    reads = store.reads

    for number in range(outbox[-1].number + 1, outbox[-1].number + 6):
        relaying.offer([structs.replace(outbox[-1], number=number)])
        await asyncio.sleep(0.002)
    await relaying.stop()

    assert store.reads == reads == 1
    assert [number for _, number in published(world)[-5:]] == [outbox[-1].number + place for place in range(1, 6)]


@pytest.mark.parametrize("held", [1, 2, 3, 100])
async def test_a_relay_that_holds_less_than_is_offered_reads_the_rest_from_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(relay, "HELD", held)
    monkeypatch.setattr(relay, "MOST", 2)
    await scoring.score(world.store, [*purchases(0, 10, 20, 30), scoring.tick(RECORDS[0].appended_at * 2)])
    outbox = await scoring.outbox(world.store)

    relaying = Relay(world.store, world.log.writer(), world.metrics, 0)
    for first in range(0, len(outbox), 2):
        relaying.offer(outbox[first : first + 2])
        await asyncio.sleep(0)
    await emptied(world)
    await relaying.stop()

    assert published(world) == in_order(outbox)


async def emptied(world: World) -> None:
    """Wait until everything is published."""
    async with asyncio.timeout(5):
        while await world.store.unpublished(0, 1):
            await asyncio.sleep(0.001)

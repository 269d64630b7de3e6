"""One relay: messages at least once and in order, and none read back that was just committed."""

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

import pytest
from msgspec import structs

from services.scorer import relay
from services.scorer.relay import Relay
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC, Record
from shared.ports.store import Message, Store
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from tests import scoring
from tests.builders import purchases
from tests.crashing import Fails, fragile_writer

RECORDS = scoring.records_of(purchases(*range(0, 1_000, 10)))


class World:
    """A store and a log between which a relay works."""

    def __init__(self) -> None:
        self.store, self.log = MemoryStore(1), MemoryLog(1)
        self.metrics = ScorerMetrics(Catalogue("test"))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 0.01)
    return World()


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

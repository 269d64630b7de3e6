"""One lane: a bounded queue, and a stop that abandons."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from services.scorer import batch, lane, relay
from services.scorer.lane import Lane
from services.scorer.relay import Relay
from shared.adapters.codec import Entry
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Governance, Tick
from shared.domain.instants import SECOND
from shared.domain.policy import Policy
from shared.ports.log import LogReader
from shared.ports.store import Store, Unit
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from tests import scoring
from tests.builders import day, policy_from, purchase, purchases
from tests.crashing import Fails, fragile_store

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


async def test_a_lane_with_an_open_walk_waits_for_a_tick_takes_one_portion_and_waits_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "PORTION", 1)
    told: list[tuple[int, Entry | bytes]] = [
        *((day(0), purchase(0, customer=name)) for name in ("anna", "bo", "chen")),
        (day(0), policy_from(100, Policy(version=2))),
        *((day(100) + number * SECOND, Tick()) for number in (1, 2)),
    ]
    records = scoring.live_records(told)
    await scoring.run(world.store, records[:-1])
    working = await world.lane()

    versions = []
    for some in ([], records[-1:]):
        working.offer(some)
        for _ in range(100):
            await asyncio.sleep(0)
        versions.append(working.position.version)
    await working.stop()

    begun = versions[0]
    assert versions == [begun, begun + 2]
    assert [scoring.state_of(view).controls for view in (await scoring.views(world.store)).values()].count(1) == 2
    assert working.position.walk is not None

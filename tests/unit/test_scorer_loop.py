"""The scorer's loop over a log and a store in memory: it takes over, gives up, tries again, and catches up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from services.scorer import lane, relay
from services.scorer.loop import Scorer
from services.scorer.verify import verify
from shared.adapters import codec
from shared.adapters.codec import Entry
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.domain.ids import partition_of, shard_of
from shared.ports.log import EVENTS, Appending
from shared.ports.store import Store, Unit
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from tests import scoring
from tests.builders import day, purchases
from tests.crashing import Fails, fragile_store

PARTITIONS = 4
NAMES = ("anna", "bo", "chen", "dora", "emil", "fritz")


class World:
    """A log and a store, and scorers that come and go."""

    def __init__(self) -> None:
        self.log, self.store = MemoryLog(PARTITIONS), MemoryStore(PARTITIONS)
        self.catalogue = Catalogue("test")
        self.metrics = ScorerMetrics(self.catalogue)

    async def append(self, *entries: Entry, to: Sequence[int] = range(PARTITIONS)) -> None:
        """Append events to their partitions, and everything else to all of them."""
        writer = self.log.writer()
        for entry in entries:
            name = getattr(entry, "customer_id", None)
            places = to if name is None else [partition_of(shard_of(name), PARTITIONS)]
            await writer.append(EVENTS, [Appending(place, None, codec.encode(entry)) for place in places])

    async def told(self, *days: float) -> None:
        """Everybody buys on some days, each purchase a record."""
        for name in NAMES:
            await self.append(*purchases(*days, customer=name))

    @asynccontextmanager
    async def scorer(self, store: Store | None = None, batch: int = 2_000) -> AsyncIterator[Scorer]:
        """A scorer at work, stopped in the end."""
        stop = asyncio.Event()
        scorer = Scorer(store or self.store, self.log.reader(batch=batch), self.log.writer(), self.metrics)
        task = asyncio.create_task(scorer.run(stop))
        try:
            yield scorer
        finally:
            stop.set()
            await task

    async def caught_up(self, within: float = 5) -> None:
        """Wait until every record is processed and every message relayed."""
        async with asyncio.timeout(within):
            while not await self._done():
                await asyncio.sleep(0.01)

    def count(self, metric: str) -> float:
        """The sum of a metric over its labels."""
        lines = self.catalogue.exposition().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"lifestage_{metric}"))

    async def occasions(self) -> dict[str, int]:
        """How often everybody is known to have bought."""
        return {
            name: scoring.state_of(view).cycle_occasions for name, view in (await scoring.views(self.store)).items()
        }

    async def _done(self) -> bool:
        for partition in range(PARTITIONS):
            position = await self.store.position(partition)
            reached = 0 if position is None else position.next_offset
            if reached < self.log.partition(EVENTS, partition).end or await self.store.unpublished(partition, 1):
                return False
        return True


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 0.01)


async def test_a_scorer_works_through_every_partition(world: World) -> None:
    await world.told(0, 10, 20)

    async with world.scorer() as scorer:
        await world.caught_up()
        owned = scorer.owned

    assert owned == frozenset(range(PARTITIONS))
    assert await world.occasions() == dict.fromkeys(NAMES, 3)
    assert (await verify(world.store)).problems == []


async def test_scorers_share_the_partitions_and_take_over_what_another_leaves(world: World) -> None:
    async with world.scorer() as staying:
        async with world.scorer() as leaving:
            async with asyncio.timeout(5):
                while (len(staying.owned), len(leaving.owned)) != (2, 2):
                    await asyncio.sleep(0.01)
        await world.told(0, 10)
        await world.caught_up()

        assert staying.owned == frozenset(range(PARTITIONS))

    assert await world.occasions() == dict.fromkeys(NAMES, 2)


async def test_a_fenced_lane_gives_up_writes_nothing_and_takes_the_partition_over_again(world: World) -> None:
    await world.told(0)
    async with world.scorer():
        await world.caught_up()

        for partition in range(PARTITIONS):
            await world.store.claim(partition)
        await world.told(10)
        await world.caught_up()

    assert world.count("scorer_fenced_commits_total") >= 1
    assert await world.occasions() == dict.fromkeys(NAMES, 2)
    assert (await verify(world.store)).problems == []


async def test_a_store_that_fails_is_tried_again_with_growing_pauses_and_loses_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    await world.told(0, 10)
    away = Away()

    async with world.scorer(fragile_store(world.store, away)):
        await asyncio.sleep(0.7)
        tried = away.seen
        away.over = True
        await world.caught_up()

    assert 1 <= tried <= 12 * PARTITIONS
    assert await world.occasions() == dict.fromkeys(NAMES, 2)


@pytest.mark.parametrize("first", range(1, 40, 3))
async def test_a_store_that_fails_for_a_moment_at_any_await_is_caught_up_with(
    world: World, first: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    await world.told(0, 10)

    async with world.scorer(fragile_store(world.store, Fails(first, first + 2))):
        await world.caught_up()

    assert await world.occasions() == dict.fromkeys(NAMES, 2)
    assert (await verify(world.store)).problems == []


async def test_a_transaction_beyond_its_deadline_is_given_up_and_begun_anew(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(lane, "DEADLINE_SECONDS", 0.05)
    await world.told(0, 10)

    async with world.scorer(cast(Store, StuckOnce(world.store))):
        await world.caught_up()

    assert world.count("scorer_unknown_commits_total") == 1
    assert await world.occasions() == dict.fromkeys(NAMES, 2)


async def test_a_position_below_what_the_log_keeps_halts_that_partition_and_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    await world.told(0, 10)
    lost = partition_of(shard_of("anna"), PARTITIONS)
    world.log.trim(lost, 1)

    async with world.scorer():
        async with asyncio.timeout(5):
            while world.count("scorer_halted_partitions") != 1:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)

    kept = {name for name in NAMES if partition_of(shard_of(name), PARTITIONS) != lost}
    assert await world.occasions() == dict.fromkeys(kept, 2)


async def test_a_stop_in_the_middle_leaves_nothing_half_written(world: World) -> None:
    await world.told(*range(0, 100, 10))
    async with world.scorer(batch=3):
        await asyncio.sleep(0.01)

    between = await verify(world.store)
    async with world.scorer():
        await world.caught_up()

    assert between.problems == []
    assert await world.occasions() == dict.fromkeys(NAMES, 10)


async def test_ticks_that_wait_behind_purchases_fire_nothing_that_these_prevent(world: World) -> None:
    """Scorers off for months: purchases and ticks lie in the log as they came, and nobody falsely declines."""
    for bought in range(0, 200, 20):
        await world.told(bought)
        await world.append(scoring.tick(day(bought + 1)))

    async with world.scorer():
        await world.caught_up()

    stages = {name: scoring.state_of(view).stage for name, view in (await scoring.views(world.store)).items()}
    assert stages == dict.fromkeys(NAMES, "stability")


class Away:
    """A database that is away until told otherwise; counts how often it was asked."""

    def __init__(self) -> None:
        self.seen, self.over = 0, False

    async def __call__(self) -> None:
        self.seen += 1
        if not self.over:
            raise OSError("connection refused")


class StuckOnce:
    """A store whose first transaction does not get anywhere."""

    def __init__(self, store: Store) -> None:
        self._store, self._stuck = store, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def begin(self, partition: int) -> AsyncIterator[Unit]:
        if self._stuck:
            self._stuck = False
            await asyncio.sleep(60)
        async with self._store.begin(partition) as unit:
            yield unit

"""Any crash: at whichever await the scorer's transaction or its relay breaks, a restart ends in the same result."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from services.scorer import batch
from services.scorer.relay import relay
from services.scorer.verify import verify
from services.scorer.walking import walks_on
from shared.adapters.codec import Entry
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.domain.alerts import AlertKind
from shared.domain.controls import Governance, Retry, Tick
from shared.domain.instants import SECOND
from shared.domain.policy import Policy
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC, LogWriter, Record
from shared.ports.store import Store
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from tests import scoring
from tests.builders import (
    acknowledged,
    alert_of,
    complaint,
    day,
    fold_story,
    invoice,
    policy_from,
    purchase,
    purchases,
)
from tests.crashing import Cancels, Crash, Fuse, Raises, fragile_store, fragile_writer

SILENT = alert_of(fold_story(purchases(0, 10, 20, 30), until=120), AlertKind.SILENCE)

LOG: list[Entry | bytes] = [
    *purchases(0, 10, 20, 30),
    *purchases(0, 10, 10, 30, customer="bo"),
    b"not a record",
    scoring.tick(day(120)),
    acknowledged(119, SILENT),
    purchase(10),
    purchase(10, 777, id="purchase of day 20"),
    policy_from(130, Policy(version=2, long_gap_sigmas=0.5)),
    purchase(60),
    Retry(customer_id="bo"),
    scoring.tick(day(140)),
    *(complaint(day, customer="bo") for day in (141, 142, 143)),
    invoice(90, customer="bo"),
    scoring.tick(day(400)),
]
"""Everything that a batch can have to do: steps, repeats, a clash, a dead letter, timers, an action, a control and its
walk, and late events that take a decline back."""

LIVE_LOG: list[tuple[int, Entry | bytes]] = [
    *((day(30), one) for name in ("anna", "bo", "chen") for one in purchases(0, 10, 20, customer=name)),
    (day(30), policy_from(50, Policy(version=2, long_gap_sigmas=0.5))),
    (day(50), Tick()),
    (day(50), purchase(50, customer="chen")),
    (day(50) + SECOND, Tick()),
    (day(50) + SECOND, policy_from(15, Policy(version=3, formation_occasions=2))),
    (day(50) + SECOND, purchase(15, customer="bo")),
    (day(50) + 2 * SECOND, Tick()),
    (day(50) + 2 * SECOND, purchase(50, 200, customer="bo")),
]
"""A walk in a live partition, a customer at each tick, events in between, and a late control; it is never through."""

STORY, LIVE = scoring.records_of(LOG), scoring.live_records(LIVE_LOG)
SIZES = (5, 3, 6)
METRICS = ScorerMetrics(Catalogue("test"))


class World:
    """A store and a log that outlive the scorers that work on them."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.store, self.log = MemoryStore(1), MemoryLog(1)
        self.records = records

    async def score(self, fuse: Fuse | None = None) -> None:
        """Take the partition over and go to the end of the log, relaying the outbox after every batch."""
        store, writer = self._store(fuse), self._writer(fuse)
        position = await store.claim(0)
        governance = Governance.of(await store.controls(0))
        await relay(store, writer, METRICS, 0)
        for size in (*SIZES, *(5 for _ in self.records)):
            waiting = self.records[position.next_offset :]
            if not waiting and not walks_on(position):
                return
            done = await batch.score(store, position, governance, 1, waiting[:size])
            position, governance = done.position, done.governance
            await relay(store, writer, METRICS, 0)

    def published(self) -> list[tuple[int, bytes]]:
        """What the topics say once numbers already seen are dropped, each topic in the order in which it says it."""
        found: list[tuple[int, bytes]] = []
        for topic in (TRANSITIONS_TOPIC, ALERTS_TOPIC):
            seen: dict[int, bytes] = {}
            log = self.log.partition(topic, 0)
            for record in log.read(0, 10_000):
                seen.setdefault(int(log.headers[record.offset][0][1]), record.value)
            found += seen.items()
        return found

    async def everything(self) -> tuple[object, ...]:
        """All that was ever said of everybody, kept or published."""
        store = self.store
        letters, position = await store.dead_letters(None, 100), await store.position(0)
        assert position is not None
        stands = (position.next_offset, position.stream_time, position.walk, position.live)
        return stands, await scoring.told(store), await scoring.outbox(store), self.published(), letters

    def _store(self, fuse: Fuse | None) -> Store:
        return self.store if fuse is None else fragile_store(self.store, fuse)

    def _writer(self, fuse: Fuse | None) -> LogWriter:
        return self.log.writer() if fuse is None else fragile_writer(self.log.writer(), fuse)


async def breaks(world: World, fuse: Fuse) -> bool:
    """Whether a scorer breaks before it has reached the end."""
    task = asyncio.create_task(world.score(fuse))
    try:
        await task
    except (Crash, asyncio.CancelledError):
        return True
    return False


@pytest.fixture
def one_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portion is one customer."""
    monkeypatch.setattr(batch, "PORTION", 1)


async def undisturbed(records: Sequence[Record]) -> World:
    """A run in which nothing happened."""
    world = World(records)
    await world.score()
    return world


async def test_the_story_has_everything_in_it_that_a_batch_can_have_to_do() -> None:
    store = (await undisturbed(STORY)).store

    said = await scoring.told(store)
    assert {message.topic for message in await scoring.outbox(store)} == {TRANSITIONS_TOPIC, ALERTS_TOPIC}
    assert any(retracted for *_, retracted in said["anna"].transitions)
    assert [alert.status for alert in said["anna"].alerts if alert.actor == "eva"] == ["withdrawn"]
    assert any(one.cause == "policy" for _, one, *_ in said["bo"].transitions)
    assert (await verify(store)).problems == []


async def test_the_live_story_has_two_controls_in_a_walk_that_is_open_in_the_end(one_a_tick: None) -> None:
    store = (await undisturbed(LIVE)).store

    said, position = await scoring.told(store), await store.position(0)
    assert {scoring.state_of(one).controls for one in said.values()} == {1, 2}
    assert any(retracted for one in said.values() for *_, retracted in one.transitions)
    assert position is not None
    assert position.walk is not None
    assert (await verify(store)).problems == []


@pytest.mark.parametrize("fuse", [Raises, Cancels])
@pytest.mark.parametrize("records", [STORY, LIVE], ids=["told", "live"])
async def test_a_crash_at_any_await_and_a_restart_end_as_if_nothing_had_been(
    records: Sequence[Record], fuse: Callable[[int], Fuse], one_a_tick: None
) -> None:
    wanted = await (await undisturbed(records)).everything()
    place, broken = 0, True

    while broken:
        world = World(records)
        place += 1
        broken = await breaks(world, fuse(place))
        await world.score()
        assert await world.everything() == wanted, f"after a break at await {place}"
        assert (await verify(world.store)).problems == [], f"after a break at await {place}"

    assert place > 100


@pytest.mark.parametrize("records", [STORY, LIVE], ids=["told", "live"])
async def test_crashing_again_and_again_at_every_distance_still_ends_there(
    records: Sequence[Record], one_a_tick: None
) -> None:
    wanted = await (await undisturbed(records)).everything()

    for distance in range(25, 60):
        world, crashes = World(records), 0
        while await breaks(world, Raises(distance)):
            crashes += 1
            assert crashes < 100, f"no progress with a crash at every await {distance}"
        assert await world.everything() == wanted, f"after {crashes} crashes, each at await {distance}"

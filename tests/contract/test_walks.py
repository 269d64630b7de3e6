"""A control in a live partition, over every store: a portion of the customers at each tick, and events in between."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from services.scorer import batch, score
from services.scorer.batch import Scored
from services.scorer.verify import verify
from shared.adapters.codec import Entry
from shared.domain.controls import Release, Tick
from shared.domain.ids import shard_of
from shared.domain.instants import SECOND, Instant
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.ports.log import Record
from shared.ports.store import Walk
from tests import scoring
from tests.builders import day, policy_from, purchase
from tests.contract.stores import HOME, PARTITIONS, Place, commit, names

CROWD = names(12, prefix="crowd-")
PORTION = 5
STRICT = policy_from(100, Policy(version=2, long_gap_sigmas=0.1))
"""From day 100 on, whoever bought on day 0 only has declined."""
NOON = day(100.5)
"""When time first passes after that."""


class Log:
    """A partition's live log that grows, taken over and scored as far as it goes whenever it does."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.records: list[Record] = []

    async def said(self, at: int, *entries: Entry, sizes: Sequence[int] = (1_000,)) -> list[Scored]:
        """Entries are appended at an instant, and scored."""
        self.records += scoring.live_records([(at, entry) for entry in entries], HOME, len(self.records))
        return await scoring.run(self.place.store, self.records, sizes, partition=HOME, partitions=PARTITIONS)

    async def walk(self) -> Walk | None:
        """The walk that is open."""
        position = await self.place.store.position(HOME)
        assert position is not None
        return position.walk

    async def declined(self) -> list[str]:
        """Who is in decline, in the order of the walk."""
        told = await scoring.told(self.place.audit)
        return [name for name in in_order() if scoring.state_of(told[name]).stage is Stage.DECLINE]

    async def controlled(self) -> list[int]:
        """How many controls everybody has been through, in the order of the walk."""
        told = await scoring.told(self.place.audit)
        return [scoring.state_of(told[name]).controls for name in in_order()]


def in_order() -> list[str]:
    """The crowd as a walk meets it."""
    return sorted(CROWD, key=lambda name: (shard_of(name), name))


def seconds(count: float) -> Instant:
    """So long after noon of day 100."""
    return Instant(NOON + round(count * SECOND))


@pytest.fixture
async def log(place: Place, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Everybody bought on day 0, and a policy is to come."""
    monkeypatch.setattr(batch, "PORTION", PORTION)
    monkeypatch.setattr(batch, "CHUNK", 3)
    log = Log(place)
    await log.said(day(0), *(purchase(0, customer=name) for name in CROWD), Tick(), STRICT)
    return log


async def test_a_live_tick_takes_a_portion_through_a_control_and_time_goes_on_at_once(log: Log) -> None:
    found = []
    for count in range(3):
        scored = await log.said(seconds(count), Tick())
        found.append((len(await log.declined()), scored[-1].position.stream_time))

    assert found == [(5, seconds(0)), (10, seconds(1)), (12, seconds(2))]
    assert await log.walk() is None
    assert await log.declined() == in_order()


async def test_events_flow_while_a_walk_is_open_and_take_their_customer_through_the_control_first(log: Log) -> None:
    await log.said(seconds(0), Tick())
    *_, last = in_order()

    (scored,) = await log.said(seconds(0.5), purchase(100.5, customer=last))

    _, declined, back = (await scoring.told(log.place.audit))[last].transitions
    assert (scored.events, scored.tally.walked) == (1, 0)
    assert await log.walk() is not None
    assert (declined[1].target, declined[1].cause, declined[1].effective_at) == (Stage.DECLINE, "policy", day(100))
    assert (back[1].source, back[1].cause) == (Stage.DECLINE, "event")


async def test_of_several_ticks_in_one_second_the_first_alone_takes_a_portion(log: Log) -> None:
    scored = await log.said(seconds(0), *[Tick()] * 4)

    assert sum(one.tally.walked for one in scored) == PORTION
    assert scored[-1].position.stream_time == seconds(0)


async def test_records_after_a_tick_wait_for_its_portion_only(log: Log) -> None:
    await log.said(seconds(0), Tick())

    scored = await log.said(seconds(1), Tick(), purchase(100.5, customer=CROWD[0]), Tick())

    assert [(one.tally.walked, one.events) for one in scored] == [(0, 0), (5, 0), (0, 1)]


async def test_a_further_control_has_a_walk_go_once_around_from_where_it_stands(log: Log) -> None:
    await log.said(seconds(0), Tick(), policy_from(100.500012, Policy(version=3)))

    met = []
    for count in (2, 3, 4, 5):
        await log.said(seconds(count), Tick())
        met.append(await log.controlled())

    assert met == [
        [1] * 5 + [2] * 5 + [0] * 2,
        [1] * 5 + [2] * 7,
        [2] * 12,
        [2] * 12,
    ]
    assert await log.walk() is None


async def test_a_late_control_sets_its_walk_off_at_once_and_an_input_folded_again_counts_like_a_customer(
    log: Log,
) -> None:
    for count in range(3):
        await log.said(seconds(count), Tick())

    (scored,) = await log.said(seconds(3), policy_from(50, Policy(version=3, formation_occasions=1)))
    before = await log.controlled()
    await log.said(seconds(4), Tick())

    assert scored.position.walk == Walk(effective_at=day(50), shard=0, customer_id="")
    assert (before, await log.controlled()) == ([1] * 12, [2, 2] + [1] * 10)


async def test_a_walk_that_one_scorer_has_begun_is_ended_by_the_next(log: Log) -> None:
    first = await log.said(seconds(0), Tick())
    second = await log.said(seconds(1), Tick(), Tick())

    assert second[-1].position.epoch > first[-1].position.epoch
    assert len(await log.declined()) == 10


async def test_a_walk_that_a_migration_puts_back_to_the_beginning_goes_through_everybody(log: Log) -> None:
    await log.said(seconds(0), Tick(), policy_from(100.500012, Policy(version=3)))
    await log.said(seconds(2), Tick())
    position = await log.place.store.claim(HOME)
    assert position.walk is not None
    assert position.walk.from_customer_id != ""
    await commit(log.place.store, position, walk=replace(position.walk, shard=0, customer_id=""))

    scored = [one for count in (3, 4, 5) for one in await log.said(seconds(count), Tick())]

    assert sum(one.tally.walked for one in scored) == 12
    assert await log.walk() is None


async def test_a_parked_customer_is_left_as_it_is(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = in_order()

    def failing(customer_id: str, *given: object) -> object:
        raise ZeroDivisionError(f"{customer_id} is like no other")

    with monkeypatch.context() as broken:
        broken.setattr(score, "step", failing)
        await log.said(day(1), purchase(1, customer=first))
    for count in range(3):
        await log.said(seconds(count), Tick())

    assert await log.declined() == in_order()[1:]
    assert await log.walk() is None


async def test_a_tick_that_tells_its_own_time_takes_everybody_through_before_anything_else(log: Log) -> None:
    await log.said(seconds(0), Tick())

    await log.said(seconds(1), Release(id="release-2", effective_at=seconds(60), fold_version=2))
    scored = await log.said(seconds(2), scoring.tick(seconds(61)), purchase(100.5, customer=CROWD[0]))

    walked = [one.tally.walked for one in scored]
    assert (sum(walked), walked[-1], scored[-1].events) == (12, 0, 1)
    assert await log.walk() is None
    assert await log.controlled() == [2] * 12


async def test_verify_counts_who_is_behind_and_asks_everything_of_the_others(log: Log) -> None:
    await log.said(seconds(0), Tick())
    under_way = await verify(log.place.audit)
    await log.said(seconds(1), Tick())
    await log.said(seconds(2), Tick())
    ended = await verify(log.place.audit)

    assert (under_way.behind, under_way.problems) == (7, [])
    assert (ended.behind, ended.problems) == (0, [])

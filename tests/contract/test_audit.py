"""What verify reads: every customer whole, from one snapshot of its shard, and the gaps that must not be there."""

from typing import Any

import pytest
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.gaps import KEPT_COMMITS, Commit, gaps
from shared.adapters.postgres.engine import connected
from shared.domain.ids import shard_of
from shared.domain.policy import DEFAULT
from shared.ports.audit import Audited, CommitGap
from shared.ports.store import Changes, DeadLetter, Position, Retraction
from tests.builders import day, policy_from, purchase
from tests.contract.stores import HOME, Place, commit, message, moved, names, raised, saved, stored

ANNA = names(1)[0]
SHARD = shard_of(ANNA)
TWINS = [name for name in names(3_000) if shard_of(name) == SHARD][:4]


@pytest.fixture
async def position(place: Place) -> Position:
    return await place.store.claim(HOME)


async def looked(place: Place, shard: int = SHARD) -> list[Audited]:
    async with place.audit.look(shard) as look:
        return [audited async for audited in look.customers()]


async def test_a_look_shows_everything_of_each_customer_of_the_shard(place: Place, position: Position) -> None:
    first, second = TWINS[:2]
    events = [stored(purchase(number, customer=first), number) for number in (2, 1)]
    changes = Changes(
        customers=[saved(first, numbered=2), saved(second), *[saved(n) for n in names(9) if shard_of(n) != SHARD]],
        timers={first: day(9)},
        transitions=[moved(first, 1, day(5)), moved(first, 2, day(1))],
        retractions=[Retraction(customer_id=first, number=1, retracted_at=day(6))],
        alerts=[raised(first, day(3)), raised(first, day(2))],
    )
    await commit(place.store, position, changes, events, stream_time=day(7))

    one, other = await looked(place)

    assert (one.known, one.timer_at) == (saved(first, numbered=2, armed_at=day(9)).known, day(9))
    assert sorted(one.events, key=lambda event: event.occurred_at) == [events[1].event, events[0].event]
    assert [(each.number, each.retracted_at) for each in one.transitions] == [(2, None), (1, day(6))]
    assert [(each.alert.effective_at, each.as_of) for each in one.alerts] == [(day(2), day(7)), (day(3), day(7))]
    assert other == Audited(known=saved(second).known, events=[], transitions=[], alerts=[], timer_at=None)


async def test_a_look_sees_one_moment_whatever_is_committed_meanwhile(place: Place, position: Position) -> None:
    first, second, third, _ = TWINS
    control = policy_from(3, DEFAULT)
    rows = [saved(name) for name in (first, third)]
    position = await commit(place.store, position, Changes(customers=rows, controls=[control]))

    async with place.audit.look(SHARD) as look:
        before = await look.position()
        changes = Changes(
            customers=[saved(name, version=2, numbered=1) for name in (first, second, third)],
            transitions=[moved(third, 1, day(1))],
            timers={third: day(1)},
            controls=[policy_from(4, DEFAULT)],
        )
        await commit(place.store, position, changes, [stored(purchase(1, customer=third))])
        seen = [audited async for audited in look.customers()]
        controls = await look.controls()

    assert before == position
    assert [audited.known for audited in seen] == [saved(first).known, saved(third).known]
    assert [(each.events, each.transitions, each.timer_at) for each in seen] == [([], [], None)] * 2
    assert controls == [control]


async def test_customers_are_streamed_in_the_order_of_their_ids(place: Place, position: Position) -> None:
    everybody = [name for name in names(40_000, prefix="c") if shard_of(name) == SHARD]
    await commit(place.store, position, Changes(customers=[saved(name) for name in everybody]))

    seen = [audited.known.customer_id for audited in await looked(place)]

    assert len(everybody) > 500, "more than one chunk"
    assert seen == sorted(everybody)
    assert await looked(place, SHARD - 1) == []


async def test_a_store_that_was_written_by_commits_alone_has_no_gap(place: Place, position: Position) -> None:
    for number in range(1, 5):
        event = stored(purchase(number, customer=ANNA), number)
        changes = Changes(customers=[saved(ANNA)], messages=[message(number)])
        position = await commit(place.store, position, changes, [event])
        position = await place.store.claim(HOME)
    await place.store.claim(HOME + 1)

    assert list(await place.audit.commit_gaps()) == []
    assert list(await place.audit.outbox_gaps()) == []
    assert not any((await place.audit.misplaced()).values())


async def test_a_jump_of_version_or_offset_or_outbox_is_told(place: Place, position: Position) -> None:
    position = await commit(place.store, position, Changes(messages=[message(1), message(3)]))
    jumped = structs.replace(position, version=4, next_offset=7, outbox=5)
    async with place.store.begin(HOME) as unit:
        await unit.advance(structs.replace(position, next_offset=2), jumped)

    assert [gap.version for gap in await place.audit.commit_gaps()] == [2, 4]
    assert list(await place.audit.outbox_gaps()) == [(HOME, 1), (HOME, 3)]


async def test_a_record_that_is_two_things_at_once_is_counted(place: Place, position: Position) -> None:
    letters = [
        DeadLetter(partition=HOME, offset=offset, key=None, value=b"", reason="", appended_at=day(1))
        for offset in (3, 8)
    ]
    clash = stored(purchase(2, customer=ANNA), 8)
    changes = Changes(customers=[saved(ANNA)], dead_letters=letters, conflicts=[clash])
    await commit(place.store, position, changes, [stored(purchase(1, customer=ANNA), 3)], next_offset=3)

    counts = {what: count for what, count in (await place.audit.misplaced()).items() if count}

    assert counts == {"dead letter and event": 1, "conflict and dead letter": 1, "event beyond the position": 1}


async def test_a_row_in_a_wrong_shard_is_counted(postgres_place: Place, store_engine: AsyncEngine) -> None:
    await commit(postgres_place.store, await postgres_place.store.claim(HOME), Changes(customers=[saved(ANNA)]))
    async with connected(store_engine) as raw:
        await raw.execute("INSERT INTO timer (shard, customer_id, partition, due_at) VALUES ($1, $2, 0, $3)", 0, "a", 1)
        await raw.execute("UPDATE customer SET shard = (shard + 1) % 256")

    assert (await postgres_place.audit.misplaced())["customer in a wrong shard"] == 2


@pytest.mark.parametrize(
    ("changed", "version"),
    [
        ({}, None),
        ({1: None}, 2),
        ({2: Commit(3, 0, 20, 30)}, 3),
        ({2: Commit(3, 1, 21, 30)}, 3),
        ({1: Commit(2, 1, 10, 9)}, 2),
        ({0: None}, 1),
        ({3: None}, 4),
    ],
)
def test_every_break_in_the_record_of_commits_is_told(changed: dict[int, Any], version: int | None) -> None:
    whole = [Commit(number, 1, 10 * number - 10, 10 * number) for number in (1, 2, 3, 4)]
    commits = [kept for place, commit in enumerate(whole) if (kept := changed.get(place, commit)) is not None]

    found = gaps([Position(partition=HOME, version=4, epoch=1, next_offset=40)], {HOME: commits})

    assert version in {gap.version for gap in found} or (version is None and found == [])
    assert all(isinstance(gap, CommitGap) and gap.partition == HOME for gap in found)


async def test_old_commits_are_forgotten_and_what_is_kept_has_no_gap(place: Place, position: Position) -> None:
    before = structs.replace(position, version=KEPT_COMMITS + 999)
    async with place.store.begin(HOME) as unit:
        await unit.advance(position, before)
        await unit.advance(before, structs.replace(before, version=before.version + 1))

    problems = {gap.version: gap.problem for gap in await place.audit.commit_gaps()}

    assert problems == {1_001: "its commit is missing"}

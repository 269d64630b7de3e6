"""What every store keeps: one owner a partition, each event once, and all of a transaction or nothing."""

import asyncio

import pytest
from msgspec import structs

from shared.domain.errors import Fenced
from shared.domain.instants import LATEST, Instant
from shared.domain.policy import DEFAULT
from shared.ports.store import Changes, Position, Store, Walk
from tests.builders import day, policy_from, purchase
from tests.contract.stores import (
    HOME,
    PARTITIONS,
    Place,
    commit,
    message,
    moved,
    names,
    raised,
    saved,
    stored,
)

ANNA, BO, CHEN = names(3)


@pytest.fixture
def store(place: Place) -> Store:
    return place.store


def onward(position: Position, next_offset: int = 1) -> Position:
    return structs.replace(position, version=position.version + 1, next_offset=next_offset)


async def test_a_partition_that_nobody_claimed_has_no_position(store: Store) -> None:
    assert await store.position(HOME) is None


async def test_each_claim_raises_the_epoch_and_leaves_the_rest_as_it_is(store: Store) -> None:
    first = await store.claim(HOME)
    committed = await commit(store, first, next_offset=7, stream_time=day(3))

    second = await store.claim(HOME)

    assert first == Position(partition=HOME, epoch=1)
    assert second == structs.replace(committed, epoch=2)
    assert await store.position(HOME) == second


async def test_a_position_comes_back_as_it_was_committed(store: Store) -> None:
    walk = Walk(
        effective_at=Instant(day(1) + 1),
        shard=255,
        customer_id="zoë \U0001f600",
        from_shard=127,
        from_customer_id="bo \U0001f600",
        turn=True,
    )
    told = Changes(messages=[message(1)])

    new = await commit(
        store, await store.claim(HOME), told, next_offset=2**40, stream_time=LATEST, walk=walk, live=True
    )

    assert await store.position(HOME) == new
    assert (new.walk, new.live, new.outbox, new.version) == (walk, True, 1, 1)


async def test_of_two_writers_with_the_same_expected_position_exactly_one_wins(store: Store) -> None:
    expected = await store.claim(HOME)

    async def write(name: str, offset: int) -> None:
        async with store.begin(HOME) as unit:
            await unit.add_events([stored(purchase(1, customer=name), offset)])
            await unit.advance(expected, onward(expected, offset + 1))
            await asyncio.sleep(0.01)
            await unit.save(Changes(customers=[saved(name)]))

    outcomes = await asyncio.gather(
        *(write(name, place) for place, name in enumerate((ANNA, BO))), return_exceptions=True
    )

    [lost] = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Fenced)]
    winner = (ANNA, BO)[1 - lost]
    assert outcomes[1 - lost] is None
    assert await store.position(HOME) == onward(expected, 2 - lost)
    async with store.begin(HOME) as unit:
        assert set(await unit.load([ANNA, BO])) == {winner}
        histories = await unit.histories({ANNA: None, BO: None})
        assert {name for name, history in histories.items() if history.events} == {winner}


async def test_an_owner_of_before_the_takeover_is_fenced(store: Store) -> None:
    old = await store.claim(HOME)
    await store.claim(HOME)

    with pytest.raises(Fenced, match=f"partition {HOME}"):
        await commit(store, old, Changes(customers=[saved(ANNA)]))

    async with store.begin(HOME) as unit:
        assert await unit.load([ANNA]) == {}


async def test_a_takeover_waits_for_the_open_transaction_and_sees_its_result(store: Store) -> None:
    old = await store.claim(HOME)

    async with store.begin(HOME) as unit:
        await unit.advance(old, onward(old, 9))
        takeover = asyncio.create_task(store.claim(HOME))
        await asyncio.sleep(0.05)
        assert not takeover.done()

    assert await takeover == structs.replace(onward(old, 9), epoch=2)


async def test_partitions_do_not_wait_for_one_another(store: Store) -> None:
    here, there = await store.claim(HOME), await store.claim(HOME + 1)

    async with store.begin(HOME) as unit:
        await unit.advance(here, onward(here))
        await asyncio.wait_for(commit(store, there, next_offset=3), 5)

    assert await store.position(HOME + 1) == onward(there, 3)


async def test_nothing_of_a_transaction_that_raises_remains(place: Place) -> None:
    store = place.store
    position = await store.claim(HOME)
    everything = Changes(
        customers=[saved(ANNA)],
        timers={ANNA: day(9)},
        transitions=[moved(ANNA, 1, day(1))],
        alerts=[raised(ANNA, day(2))],
        messages=[message(1)],
        controls=[policy_from(5, DEFAULT)],
    )

    async def write() -> None:
        async with store.begin(HOME) as unit:
            await unit.add_events([stored(purchase(1, customer=ANNA))])
            await unit.advance(position, onward(position))
            await unit.save(everything)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await write()

    assert await store.position(HOME) == position
    assert await store.controls(HOME) == []
    assert await store.unpublished(HOME, 10) == []
    assert await place.queries.customer(ANNA) is None
    assert await place.queries.events(ANNA) == []
    assert await place.queries.alerts_of(ANNA) == []
    async with store.begin(HOME) as unit:
        assert await unit.due(LATEST, 10) == []


async def test_a_transaction_sees_what_it_has_written_and_nobody_else_does(place: Place) -> None:
    store = place.store
    position = await store.claim(HOME)

    async with store.begin(HOME) as unit:
        await unit.advance(position, onward(position))
        await unit.add_events([stored(purchase(1, customer=ANNA))])
        await unit.save(Changes(customers=[saved(ANNA)], timers={ANNA: day(9)}))

        assert set(await unit.load([ANNA, BO])) == {ANNA}
        assert await unit.due(day(9), 10) == [(day(9), ANNA)]
        assert len((await unit.histories({ANNA: None}))[ANNA].events) == 1
        assert await place.queries.customer(ANNA) is None
        assert await store.position(HOME) == position


async def test_a_transaction_of_nothing_is_fine(store: Store) -> None:
    position = await commit(store, await store.claim(PARTITIONS - 1))

    async with store.begin(PARTITIONS - 1) as unit:
        assert await unit.load([]) == {}
        assert await unit.histories({}) == {}
        assert await unit.due(LATEST, 10) == []
    assert position.version == 1

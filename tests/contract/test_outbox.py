"""The outbox: numbered by the scorer, read in order, its cursor never going back."""

import asyncio

import pytest
from msgspec import structs

from shared.domain.instants import DAY
from shared.ports.store import Changes, Message, Position, Store
from tests.contract.stores import HOME, Place, commit, message


@pytest.fixture
def store(place: Place) -> Store:
    return place.store


@pytest.fixture
async def position(store: Store) -> Position:
    return await store.claim(HOME)


async def test_messages_come_back_whole_and_in_order(store: Store, position: Position) -> None:
    odd = Message(number=2, topic="lifecycle.transitions", customer_id="zoë", payload=b"\x00\xff")
    await commit(store, position, Changes(messages=[message(3), odd, message(1)]))

    assert list(await store.unpublished(HOME, 10)) == [message(1), odd, message(3)]
    assert list(await store.unpublished(HOME, 2)) == [message(1), odd]
    assert list(await store.unpublished(HOME + 1, 10)) == []


async def test_what_is_published_is_not_given_again_and_the_cursor_never_goes_back(
    store: Store, position: Position
) -> None:
    await commit(store, position, Changes(messages=[message(number) for number in range(1, 7)]))

    await store.published(HOME, 4)
    await store.published(HOME, 2)
    await asyncio.gather(store.published(HOME, 5), store.published(HOME, 3))

    assert [each.number for each in await store.unpublished(HOME, 10)] == [6]


async def test_the_outbox_has_no_gap_after_a_batch_that_was_rolled_back(place: Place, position: Position) -> None:
    position = await commit(place.store, position, Changes(messages=[message(1), message(2)]))

    async def fail() -> None:
        async with place.store.begin(HOME) as unit:
            await unit.advance(position, structs.replace(position, version=position.version + 1, outbox=3))
            await unit.save(Changes(messages=[message(3)]))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await fail()
    await commit(place.store, position, Changes(messages=[message(3), message(4)]))

    assert [each.number for each in await place.audit.outbox(HOME)] == [1, 2, 3, 4]
    assert list(await place.audit.outbox_gaps()) == []


async def test_a_number_cannot_be_given_twice(store: Store, position: Position) -> None:
    position = await commit(store, position, Changes(messages=[message(1)]))

    with pytest.raises(Exception, match=r"already|duplicate key"):
        await commit(store, position, Changes(messages=[message(1, "bo")]), stream_time=DAY)

    assert await store.position(HOME) == position
    assert list(await store.unpublished(HOME, 10)) == [message(1)]

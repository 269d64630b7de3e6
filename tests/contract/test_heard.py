"""How often each source was heard, kept by the hour: the same over every store."""

from msgspec.structs import replace

from shared.domain.feeds import Heard
from shared.ports.store import Changes
from tests.contract.stores import Place


async def hear(place: Place, partition: int, *heard: Heard) -> None:
    position = await place.store.claim(partition)
    async with place.store.begin(partition) as unit:
        await unit.advance(position, replace(position, version=position.version + 1))
        await unit.save(Changes(heard=list(heard)))


async def test_what_is_heard_adds_up_over_batches_and_partitions(place: Place) -> None:
    await hear(place, 0, Heard(source="shop", hour=7, events=3), Heard(source="crm", hour=7, events=1))
    await hear(place, 0, Heard(source="shop", hour=7, events=2), Heard(source="shop", hour=9, events=1))
    await hear(place, 1, Heard(source="shop", hour=7, events=10))

    found = await place.queries.heard(0)

    assert [(one.source, one.hour, one.events) for one in found] == [("crm", 7, 1), ("shop", 7, 15), ("shop", 9, 1)]


async def test_only_the_hours_asked_for_are_told(place: Place) -> None:
    await hear(place, 0, Heard(source="shop", hour=7, events=3), Heard(source="shop", hour=8, events=4))

    assert [one.hour for one in await place.queries.heard(8)] == [8]


async def test_what_was_heard_in_a_transaction_that_failed_was_not(place: Place) -> None:
    try:
        async with place.store.begin(0) as unit:
            position = await place.store.claim(0)
            await unit.advance(position, replace(position, version=position.version + 1))
            await unit.save(Changes(heard=[Heard(source="shop", hour=7, events=3)]))
            raise RuntimeError("the power fails")
    except RuntimeError:
        pass

    assert await place.queries.heard(0) == []

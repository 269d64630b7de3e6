"""Hot rows: what a store wrote last need not be read back, and is never trusted beyond the fence."""

from contextlib import suppress

import pytest
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.hot import ROW_BYTES
from shared.adapters.postgres.store import PostgresStore
from shared.domain.errors import Fenced
from shared.ports.store import Changes, Position
from tests.builders import day
from tests.contract.stores import HOME, PARTITIONS, commit, names, on_postgres, saved

ANNA, BO, *MANY = names(12)


@pytest.fixture
async def engine(store_engine: AsyncEngine) -> AsyncEngine:
    await on_postgres(store_engine)
    return store_engine


@pytest.fixture
def store(engine: AsyncEngine) -> PostgresStore:
    return PostgresStore(engine, PARTITIONS)


async def version_of(store: PostgresStore, name: str) -> int:
    async with store.begin(HOME) as unit:
        return (await unit.load([name]))[name].version


async def write(store: PostgresStore, position: Position, version: int, *customers: str) -> Position:
    return await commit(store, position, Changes(customers=[saved(name, version=version) for name in customers]))


async def cut_off(store: PostgresStore, position: Position) -> None:
    """A transaction that has written, and is rolled back."""
    with suppress(ZeroDivisionError):
        async with store.begin(HOME) as unit:
            await unit.advance(position, replace(position, version=position.version + 1))
            await unit.save(Changes(customers=[saved(ANNA, version=4)]))
            raise ZeroDivisionError


async def change_behind_its_back(engine: AsyncEngine) -> None:
    """Nobody may do this: it tells a row that was read from one that was kept."""
    async with connected(engine) as raw:
        await raw.execute("UPDATE customer SET version = 99")


async def test_what_was_written_is_not_read_back(engine: AsyncEngine, store: PostgresStore) -> None:
    await write(store, await store.claim(HOME), 3, ANNA)

    await change_behind_its_back(engine)

    assert await version_of(store, ANNA) == 3
    assert await version_of(PostgresStore(engine, PARTITIONS), ANNA) == 99


async def test_a_takeover_forgets_them(engine: AsyncEngine, store: PostgresStore) -> None:
    await write(store, await store.claim(HOME), 3, ANNA)
    await change_behind_its_back(engine)

    await store.claim(HOME)

    assert await version_of(store, ANNA) == 99


async def test_a_transaction_that_does_not_end_well_forgets_them(engine: AsyncEngine, store: PostgresStore) -> None:
    position = await write(store, await store.claim(HOME), 3, ANNA)
    await change_behind_its_back(engine)

    await cut_off(store, position)

    assert await version_of(store, ANNA) == 99


async def test_what_was_rolled_back_is_not_kept(store: PostgresStore) -> None:
    position = await write(store, await store.claim(HOME), 3, ANNA)

    await cut_off(store, position)

    assert await version_of(store, ANNA) == 3


async def test_whoever_lost_the_partition_commits_nothing_that_hot_rows_told(
    engine: AsyncEngine, store: PostgresStore
) -> None:
    old = await write(store, await store.claim(HOME), 3, ANNA)
    other = PostgresStore(engine, PARTITIONS)
    await write(other, await other.claim(HOME), 4, ANNA)

    with pytest.raises(Fenced):
        await write(store, old, await version_of(store, ANNA) + 10, ANNA)

    assert await version_of(store, ANNA) == await version_of(other, ANNA) == 4


async def test_a_position_of_another_version_than_theirs_is_refused(store: PostgresStore) -> None:
    before = await store.claim(HOME)
    await write(store, before, 3, ANNA)

    with pytest.raises(Fenced):
        await write(store, before, 4, BO)


async def test_a_timer_alone_is_noticed_too(store: PostgresStore) -> None:
    position = await write(store, await store.claim(HOME), 3, ANNA)

    await commit(store, position, Changes(timers={ANNA: day(5), BO: day(6)}))

    async with store.begin(HOME) as unit:
        assert (await unit.load([ANNA]))[ANNA].armed_at == day(5)


async def test_those_written_longest_ago_go_first(engine: AsyncEngine) -> None:
    room_for_five = PARTITIONS * 5 * (ROW_BYTES + 200)
    store = PostgresStore(engine, PARTITIONS, room_for_five)
    position = await write(store, await store.claim(HOME), 3, *MANY)
    await write(store, position, 4, MANY[0])

    await change_behind_its_back(engine)

    kept = [name for name in MANY if await version_of(store, name) != 99]
    assert 3 <= len(kept) <= 6
    assert kept == [MANY[0], *MANY[1 - len(kept) :]]

"""Bearer keys: found by their hash until they are revoked, and the first one made once only."""

import asyncio

import pytest

from shared.domain.instants import Instant
from shared.ports.queries import ApiKey, Keys
from tests.builders import day
from tests.contract.stores import Place


@pytest.fixture
def keys(place: Place) -> Keys:
    return place.keys


def key(number: int, at: Instant | None = None) -> ApiKey:
    return ApiKey(
        id=f"key_{number}",
        name=f"number {number}",
        hashed=bytes([number]) * 32,
        scopes=frozenset({"read", "ingest"}),
        created_at=at or day(number),
    )


async def test_a_key_is_found_by_its_hash(keys: Keys) -> None:
    await keys.add(key(1))

    assert await keys.find(key(1).hashed) == key(1)
    assert await keys.find(key(2).hashed) is None


async def test_a_revoked_key_is_listed_with_its_time_and_no_longer_found(keys: Keys) -> None:
    await keys.add(key(1))

    assert await keys.revoke("key_1", day(5))
    assert await keys.revoke("key_1", day(9))
    assert not await keys.revoke("key_2", day(5))

    assert await keys.find(key(1).hashed) is None
    assert [each.revoked_at for each in await keys.every()] == [day(5)]


async def test_keys_are_listed_the_oldest_first(keys: Keys) -> None:
    for each in (key(3), key(1), key(2, at=day(3))):
        await keys.add(each)

    assert [each.id for each in await keys.every()] == ["key_1", "key_2", "key_3"]


async def test_the_first_key_is_made_once_by_however_many_at_once(keys: Keys) -> None:
    made = await asyncio.gather(*(keys.first(key(number)) for number in range(6)))

    [only] = await keys.every()
    assert sorted(made) == [False] * 5 + [True]
    assert only == key(made.index(True))


async def test_a_revoked_key_is_no_reason_to_make_a_first_one_again(keys: Keys) -> None:
    assert await keys.first(key(1))
    await keys.revoke("key_1", day(2))

    assert not await keys.first(key(2))


async def test_two_keys_cannot_share_a_secret(keys: Keys) -> None:
    await keys.add(key(1))
    twin = ApiKey(id="twin", name="twin", hashed=key(1).hashed, scopes=frozenset(), created_at=day(1))

    with pytest.raises(Exception, match=r"there already|duplicate key"):
        await keys.add(twin)

    assert await keys.every() == [key(1)]

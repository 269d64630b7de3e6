"""Heads and moves are kept as customers change, and are right after any batch and any correction."""

from contextlib import suppress

import pytest
from msgspec import structs

from services.scorer import score
from services.scorer.rebuild import rebuild
from shared.adapters.codec import Entry
from shared.domain.controls import Retry
from shared.domain.customer import CustomerType
from shared.domain.policy import Policy
from shared.ports.store import Changes, Position, Retraction
from tests import scoring
from tests.builders import day, policy_from, purchase, purchases, release_from
from tests.contract.counts import (
    ESTABLISHED,
    FALLING,
    FROM_TARGET,
    GROWING,
    NEW,
    TARGET,
    TO_FALLING,
    TO_GROWING,
    TRIAL,
    Heads,
    heads,
    moves,
    said,
    told_one_by_one,
)
from tests.contract.stores import HOME, PARTITIONS, Place, commit, moved, names, saved, state

ANNA, BO, CHEN = names(3)


@pytest.fixture
async def position(place: Place) -> Position:
    return await place.store.claim(HOME)


async def test_an_empty_store_has_nobody_anywhere(place: Place) -> None:
    assert (await heads(place), await moves(place)) == ({}, {})


async def test_a_customer_is_counted_where_it_is_now_with_what_it_is_worth_now(
    place: Place, position: Position
) -> None:
    first = saved(ANNA, level=100, currency="EUR")
    forms = [
        saved(ANNA, level=250, currency="EUR"),
        saved(ANNA, level=250, currency="EUR", type=ESTABLISHED),
        saved(ANNA, level=250, currency="USD", type=ESTABLISHED),
        saved(ANNA, level=None, currency="USD", type=ESTABLISHED),
        saved(ANNA, state(stage=FALLING), level=None, currency=None, type=ESTABLISHED),
        saved(ANNA, state(stage=FALLING), level=None, currency=None, type=ESTABLISHED, version=2),
    ]
    other = saved(BO, level=7, currency="EUR")
    position = await commit(place.store, position, Changes(customers=[first, other]))

    found = [await heads(place)]
    for form in forms:
        position = await commit(place.store, position, Changes(customers=[form]))
        found.append(await heads(place))

    bo: Heads = {(TRIAL, NEW, "EUR"): (1, 7)}
    assert found == [
        {(TRIAL, NEW, "EUR"): (2, 107)},
        {(TRIAL, NEW, "EUR"): (2, 257)},
        {**bo, (TRIAL, ESTABLISHED, "EUR"): (1, 250)},
        {**bo, (TRIAL, ESTABLISHED, "USD"): (1, 250)},
        {**bo, (TRIAL, ESTABLISHED, "USD"): (1, 0)},
        {**bo, (FALLING, ESTABLISHED, None): (1, 0)},
        {**bo, (FALLING, ESTABLISHED, None): (1, 0)},
    ]
    assert await place.audit.tally_gaps() == []


async def test_the_partitions_are_told_together(place: Place) -> None:
    for partition in range(PARTITIONS):
        [name] = names(1, partition)
        changes = Changes(customers=[saved(name, level=2**62, currency="EUR")], transitions=[moved(name, 1, day(1))])
        await commit(place.store, await place.store.claim(partition), changes)

    assert await heads(place) == {(TRIAL, NEW, "EUR"): (PARTITIONS, PARTITIONS * 2**62)}
    assert await moves(place) == {FROM_TARGET: PARTITIONS}


async def test_a_batch_that_is_rolled_back_counts_for_nothing_and_once_when_it_comes_again(
    place: Place, position: Position
) -> None:
    position = await commit(place.store, position, Changes(customers=[saved(ANNA, level=5)]))
    changes = Changes(
        customers=[saved(ANNA, state(stage=FALLING), level=9), saved(BO)], transitions=[moved(ANNA, 1, day(1))]
    )

    with suppress(ZeroDivisionError):
        async with place.store.begin(HOME) as unit:
            await unit.load([ANNA, BO])
            await unit.advance(position, structs.replace(position, version=position.version + 1))
            await unit.save(changes)
            raise ZeroDivisionError
    before = (await heads(place), await moves(place))
    await commit(place.store, position, changes)

    assert before == ({(TRIAL, NEW, None): (1, 5)}, {})
    assert await heads(place) == {(TRIAL, NEW, None): (1, 0), (FALLING, NEW, None): (1, 9)}
    assert await moves(place) == {FROM_TARGET: 1}


async def test_a_move_is_taken_back_once_however_often_it_is_said(place: Place, position: Position) -> None:
    added = [moved(ANNA, 1, day(1)), moved(BO, 1, day(1)), moved(ANNA, 2, day(2), *TO_GROWING)]
    position = await commit(place.store, position, Changes(transitions=added))
    gone = [Retraction(customer_id=ANNA, number=number, retracted_at=day(6)) for number in (1, 2)]
    same_batch = [Retraction(customer_id=CHEN, number=1, retracted_at=day(7))]

    for _ in range(2):
        position = await commit(place.store, position, Changes(retractions=gone))
    changes = Changes(transitions=[moved(CHEN, 1, day(1), *TO_FALLING)], retractions=same_batch)
    await commit(place.store, position, changes)

    assert await moves(place) == {FROM_TARGET: 1}
    assert await place.audit.tally_gaps() == []


async def test_a_late_purchase_takes_the_decline_out_of_the_counts_too(place: Place) -> None:
    story: list[Entry] = [*purchases(0, 10, 20, 30, customer=ANNA), purchase(0, 500, customer=BO)]
    records = await said(place, [*story, scoring.tick(day(120))])
    before = (await heads(place), await moves(place))

    await said(place, [purchase(100, 200_00, customer=ANNA)], len(records))

    bo = {(TRIAL, NEW, "EUR"): (1, 500)}
    assert before == ({**bo, (FALLING, NEW, "EUR"): (1, 250_00)}, {FROM_TARGET: 2, TO_GROWING: 1, TO_FALLING: 1})
    assert await heads(place) == {**bo, (GROWING, ESTABLISHED, "EUR"): (1, 200_00)}
    assert await moves(place) == {FROM_TARGET: 2, TO_GROWING: 1}
    assert (await heads(place), await moves(place)) == await told_one_by_one(place)


async def test_a_parked_customer_stays_counted_where_it_stood_until_it_is_retried(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = await said(place, [purchase(0, customer=ANNA), purchase(10, customer=ANNA)])
    with monkeypatch.context() as broken:
        broken.setattr(score, "step", lambda *_: 1 / 0)
        records += await said(place, [purchase(20, 999, customer=ANNA), purchase(20, customer=BO)], len(records))
        parked = (await heads(place), await place.audit.tally_gaps())

    await said(place, [Retry(customer_id=ANNA), Retry(customer_id=BO)], len(records))

    assert parked == ({(TARGET, CustomerType.TARGET, None): (1, 0), (TRIAL, NEW, "EUR"): (1, 150_00)}, [])
    assert await heads(place) == {(TRIAL, NEW, "EUR"): (1, 100_00), (GROWING, NEW, "EUR"): (1, 200_00)}
    assert (await heads(place), await moves(place)) == await told_one_by_one(place)


async def test_a_release_or_a_policy_that_changes_stages_changes_the_counts(place: Place) -> None:
    crowd = names(12)
    strict = policy_from(100, Policy(version=2, long_gap_sigmas=0.1))
    story: list[Entry] = [*(purchase(0, 700, customer=name) for name in crowd), strict, release_from(101)]
    records = await said(place, [*story, scoring.tick(day(99))], sizes=(5,))
    before = await heads(place)

    await said(place, [scoring.tick(day(102))], len(records))

    assert before == {(TRIAL, NEW, "EUR"): (12, 12 * 700)}
    assert await heads(place) == {(FALLING, NEW, "EUR"): (12, 12 * 700)}
    assert await moves(place) == {FROM_TARGET: 12, (TRIAL, FALLING): 12}
    assert await place.audit.tally_gaps() == []


async def test_rebuilding_corrects_the_counts_with_the_customers(place: Place) -> None:
    records = await said(place, [*purchases(0, 10, 20, customer=ANNA), purchase(5, 300, customer=BO)])
    right = (await heads(place), await moves(place))
    position = await place.store.claim(HOME)
    wrong = Changes(customers=[saved(ANNA, state(stage=FALLING), numbered=2, level=1, version=9)])
    await commit(place.store, position, wrong, next_offset=len(records))

    await rebuild(place.store, PARTITIONS)

    assert right[0] == {(TRIAL, NEW, "EUR"): (1, 300), (GROWING, NEW, "EUR"): (1, 200_00)}
    assert (await heads(place), await moves(place)) == right
    assert await place.audit.tally_gaps() == []

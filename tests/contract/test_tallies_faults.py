"""Heads and moves are right after any fault; what is wrong with them nevertheless is told, and can be put right."""

import asyncio
from contextlib import suppress
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncEngine

from services.scorer.rebuild import rebuild
from services.scorer.verify import Problem, verify
from shared.adapters.codec import Entry
from shared.adapters.postgres.engine import connected, transaction
from shared.adapters.postgres.store import PostgresStore
from shared.domain.errors import Fenced
from shared.ports.audit import TallyGap
from shared.ports.store import Changes
from tests import scoring
from tests.builders import BEGIN, day, purchase, purchases
from tests.contract.counts import (
    FALLING,
    NEW,
    TRIAL,
    heads,
    moves,
    said,
    told_one_by_one,
)
from tests.contract.stores import HOME, PARTITIONS, Place, commit, moved, names, on_postgres, saved, state
from tests.crashing import Crash, Raises, fragile_store
from tests.histories import History, histories

ANNA, BO, CHEN = names(3)


async def test_whoever_takes_over_goes_on_with_the_counts_of_the_last(store_engine: AsyncEngine) -> None:
    place = await on_postgres(store_engine)
    first, second = place.store, PostgresStore(store_engine, PARTITIONS)
    lost = await commit(first, await first.claim(HOME), Changes(customers=[saved(ANNA, level=1)]))
    await commit(second, await second.claim(HOME), Changes(customers=[saved(ANNA, level=10), saved(BO, level=100)]))

    with pytest.raises(Fenced):
        await commit(first, lost, Changes(customers=[saved(ANNA, level=1_000)]))
    between = await heads(place)
    await commit(first, await first.claim(HOME), Changes(customers=[saved(ANNA, level=3), saved(BO, level=4)]))

    assert between == {(TRIAL, NEW, None): (2, 110)}
    assert await heads(place) == {(TRIAL, NEW, None): (2, 7)}


async def test_a_partition_taken_over_while_a_batch_is_open_keeps_right_counts(store_engine: AsyncEngine) -> None:
    place = await on_postgres(store_engine)
    position = await commit(place.store, await place.store.claim(HOME), Changes(customers=[saved(ANNA, level=1)]))

    async with place.store.begin(HOME) as unit:
        await unit.load([ANNA])
        await unit.advance(position, structs.replace(position, version=position.version + 1))
        claiming = asyncio.create_task(place.store.claim(HOME))
        await asyncio.sleep(0.05)
        await unit.save(Changes(customers=[saved(ANNA, level=2)]))
    await claiming

    assert await heads(place) == {(TRIAL, NEW, None): (1, 2)}


async def test_wherever_a_scorer_dies_the_next_one_counts_each_batch_once(store_engine: AsyncEngine) -> None:
    story: list[Entry] = [*purchases(0, 10, 20, customer=ANNA), scoring.tick(day(120)), purchase(60, customer=ANNA)]
    records = scoring.records_of(story, HOME)
    deaths = 0
    while True:
        place = await on_postgres(store_engine)
        store = fragile_store(place.store, Raises(deaths + 1))
        died = True
        with suppress(Crash):
            await scoring.run(store, records, (3,), partition=HOME, partitions=PARTITIONS)
            died = False
        await scoring.run(place.store, records, (3,), partition=HOME, partitions=PARTITIONS)
        assert (await heads(place), await moves(place)) == await told_one_by_one(place), f"it died at await {deaths}"
        if not died:
            break
        deaths += 1

    assert deaths > 20


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(most=15, controlled=True), st.randoms(use_true_random=False), st.sampled_from([0, 3_000, 2**26]))
async def test_whatever_happens_the_counts_are_those_of_everybody_one_by_one(
    store_engine: AsyncEngine, history: History, random: Random, hot_bytes: int
) -> None:
    place = await on_postgres(store_engine)
    store = PostgresStore(store_engine, 1, hot_bytes)
    entries: list[Entry] = [*history.events, *history.controls, *history.events[:3]]
    random.shuffle(entries)
    entries.append(scoring.tick(max([BEGIN, *(one.occurred_at for one in history.events)])))

    await scoring.score(store, entries, (1, 4), history.policy)

    assert (await heads(place), await moves(place)) == await told_one_by_one(place)


async def tampered(engine: AsyncEngine, statement: str) -> None:
    async with connected(engine) as raw:
        await raw.execute(statement)


async def told(place: Place) -> list[Problem]:
    return [problem for problem in (await verify(place.audit)).problems if problem.invariant == "I15"]


async def test_a_tally_that_is_not_what_a_count_gives_is_told_and_rebuilding_puts_it_right(
    store_engine: AsyncEngine,
) -> None:
    """I15: both ways round: too many kept, and some that are not kept at all."""
    place = await on_postgres(store_engine)
    await said(place, [*purchases(0, 10, 20, customer=ANNA), purchase(5, 300, customer=BO)])
    right = (await heads(place), await moves(place), await told(place))
    await tampered(store_engine, "UPDATE heads SET level = level + 1 WHERE stage = 'formation'")
    await tampered(store_engine, "DELETE FROM heads WHERE stage = 'exploration'")
    await tampered(store_engine, "UPDATE moves SET count = 5 WHERE source = 'target'")
    await tampered(
        store_engine, "INSERT INTO moves (partition, source, target, count) VALUES (1, 'ended', 'dormant', 2)"
    )

    gaps, problems = await place.audit.tally_gaps(), await told(place)
    await rebuild(place.store, PARTITIONS)

    assert gaps == [
        TallyGap(partition=HOME, problem=problem)
        for problem in (
            "heads of exploration, new, EUR: 0 with levels of 0 are kept, 1 with 300 are there",
            "heads of formation, new, EUR: 1 with levels of 20001 are kept, 1 with 20000 are there",
            "moves from ended to dormant: 2 are kept, 0 are there",
            "moves from target to exploration: 5 are kept, 2 are there",
        )
    ]
    assert [(one.where, one.found) for one in problems] == [("partition 1", gap.problem) for gap in gaps]
    assert (await heads(place), await moves(place), await told(place)) == right
    assert right[2] == []


async def test_nothing_is_missed_by_a_look_while_the_scorer_writes(store_engine: AsyncEngine) -> None:
    place = await on_postgres(store_engine)
    crowd = names(40)
    done = asyncio.Event()

    async def look() -> list[TallyGap]:
        found: list[TallyGap] = []
        while not done.is_set():
            found += await place.audit.tally_gaps()
        return found

    looking = asyncio.create_task(look())
    position = await place.store.claim(HOME)
    for number in range(1, 41):
        rows = [saved(name, state(stage=(TRIAL, FALLING)[number % 2]), level=number, version=number) for name in crowd]
        transitions = [moved(name, number, day(number)) for name in crowd]
        position = await commit(place.store, position, Changes(customers=rows, transitions=transitions))
    done.set()

    assert await looking == []
    assert await heads(place) == {(TRIAL, NEW, None): (40, 40 * 40)}


async def test_asking_reads_nothing_but_the_tallies(store_engine: AsyncEngine) -> None:
    place = await on_postgres(store_engine)
    await said(place, purchases(0, 10, 20, customer=ANNA))
    right = (await heads(place), await moves(place))

    async with transaction(store_engine) as raw:
        await raw.execute("LOCK TABLE customer, transition IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(5):
            found = (await heads(place), await moves(place))

    assert found == right != ({}, {})

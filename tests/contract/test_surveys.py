"""Surveys in every store: the newest is read back whole, one is made at a time, and all stores tell the same."""

import asyncio

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncEngine

from services.scorer.survey import conduct
from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.surveys import KEPT
from shared.domain.events import Event, Item
from shared.domain.ids import CustomerId, partition_of, shard_of
from shared.domain.survey.survey import Survey
from shared.ports.surveys import Reports, Surveys
from tests.builders import acknowledged, complaint, contact, day, fold_story, inquiry, purchase, purchases
from tests.contract.stores import HOME, PARTITIONS, Place, commit, names, stored
from tests.scoring import records_of, run, tick
from tests.unit.survey.people import person, profile, sale
from tests.unit.survey.test_survey import surveyed

EVERYBODY = ("anna", "bo", "chen", "dora", "emil", "fay", "gus")


def some_survey(customers: int = 1) -> Survey:
    return surveyed(*[person(sale(0, items=(Item(product="tea"),)), complaint(2), until=40)] * customers)


def story(name: str) -> list[Event]:
    """What a customer of these tests did."""
    tea = Item(product="tea", line="drinks", amount=100_00, cost=60_00)
    alert = fold_story(purchase(1), complaint(5), until=6).alerts[0]
    told: list[Event] = [
        profile(industry="food", region="north"),
        inquiry(0, channel="ad"),
        *purchases(1, 11, 21, items=(tea,), line="drinks"),
        complaint(25),
        contact(26, cost=5_00, currency="EUR"),
        acknowledged(27, alert),
        purchase(30, cost=10_00),
    ]
    return [structs.replace(event, customer_id=CustomerId(name)) for event in told]


async def lived(place: Place) -> None:
    """Some customers live, and time passes everywhere."""
    for partition in range(PARTITIONS):
        mine = [name for name in EVERYBODY if partition_of(shard_of(name), PARTITIONS) == partition]
        entries = [event for name in mine for event in story(name)]
        records = records_of([*entries, tick(day(200))], partition)
        await run(place.store, records, partition=partition, partitions=PARTITIONS)


async def test_the_newest_survey_is_read_back_whole(place: Place) -> None:
    surveys: Surveys = place.surveys
    reports: Reports = place.surveys
    assert (await reports.newest(), await surveys.made_at()) == (None, None)

    first = await surveys.add(some_survey(), day(3))
    second = await surveys.add(some_survey(2), day(4))

    assert await reports.newest() == second
    assert second.survey == some_survey(2)
    assert second.id > first.id
    assert await surveys.made_at() == day(4)


async def test_only_the_newest_surveys_are_kept(postgres_place: Place, store_engine: AsyncEngine) -> None:
    first = await postgres_place.surveys.add(some_survey(), day(1))
    async with connected(store_engine) as raw:
        await raw.execute(f"SELECT setval(pg_get_serial_sequence('survey', 'id'), {first.id + KEPT - 2})")
        before = await postgres_place.surveys.add(some_survey(), day(2))
        both = await raw.fetchval("SELECT count(*) FROM survey")
        await postgres_place.surveys.add(some_survey(), day(3))
        left = [row["id"] for row in await raw.fetch("SELECT id FROM survey ORDER BY id")]

    assert both == 2
    assert left == [before.id, before.id + 1]


async def test_a_survey_of_another_release_counts_as_none(postgres_place: Place, store_engine: AsyncEngine) -> None:
    await postgres_place.surveys.add(some_survey(), day(1))
    async with connected(store_engine) as raw:
        await raw.execute("""UPDATE survey SET body = '{"as_of": 5}'""")

    assert await postgres_place.surveys.newest() is None
    assert await postgres_place.surveys.made_at() == day(1)


async def test_whoever_comes_second_hears_that_a_survey_is_being_made(place: Place) -> None:
    async with place.surveys.alone() as first, place.surveys.alone() as second:
        pass
    async with place.surveys.alone() as third:
        pass

    assert (first, second, third) == (True, False, True)


async def test_who_is_cut_off_over_a_survey_is_in_nobodys_way(place: Place) -> None:
    begun = asyncio.Event()

    async def hold() -> None:
        async with place.surveys.alone():
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})

    async with asyncio.timeout(10):
        while True:
            async with place.surveys.alone() as free:
                if free:
                    break


async def test_whether_there_is_a_history_is_told(place: Place) -> None:
    before = await place.surveys.history()

    await lived(place)

    assert (before, await place.surveys.history()) == (False, True)


async def test_the_events_of_many_are_read_in_one_question(place: Place) -> None:
    position = await place.store.claim(HOME)
    one, other, silent = names(3)
    events = [stored(purchase(number, customer=name), number) for number, name in enumerate((one, other, one))]
    await commit(place.store, position, events=events)

    found = await place.surveys.events_of([other, silent, one])

    assert {name: sorted(event.id for event in told) for name, told in found.items()} == {
        one: ["purchase of day 0", "purchase of day 2"],
        other: ["purchase of day 1"],
    }
    assert await place.surveys.events_of([]) == {}


async def test_every_store_tells_the_same_of_the_same_history(memory_place: Place, postgres_place: Place) -> None:
    """The whole job, from events in the store to a stored survey."""
    told = []
    for place in (memory_place, postgres_place):
        await lived(place)
        conducted = await conduct(place.audit, place.surveys, clock=lambda: day(201))
        told.append(conducted.stored.survey)
        newest = await place.surveys.newest()
        assert newest is not None
        assert newest.survey == conducted.stored.survey

    one, other = told
    assert one == other
    assert (one.as_of, one.customers, one.gaps) == (day(200), 7, 21)
    assert one.winning.by["channel"][0].value == "ad"
    assert one.keeping.actions == 7
    assert one.population.everybody.customers == 7
    [food] = one.ledger["industry"]
    assert (food.value, food.customers, food.purchases) == ("food", 7, 28)

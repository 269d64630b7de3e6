"""Refits in every store: read back whole, the newest first, numbered upwards, and made one at a time."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.models import KEPT
from shared.domain.controls import Model
from shared.domain.ids import shard_of
from shared.domain.instants import Day
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.fitting.figures import Score
from shared.fitting.report import BackTest, Refit, Report
from shared.ports.models import Models, StoredRefit
from shared.ports.store import Changes
from tests.builders import day
from tests.contract.stores import HOME, Place, commit, names, saved

MEMBERS = Members(usual_gap=30.5, classic=Attrition(kind="mbg_nbd", r=0.5, alpha=6.0, a=0.9, b=1.6))
TEST = BackTest(
    cutoff=Day(900),
    horizon_days=90,
    customers=7,
    churn=0.5,
    weight=1.0,
    scores={"classic": Score(auc=0.7, log_loss=0.5, ece=0.03, mean_p=0.52), "silence": Score(auc=0.6)},
    calibration=(),
    lift=(),
    drift={"repeats": 0.01},
)


async def some_refit(models: Models, *, accepted: bool, at: int = 3) -> StoredRefit:
    """A refit with the next number."""
    number = await models.number()
    version = f"refit-{number}"
    churn = ChurnModel(members=MEMBERS, horizon_days=90.0, threshold=0.8)
    refit = Refit(
        version=version,
        as_of=Day(1_000),
        accepted=accepted,
        reason="accepted" if accepted else "no_skill",
        said="What came of it.",
        report=Report(customers=7, repeats=120, sampled=0.5, back_test=TEST, members=MEMBERS, lines={"tea": 100}),
        model=Model(version=version, mu0=3.0, sigma0=0.5, churn=churn) if accepted else None,
    )
    return StoredRefit(id=number, made_at=day(at), effective_at=day(at + 1) if accepted else None, refit=refit)


async def test_refits_are_read_back_whole_the_newest_first(place: Place) -> None:
    models: Models = place.models
    assert (await models.made_at(), list(await models.newest(9)), await models.accepted()) == (None, [], None)

    first = await some_refit(models, accepted=True)
    second = await some_refit(models, accepted=False, at=5)
    third = await some_refit(models, accepted=False, at=7)
    for stored in (first, second, third):
        await models.add(stored)

    assert first.id < second.id < third.id
    assert list(await models.newest(9)) == [third, second, first]
    assert list(await models.newest(1)) == [third]
    assert list(await models.newest(9, third.id)) == [second, first]
    assert await models.made_at() == day(7)
    assert await models.accepted() == first
    assert (await models.of(second.refit.version), await models.of("refit-x")) == (second, None)


async def test_only_the_newest_refits_are_kept(postgres_place: Place, store_engine: AsyncEngine) -> None:
    first = await some_refit(postgres_place.models, accepted=False)
    await postgres_place.models.add(first)
    async with connected(store_engine) as raw:
        await raw.execute(f"SELECT setval(pg_get_serial_sequence('refit', 'id'), {first.id + KEPT - 2})")
    before, newest = [await some_refit(postgres_place.models, accepted=False) for _ in range(2)]

    await postgres_place.models.add(before)
    both = list(await postgres_place.models.newest(9))
    await postgres_place.models.add(newest)

    assert both == [before, first]
    assert list(await postgres_place.models.newest(9)) == [newest, before]


async def test_a_refit_of_another_release_is_passed_over(postgres_place: Place, store_engine: AsyncEngine) -> None:
    first = await some_refit(postgres_place.models, accepted=True)
    second = await some_refit(postgres_place.models, accepted=True)
    for stored in (first, second):
        await postgres_place.models.add(stored)
    async with connected(store_engine) as raw:
        await raw.execute("""UPDATE refit SET body = '{"as_of": 5}' WHERE id = $1""", second.id)

    assert list(await postgres_place.models.newest(9)) == [first]
    assert await postgres_place.models.made_at() == second.made_at


async def test_whoever_is_cut_off_over_a_refit_is_in_nobodys_way_nor_is_a_survey(place: Place) -> None:
    begun = asyncio.Event()

    async def hold() -> None:
        async with place.models.alone() as first:
            assert first
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await begun.wait()
    async with place.models.alone() as second, place.surveys.alone() as survey:
        pass
    task.cancel()
    await asyncio.wait({task})
    async with asyncio.timeout(10):
        while True:
            async with place.models.alone() as free:
                if free:
                    break

    assert (second, survey) == (False, True)


async def test_a_look_streams_the_states_of_the_customers_of_a_shard_that_are_not_parked(place: Place) -> None:
    shard = shard_of(names(1)[0])
    everybody = [name for name in names(40_000, prefix="c") if shard_of(name) == shard]
    position = await place.store.claim(HOME)
    rows = [saved(name, parked=number == 3, version=number) for number, name in enumerate(everybody)]
    await commit(place.store, position, Changes(customers=[*rows, saved(names(1, partition=HOME + 1)[0])]))

    async with place.audit.look(shard) as look:
        found = [body async for body in look.states()]

    assert len(everybody) > 500, "more than one chunk"
    assert found == [row.known.state for row in rows if not row.known.parked]

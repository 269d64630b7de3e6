"""The migration to 0006 counts what is there already, partition by partition."""

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.instance import Instance, settle
from shared.adapters.postgres.migrate import migrate, revert
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.domain.customer import CustomerType
from shared.domain.stages import Stage
from shared.ports.queries import MoveCount, StageCount
from shared.ports.store import Changes, Retraction
from tests.builders import day
from tests.contract.stores import commit, migrated, moved, names, saved, state

PARTITIONS = 4


async def fill(engine: AsyncEngine) -> None:
    """Two customers and three moves in every partition, one move of them taken back."""
    store = PostgresStore(engine, PARTITIONS)
    for partition in range(PARTITIONS):
        anna, bo = names(2, partition)
        rows = [saved(anna, level=2**62, currency="EUR"), saved(bo, state(stage=Stage.DECLINE), level=partition)]
        changes = Changes(
            customers=rows,
            transitions=[moved(anna, 1, day(1)), moved(bo, 1, day(1)), moved(bo, 2, day(2), Stage.EXPLORATION)],
            retractions=[Retraction(customer_id=bo, number=2, retracted_at=day(3))],
        )
        await commit(store, await store.claim(partition), changes)


async def down_and_up(url: str) -> None:
    await revert(url, "0005")
    await migrate(url)


async def test_what_was_stored_before_the_tallies_is_counted_and_kept_from_there(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    async with migrated(empty_database_url) as engine:
        await settle(engine, Instance(partitions=PARTITIONS, log="kafka", clock="system", fold_version=1))
        await fill(engine)

    await down_and_up(empty_database_url)

    async with migrated(empty_database_url) as engine:
        store, queries = PostgresStore(engine, PARTITIONS), PostgresQueries(engine, PARTITIONS)
        gone = Changes(customers=[saved(name, level=1) for name in names(2, 3)])
        await commit(store, await store.claim(3), gone)
        found = (await queries.stage_counts(), await queries.move_counts())
        gaps = await PostgresAudit(engine, PARTITIONS).tally_gaps()
    new, trial = CustomerType.NEW, Stage.EXPLORATION
    assert found == (
        [
            StageCount(stage=Stage.DECLINE, type=new, heads=3, currency=None, level=0 + 1 + 2),
            StageCount(stage=trial, type=new, heads=2, currency=None, level=2),
            StageCount(stage=trial, type=new, heads=3, currency="EUR", level=3 * 2**62),
        ],
        [MoveCount(source=Stage.TARGET, target=trial, count=8)],
    )
    assert gaps == []


async def test_without_an_instance_nothing_is_counted(empty_database_url: str) -> None:
    await migrate(empty_database_url)

    await down_and_up(empty_database_url)

    async with migrated(empty_database_url) as engine:
        queries = PostgresQueries(engine, PARTITIONS)
        assert (await queries.stage_counts(), await queries.move_counts()) == ([], [])

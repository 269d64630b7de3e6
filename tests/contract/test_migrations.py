"""The migrations make exactly the tables that the program describes, up and down, however many run them at once."""

import asyncio
from typing import Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec import msgpack, structs
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.scorer.verify import verify
from shared.adapters.postgres import log_tables, migrate
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.migrate import NoMigrations, revert
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.postgres.store import PostgresStore
from shared.adapters.postgres.tables import metadata
from shared.domain.controls import Tick
from shared.ports.store import Changes, Snapshot
from tests.builders import complaint, day, fold_story, purchase, purchases, refund
from tests.contract.stores import based, commit, migrated, saved
from tests.scoring import differences, run, score, state_of, views
from tests.servers import connected, fresh_database

# What Alembic does not compare: collations, fill factors, the conditions of indexes.
DESCRIBED: Final = """
    SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull::text,
        coalesce(collname, ''), coalesce(pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', ''
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'options', relname, array_to_string(reloptions, ','), '', '', '', ''
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
"""


STATES: Final = "SELECT state FROM customer UNION ALL SELECT state FROM snapshot"


async def described(url: str) -> list[tuple[str, ...]]:
    async with connected(url) as connection:
        rows = [tuple(row) for row in await connection.fetch(DESCRIBED)]
    return sorted(row for row in rows if row[1] != "alembic_version")


def described_differently(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_what_is_migrated_is_what_is_described(empty_database_url: str, postgres_server: PostgresServer) -> None:
    assert log_tables.log_record.metadata is metadata
    await migrate.migrate(empty_database_url)

    engine = create_async_engine(empty_database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(described_differently)
    await engine.dispose()
    async with fresh_database(postgres_server) as url:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await engine.dispose()
        made = await described(url)

    assert found == []
    assert await described(empty_database_url) == made
    assert len(made) > 100


async def test_migrations_go_up_and_down_and_up_again(empty_database_url: str) -> None:
    await migrate.migrate(empty_database_url)
    first = await described(empty_database_url)

    await revert(empty_database_url)
    between = await described(empty_database_url)
    await migrate.migrate(empty_database_url)

    assert between == []
    assert await described(empty_database_url) == first


async def test_each_migration_can_be_taken_back_by_itself(empty_database_url: str) -> None:
    await migrate.migrate(empty_database_url, "0002")
    half = await described(empty_database_url)

    await migrate.migrate(empty_database_url)
    await revert(empty_database_url, "0002")

    assert await described(empty_database_url) == half


async def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate.migrate(empty_database_url) for _ in range(5)))
    await migrate.migrate(empty_database_url)

    assert len(await described(empty_database_url)) > 100


async def test_missing_migrations_are_named(monkeypatch: pytest.MonkeyPatch, empty_database_url: str) -> None:
    monkeypatch.setattr(migrate, "MIGRATIONS", migrate.MIGRATIONS / "elsewhere")

    with pytest.raises(NoMigrations, match="elsewhere"):
        await migrate.migrate(empty_database_url)


async def test_states_are_the_same_after_the_way_down_to_0004_and_up_again(empty_database_url: str) -> None:
    await migrate.migrate(empty_database_url)
    story = [purchase(1, 100, currency="USD"), purchase(2, 7), *purchases(*range(10, 300, 9)), refund(301, 5)]
    customer = fold_story(story).customer
    row = saved("anna", customer, base=based(customer, 1), armed_at=day(400))
    snapshot = Snapshot(customer_id="anna", customer=customer)
    async with migrated(empty_database_url) as engine:
        store = PostgresStore(engine, 1)
        await commit(
            store, await store.claim(0), Changes(customers=[row], timers={"anna": day(400)}, snapshots=[snapshot])
        )

    await revert(empty_database_url, "0004")
    async with connected(empty_database_url) as connection:
        old = [msgpack.decode(one["state"]) for one in await connection.fetch(STATES)]
        armed = await connection.fetchval("SELECT armed_at = (SELECT due_at FROM timer) FROM customer")
    await migrate.migrate(empty_database_url)

    assert armed
    assert [(len(one), one[23], len(one[24]), one[28]) for one in old] == [
        (58, list(customer.bought_at), 16, list(customer.volumes))
    ]
    async with migrated(empty_database_url) as engine, PostgresStore(engine, 1).begin(0) as unit:
        again = (await unit.load(["anna"]))["anna"]
        assert structs.replace(again.customer, controls=0) == structs.replace(customer, source=None)
        assert (again.base, again.numbered, again.armed_at) == (None, row.known.numbered, day(400))
        assert (await unit.histories({"anna": day(500)}))["anna"].checkpoint is None


async def test_states_of_before_there_were_lines_are_folded_again_by_the_next_scorer(empty_database_url: str) -> None:
    await migrate.migrate(empty_database_url)
    story: list[Any] = [*purchases(*range(0, 200, 9), line="shoes"), complaint(201, line="shoes"), *purchases(150, 160)]
    async with migrated(empty_database_url) as engine:
        store, audit = PostgresStore(engine, 1), PostgresAudit(engine, 1)
        await score(store, [*story, Tick(at=day(300))])
        before = await views(audit)

    await revert(empty_database_url, "0007")
    await migrate.migrate(empty_database_url)

    async with migrated(empty_database_url) as engine:
        store, audit = PostgresStore(engine, 1), PostgresAudit(engine, 1)
        stale = state_of((await views(audit))["anna"])
        await run(store, [])
        assert (stale.lines, bool(before)) == ({}, True)
        assert differences(await views(audit), before) == []
        assert (await verify(audit)).problems == []

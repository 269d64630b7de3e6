"""What only PostgreSQL can get wrong: broken connections, deadlines, plans, updates in place, exact instants."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres import engine as engines
from shared.adapters.postgres import history, save, store, unit, upsert
from shared.adapters.postgres.engine import BROKEN, SCORER, Role, TransactionLost, connected, make_engine, transaction
from shared.adapters.postgres.instance import Instance, settle
from shared.adapters.postgres.migrate import migrate
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.adapters.postgres.tables import OPEN as OPEN_IN_SQL
from shared.domain.alerts import OPEN
from shared.domain.instants import EARLIEST, LATEST, Instant
from shared.ports.queries import AlertFilter
from shared.ports.store import Changes
from tests.builders import day
from tests.contract.stores import HOME, PARTITIONS, Place, commit, names, saved

ANNA, BO = names(2)
HASTY = Role(name="hasty", statement=0.2, lock=0.2, idle=0.2)


@pytest.fixture
async def hasty(store_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncEngine]:
    monkeypatch.setattr(engines, "PATIENCE_SECONDS", 0.1)
    engine = make_engine(store_engine.url.render_as_string(hide_password=False), HASTY, size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def alone(empty_database_url: str) -> AsyncIterator[AsyncEngine]:
    """A single connection to a database of the test's own, so that its statistics are complete."""
    await migrate(empty_database_url)
    engine = make_engine(empty_database_url, SCORER, size=1)
    yield engine
    await engine.dispose()


async def counted(engine: AsyncEngine, query: str) -> Any:
    async with connected(engine) as raw:
        await raw.execute("SELECT pg_stat_force_next_flush()")
        return await raw.fetchval(query)


async def backend(raw: asyncpg.Connection) -> int:
    return int(await raw.fetchval("SELECT pg_backend_pid()"))


async def test_a_connection_that_breaks_is_replaced_and_nothing_is_written(
    postgres_place: Place, store_engine: AsyncEngine
) -> None:
    position = await postgres_place.store.claim(HOME)

    async def broken() -> None:
        async with postgres_place.store.begin(HOME) as unit:
            await unit.save(Changes(customers=[saved(ANNA)]))
            async with connected(store_engine) as killer:
                await killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE state = 'idle in transaction' AND datname = current_database()"
                )
            await unit.save(Changes(customers=[saved(BO)]))

    with pytest.raises((*BROKEN, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError)):
        await broken()

    assert await postgres_place.store.position(HOME) == position
    assert await postgres_place.queries.customer(ANNA) is None
    await commit(postgres_place.store, position, Changes(customers=[saved(ANNA)]))


async def test_connections_that_broke_in_the_pool_are_replaced(hasty: AsyncEngine, store_engine: AsyncEngine) -> None:
    async with connected(hasty) as one, connected(hasty) as two:
        pids = [await backend(one), await backend(two)]
    async with connected(store_engine) as killer:
        await killer.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) AS pid", pids)
    await asyncio.sleep(0.05)

    async with connected(hasty) as one, connected(hasty) as two:
        assert {await backend(one), await backend(two)}.isdisjoint(pids)


async def test_a_transaction_whose_failure_was_overlooked_is_not_taken_for_committed(hasty: AsyncEngine) -> None:
    async def overlook() -> None:
        async with transaction(hasty) as raw:
            await raw.execute("INSERT INTO relay (partition, published) VALUES (9, 9)")
            with contextlib.suppress(asyncpg.DivisionByZeroError):
                await raw.execute("SELECT 1 / 0")

    with pytest.raises(TransactionLost, match="ROLLBACK"):
        await overlook()


@pytest.mark.parametrize(
    ("statement", "error"),
    [("SELECT pg_sleep(9)", asyncpg.QueryCanceledError), ("LOCK TABLE relay", asyncpg.LockNotAvailableError)],
)
async def test_nothing_is_waited_for_without_a_deadline(
    hasty: AsyncEngine, store_engine: AsyncEngine, statement: str, error: type[Exception]
) -> None:
    async with transaction(store_engine) as other:
        await other.execute("LOCK TABLE relay")
        with pytest.raises((error, asyncpg.QueryCanceledError)):
            async with transaction(hasty) as raw:
                await raw.execute(statement)

    async with connected(hasty) as raw:
        assert await raw.fetchval("SELECT 1") == 1


async def test_a_transaction_that_idles_is_ended_by_the_server(hasty: AsyncEngine) -> None:
    async def idle() -> None:
        async with transaction(hasty) as raw:
            await asyncio.sleep(0.4)
            await raw.execute("SELECT 1")

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await idle()

    async with connected(hasty) as raw:
        assert await raw.fetchval("SELECT 1") == 1


async def test_a_server_process_that_is_frozen_does_not_hold_us_up(hasty: AsyncEngine) -> None:
    started = time.monotonic()

    async def frozen() -> None:
        async with transaction(hasty) as raw:
            pid = await backend(raw)
            os.kill(pid, signal.SIGSTOP)
            try:
                await raw.execute("SELECT 1")
            finally:
                os.kill(pid, signal.SIGCONT)

    with pytest.raises(TimeoutError):
        await frozen()

    assert time.monotonic() - started < 2
    async with connected(hasty) as raw:
        assert await raw.fetchval("SELECT 1") == 1


async def test_a_batch_that_is_cancelled_leaves_nothing_and_its_place_in_the_pool(
    postgres_place: Place, store_engine: AsyncEngine
) -> None:
    position = await postgres_place.store.claim(HOME)

    async def batch() -> None:
        async with postgres_place.store.begin(HOME) as unit:
            await unit.save(Changes(customers=[saved(ANNA)]))
            await asyncio.sleep(0.5)

    for _ in range(8):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(batch(), 0.02)

    assert await postgres_place.queries.customer(ANNA) is None
    await asyncio.wait_for(commit(postgres_place.store, position), 5)


@pytest.mark.parametrize("at", [EARLIEST, Instant(1), Instant(day(1) + 999_999), Instant(LATEST - 1), LATEST])
async def test_instants_are_exact_and_are_times_to_postgresql(store_engine: AsyncEngine, at: Instant) -> None:
    async with connected(store_engine) as raw:
        there, said = await raw.fetchrow(
            "SELECT $1::timestamptz, extract(epoch FROM $1::timestamptz) * 1000000 = $2::bigint", at, int(at)
        ) or (None, None)

    assert there == at
    assert said


async def test_updates_that_leave_the_stage_alone_stay_in_place(alone: AsyncEngine) -> None:
    place, everybody = PostgresStore(alone, PARTITIONS), names(40)
    position = await place.claim(HOME)
    position = await commit(place, position, Changes(customers=[saved(name) for name in everybody]))

    for version in range(2, 8):
        some = [saved(name, version=version, level=version) for name in everybody[:8]]
        position = await commit(place, position, Changes(customers=some))

    query = "SELECT (n_tup_upd, n_tup_hot_upd) FROM pg_stat_user_tables WHERE relname = 'customer'"
    assert await counted(alone, query) == (48, 48)


async def test_the_scorer_never_reads_a_table_as_a_whole(store_engine: AsyncEngine) -> None:
    statements = {
        name: statement
        for module in (unit, save, history, store)
        for name, statement in vars(module).items()
        if isinstance(statement, str) and statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
    }
    upserts = {name: each for name, each in vars(upsert).items() if isinstance(each, upsert.Upsert)}
    statements |= {f"GIVEN {name}": each.given for name, each in upserts.items()}
    statements |= {f"STAGED {name}": each.staged for name, each in upserts.items()}

    async with transaction(store_engine) as raw:
        # Only a function can explain a statement whose parameters are left open.
        await raw.execute("""
            CREATE FUNCTION pg_temp.planned(statement text) RETURNS SETOF text LANGUAGE plpgsql AS
            'BEGIN RETURN QUERY EXECUTE ''EXPLAIN (GENERIC_PLAN) '' || statement; END'
        """)
        plans = {
            name: "\n".join(row[0] for row in await raw.fetch("SELECT pg_temp.planned($1)", statement))
            for name, statement in statements.items()
        }

    assert {"LOAD", "DUE", "WALK", "ADVANCE", "EVENTS", "STAGED EVENTS", "UNPUBLISHED"} <= plans.keys()
    assert [name for name, plan in plans.items() if "Seq Scan" in plan.replace("Seq Scan on staged_", "")] == []


async def test_open_alerts_are_listed_from_their_own_index(alone: AsyncEngine) -> None:
    settings = {"plan_cache_mode": "force_custom_plan", "enable_seqscan": "off", "enable_sort": "off"}
    role = Role(name="lister", statement=5, lock=5, idle=5, settings=settings)
    engine = make_engine(alone.url.render_as_string(hide_password=False), role, size=1)
    queries = PostgresQueries(engine, PARTITIONS)

    await queries.alerts(AlertFilter(statuses=OPEN), None, 10)
    await queries.alerts(AlertFilter(statuses=OPEN[:1]), (2, 0, day(1), "x"), 10)

    query = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'alert_urgent_idx'"
    assert await counted(engine, query) == 2
    await engine.dispose()
    assert all(f"'{status}'" in OPEN_IN_SQL for status in OPEN)
    assert OPEN_IN_SQL.count("'") == 2 * len(OPEN)


async def test_the_facts_of_an_instance_are_settled_once(postgres_place: Place, store_engine: AsyncEngine) -> None:
    wanted = [Instance(partitions=number, log="kafka", clock="system", fold_version=1) for number in range(1, 6)]

    settled = await asyncio.gather(*(settle(store_engine, each) for each in wanted))

    assert settled[0] in wanted
    assert settled == [settled[0]] * 5
    assert await settle(store_engine, wanted[3]) == settled[0]

"""What only PostgreSQL can get wrong of the value at risk: which index serves, and what a migration finds."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres import alert_lists
from shared.adapters.postgres.engine import READER, SCORER, connected, make_engine
from shared.adapters.postgres.migrate import migrate, revert
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.domain.alerts import OPEN, AlertStatus, Evidence
from shared.domain.ids import CustomerId
from shared.ports.queries import AlertFilter
from shared.ports.store import Changes
from tests.builders import day
from tests.contract.stores import HOME, PARTITIONS, commit, names, raised

NAMES: Final = names(400)
FIRST_PAGE: Final = (*alert_lists.given(AlertFilter(statuses=OPEN)), *(None,) * 6, 10)
NEXT_PAGE: Final = (*FIRST_PAGE[:6], "EUR", 200, 1, 0, day(1), "x", 10)


@pytest.fixture
async def filled(empty_database_url: str) -> AsyncIterator[AsyncEngine]:
    """A database with alerts of a known and of an unknown value at risk."""
    await migrate(empty_database_url)
    engine = make_engine(empty_database_url, SCORER, size=1)
    store = PostgresStore(engine, PARTITIONS)
    alerts = [
        raised(name, day(1), evidence=risk(number), status=AlertStatus.OPEN if number % 2 else AlertStatus.RESOLVED)
        for number, name in enumerate(NAMES)
    ]
    await commit(store, await store.claim(HOME), Changes(alerts=alerts))
    async with connected(engine) as raw:
        await raw.execute("ANALYZE alert")
    yield engine
    await engine.dispose()


def risk(number: int) -> Evidence:
    """A value at risk; every fifth is unknown."""
    return Evidence(currency="EUR", value_at_risk=number) if number % 5 else Evidence(volume=number)


async def planned(engine: AsyncEngine, statement: str, *given: Any) -> str:
    reader = make_engine(engine.url.render_as_string(hide_password=False), READER, size=1)
    async with connected(reader) as raw:
        rows = await raw.fetch(f"EXPLAIN (COSTS OFF) {statement}", *given)
    await reader.dispose()
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("given", [FIRST_PAGE, NEXT_PAGE], ids=["first", "next"])
async def test_a_page_by_value_is_read_in_the_order_of_its_index(filled: AsyncEngine, given: Sequence[Any]) -> None:
    plan = await planned(filled, alert_lists.BY_VALUE, PARTITIONS, *given)

    assert "Scan Backward using alert_value_idx" in plan
    assert "Sort" not in plan


async def test_ranks_are_read_off_the_index_alone(filled: AsyncEngine) -> None:
    plan = await planned(filled, alert_lists.RANKS, ["EUR"], [350], ["x"], 10)

    assert "Index Only Scan Backward using alert_value_idx" in plan
    assert "Sort" not in plan


async def test_what_alerts_tell_is_found_again_after_the_way_down_and_up(filled: AsyncEngine) -> None:
    url, queries = filled.url.render_as_string(hide_password=False), PostgresQueries(filled, PARTITIONS)
    wanted = AlertFilter(statuses=tuple(AlertStatus))
    before = await queries.alerts_by_value(wanted, None, 500)

    await revert(url, "0008")
    await migrate(url)

    assert await queries.alerts_by_value(wanted, None, 500) == before
    assert [CustomerId(one.customer_id) for one in before[:2]] == [NAMES[399], NAMES[398]]
    assert len(await queries.ranks(before, 500)) == 160

"""Whatever happens to customers, PostgreSQL says to the letter what memory says."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.codec import Entry
from shared.adapters.memory.store import MemoryStore
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.hot import MOST_BYTES
from shared.adapters.postgres.store import PostgresStore
from shared.domain.instants import DAY
from tests import scoring
from tests.builders import BEGIN
from tests.contract.stores import on_postgres
from tests.histories import History, histories


class Inspected(PostgresStore, PostgresAudit):
    """A store in PostgreSQL that can be looked into."""

    def __init__(self, engine: AsyncEngine, partitions: int, hot_bytes: int) -> None:
        PostgresAudit.__init__(self, engine, partitions)
        PostgresStore.__init__(self, engine, partitions, hot_bytes)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    histories(most=15, controlled=True),
    st.randoms(use_true_random=False),
    st.lists(st.integers(1, 9), min_size=1),
    st.sampled_from([0, 3_000, MOST_BYTES]),
)
async def test_postgresql_says_what_memory_says(
    store_engine: AsyncEngine, history: History, random: Random, sizes: list[int], hot_bytes: int
) -> None:
    await on_postgres(store_engine)
    memory, postgres = MemoryStore(1), Inspected(store_engine, 1, hot_bytes)
    entries: list[Entry] = [*history.events, *history.controls, *history.events[:3]]
    random.shuffle(entries)
    last = max(
        [BEGIN, *(event.occurred_at for event in history.events), *(one.effective_at for one in history.controls)]
    )
    entries += [scoring.tick(last), scoring.tick(last + 200 * DAY)]

    for store in (memory, postgres):
        await scoring.score(store, entries, sizes, history.policy)

    assert scoring.differences(await scoring.told(postgres), await scoring.told(memory)) == []
    assert await scoring.outbox(postgres) == await scoring.outbox(memory)
    assert await postgres.position(0) == await memory.position(0)
    for ours in (memory, postgres):
        assert [list(await ours.commit_gaps()), list(await ours.outbox_gaps())] == [[], []]
        assert not any((await ours.misplaced()).values())

"""A preview of a policy is the truth about it, and leaves everything as it is: a small version of `bench.preview`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from bench.feed import append, events_of, in_order
from bench.histories import cdnow, every
from bench.places import in_memory, on_postgres, processed, scorer_at, scoring, writing
from bench.preview import Comparison, compared, effect, foretold, history_of, truth
from services.api.errors import PreviewBusy, PreviewTooLong, StoreFailed
from services.api.policies import Policies, Wanted
from services.api.previewing import Previews, Question, preview
from services.api.times import instant_of
from services.scorer.verify import verify
from shared.adapters.memory.audit import MemoryLook
from shared.adapters.memory.store import MemoryStore
from shared.adapters.spread import records_of
from shared.domain.controls import PolicyChange
from shared.domain.instants import DAY, Instant
from shared.domain.policies import changed
from shared.domain.policy import DEFAULT
from tests import servers
from tests.e2e.api_house import DAYS, House, bought
from tests.scoring import looks

HISTORY = history_of(events_of(every(cdnow(sample=True), 3)), 0.35)
END = HISTORY[-1].ends_at
STRICT: Mapping[str, object] = {"silent_r": 1.2, "dormant_r": 2.4, "long_gap_floor_days": 20.0}
MILD: Mapping[str, object] = {"silent_r": 1.9, "volume_rules": False, "urgent_deadline_days": 1.0}


def policy_of(changes: Mapping[str, object], at: int) -> PolicyChange:
    """The second version, in force from an instant."""
    return PolicyChange(id="policy-000002", effective_at=Instant(at), policy=changed(DEFAULT, changes, 2))


def question(changes: Mapping[str, object], at: int, days: int = 0, most: int = 10**9) -> Question:
    """A change, and how many days to look ahead."""
    change = policy_of(changes, at)
    return Question(change=change, horizon=Instant(max(at, END) + days * DAY), most=most)


async def of_everybody(changes: Mapping[str, object]) -> Comparison:
    return await compared(in_memory(), HISTORY, changes, ahead=40)


@pytest.mark.parametrize("changes", [STRICT, MILD], ids=["strict", "mild"])
async def test_on_the_cdnow_history_a_preview_says_what_the_policy_does_when_it_takes_effect(
    changes: Mapping[str, object],
) -> None:
    outcome = await of_everybody(changes)

    assert outcome.foretold == outcome.actual
    assert len(outcome.actual.moves) >= 20
    assert outcome.actual.withdrawn
    assert (outcome.found.moved, outcome.found.raised, outcome.found.withdrawn) == tuple(map(len, outcome.actual))


async def test_what_moves_at_once_is_what_says_that_the_policy_was_the_cause() -> None:
    place = in_memory()
    async with writing(place) as writer, scoring([scorer_at(place, writer)]):
        await processed(place, await append(writer, in_order(HISTORY, place.partitions)))
        policies = Policies(place.queries, writer, 10)
        change = policies.draft(await policies.register(), Wanted(changes=STRICT))
        found = await preview(place.audit, Question(change=change, horizon=change.effective_at, most=10**9))
        await policies.issue(Wanted(changes=STRICT), 1)
        tick = HISTORY[-1]._replace(events=(), ends_at=change.effective_at)
        await processed(place, await append(writer, in_order([tick], place.partitions)))

    caused = [
        placed
        for audited in await looks(place.audit)
        for placed in audited.transitions
        if placed.transition.cause == "policy"
    ]
    names = {placed.customer_id for placed in caused}
    assert {one.customer_id for one in found.moves if one.at == change.effective_at} == names
    assert found.moved_at_once == len(names) >= 5
    assert {placed.transition.effective_at for placed in caused} == {change.effective_at}
    assert 0 < found.raised_at_once <= found.raised


async def test_of_a_past_instant_a_preview_says_what_would_have_come_of_the_policy_since() -> None:
    past = END - 60 * DAY
    place, twin = in_memory(), in_memory()
    for each in (place, twin):
        async with writing(each) as writer, scoring([scorer_at(each, writer)]):
            await processed(each, await append(writer, in_order(HISTORY, each.partitions)))
    found = await preview(twin.audit, question(MILD, past))

    async with writing(place) as writer, scoring([scorer_at(place, writer)]):
        records = records_of(policy_of(MILD, past), range(place.partitions))
        await processed(place, await append(writer, records))

    assert foretold(found) == effect(await truth(twin.audit), await truth(place.audit))
    assert found.withdrawn > 0
    assert (await verify(place.audit)).problems == []


async def test_a_preview_changes_no_row_of_any_table(database_url: str) -> None:
    async with on_postgres(database_url) as place:
        async with writing(place) as writer, scoring([scorer_at(place, writer)]):
            await processed(place, await append(writer, in_order(HISTORY, place.partitions)))
        before = await rows(database_url)

        found = await preview(place.audit, question(STRICT, END + DAY, 30))

        assert await rows(database_url) == before
    assert found.moved > 0
    assert {"customer", "transition", "alert", "control", "event", "position", "timer", "outbox"} <= before.keys()


async def test_lists_are_cut_and_counts_are_not() -> None:
    place = in_memory(1)
    async with writing(place) as writer, scoring([scorer_at(place, writer)]):
        await processed(place, await append(writer, in_order(HISTORY, 1)))

    whole = await preview(place.audit, question(STRICT, END + DAY, 30))
    cut = await preview(place.audit, question(STRICT, END + DAY, 30, most=3))

    assert (cut.moved, cut.raised, cut.withdrawn) == (whole.moved, whole.raised, whole.withdrawn)
    assert (cut.moves, cut.raises, cut.withdraws) == (whole.moves[:3], whole.raises[:3], whole.withdraws[:3])
    assert whole.moved > 3


class Slow(MemoryStore):
    """A store whose shards are read when the test lets them, or fail."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(4)
        self.go = asyncio.Event()
        self.asked = asyncio.Event()
        self._error = error

    @asynccontextmanager
    async def look(self, shard: int) -> AsyncIterator[MemoryLook]:
        self.asked.set()
        await self.go.wait()
        if self._error is not None:
            raise self._error
        async with super().look(shard) as look:
            yield look


async def test_previews_come_one_at_a_time_and_the_next_may_follow() -> None:
    store = Slow()
    previews = Previews(store, 10)
    first = asyncio.create_task(previews.preview(question(STRICT, END + DAY)))
    await store.asked.wait()

    with pytest.raises(PreviewBusy, match="ask again"):
        await previews.preview(question(STRICT, END + DAY))
    store.go.set()

    assert (await first).customers == 0
    assert (await previews.preview(question(STRICT, END + DAY))).customers == 0


async def test_a_preview_that_takes_too_long_is_given_up_and_says_what_to_do() -> None:
    previews = Previews(Slow(), 0.02)

    for _ in range(2):  # the second shows that the first has made room
        with pytest.raises(PreviewTooLong, match="lifestage policy preview"):
            await previews.preview(question(STRICT, END + DAY))


async def test_a_store_that_does_not_answer_is_no_mistake_of_the_preview() -> None:
    store = Slow(OSError("gone"))
    store.go.set()

    with pytest.raises(StoreFailed):
        await Previews(store, 10).preview(question(STRICT, END + DAY))


async def test_a_parked_customer_is_counted_and_one_that_the_change_would_park_is_too() -> None:
    house = House()
    await house.told(*(bought("anna", day) for day in DAYS), *(bought("bo", day) for day in DAYS))
    broken = replace(DEFAULT, version=2, mu0=1e4)  # no check lets this pass
    change = PolicyChange(id="broken", effective_at=instant_of("2026-03-01T00:00:00Z"), policy=broken)

    found = await preview(house.audit, Question(change=change, horizon=change.effective_at, most=9))

    assert (found.customers, found.broken, found.moved) == (2, 2, 0)

    await house.governed(change)
    await house.passed("2026-03-02T00:00:00Z")
    after = await preview(house.audit, question(STRICT, instant_of("2026-03-03T00:00:00Z")))

    assert (after.customers, after.parked, after.broken) == (2, 2, 0)


async def rows(url: str) -> dict[str, str]:
    """A digest of every row of every table, by table."""
    async with servers.connected(url) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            table: await connection.fetchval(
                f"SELECT md5(coalesce(string_agg(md5(one::text), '' ORDER BY one::text), '')) FROM {table} AS one"
            )
            for (table,) in tables
        }

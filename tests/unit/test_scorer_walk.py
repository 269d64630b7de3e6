"""A walk in a live partition: a portion at each tick, events in between, and one result wherever batches are cut."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from msgspec import Struct

from services.scorer import batch
from services.scorer.digest import digest
from services.scorer.verify import verify
from shared.adapters.codec import Entry
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Tick
from shared.domain.instants import DAY, SECOND
from shared.ports.log import Record
from shared.ports.store import Position
from tests import scoring
from tests.builders import BEGIN
from tests.histories import History, histories

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=4)
CHUNKS = st.sampled_from((2_000, 2, 1))
PORTIONS = st.sampled_from((1, 2, 30))
GAPS = st.sampled_from((0, 0, SECOND // 3, SECOND, SECOND, 2 * SECOND, DAY, 30 * DAY, 90 * DAY))
ROUNDS = 24
"""Ticks that are enough for every control to be reached and every customer to be walked."""


class Log(Struct, frozen=True, kw_only=True):
    """What a live partition was told, in the order in which it came, and the history that it tells."""

    history: History
    records: list[Record]

    def ended(self) -> list[Record]:
        """The same with ticks at the end that reach every control, until no walk is left open."""
        at = max(self.records[-1].appended_at, *(control.effective_at for control in self.history.controls), 0)
        more = [(at + number * SECOND, Tick()) for number in range(1, ROUNDS)]
        return self.records + scoring.live_records(more, first=len(self.records))


@st.composite
def live_logs(draw: st.DrawFn) -> Log:
    """A history in some order of arrival, with live ticks anywhere in between."""
    history = draw(histories(most=12, customers=3))
    arriving: list[Entry] = [*history.events, *history.controls]
    again = draw(st.lists(st.sampled_from(arriving), max_size=4))
    arriving = draw(st.permutations([*arriving, *again])) if draw(st.booleans()) else [*arriving, *again]
    for place in draw(st.lists(st.integers(0, len(arriving)), min_size=3, max_size=12)):
        arriving.insert(place, Tick())
    times = accumulate([BEGIN, *(draw(GAPS) for _ in arriving[1:])])
    return Log(history=history, records=scoring.live_records([*zip(times, arriving, strict=True)]))


class Found(Struct, frozen=True, kw_only=True):
    """A store that has seen a log."""

    store: MemoryStore
    position: Position


@given(live_logs(), SIZES, SIZES, CHUNKS, CHUNKS, PORTIONS)
def test_wherever_a_log_is_cut_while_walks_are_open_everything_said_is_the_same(
    log: Log, sizes: list[int], others: list[int], chunk: int, other_chunk: int, portion: int
) -> None:
    one = scored(log.history, log.records, sizes, chunk, portion)
    other = scored(log.history, log.records, others, other_chunk, portion)

    found, wanted = asyncio.run(scoring.told(one.store)), asyncio.run(scoring.told(other.store))

    assert scoring.differences(found, wanted) == []
    assert asyncio.run(scoring.outbox(one.store)) == asyncio.run(scoring.outbox(other.store))
    assert asyncio.run(digest(one.store)) == asyncio.run(digest(other.store))
    assert (one.position.walk, one.position.stream_time) == (other.position.walk, other.position.stream_time)
    assert asyncio.run(verify(one.store, policy=log.history.policy)).problems == []


@given(live_logs(), SIZES, CHUNKS, PORTIONS)
def test_once_walks_have_ended_every_customer_is_where_the_canonical_fold_says(
    log: Log, sizes: list[int], chunk: int, portion: int
) -> None:
    found = scored(log.history, log.ended(), sizes, chunk, portion)

    views, reached = asyncio.run(scoring.views(found.store)), found.position.stream_time
    report = asyncio.run(verify(found.store, policy=log.history.policy))

    assert found.position.walk is None
    assert scoring.differences(views, scoring.expected(log.history, reached)) == []
    assert (report.problems, report.behind) == ([], 0)


def scored(history: History, records: Sequence[Record], sizes: Sequence[int], chunk: int, portion: int) -> Found:
    """A store that has seen records, cut into batches of these sizes in turn."""
    note(f"{sizes=} {chunk=} {portion=} policy {history.policy.version}")
    note("\n".join(f"{record.appended_at} {record.value.decode()}" for record in records))
    store = MemoryStore(1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(batch, "CHUNK", chunk)
        patched.setattr(batch, "PORTION", portion)
        done = asyncio.run(scoring.run(store, records, sizes, history.policy))
    return Found(store=store, position=done[-1].position)

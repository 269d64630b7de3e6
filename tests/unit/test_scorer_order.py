"""Any order of arrival, any repetition, any cut: the scorer's view is the canonical fold (INVARIANTS I3, I5, I9)."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from msgspec import Struct

from services.scorer import batch, ledger
from services.scorer.verify import verify
from shared.adapters import codec
from shared.adapters.codec import Entry
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Tick
from shared.domain.instants import DAY, SECOND, Instant
from tests import scoring
from tests.histories import History, histories

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=4)
"""How many records go into each batch, over and over."""

CHUNKS = st.sampled_from((2_000, 3, 1))
"""How many timers are fired, or customers walked, in one transaction."""

SNAPSHOTS = st.sampled_from((128, 5, 2, 1))
"""After how many inputs a snapshot is taken."""


class Log(Struct, frozen=True, kw_only=True):
    """A history as it came in: shuffled, repeated, with ticks and controls in between and a tick at the end."""

    history: History
    entries: Sequence[Entry]
    stream_time: Instant


@st.composite
def logs(draw: st.DrawFn, controlled: bool = True) -> Log:
    """A history in some order of arrival."""
    history = draw(histories(most=18, controlled=controlled))
    arriving: list[Entry] = [*history.events, *history.controls]
    again = draw(st.lists(st.sampled_from(arriving), max_size=4))
    arriving = draw(st.permutations([*arriving, *again])) if draw(st.booleans()) else [*arriving, *again]
    times = [*(event.occurred_at for event in history.events), *(control.effective_at for control in history.controls)]
    for at in sorted(draw(st.lists(st.sampled_from(times), max_size=5))):
        arriving.insert(draw(st.integers(0, len(arriving))), scoring.tick(at))
    end = Instant(max(times) + draw(st.sampled_from((0, SECOND, 45 * DAY, 300 * DAY))))
    return Log(history=history, entries=[*_ticks_in_order(arriving), scoring.tick(end)], stream_time=end)


@given(logs(), SIZES, CHUNKS, SNAPSHOTS)
def test_any_order_any_repetition_and_any_cut_end_in_the_canonical_fold(
    log: Log, sizes: list[int], chunk: int, snapshot_every: int
) -> None:
    store = scored(log, sizes, chunk, snapshot_every)

    found = asyncio.run(scoring.views(store))

    assert scoring.differences(found, scoring.expected(log.history, log.stream_time)) == []
    assert asyncio.run(verify(store, policy=log.history.policy)).problems == []


@given(logs(), SIZES, SIZES, CHUNKS, SNAPSHOTS)
def test_wherever_the_log_is_cut_everything_said_is_the_same(
    log: Log, sizes: list[int], others: list[int], chunk: int, snapshot_every: int
) -> None:
    one = scored(log, sizes, chunk, snapshot_every)
    other = scored(log, others)

    found, wanted = asyncio.run(scoring.told(one)), asyncio.run(scoring.told(other))

    assert scoring.differences(found, wanted) == []
    assert asyncio.run(scoring.outbox(one)) == asyncio.run(scoring.outbox(other))


def scored(log: Log, sizes: Sequence[int], chunk: int = 2_000, snapshot_every: int = 128) -> MemoryStore:
    """A store that has seen the whole log."""
    note(f"{sizes=} {chunk=} {snapshot_every=}\n{shown(log)}")
    store = MemoryStore(1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(batch, "CHUNK", chunk)
        patched.setattr(ledger, "SNAPSHOT_EVERY", snapshot_every)
        asyncio.run(scoring.score(store, log.entries, sizes, log.history.policy))
    return store


def shown(log: Log) -> str:
    """The log as lines to read."""
    return "\n".join([str(log.history.policy), *(codec.encode(entry).decode() for entry in log.entries)])


def _ticks_in_order(entries: Sequence[Entry]) -> list[Entry]:
    """The same entries; the ticks among them exchanged so that time never goes back."""
    times = iter(sorted(entry.at for entry in entries if isinstance(entry, Tick) and entry.at is not None))
    return [scoring.tick(next(times)) if isinstance(entry, Tick) else entry for entry in entries]

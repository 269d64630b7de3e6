"""A partition's log fed to the scorer's transactions, cut wherever a test wants; and what the store then says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, Protocol

from msgspec import Struct

from services.scorer import batch
from services.scorer.batch import Scored
from services.scorer.refold import by_line, in_order, named
from services.scorer.walking import walks_on
from shared.adapters import codec
from shared.adapters.codec import Entry
from shared.domain.alerts import Alert
from shared.domain.controls import Governance, Tick
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.ids import SHARDS
from shared.domain.instants import SECOND, Instant
from shared.domain.lifecycle import fold
from shared.domain.policy import Policy
from shared.ports.audit import Audit, Audited
from shared.ports.log import Record
from shared.ports.store import Message, Numbered, Store
from tests.builders import BEGIN
from tests.histories import History


class Audible(Store, Audit, Protocol):
    """A store that can be looked into."""


class View(Struct, frozen=True, kw_only=True):
    """What is true of a customer: its state as bytes, the transitions that stand, the alerts that are not withdrawn."""

    state: bytes
    transitions: list[Transition]
    alerts: dict[tuple[str, str, int], Alert]


class Told(Struct, frozen=True, kw_only=True):
    """Everything that was ever said of a customer, and under which numbers."""

    state: bytes
    transitions: list[tuple[int, Transition, Instant, Instant | None]]
    alerts: list[Alert]


def records_of(entries: Iterable[Entry | bytes], partition: int = 0, first: int = 0) -> list[Record]:
    """Entries as a log would hand them out, one appended every second."""
    return [
        Record(
            partition,
            offset,
            Instant(BEGIN + offset * SECOND),
            None,
            entry if isinstance(entry, bytes) else codec.encode(entry),
        )
        for offset, entry in enumerate(entries, first)
    ]


def live_records(entries: Sequence[tuple[int, Entry | bytes]], partition: int = 0, first: int = 0) -> list[Record]:
    """Entries as a live log would hand them out, each with the time at which it was appended."""
    return [
        record._replace(appended_at=Instant(at))
        for (at, _), record in zip(entries, records_of((entry for _, entry in entries), partition, first), strict=True)
    ]


async def run(
    store: Store,
    records: Sequence[Record],
    sizes: Sequence[int] = (1_000,),
    policy: Policy | None = None,
    partition: int = 0,
    partitions: int = 1,
) -> list[Scored]:
    """Take the partition over and score what lies beyond its position, in batches of these sizes in turn."""
    position = await store.claim(partition)
    governance = Governance.of(await store.controls(partition), policy)
    scored: list[Scored] = []
    size = cycle(sizes)
    while True:
        waiting = [record for record in records if record.offset >= position.next_offset]
        if not waiting and not walks_on(position):
            return scored
        done = await batch.score(store, position, governance, partitions, waiting[: next(size)])
        scored.append(done)
        position, governance = done.position, done.governance


async def score(
    store: Store, entries: Iterable[Entry | bytes], sizes: Sequence[int] = (1_000,), policy: Policy | None = None
) -> list[Scored]:
    """Score entries as the whole log of the only partition."""
    return await run(store, records_of(entries), sizes, policy)


async def looks(store: Audit) -> list[Audited]:
    """Everything stored of every customer."""
    found: list[Audited] = []
    for shard in range(SHARDS):
        async with store.look(shard) as look:
            found += [audited async for audited in look.customers()]
    return found


async def views(store: Audit) -> dict[str, View]:
    """What is true of every customer."""
    return {one.known.customer_id: _view(one) for one in await looks(store)}


async def told(store: Audit) -> dict[str, Told]:
    """Everything that was ever said of every customer."""
    return {one.known.customer_id: _told(one) for one in await looks(store)}


def expected(history: History, stream_time: Instant | None) -> dict[str, View]:
    """What the canonical fold says of everyone."""
    found = {}
    for name in history.customers():
        outcome = fold(name, history.of(name), history.governance(), stream_time)
        found[name] = View(
            state=codec.encode_customer(outcome.customer),
            transitions=line_by_line(outcome.transitions),
            alerts=named(outcome.alerts),
        )
    return found


async def outbox(store: Audit, partition: int = 0) -> list[Message]:
    """The partition's messages in order."""
    return list(await store.outbox(partition))


def line_by_line(transitions: Iterable[Transition]) -> list[Transition]:
    """Transitions of the whole first, then of each line: between lifecycles there is no order at one instant."""
    found = by_line(transitions)
    return [one for line in sorted(found, key=lambda line: line or "") for one in found[line]]


def tick(at: int) -> Tick:
    """A tick that carries its own time."""
    return Tick(at=Instant(at))


def state_of(view: View | Told) -> Customer:
    """The state, to be looked at."""
    return codec.decode_customer(view.state)


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Where two views of the same customers differ, in words short enough to read."""
    return [
        f"{name}.{field}: {one!r} is not {other!r}"
        for name in sorted({*found, *wanted})
        for field, one, other in _fields(found.get(name), wanted.get(name))
        if one != other
    ]


def _fields(one: View | Told | None, other: View | Told | None) -> Iterator[tuple[str, Any, Any]]:
    yield "alerts", getattr(one, "alerts", None), getattr(other, "alerts", None)
    yield "transitions", getattr(one, "transitions", None), getattr(other, "transitions", None)
    if one is None or other is None or one.state == other.state:
        return
    first, second = state_of(one), state_of(other)
    for name in first.__struct_fields__:
        yield name, getattr(first, name), getattr(second, name)


def _view(audited: Audited) -> View:
    standing = [
        Numbered(customer_id=one.customer_id, number=one.number, transition=one.transition, decided_at=one.decided_at)
        for one in audited.transitions
        if one.retracted_at is None
    ]
    return View(
        state=codec.encode_customer(audited.known.customer),
        transitions=line_by_line(one.transition for one in in_order(standing)),
        alerts=named(placed.alert for placed in audited.alerts if placed.alert.status != "withdrawn"),
    )


def _told(audited: Audited) -> Told:
    return Told(
        state=codec.encode_customer(audited.known.customer),
        transitions=sorted(
            ((one.number, one.transition, one.decided_at, one.retracted_at) for one in audited.transitions),
            key=lambda one: one[0],
        ),
        alerts=sorted((one.alert for one in audited.alerts), key=lambda alert: (alert.effective_at, alert.kind)),
    )

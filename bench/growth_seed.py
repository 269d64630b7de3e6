"""A store of any size, fast: a few hundred histories folded once, and copied under new ids with COPY.

Each row is the one that the scorer would have written, so `lifestage verify` finds nothing to complain of.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import asyncpg
from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.histories import Row as Bought
from bench.histories import by_customer, cdnow, every, purchases
from shared.adapters import codec
from shared.adapters.postgres import rows
from shared.adapters.postgres.engine import connected, transaction
from shared.adapters.postgres.tallies import recount
from shared.domain.controls import Governance
from shared.domain.ids import CustomerId, alert_id, partition_of, shard_of, shards_of
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.domain.policy import DEFAULT
from shared.domain.rules import customer_type
from shared.domain.volume import level
from shared.ports.store import Base, Known, Numbered, RaisedAlert, Saved, StoredEvent

SEEDED_UNTIL: Final = Instant(10_135 * DAY)
"""1997-10-01: by then the customers of CDNOW stand at many stages, and most are due some time later."""
TEMPLATES: Final = 300
NAME: Final = CustomerId("customer-of-template")

COLUMNS: Final = {
    "event": "shard customer_id source id type occurred_at received_at log_offset body",
    "customer": "shard customer_id stage type cycle since version numbered newest_at level currency parked state base",
    "timer": "shard customer_id partition due_at",
    "transition": "shard customer_id number line source target effective_at decided_at body",
    "alert": "shard id customer_id kind status severity worth level currency risk_currency value_at_risk effective_at"
    " changed_at body",
}

BEGIN_POSITIONS: Final = """
    INSERT INTO position (partition, next_offset, version, epoch, stream_time, outbox)
    SELECT partition, 0, 0, 0, $2, 0 FROM generate_series(0, $1::integer - 1) AS p (partition)
"""

Row = tuple[Any, ...]


class Template(Struct, frozen=True, kw_only=True):
    """A customer's rows, which say the same of every copy but for its id and its place."""

    events: list[Row]
    customer: Row
    due_at: Instant | None
    transitions: list[Row]
    alerts: list[tuple[str | None, Row]]
    """Each with the line that its id names."""


class Copy(NamedTuple):
    """One customer to be written."""

    shard: int
    name: str
    template: Template


def customer_names(count: int) -> list[str]:
    """The ids of a store of so many customers."""
    return [f"c{number:07d}" for number in range(count)]


def templates(count: int = TEMPLATES, until: Instant = SEEDED_UNTIL) -> list[Template]:
    """Customers from all over CDNOW with what they did until the cut-off, or to another time if it is moved there."""
    histories = by_customer(every(cdnow(), 23_570 // count))
    later = until - SEEDED_UNTIL
    moved = [
        [row._replace(at=Instant(row.at + later)) for row in history if row.at < SEEDED_UNTIL]
        for history in histories.values()
    ]
    return [_template(history, until) for history in moved]


async def seed(
    engine: AsyncEngine,
    count: int,
    partitions: int,
    told: Callable[[float], None],
    until: Instant = SEEDED_UNTIL,
    *,
    shapes: int = TEMPLATES,
    tables: Sequence[str] = tuple(COLUMNS),
) -> None:
    """Fill an empty store with so many customers, and set its partitions to the cut-off. `told` hears of progress.

    They are copies of about so many `shapes`. `tables` are those that are filled.
    """
    made = _copies(templates(shapes, until), customer_names(count))
    kinds: dict[str, Callable[[Sequence[Copy]], Iterable[Row]]] = {
        "event": _events,
        "customer": _customers,
        "timer": lambda some: _timers(some, partitions),
        "transition": _transitions,
        "alert": _alerts,
    }
    async with connected(engine) as raw:
        for table in tables:
            await _copy(raw, table, kinds[table](made))
            told(count / len(tables))
        await raw.execute(BEGIN_POSITIONS, partitions, until)
        await raw.execute("VACUUM (ANALYZE) event, customer, timer, transition, alert, position")
    async with transaction(engine) as raw:
        for partition in range(partitions):
            await recount(raw, partition, shards_of(partition, partitions))


def _copies(shapes: Sequence[Template], names: Sequence[str]) -> list[Copy]:
    """Each customer as a copy of one of the shapes, in the order of the store."""
    copies = sorted((shard_of(name), name, place % len(shapes)) for place, name in enumerate(names))
    return [Copy(shard, name, shapes[shape]) for shard, name, shape in copies]


async def _copy(raw: asyncpg.Connection, table: str, records: Iterable[Row]) -> None:
    await raw.copy_records_to_table(table, records=records, columns=COLUMNS[table].split())


def _template(history: list[Bought], until: Instant) -> Template:
    events = [structs.replace(event, customer_id=NAME) for event in purchases(history)]
    governance = Governance()
    outcome = fold(NAME, events, governance, until)
    state = outcome.customer
    base = None
    if outcome.base is not None:
        since = state.transitions - outcome.base.transitions
        base = Base(
            codec.encode_customer(outcome.base), tuple(range(state.transitions - since + 1, state.transitions + 1))
        )
    known = Known(
        customer_id=NAME,
        customer=state,
        base=base,
        version=len(events),
        numbered=state.transitions,
        armed_at=state.due_at,
    )
    usual = level(state)
    saved = Saved(
        known=known,
        type=customer_type(state, DEFAULT),
        level=None if usual is None else round(usual),
        currency=state.currency,
    )
    numbered = [
        Numbered(customer_id=NAME, number=number, transition=transition, decided_at=transition.effective_at)
        for number, transition in enumerate(outcome.transitions, 1)
    ]
    raised = [RaisedAlert(customer_id=NAME, alert=alert, changed_at=until) for alert in outcome.alerts]
    stored = [StoredEvent(event=event, body=codec.encode(event), offset=0) for event in events]
    return Template(
        events=rows.event_rows(stored),
        customer=rows.customer_rows([saved])[0],
        due_at=state.due_at,
        transitions=rows.transition_rows(numbered),
        alerts=[(each.alert.line, row) for each in raised for row in rows.alert_rows([each], [saved])],
    )


def _events(copies: Sequence[Copy]) -> Iterator[Row]:
    number = 0
    for shard, name, template in copies:
        for _, _, *told, _, body in template.events:
            number -= 1  # below every offset of the log, so that no record is taken for one of these
            yield (shard, name, *told, number, body.replace(NAME, name))


def _customers(copies: Sequence[Copy]) -> Iterator[Row]:
    return ((shard, name, *template.customer[2:]) for shard, name, template in copies)


def _timers(copies: Sequence[Copy], partitions: int) -> Iterator[Row]:
    for shard, name, template in copies:
        if template.due_at is not None:
            yield shard, name, partition_of(shard, partitions), template.due_at


def _transitions(copies: Sequence[Copy]) -> Iterator[Row]:
    return ((shard, name, *row[2:]) for shard, name, template in copies for row in template.transitions)


def _alerts(copies: Sequence[Copy]) -> Iterator[Row]:
    for shard, name, template in copies:
        for line, (_, _, _, kind, *told, effective_at, changed_at, body) in template.alerts:
            named = alert_id(name, line, kind, effective_at)
            yield (shard, named, name, kind, *told, effective_at, changed_at, body)

"""A store for each test, in memory and in PostgreSQL, and small values to put into it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters import codec
from shared.adapters.memory.keys import MemoryKeys
from shared.adapters.memory.store import MemoryStore
from shared.adapters.memory.surveys import MemorySurveys
from shared.adapters.postgres.audit import PostgresAudit
from shared.adapters.postgres.engine import SCORER, connected, make_engine
from shared.adapters.postgres.hot import MOST_BYTES
from shared.adapters.postgres.keys import PostgresKeys
from shared.adapters.postgres.models import PostgresModels
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.adapters.postgres.surveys import PostgresSurveys
from shared.adapters.postgres.tables import metadata
from shared.adapters.postgres.workbench import PostgresWorkbench
from shared.domain.alerts import Alert, AlertKind, AlertStatus, Severity
from shared.domain.customer import Customer, CustomerType
from shared.domain.decisions import Reason, Transition
from shared.domain.events import Event, order_key
from shared.domain.ids import CustomerId, partition_of, shard_of
from shared.domain.instants import Instant
from shared.domain.stages import Signal, Stage
from shared.ports.audit import Audit
from shared.ports.models import Models
from shared.ports.queries import Keys, Queries, Workbench
from shared.ports.store import (
    Base,
    Changes,
    Known,
    Message,
    Numbered,
    Position,
    RaisedAlert,
    Saved,
    Store,
    StoredEvent,
)
from tests.builders import day

PARTITIONS: Final = 4
HOME: Final = 1
"""The partition that most tests are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A store and everything that can be asked of it."""

    store: Store
    queries: Queries
    workbench: Workbench
    audit: Audit
    keys: Keys
    surveys: MemorySurveys | PostgresSurveys
    models: Models


def in_memory() -> Place:
    """An empty store in memory."""
    store = MemoryStore(PARTITIONS)
    return Place(
        store=store,
        queries=store,
        workbench=store,
        audit=store,
        keys=MemoryKeys(),
        surveys=store.surveys,
        models=store.models,
    )


@asynccontextmanager
async def migrated(url: str) -> AsyncIterator[AsyncEngine]:
    """A pool for a database whose tables are there."""
    engine = make_engine(url, SCORER, size=6)
    try:
        yield engine
    finally:
        await engine.dispose()


async def on_postgres(engine: AsyncEngine, hot_bytes: int = MOST_BYTES) -> Place:
    """A store in PostgreSQL, emptied of what an earlier test has left."""
    async with connected(engine) as raw:
        await raw.execute("; ".join(f"DELETE FROM {table}" for table in metadata.tables))
    return Place(
        store=PostgresStore(engine, PARTITIONS, hot_bytes),
        queries=PostgresQueries(engine, PARTITIONS),
        workbench=PostgresWorkbench(engine),
        audit=PostgresAudit(engine, PARTITIONS),
        keys=PostgresKeys(engine),
        surveys=PostgresSurveys(engine),
        models=PostgresModels(engine),
    )


def names(count: int, partition: int = HOME, prefix: str = "") -> list[CustomerId]:
    """Ids of customers of a partition, in the order of (shard, id)."""
    found: list[CustomerId] = []
    number = 0
    while len(found) < count:
        name = CustomerId(f"{prefix}{number}")
        if partition_of(shard_of(name), PARTITIONS) == partition:
            found.append(name)
        number += 1
    return sorted(found, key=cursor)


def cursor(name: str) -> tuple[int, str]:
    """Where a customer stands in the order of lists."""
    return shard_of(name), name


def stored(event: Event, offset: int = 0) -> StoredEvent:
    """An event as the log gives it."""
    return StoredEvent(event=event, body=codec.encode(event), offset=offset)


def state(*, stage: Stage = Stage.EXPLORATION, after: Event | None = None, **more: Any) -> Customer:
    """A state, right after an event if one is given."""
    if after is not None:
        more = {"decided": order_key(after), "newest_at": after.occurred_at, **more}
    return Customer(stage=stage, **more)


def saved(name: str, customer: Customer | None = None, **more: Any) -> Saved:
    """A row to be saved."""
    columns = {key: more.pop(key) for key in ("type", "level", "currency") if key in more}
    customer = customer or state()
    row = {"state": codec.encode_customer(customer), "version": 1, **more}
    known = Known(customer_id=name, customer=customer, **row)
    return Saved(known=known, **{"type": CustomerType.NEW, "level": None, "currency": None, **columns})


def based(customer: Customer, *since: int) -> Base:
    """A base to start again from."""
    return Base(codec.encode_customer(customer), since)


def moved(
    name: str, number: int, at: Instant, source: Stage = Stage.TARGET, target: Stage = Stage.EXPLORATION
) -> Numbered:
    """A transition under its number."""
    reason = Reason(signal=Signal.PURCHASED, concept="001-11")
    transition = Transition(source=source, target=target, effective_at=at, cause="event", cycle=1, reason=reason)
    return Numbered(customer_id=name, number=number, transition=transition, decided_at=Instant(at + 5))


def raised(name: str, at: Instant, *, kind: AlertKind = AlertKind.SILENCE, **more: Any) -> RaisedAlert:
    """An alert to be written."""
    usual = {"number": 1, "severity": Severity.MEDIUM, "status": AlertStatus.OPEN, "reason": "too quiet"}
    facts: dict[str, Any] = {**usual, **more}
    alert = Alert(kind=kind, effective_at=at, stage=Stage.FORMATION, deadline=day(99), **facts)
    return RaisedAlert(customer_id=name, alert=alert, changed_at=at)


def message(number: int, name: str = "anna") -> Message:
    """A message for the world."""
    return Message(number=number, topic="lifecycle.alerts", customer_id=name, payload=b'{"number":%d}' % number)


async def commit(
    store: Store,
    position: Position,
    changes: Changes | None = None,
    events: Sequence[StoredEvent] = (),
    **moved_to: Any,
) -> Position:
    """One whole transaction, as the scorer makes it; the position that it has led to."""
    changes = changes or Changes()
    outbox = max((each.number for each in changes.messages), default=position.outbox)
    next_offset = max((each.offset + 1 for each in events), default=position.next_offset)
    facts = {"version": position.version + 1, "outbox": outbox, "next_offset": next_offset, **moved_to}
    new = structs.replace(position, **facts)
    async with store.begin(position.partition) as unit:
        await unit.load([one.known.customer_id for one in changes.customers])
        await unit.add_events(events)
        await unit.advance(position, new)
        await unit.save(changes)
    return new

"""The reference of the scorer benchmark: the same rows in the same batches, written by asyncpg and nothing else.

Fixed SQL of its own, in two variants: `unnest` arrays, and COPY into temporary tables. No log, no decoding, no fold.
"""

import asyncio
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Final, NamedTuple

import asyncpg

from shared.adapters.postgres import rows
from shared.adapters.postgres.rows import Row
from shared.ports.store import Changes, Position, StoredEvent

Arrays = dict[str, list[tuple[Any, ...]]]


class Target(NamedTuple):
    """A table to write: its columns and their types; the key of an upsert, or none for a plain insert."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[str, ...] = ()


TARGETS: Final[Mapping[str, Target]] = {
    "event": Target(
        ("shard", "customer_id", "source", "id", "type", "occurred_at", "received_at", "log_offset", "body"),
        ("smallint", "text", "text", "text", "text", "timestamptz", "timestamptz", "bigint", "text"),
        ("shard", "customer_id", "source", "id"),
    ),
    "customer": Target(
        ("shard", "customer_id", "stage", "type", "cycle", "since", "version", "numbered", "newest_at", "level",
         "currency", "parked", "state", "base"),
        ("smallint", "text", "text", "text", "integer", "timestamptz", "bigint", "integer", "timestamptz", "bigint",
         "text", "boolean", "bytea", "bytea"),
        ("shard", "customer_id"),
    ),
    "timer": Target(
        ("shard", "customer_id", "partition", "due_at"),
        ("smallint", "text", "smallint", "timestamptz"),
        ("shard", "customer_id"),
    ),
    "transition": Target(
        ("shard", "customer_id", "number", "line", "source", "target", "effective_at", "decided_at", "body"),
        ("smallint", "text", "integer", "text", "text", "text", "timestamptz", "timestamptz", "text"),
    ),
    "alert": Target(
        ("shard", "id", "customer_id", "kind", "status", "severity", "worth", "level", "currency", "risk_currency",
         "value_at_risk", "effective_at", "changed_at", "body"),
        ("smallint", "text", "text", "text", "text", "smallint", "bigint", "bigint", "text", "text",
         "bigint", "timestamptz", "timestamptz", "text"),
        ("shard", "id"),
    ),
    "outbox": Target(
        ("partition", "number", "topic", "customer_id", "payload"),
        ("smallint", "bigint", "text", "text", "bytea"),
    ),
}  # fmt: skip

MOVE: Final = """
    INSERT INTO position (partition, next_offset, version, epoch, stream_time, outbox) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset, version = excluded.version,
        epoch = excluded.epoch, stream_time = excluded.stream_time, outbox = excluded.outbox
"""
COMMITTED: Final = (
    "INSERT INTO commit (partition, version, epoch, first_offset, next_offset) VALUES ($1, $2, $3, $4, $5)"
)
DROP_TIMERS: Final = """
    DELETE FROM timer USING unnest($1::smallint[], $2::text[]) AS gone (shard, customer_id)
    WHERE timer.shard = gone.shard AND timer.customer_id = gone.customer_id
"""


class Batch(NamedTuple):
    """One transaction: its rows by table, the timers that go, and the position it moves to."""

    partition: int
    rows: Mapping[str, list[Row]]
    gone: list[Row]
    position: tuple[Any, ...]
    commit: tuple[Any, ...]


def captured(before: Position, after: Position, events: Sequence[StoredEvent], changes: Changes) -> Batch:
    """What one transaction of the scorer wrote, as rows."""
    partition = before.partition
    return Batch(
        partition=partition,
        rows={
            "event": rows.event_rows(events),
            "customer": rows.customer_rows(changes.customers),
            "timer": rows.timer_rows(changes.timers, partition),
            "transition": rows.transition_rows(changes.transitions),
            "alert": rows.alert_rows(changes.alerts, changes.customers),
            "outbox": rows.message_rows(changes.messages, partition),
        },
        gone=rows.key_rows(name for name, due_at in changes.timers.items() if due_at is None),
        position=(partition, after.next_offset, after.version, after.epoch, after.stream_time, after.outbox),
        commit=(partition, after.version, after.epoch, before.next_offset, after.next_offset),
    )


async def write(connections: Sequence[asyncpg.Connection], batches: Sequence[Batch], *, copy: bool) -> float:
    """Write all batches in the order of their commits, shared out by partition; the seconds it took."""
    lanes: list[list[Batch]] = [[] for _ in connections]
    for batch in batches:
        lanes[batch.partition % len(connections)].append(batch)
    prepared = {} if copy else {id(batch): _arrays(batch) for batch in batches}
    if copy:
        for connection in connections:
            await _stage(connection)
    started = perf_counter()
    await asyncio.gather(
        *(_lane(connection, lane, prepared, copy) for connection, lane in zip(connections, lanes, strict=True))
    )
    return perf_counter() - started


def _arrays(batch: Batch) -> Arrays:
    return {table: list(zip(*found, strict=True)) for table, found in batch.rows.items() if found}


async def _lane(
    connection: asyncpg.Connection, lane: Sequence[Batch], prepared: Mapping[int, Arrays], copy: bool
) -> None:
    for batch in lane:
        async with connection.transaction():
            await connection.execute(MOVE, *batch.position)
            await connection.execute(COMMITTED, *batch.commit)
            if batch.gone:
                await connection.execute(DROP_TIMERS, *zip(*batch.gone, strict=True))
            for table, found in batch.rows.items():
                if not found:
                    continue
                if copy:
                    await _copy(connection, table, found)
                else:
                    await connection.execute(_unnest_sql(table), *prepared[id(batch)][table])


async def _copy(connection: asyncpg.Connection, table: str, found: list[Row]) -> None:
    target = TARGETS[table]
    if not target.key:
        await connection.copy_records_to_table(table, columns=target.columns, records=found)
        return
    await connection.copy_records_to_table(f"bare_{table}", columns=target.columns, records=found)
    names = ", ".join(target.columns)
    await connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM bare_{table} {_conflict(target)}")
    await connection.execute(f"TRUNCATE bare_{table}")


async def _stage(connection: asyncpg.Connection) -> None:
    for table, target in TARGETS.items():
        if target.key:
            fields = ", ".join(f"{name} {kind}" for name, kind in zip(target.columns, target.types, strict=True))
            await connection.execute(f"CREATE TEMP TABLE bare_{table} ({fields}) WITH (toast_tuple_target = 8160)")


def _unnest_sql(table: str) -> str:
    target = TARGETS[table]
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(target.types, start=1))
    return f"INSERT INTO {table} ({', '.join(target.columns)}) SELECT * FROM unnest({arrays}) {_conflict(target)}"


def _conflict(target: Target) -> str:
    if not target.key:
        return ""
    updated = [name for name in target.columns if name not in target.key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in updated)
    # Events are never written twice; customers, timers and alerts are.
    action = "NOTHING" if "log_offset" in target.columns else f"UPDATE SET {changes}"
    return f"ON CONFLICT ({', '.join(target.key)}) DO {action}"

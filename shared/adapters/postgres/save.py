"""What a batch writes: one statement per table, left out where there is nothing to write."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from shared.adapters.postgres import rows, tallies
from shared.adapters.postgres.rows import Row, columns
from shared.adapters.postgres.tallies import Counted
from shared.adapters.postgres.upsert import ALERTS, CUSTOMERS, TIMERS
from shared.ports.store import Changes

REMOVE_TIMERS: Final = """
    DELETE FROM timer USING unnest($1::smallint[], $2::text[]) AS gone (shard, customer_id)
    WHERE timer.shard = gone.shard AND timer.customer_id = gone.customer_id
"""

# What is only ever added is copied in, at two thirds of the cost of an INSERT.
TRANSITION: Final = (
    "shard", "customer_id", "number", "line", "source", "target", "effective_at", "decided_at", "body"
)  # fmt: skip
OUTBOX: Final = ("partition", "number", "topic", "customer_id", "payload")

RETRACT: Final = """
    UPDATE transition SET retracted_at = wrong.retracted_at
    FROM unnest($1::smallint[], $2::text[], $3::integer[], $4::timestamptz[])
        AS wrong (shard, customer_id, number, retracted_at)
    WHERE transition.shard = wrong.shard AND transition.customer_id = wrong.customer_id
        AND transition.number = wrong.number AND transition.retracted_at IS NULL
    RETURNING source, target, line
"""

# A record that was dead already stays as it was, also when it was retried since.
ADD_DEAD_LETTERS: Final = """
    INSERT INTO dead_letter (partition, log_offset, key, value, reason, appended_at, retried)
    SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::timestamptz[],
        $7::boolean[])
    ON CONFLICT (partition, log_offset) DO NOTHING
"""

ADD_CONFLICTS: Final = """
    INSERT INTO conflict (shard, customer_id, source, id, log_offset, received_at, body)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[],
        $7::text[])
    ON CONFLICT (shard, customer_id, source, id, log_offset) DO NOTHING
"""

ADD_CONTROLS: Final = """
    INSERT INTO control (partition, id, effective_at, body)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::text[])
    ON CONFLICT (partition, id) DO NOTHING
"""

ADD_HEARD: Final = """
    INSERT INTO feed AS kept (partition, source, hour, events)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::integer[], $4::bigint[])
    ON CONFLICT (partition, source, hour) DO UPDATE SET events = kept.events + excluded.events
"""

UNPARK: Final = """
    DELETE FROM parked USING unnest($1::smallint[], $2::text[]) AS free (shard, customer_id)
    WHERE parked.shard = free.shard AND parked.customer_id = free.customer_id
"""

PARK: Final = """
    INSERT INTO parked (shard, customer_id, parked_at, event_id, error)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[])
    ON CONFLICT (shard, customer_id) DO UPDATE SET parked_at = excluded.parked_at, event_id = excluded.event_id,
        error = excluded.error
"""

REMOVE_SNAPSHOTS: Final = """
    DELETE FROM snapshot USING unnest($1::smallint[], $2::text[], $3::integer[]) AS stale (shard, customer_id, inputs)
    WHERE snapshot.shard = stale.shard AND snapshot.customer_id = stale.customer_id AND snapshot.inputs > stale.inputs
"""

ADD_SNAPSHOTS: Final = """
    INSERT INTO snapshot (shard, customer_id, inputs, at, state)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::integer[], $4::timestamptz[], $5::bytea[])
    ON CONFLICT (shard, customer_id, inputs) DO UPDATE SET at = excluded.at, state = excluded.state
"""


async def save(
    raw: asyncpg.Connection, changes: Changes, customers: list[Row], partition: int, before: Mapping[str, Counted]
) -> None:
    """Write everything, the customers as the rows that were made of them; what is added comes before what is marked.

    `before` is what the tallies hold of the customers that are there already.
    """
    stale = sorted((*key, changes.stale_snapshots[key[1]]) for key in rows.key_rows(changes.stale_snapshots))
    removed = rows.key_rows(name for name, due_at in changes.timers.items() if due_at is None)
    await CUSTOMERS.run(raw, customers)
    await _run(raw, REMOVE_TIMERS, removed)
    await TIMERS.run(raw, rows.timer_rows(changes.timers, partition))
    added = rows.transition_rows(changes.transitions)
    await _copy(raw, "transition", TRANSITION, added)
    taken_back = await _run(raw, RETRACT, rows.retraction_rows(changes.retractions))
    back = [row[:2] for row in taken_back if row[2] is None]
    moves = tallies.move_rows(partition, tallies.moves_of(added), back)
    await tallies.add(raw, tallies.head_rows(partition, customers, before), moves)
    await ALERTS.run(raw, rows.alert_rows(changes.alerts, changes.customers))
    await _copy(raw, "outbox", OUTBOX, rows.message_rows(changes.messages, partition))
    await _run(raw, ADD_DEAD_LETTERS, rows.dead_letter_rows(changes.dead_letters))
    await _run(raw, ADD_CONFLICTS, rows.conflict_rows(changes.conflicts))
    await _run(raw, ADD_CONTROLS, rows.control_rows(changes.controls, partition))
    await _run(raw, ADD_HEARD, rows.heard_rows(changes.heard, partition))
    await _run(raw, UNPARK, rows.key_rows(set(changes.unparked)))
    await _run(raw, PARK, rows.parked_rows(changes.parked))
    await _run(raw, REMOVE_SNAPSHOTS, stale)
    await _run(raw, ADD_SNAPSHOTS, rows.snapshot_rows(changes.snapshots))


async def _run(raw: asyncpg.Connection, statement: str, given: list[Row]) -> list[Any]:
    return await raw.fetch(statement, *columns(given)) if given else []


async def _copy(raw: asyncpg.Connection, table: str, names: Sequence[str], given: list[Row]) -> None:
    if given:
        await raw.copy_records_to_table(table, columns=names, records=given)

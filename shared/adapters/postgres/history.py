"""What folding customers again needs, read for all of them at once."""

from collections.abc import Mapping
from typing import Final

import asyncpg

from shared.adapters import codec
from shared.adapters.checkpoints import comes_after, taken_at
from shared.adapters.postgres import rows
from shared.adapters.postgres.rows import Row, columns
from shared.domain.customer import Customer
from shared.ports.store import History, Numbered

CHECKPOINTS: Final = """
    SELECT wanted.customer_id, newest.state
    FROM unnest($1::smallint[], $2::text[], $3::timestamptz[]) AS wanted (shard, customer_id, before)
    CROSS JOIN LATERAL (
        SELECT snapshot.state FROM snapshot
        WHERE snapshot.shard = wanted.shard AND snapshot.customer_id = wanted.customer_id
            AND snapshot.at < wanted.before
        ORDER BY snapshot.inputs DESC LIMIT 1
    ) AS newest
"""

EVENTS: Final = """
    SELECT event.customer_id, event.body
    FROM unnest($1::smallint[], $2::text[], $3::timestamptz[]) AS wanted (shard, customer_id, since)
    JOIN event USING (shard, customer_id)
    WHERE event.occurred_at >= wanted.since
"""

TRANSITIONS: Final = """
    SELECT transition.customer_id, transition.number, transition.decided_at, transition.body
    FROM unnest($1::smallint[], $2::text[]) AS wanted (shard, customer_id)
    JOIN transition USING (shard, customer_id)
    WHERE transition.retracted_at IS NULL
    ORDER BY transition.shard, transition.customer_id, transition.effective_at, transition.number
"""

ALERTS: Final = """
    SELECT alert.customer_id, alert.body
    FROM unnest($1::smallint[], $2::text[]) AS wanted (shard, customer_id)
    JOIN alert USING (shard, customer_id)
    WHERE alert.status <> 'withdrawn'
    ORDER BY alert.shard, alert.customer_id, alert.effective_at, alert.kind, alert.id
"""


async def histories(raw: asyncpg.Connection, before: Mapping[str, int | None]) -> Mapping[str, History]:
    """Every customer's history since its checkpoint; four statements for all of them."""
    if not before:
        return {}
    keys = rows.key_rows(before)
    checkpoints = await _checkpoints(raw, [(*key, before[key[1]]) for key in keys])
    found = {name: History(checkpoint=checkpoints.get(name), events=[], transitions=[], alerts=[]) for _, name in keys}
    since = [(*key, taken_at(checkpoints.get(key[1], Customer()))) for key in keys]
    for name, body in await raw.fetch(EVENTS, *columns(since)):
        event = codec.decode_event(body)
        if comes_after(event, found[name].checkpoint):
            found[name].events.append(event)
    for name, number, decided_at, body in await raw.fetch(TRANSITIONS, *columns(keys)):
        transition = codec.decode_transition(body)
        numbered = Numbered(customer_id=name, number=number, transition=transition, decided_at=decided_at)
        found[name].transitions.append(numbered)
    for name, body in await raw.fetch(ALERTS, *columns(keys)):
        found[name].alerts.append(codec.decode_alert(body))
    return found


async def _checkpoints(raw: asyncpg.Connection, wanted: list[Row]) -> Mapping[str, Customer]:
    partly = [row for row in wanted if row[2] is not None]
    if not partly:
        return {}
    return {name: codec.decode_customer(state) for name, state in await raw.fetch(CHECKPOINTS, *columns(partly))}

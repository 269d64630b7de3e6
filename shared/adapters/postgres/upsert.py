"""Many rows into a table at once, by whichever way is cheaper for so many."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from shared.adapters.postgres.rows import Row, columns

FEW: Final = 1_000
"""Up to so many rows go as arrays of one statement; more are copied into a temporary table first.

Encoding an array element costs three times what encoding a copied value does; but a commit that has to empty the
temporary tables takes 5 ms longer, however few rows there were (batches of 200 took half as long again).
"""


class Upsert:
    """An INSERT with what to do about rows that are there already."""

    def __init__(self, table: str, types: Mapping[str, str], on_conflict: str) -> None:
        self.columns = tuple(types)
        self._stage = f"staged_{table}"
        fields = ", ".join(f"{name} {kind}" for name, kind in types.items())
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types.values(), start=1))
        names = ", ".join(types)
        # What PostgreSQL is to do once for each connection that writes.
        self.preparation = (
            f"CREATE TEMPORARY TABLE {self._stage} ({fields}) WITH (toast_tuple_target = 8160) ON COMMIT DELETE ROWS"
        )
        insert = f"INSERT INTO {table} ({names}) SELECT {names} FROM"
        self.given = f"{insert} unnest({arrays}) AS given ({names}) {on_conflict}"
        self.staged = f"{insert} {self._stage} {on_conflict}"

    async def run(self, raw: asyncpg.Connection, rows: Sequence[Row]) -> list[Any]:
        """Write the rows; what the statement returns, if it returns anything. At most once a transaction."""
        if not rows:
            return []
        if len(rows) <= FEW:
            return await raw.fetch(self.given, *columns(rows))
        await raw.copy_records_to_table(self._stage, columns=self.columns, records=rows)
        return await raw.fetch(self.staged)


def replacing(key: Sequence[str], types: Mapping[str, str]) -> str:
    """On conflict, take every column that is not of the key from the new row."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in types if name not in key)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


_EVENT: Final = {
    "shard": "smallint", "customer_id": "text", "source": "text", "id": "text", "type": "text",
    "occurred_at": "timestamptz", "received_at": "timestamptz", "log_offset": "bigint", "body": "text",
}  # fmt: skip
_CUSTOMER: Final = {
    "shard": "smallint", "customer_id": "text", "stage": "text", "type": "text", "cycle": "integer",
    "since": "timestamptz", "version": "bigint", "numbered": "integer", "newest_at": "timestamptz", "level": "bigint",
    "currency": "text", "parked": "boolean", "state": "bytea", "base": "bytea",
}  # fmt: skip
_TIMER: Final = {"shard": "smallint", "customer_id": "text", "partition": "smallint", "due_at": "timestamptz"}
_ALERT: Final = {
    "shard": "smallint", "id": "text", "customer_id": "text", "kind": "text", "status": "text", "severity": "smallint",
    "worth": "bigint", "level": "bigint", "currency": "text", "risk_currency": "text", "value_at_risk": "bigint",
    "effective_at": "timestamptz", "changed_at": "timestamptz", "body": "text",
}  # fmt: skip

EVENTS: Final = Upsert(
    "event", _EVENT, "ON CONFLICT (shard, customer_id, source, id) DO NOTHING RETURNING event.log_offset"
)
CUSTOMERS: Final = Upsert("customer", _CUSTOMER, replacing(("shard", "customer_id"), _CUSTOMER))
TIMERS: Final = Upsert("timer", _TIMER, replacing(("shard", "customer_id"), _TIMER))
ALERTS: Final = Upsert("alert", _ALERT, replacing(("shard", "id"), _ALERT))

PREPARATIONS: Final = tuple(upsert.preparation for upsert in (EVENTS, CUSTOMERS, TIMERS, ALERTS))

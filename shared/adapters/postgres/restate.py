"""What a migration does when states get other members, or the fold another meaning: rewritten, and folded again."""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from msgspec import msgpack

from shared.domain.ids import SHARDS

State = list[Any]
STALE: Final = 1 << 31
"""More controls than there ever are: whoever has been through so many is folded again."""

FORGET_BASES: Final = sa.text("UPDATE customer SET base = NULL WHERE base IS NOT NULL")
FORGET_SNAPSHOTS: Final = sa.text("DELETE FROM snapshot")
FOLD_ALL: Final = sa.text("""
    UPDATE position SET walk_effective_at = coalesce(stream_time, now()), walk_shard = 0, walk_customer_id = ''
    WHERE EXISTS (SELECT FROM customer)
""")
FOLD_VERSION: Final = sa.text("UPDATE instance SET fold_version = :version")
STATES: Final = sa.text("SELECT ctid::text, state FROM customer WHERE shard = :shard")
REWRITE: Final = sa.text("""
    UPDATE customer SET state = new.state FROM unnest(CAST(:places AS text[]), CAST(:states AS bytea[]))
        AS new (place, state)
    WHERE customer.ctid = CAST(new.place AS tid)
""")


def begin(version: int) -> None:
    """Keep programs of another fold away, and drop what they have left to start again from."""
    for statement in (FORGET_BASES, FORGET_SNAPSHOTS):
        op.execute(statement)
    op.get_bind().execute(FOLD_VERSION, {"version": version})


def rewrite(change: Callable[[State], State]) -> None:
    """Change every state, a shard at a time. A row's place is its name: nobody else writes meanwhile."""
    connection = op.get_bind()
    connection.execute(sa.text("LOCK TABLE customer IN EXCLUSIVE MODE"))
    for shard in range(SHARDS):
        rows = list(connection.execute(STATES, {"shard": shard}))
        given = {
            "places": [place for place, _ in rows],
            "states": [msgpack.encode(change(msgpack.decode(state))) for _, state in rows],
        }
        connection.execute(REWRITE, given)


def fold_all() -> None:
    """Set off a walk in every partition: it folds whoever is stale again (ADR 10)."""
    op.execute(FOLD_ALL)

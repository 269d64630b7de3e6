"""States that carry along what is seldom looked at as bytes, bases that are bytes, and timers that are kept once."""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from msgspec import msgpack

revision: Final = "0005"
down_revision: Final = "0004"

State = list[Any]
NUMBER, ORDER, UNKNOWN = Struct("<q"), Struct("<Iiq"), -(1 << 63)
# Places in a state: before and after.
BOUGHT_AT, ORDERS, VOLUMES = 23, 24, 28
LAST_AT, PACKED_BOUGHT_AT, PACKED_ORDERS, PACKED_VOLUMES = 23, 24, 25, 29

# A customer without a base is folded again from its events when one of them comes late: slower, and never wrong.
FORGET_BASES: Final = sa.text("UPDATE customer SET base = NULL WHERE base IS NOT NULL")
ARM: Final = sa.text("""
    UPDATE customer SET armed_at = timer.due_at FROM timer
    WHERE timer.shard = customer.shard AND timer.customer_id = customer.customer_id
""")
STATES: Final = {
    "customer": "SELECT ctid::text, state FROM customer WHERE shard = :shard",
    "snapshot": "SELECT ctid::text, state FROM snapshot WHERE shard = :shard",
}
REWRITE: Final = {
    table: f"""
        UPDATE {table} SET state = new.state FROM unnest(CAST(:places AS text[]), CAST(:states AS bytea[]))
            AS new (place, state)
        WHERE {table}.ctid = CAST(new.place AS tid)
    """
    for table in STATES
}


def upgrade() -> None:
    """Pack the states, and drop the copy of the timer."""
    op.execute(FORGET_BASES)
    _rewrite(packed)
    op.drop_column("customer", "armed_at")


def downgrade() -> None:
    """Unpack them, and put it back."""
    op.add_column("customer", sa.Column("armed_at", sa.DateTime(timezone=True)))
    op.execute(FORGET_BASES)
    op.execute(ARM)
    _rewrite(unpacked)


def packed(state: State) -> State:
    """A state with what is seldom looked at as bytes, and the instant of the newest purchase beside it."""
    bought_at, orders, volumes = state[BOUGHT_AT], state[ORDERS], state[VOLUMES]
    state[VOLUMES] = b"".join(NUMBER.pack(_known(amount)) for amount in volumes)
    state[ORDERS] = b"".join(ORDER.pack(mark, day, _known(amount)) for mark, day, amount in orders)
    newest = bought_at[-1] if bought_at else None
    state[BOUGHT_AT : BOUGHT_AT + 1] = [newest, b"".join(map(NUMBER.pack, bought_at))]
    return state


def unpacked(state: State) -> State:
    """The opposite of `packed`."""
    state[PACKED_VOLUMES] = [_amount(amount) for (amount,) in NUMBER.iter_unpack(state[PACKED_VOLUMES])]
    state[PACKED_ORDERS] = [
        [mark, day, _amount(amount)] for mark, day, amount in ORDER.iter_unpack(state[PACKED_ORDERS])
    ]
    state[PACKED_BOUGHT_AT] = [at for (at,) in NUMBER.iter_unpack(state[PACKED_BOUGHT_AT])]
    del state[LAST_AT]
    return state


def _known(amount: int | None) -> int:
    return UNKNOWN if amount is None else amount


def _amount(number: int) -> int | None:
    return None if number == UNKNOWN else number


def _rewrite(change: Callable[[State], State]) -> None:
    """Change every state, a shard at a time. A row's place is its name: nobody else writes meanwhile."""
    connection = op.get_bind()
    for table in STATES:
        connection.execute(sa.text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        for shard in range(256):
            rows = list(connection.execute(sa.text(STATES[table]), {"shard": shard}))
            given = {
                "places": [place for place, _ in rows],
                "states": [msgpack.encode(change(msgpack.decode(state))) for _, state in rows],
            }
            connection.execute(sa.text(REWRITE[table]), given)

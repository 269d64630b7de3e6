"""What belongs to a customer: its events, its state and timer, what was decided, what an operator has to see."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

WORD: Final = sa.Text(collation="C")
MOMENT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "event",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("source", WORD),
        sa.Column("id", WORD),
        sa.Column("type", WORD, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("log_offset", sa.BigInteger, nullable=False),
        sa.Column("body", WORD, nullable=False),
        sa.PrimaryKeyConstraint("shard", "customer_id", "source", "id", name="event_pkey"),
    )
    op.create_table(
        "conflict",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("source", WORD),
        sa.Column("id", WORD),
        sa.Column("log_offset", sa.BigInteger, autoincrement=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("body", WORD, nullable=False),
        sa.PrimaryKeyConstraint("shard", "customer_id", "source", "id", "log_offset", name="conflict_pkey"),
    )
    op.create_table(
        "customer",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("stage", WORD, nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("numbered", sa.Integer, nullable=False),
        sa.Column("armed_at", MOMENT),
        sa.Column("newest_at", MOMENT),
        sa.Column("level", sa.BigInteger),
        sa.Column("currency", WORD),
        sa.Column("parked", sa.Boolean, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("base", sa.LargeBinary),
        sa.PrimaryKeyConstraint("shard", "customer_id", name="customer_pkey"),
        postgresql_with={"fillfactor": "70", "toast_tuple_target": "8160"},
    )
    op.create_index("customer_stage_shard_customer_id_idx", "customer", ["stage", "shard", "customer_id"])
    op.create_table(
        "timer",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("shard", "customer_id", name="timer_pkey"),
    )
    op.create_index("timer_partition_due_at_customer_id_idx", "timer", ["partition", "due_at", "customer_id"])
    _make_decisions()


def _make_decisions() -> None:
    op.create_table(
        "transition",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("target", WORD, nullable=False),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("retracted_at", MOMENT),
        sa.Column("body", WORD, nullable=False),
        sa.PrimaryKeyConstraint("shard", "customer_id", "number", name="transition_pkey"),
    )
    op.create_table(
        "alert",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("id", WORD),
        sa.Column("customer_id", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("severity", sa.SmallInteger, nullable=False),
        sa.Column("worth", sa.BigInteger, nullable=False),
        sa.Column("level", sa.BigInteger),
        sa.Column("currency", WORD),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("body", WORD, nullable=False),
        sa.PrimaryKeyConstraint("shard", "id", name="alert_pkey"),
    )
    op.create_index("alert_shard_customer_id_idx", "alert", ["shard", "customer_id"])
    is_open = sa.text("status IN ('open', 'acknowledged', 'snoozed')")
    op.create_index("alert_kind_idx", "alert", ["kind", "shard", "customer_id"], postgresql_where=is_open)
    op.create_index("alert_urgent_idx", "alert", ["severity", "worth", "effective_at", "id"], postgresql_where=is_open)
    op.create_table(
        "snapshot",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("inputs", sa.Integer, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("shard", "customer_id", "inputs", name="snapshot_pkey"),
    )
    op.create_table(
        "parked",
        sa.Column("shard", sa.SmallInteger, autoincrement=False),
        sa.Column("customer_id", WORD),
        sa.Column("parked_at", MOMENT, nullable=False),
        sa.Column("event_id", WORD),
        sa.Column("error", WORD, nullable=False),
        sa.PrimaryKeyConstraint("shard", "customer_id", name="parked_pkey"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("parked", "snapshot", "alert", "transition", "timer", "customer", "conflict", "event"):
        op.drop_table(table)

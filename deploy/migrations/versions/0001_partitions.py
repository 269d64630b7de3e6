"""What belongs to a partition: its position and commits, the outbox, dead letters, controls."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

WORD: Final = sa.Text(collation="C")
MOMENT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "position",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("stream_time", MOMENT),
        sa.Column("outbox", sa.BigInteger, nullable=False),
        sa.Column("walk_effective_at", MOMENT),
        sa.Column("walk_shard", sa.SmallInteger),
        sa.Column("walk_customer_id", WORD),
        sa.PrimaryKeyConstraint("partition", name="position_pkey"),
    )
    op.create_table(
        "commit",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("version", sa.BigInteger, autoincrement=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("first_offset", sa.BigInteger, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("partition", "version", name="commit_pkey"),
    )
    op.create_table(
        "outbox",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("number", sa.BigInteger, autoincrement=False),
        sa.Column("topic", WORD, nullable=False),
        sa.Column("customer_id", WORD, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("partition", "number", name="outbox_pkey"),
    )
    op.create_table(
        "relay",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("partition", name="relay_pkey"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("log_offset", sa.BigInteger, autoincrement=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("appended_at", MOMENT, nullable=False),
        sa.Column("retried", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("partition", "log_offset", name="dead_letter_pkey"),
    )
    op.create_table(
        "control",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("id", WORD),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("body", WORD, nullable=False),
        sa.PrimaryKeyConstraint("partition", "id", name="control_pkey"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("control", "dead_letter", "relay", "outbox", "commit", "position"):
        op.drop_table(table)

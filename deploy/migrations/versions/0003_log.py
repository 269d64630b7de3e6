"""The log of a single machine: its records, where each partition ends, and who reads which."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"

WORD: Final = sa.Text(collation="C")
MOMENT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "log_partition",
        sa.Column("topic", WORD),
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("first_offset", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("next_offset", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("appended_at", MOMENT),
        sa.PrimaryKeyConstraint("topic", "partition", name="log_partition_pkey"),
    )
    op.create_table(
        "log_record",
        sa.Column("topic", WORD),
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("log_offset", sa.BigInteger, autoincrement=False),
        sa.Column("appended_at", MOMENT, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", sa.LargeBinary),
        sa.PrimaryKeyConstraint("topic", "partition", "log_offset", name="log_record_pkey"),
    )
    op.create_table(
        "log_worker",
        sa.Column("worker_group", WORD),
        sa.Column("worker", WORD),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("worker_group", "worker", name="log_worker_pkey"),
    )
    op.create_table(
        "log_lease",
        sa.Column("worker_group", WORD),
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("owner", WORD),
        sa.PrimaryKeyConstraint("worker_group", "partition", name="log_lease_pkey"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("log_lease", "log_worker", "log_record", "log_partition"):
        op.drop_table(table)

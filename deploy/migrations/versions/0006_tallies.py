"""Tallies: heads by stage and moves between stages, per partition, kept by every transaction of the scorer."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"

WORD: Final = sa.Text(collation="C")

# Whoever writes to a partition moves its position first: nothing changes while we count.
HOLD: Final = sa.text("LOCK TABLE position IN SHARE MODE")

# Nobody has written anything before the instance had its partitions: without it there is nothing to count.
COUNT_HEADS: Final = sa.text("""
    INSERT INTO heads (partition, stage, type, currency, heads, level)
    SELECT customer.shard * instance.partitions::integer / 256, customer.stage, customer.type,
        coalesce(customer.currency, ''), count(*), coalesce(sum(customer.level), 0)
    FROM customer CROSS JOIN instance
    GROUP BY 1, 2, 3, 4
""")
COUNT_MOVES: Final = sa.text("""
    INSERT INTO moves (partition, source, target, count)
    SELECT transition.shard * instance.partitions::integer / 256, transition.source, transition.target, count(*)
    FROM transition CROSS JOIN instance
    WHERE transition.retracted_at IS NULL
    GROUP BY 1, 2, 3
""")


def upgrade() -> None:
    """Make the tables, and count what is there. A scorer of an earlier version must not run from here on."""
    op.create_table(
        "heads",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("stage", WORD),
        sa.Column("type", WORD),
        sa.Column("currency", WORD),
        sa.Column("heads", sa.BigInteger, nullable=False),
        sa.Column("level", sa.Numeric, nullable=False),
        sa.PrimaryKeyConstraint("partition", "stage", "type", "currency", name="heads_pkey"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "moves",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("source", WORD),
        sa.Column("target", WORD),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("partition", "source", "target", name="moves_pkey"),
        postgresql_with={"fillfactor": "50"},
    )
    op.execute(HOLD)
    op.execute(COUNT_HEADS)
    op.execute(COUNT_MOVES)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("moves")
    op.drop_table("heads")

"""Where a walk set off, whether it has its turn, and whether ticks tell the log's own time."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0010"
down_revision: Final = "0009"


def upgrade() -> None:
    """Add the columns; until a live tick has come, a partition walks as if its ticks told their own time."""
    op.add_column("position", sa.Column("walk_from_shard", sa.SmallInteger))
    op.add_column("position", sa.Column("walk_from_customer_id", sa.Text(collation="C")))
    for name in ("walk_turn", "live"):
        op.add_column("position", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    """Take them away. An open walk goes through everybody again: the earlier program knows no other beginning."""
    op.execute(sa.text("UPDATE position SET walk_shard = 0, walk_customer_id = '' WHERE walk_shard IS NOT NULL"))
    for name in ("live", "walk_turn", "walk_from_customer_id", "walk_from_shard"):
        op.drop_column("position", name)

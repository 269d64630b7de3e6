"""What belongs to the instance as a whole: its fixed facts and its keys."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"

WORD: Final = sa.Text(collation="C")
MOMENT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_key",
        sa.Column("id", WORD),
        sa.Column("name", WORD, nullable=False),
        sa.Column("hashed", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.ARRAY(WORD), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="api_key_pkey"),
    )
    op.create_index("api_key_hashed_idx", "api_key", ["hashed"], unique=True)
    op.create_table(
        "instance",
        sa.Column("id", sa.SmallInteger, autoincrement=False),
        sa.Column("partitions", sa.SmallInteger, nullable=False),
        sa.Column("log", WORD, nullable=False),
        sa.Column("clock", WORD, nullable=False),
        sa.Column("fold_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="instance_pkey"),
        sa.CheckConstraint("id = 1", name="single"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("instance")
    op.drop_table("api_key")

"""What a survey of all customers has told."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"

MOMENT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "survey",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="survey_pkey"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("survey")

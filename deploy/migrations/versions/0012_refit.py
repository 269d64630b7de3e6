"""The refits of the churn model, accepted and refused."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0012"
down_revision: Final = "0011"

MOMENT: Final = sa.DateTime(timezone=True)
WORD: Final = sa.Text(collation="C")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "refit",
        sa.Column("id", sa.BigInteger, sa.Identity()),
        sa.Column("version", WORD, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("effective_at", MOMENT),
        sa.Column("body", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="refit_pkey"),
    )


def downgrade() -> None:
    """Drop it. A model that is in force stays so: it is a control."""
    op.drop_table("refit")

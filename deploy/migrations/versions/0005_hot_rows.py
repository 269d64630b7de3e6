"""What only the scorer needs of a customer's row: the timer says itself when it is due, and a base is its bytes."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

# A customer without a base is folded again from its events when one of them comes late: slower, and never wrong.
FORGET_BASES: Final = "UPDATE customer SET base = NULL WHERE base IS NOT NULL"
ARM: Final = """
    UPDATE customer SET armed_at = timer.due_at FROM timer
    WHERE timer.shard = customer.shard AND timer.customer_id = customer.customer_id
"""


def upgrade() -> None:
    """Drop the copy of the timer."""
    op.execute(FORGET_BASES)
    op.drop_column("customer", "armed_at")


def downgrade() -> None:
    """Put it back."""
    op.add_column("customer", sa.Column("armed_at", sa.DateTime(timezone=True)))
    op.execute(FORGET_BASES)
    op.execute(ARM)

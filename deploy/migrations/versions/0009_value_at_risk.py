"""What is at risk with an alert, so that the open ones are listed and ranked by it from an index."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"

UNKNOWN: Final = {"risk_currency": "''", "value_at_risk": "0"}

# Only alerts of a program that was here already, and was taken back, tell what is at risk.
FILL: Final = sa.text("""
    UPDATE alert SET risk_currency = told.evidence ->> 'currency', value_at_risk = CAST(told.at_risk AS bigint)
    FROM (
        SELECT shard, id, evidence, evidence ->> 'value_at_risk' AS at_risk
        FROM (SELECT shard, id, CAST(body AS jsonb) -> 'evidence' AS evidence FROM alert) AS every
    ) AS told
    WHERE alert.shard = told.shard AND alert.id = told.id
        AND told.at_risk IS NOT NULL AND told.evidence ->> 'currency' IS NOT NULL
""")


def upgrade() -> None:
    """Add the columns and their index. A scorer of an earlier version must not run from here on."""
    for name, kind in (("risk_currency", sa.Text(collation="C")), ("value_at_risk", sa.BigInteger())):
        op.add_column("alert", sa.Column(name, kind, nullable=False, server_default=sa.text(UNKNOWN[name])))
        op.alter_column("alert", name, server_default=None)
    op.execute(FILL)
    op.create_index(
        "alert_value_idx",
        "alert",
        ["risk_currency", "value_at_risk", "severity", "worth", "effective_at", "id"],
        postgresql_where=sa.text("status IN ('open', 'acknowledged', 'snoozed')"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("alert_value_idx", "alert")
    op.drop_column("alert", "value_at_risk")
    op.drop_column("alert", "risk_currency")

"""Lines, their surroundings, and how often each source is heard; the walk set off here folds everybody again."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from shared.adapters.postgres.restate import STALE, State, begin, fold_all, rewrite

revision: Final = "0008"
down_revision: Final = "0007"

# The members of a state, in their order: before and after.
OLD: Final = (
    "stage", "since", "cycle", "origin", "decided", "newest_at", "inputs", "transitions", "alerts_raised",
    "controls", "control", "backfilled_until", "gaps", "log_sum", "log_squares", "median_gap", "long_gap",
    "last_gap_r", "cycle_gaps", "cycle_gap_sum", "cycle_gap_squares", "currency", "occasions", "last_at",
    "packed_bought_at", "packed_orders", "cycle_first_day", "cycle_occasions", "forgotten_day",
    "packed_volumes", "carried_refund", "sharp_hits", "sharp_hits_before", "gradual_hits",
    "gradual_hits_before", "stepped", "lines", "line", "opinions", "opinion_window", "dissatisfied",
    "complaints", "inquiries", "inquired_at", "lost", "waking", "leaving", "contact_at", "receivables",
    "pledges", "pledged", "declined_level", "occasions_in_decline", "silence_raised", "alerts", "closed",
    "due_at", "due_what", "due_place",
)  # fmt: skip
_LINES: Final = OLD.index("lines")
NEW: Final = (
    *OLD[:_LINES], "line", "source", "margin", "costed", "tier", "widened_at", *OLD[_LINES + 2 :],
    "due_line", "context", "lines",
)  # fmt: skip
ADDED: Final[dict[str, Any]] = {
    "source": None, "margin": None, "costed": 0, "tier": None, "widened_at": None, "due_line": None,
    "context": None,
}  # fmt: skip


def upgrade() -> None:
    """Give states their new members, and have everybody folded again."""
    op.add_column("transition", sa.Column("line", sa.Text(collation="C")))
    op.create_table(
        "feed",
        sa.Column("partition", sa.SmallInteger, autoincrement=False),
        sa.Column("source", sa.Text(collation="C")),
        sa.Column("hour", sa.Integer, autoincrement=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("partition", "source", "hour", name="feed_pkey"),
    )
    begin(2)
    rewrite(widened)
    fold_all()


def downgrade() -> None:
    """Take them away again; what was decided of lines goes with them."""
    op.execute(sa.text("UPDATE transition SET retracted_at = now() WHERE line IS NOT NULL AND retracted_at IS NULL"))
    op.drop_column("transition", "line")
    op.drop_table("feed")
    begin(1)
    rewrite(narrowed)


def widened(state: State) -> State:
    """A state as this version reads it. Its lines begin empty: folding again fills them."""
    held = {**dict(zip(OLD, state, strict=True)), **ADDED, "lines": {}, "controls": STALE}
    return [held[name] for name in NEW]


def narrowed(state: State) -> State:
    """A state as the version before reads it."""
    held = {**dict(zip(NEW, state, strict=True)), "lines": []}
    held["pledges"] = [pledge[:2] for pledge in held["pledges"]]
    return [held[name] for name in OLD]

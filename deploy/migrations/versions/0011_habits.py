"""How customers had bought before what is remembered, and when they will be silent; everybody is folded again."""

from collections.abc import Callable
from typing import Final

from shared.adapters.postgres.restate import STALE, State, begin, fold_all, rewrite

revision: Final = "0011"
down_revision: Final = "0010"

# Places in a state, as they are after it.
HABIT_BEFORE: Final = 29
SILENT_AT: Final = 59
CONTROLS: Final = 9
LINES: Final = -1


def upgrade() -> None:
    """Give states their new members, and have everybody folded again."""
    begin(3)
    rewrite(widened)
    fold_all()


def downgrade() -> None:
    """Take them away again. Whoever a model has moved is folded again by the long gap."""
    begin(2)
    rewrite(narrowed)
    fold_all()


def widened(state: State) -> State:
    """A state as this version reads it."""
    known = _each_line(state, widened)
    known.insert(HABIT_BEFORE, None)
    known.insert(SILENT_AT, None)
    return known


def narrowed(state: State) -> State:
    """A state as the version before reads it."""
    known = _each_line(state, narrowed)
    del known[SILENT_AT]
    del known[HABIT_BEFORE]
    return known


def _each_line(state: State, change: Callable[[State], State]) -> State:
    """A stale copy of a state, with its lines changed."""
    lines = {name: change(line) for name, line in state[LINES].items()}
    known = [*state[:LINES], lines]
    known[CONTROLS] = STALE
    return known

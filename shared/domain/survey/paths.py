"""001-7: which course a relationship took, told from its changes of stage."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from shared.domain.decisions import Transition
from shared.domain.stages import CUSTOMER_STAGES, Stage


class PathType(StrEnum):
    """The course of a relationship; the last two have not degenerated (yet)."""

    CYCLIC = "cyclic"
    LONG_STABLE_THEN_FELL = "long_stable_then_fell"
    FELL_IN_FORMATION = "fell_in_formation"
    NEVER_PAST_EXPLORATION = "never_past_exploration"
    RECOVERED = "recovered"
    UNBROKEN = "unbroken"
    NOT_BOUGHT = "not_bought"


_FELL: Final = {
    Stage.STABILITY: PathType.LONG_STABLE_THEN_FELL,
    Stage.FORMATION: PathType.FELL_IN_FORMATION,
}


def path_type(moves: Sequence[Transition]) -> PathType:
    """The course so far (001-7), from the current transitions in their order.

    Cyclic as soon as a second cycle of buying has begun; else by the stage that it fell from, while it is down; else
    recovered, if it ever was down; else unbroken from formation on, and never past exploration before that.
    """
    customers = [move for move in moves if move.target in CUSTOMER_STAGES]
    if not customers:
        return PathType.NOT_BOUGHT
    if len({move.cycle for move in customers}) > 1:
        return PathType.CYCLIC
    fallen_from = [move.source for move in moves if move.target is Stage.DECLINE]
    if fallen_from and moves[-1].target not in CUSTOMER_STAGES:
        return _FELL.get(fallen_from[-1], PathType.NEVER_PAST_EXPLORATION)
    if fallen_from:
        return PathType.RECOVERED
    grown = any(move.target is Stage.FORMATION for move in customers)
    return PathType.UNBROKEN if grown else PathType.NEVER_PAST_EXPLORATION

"""001-7: which course a relationship took, told from its changes of stage."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from shared.domain.decisions import Transition
from shared.domain.stages import CUSTOMER_STAGES, Stage


class PathType(StrEnum):
    """The course of a relationship. Who still climbs has not fallen (yet)."""

    NOT_BOUGHT = "not_bought"
    STILL_CLIMBING = "still_climbing"
    NEVER_PAST_EXPLORATION = "never_past_exploration"
    FELL_IN_FORMATION = "fell_in_formation"
    LONG_STABLE_THEN_FELL = "long_stable_then_fell"
    RECOVERED = "recovered"
    CYCLIC = "cyclic"


_FELL: Final = (
    (Stage.STABILITY, PathType.LONG_STABLE_THEN_FELL),
    (Stage.FORMATION, PathType.FELL_IN_FORMATION),
    (Stage.EXPLORATION, PathType.NEVER_PAST_EXPLORATION),
)
"""By the highest stage reached, the highest first."""


def path_of(transitions: Sequence[Transition]) -> PathType:
    """The course so far (001-7), from the current transitions of the relationship in their order.

    Cyclic as soon as a second cycle of buying has begun; recovered, if it fell and came back each time; while it is
    down, by the highest stage that it had reached; still climbing, if it never fell.
    """
    moves = customer_moves(transitions)
    if not moves:
        return PathType.NOT_BOUGHT
    if len({move.cycle for move in moves}) > 1:
        return PathType.CYCLIC
    falls = sum(move.target is Stage.DECLINE for move in moves)
    if not falls:
        return PathType.STILL_CLIMBING
    if falls == sum(move.source is Stage.DECLINE for move in moves):
        return PathType.RECOVERED
    reached = {stage for move in moves for stage in (move.source, move.target)}
    return next(path for stage, path in _FELL if stage in reached)


def customer_moves(transitions: Sequence[Transition]) -> list[Transition]:
    """The moves of a customer that buys, or declines: what its course is told by."""
    return [move for move in transitions if move.target in CUSTOMER_STAGES or move.target is Stage.DECLINE]

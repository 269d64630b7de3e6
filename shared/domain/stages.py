"""The whole state machine: stages, signals, and the one table that says which stage follows."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Final


class Stage(StrEnum):
    """Where a relationship stands (DESIGN §4). `TARGET` is before it: neither asked nor bought, `null` in the API."""

    TARGET = "target"
    PROSPECT = "prospect"
    EXPLORATION = "exploration"
    FORMATION = "formation"
    STABILITY = "stability"
    DECLINE = "decline"
    DORMANT = "dormant"
    ENDED = "ended"


class Signal(StrEnum):
    """What the rules conclude from events and silence. The order here is the order of priority."""

    INQUIRED = "inquired"
    PURCHASED = "purchased"
    END_INTENT = "end_intent"
    DISSATISFIED = "dissatisfied"
    SOURED = "soured"
    SILENT = "silent"
    DROP_SHARP = "drop_sharp"
    DROP_GRADUAL = "drop_gradual"
    RECOVERED_EXPLORATION = "recovered_exploration"
    RECOVERED_FORMATION = "recovered_formation"
    RECOVERED_STABILITY = "recovered_stability"
    CONFIRMED = "confirmed"
    COMMITTED = "committed"
    FADED = "faded"
    SETTLED = "settled"


CUSTOMER_STAGES: Final = (Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY)
"""The stages of a customer who buys, in order; each can decline (000-18)."""

DECLINING: Final = (Signal.END_INTENT, Signal.DISSATISFIED, Signal.SILENT, Signal.DROP_SHARP, Signal.DROP_GRADUAL)
"""What sends any customer stage to decline, first things first; `SOURED` does so to a line still being tried."""

RECOVERED: Final[Mapping[Stage, Signal]] = MappingProxyType(
    {
        Stage.EXPLORATION: Signal.RECOVERED_EXPLORATION,
        Stage.FORMATION: Signal.RECOVERED_FORMATION,
        Stage.STABILITY: Signal.RECOVERED_STABILITY,
    }
)

MOVES: Final[Mapping[tuple[Stage, Signal], Stage]] = MappingProxyType(
    {
        (Stage.TARGET, Signal.INQUIRED): Stage.PROSPECT,
        (Stage.TARGET, Signal.PURCHASED): Stage.EXPLORATION,
        (Stage.PROSPECT, Signal.PURCHASED): Stage.EXPLORATION,
        (Stage.EXPLORATION, Signal.CONFIRMED): Stage.FORMATION,
        (Stage.FORMATION, Signal.COMMITTED): Stage.STABILITY,
        (Stage.EXPLORATION, Signal.END_INTENT): Stage.DECLINE,
        (Stage.EXPLORATION, Signal.DISSATISFIED): Stage.DECLINE,
        (Stage.EXPLORATION, Signal.SOURED): Stage.DECLINE,
        (Stage.EXPLORATION, Signal.SILENT): Stage.DECLINE,
        (Stage.EXPLORATION, Signal.DROP_SHARP): Stage.DECLINE,
        (Stage.EXPLORATION, Signal.DROP_GRADUAL): Stage.DECLINE,
        (Stage.FORMATION, Signal.END_INTENT): Stage.DECLINE,
        (Stage.FORMATION, Signal.DISSATISFIED): Stage.DECLINE,
        (Stage.FORMATION, Signal.SILENT): Stage.DECLINE,
        (Stage.FORMATION, Signal.DROP_SHARP): Stage.DECLINE,
        (Stage.FORMATION, Signal.DROP_GRADUAL): Stage.DECLINE,
        (Stage.STABILITY, Signal.END_INTENT): Stage.DECLINE,
        (Stage.STABILITY, Signal.DISSATISFIED): Stage.DECLINE,
        (Stage.STABILITY, Signal.SILENT): Stage.DECLINE,
        (Stage.STABILITY, Signal.DROP_SHARP): Stage.DECLINE,
        (Stage.STABILITY, Signal.DROP_GRADUAL): Stage.DECLINE,
        (Stage.DECLINE, Signal.RECOVERED_EXPLORATION): Stage.EXPLORATION,
        (Stage.DECLINE, Signal.RECOVERED_FORMATION): Stage.FORMATION,
        (Stage.DECLINE, Signal.RECOVERED_STABILITY): Stage.STABILITY,
        (Stage.DECLINE, Signal.FADED): Stage.DORMANT,
        (Stage.DECLINE, Signal.SETTLED): Stage.ENDED,
        (Stage.DORMANT, Signal.SETTLED): Stage.ENDED,
        (Stage.DORMANT, Signal.PURCHASED): Stage.EXPLORATION,
        (Stage.ENDED, Signal.PURCHASED): Stage.EXPLORATION,
        (Stage.ENDED, Signal.INQUIRED): Stage.PROSPECT,
    }
)
"""Every pair that moves a customer. What is not listed changes nothing."""

TRANSITIONS: Final[Mapping[tuple[Stage, Signal], Stage]] = MappingProxyType(
    {(stage, signal): MOVES.get((stage, signal), stage) for stage, signal in product(Stage, Signal)}
)
"""The total table: the world cannot send an illegal signal, only one that changes nothing."""


def next_stage(stage: Stage, signal: Signal) -> Stage:
    """The stage that follows, by the table and nothing else."""
    return TRANSITIONS[stage, signal]


def opens_cycle(stage: Stage, signal: Signal) -> bool:
    """Whether the move begins a new cycle: waking from dormancy, or coming back after the end (002-16)."""
    return stage in (Stage.DORMANT, Stage.ENDED) and next_stage(stage, signal) in (Stage.EXPLORATION, Stage.PROSPECT)

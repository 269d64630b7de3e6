"""What a refit comes to: a model or a refusal, and the figures that it rests on."""

from typing import Literal

from msgspec import Struct

from shared.domain.controls import Model
from shared.domain.instants import Day
from shared.domain.rhythm.attrition import Kind
from shared.domain.rhythm.churn import Members
from shared.fitting.figures import Bin, Lift, Score

Reason = Literal["accepted", "too_little_history", "not_finite", "no_skill", "not_calibrated", "worse_than_in_force"]


class BackTest(Struct, frozen=True, kw_only=True):
    """Models fitted to what was known `horizon_days` ago, held against what happened since.

    `scores` has what speaks: classic, hazard, blend, in_force, and the rules silence and silence_over_mean; `constant`
    is one probability for everybody, that of what happened. `weight` is the best one of the classic model in the blend.
    """

    cutoff: Day
    horizon_days: int
    customers: int
    churn: float
    """The share that bought no more."""
    weight: float
    scores: dict[str, Score]
    calibration: tuple[Bin, ...]
    lift: tuple[Lift, ...]
    drift: dict[str, float]
    """Population stability index of each feature: the customers of today against those of the cut-off."""


class Report(Struct, frozen=True, kw_only=True):
    """The figures of a refit. `sampled` is the share of all customers that it looked at."""

    customers: int
    repeats: int
    sampled: float
    back_test: BackTest | None = None
    kind: Kind | None = None
    log_likelihood: float | None = None
    members: Members | None = None
    """What was fitted, in force or not."""
    threshold: float | None = None
    """The P0 of an alert: from the budget, else the policy's."""
    alerts_per_week: float | None = None
    """How many alerts that threshold would have raised in each of the last eight weeks, of all customers."""
    lines: dict[str, int] = {}
    """The lines with members of their own, and their repeat purchases."""


class Refit(Struct, frozen=True, kw_only=True):
    """A refit as of a day's first instant. `said` tells people what came of it; `model` is what was accepted."""

    version: str
    as_of: Day
    accepted: bool
    reason: Reason
    said: str
    report: Report
    model: Model | None = None

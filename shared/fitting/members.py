"""Fitting members: to whole relationships, and to each line that has bought enough, shrunk to the whole."""

from math import exp, log
from typing import Final, NamedTuple

import numpy as np

from shared.domain.instants import Day
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import Members
from shared.domain.rhythm.hazard import WEEK, Hazard
from shared.fitting import attrition
from shared.fitting.hazard import fit_hazard
from shared.fitting.spells import Spells

USUAL_GAP: Final = 30.0
"""The population's mean interval in days where there is none yet."""
LEAST_OF_LINE: Final = 300
"""Repeat purchases from which on a line has members of its own."""
HALF_OWN: Final = 1_000
"""Repeat purchases at which a line's own parameters weigh as much as those of the whole."""
MOST_LINES: Final = 50
"""The lines with the most repeat purchases are fitted, no more."""


class Fitted(NamedTuple):
    """Members with equal weights, and the logarithm of the classic one's likelihood."""

    members: Members
    log_likelihood: float


def repeats_of(newest: Spells) -> int:
    """How many repeat purchases customers have made in all."""
    return int(newest.repeats.sum())


def usual_gap_of(spells: Spells) -> float:
    """The median of the gaps that are known, days: not their mean, which grows as long as a history does."""
    gaps = spells.gap[spells.ended]
    return float(np.median(gaps)) if len(gaps) else USUAL_GAP


def fit_members(spells: Spells, as_of: Day) -> Fitted:
    """Both members, fitted to spells as known at a day's first instant; at least one customer is there."""
    newest = spells.newest()
    usual_gap = usual_gap_of(spells)
    classic = attrition.fit_better(attrition.rows_of(newest, as_of))
    pooled = fit_hazard(spells, as_of, usual_gap / WEEK)
    weight = 1.0 if pooled is None else 0.5
    members = Members(usual_gap=usual_gap, classic=classic.model, hazard=pooled, weight=weight)
    return Fitted(members, classic.log_likelihood)


def fit_lines(lines: dict[str, Spells], as_of: Day, whole: Members) -> dict[str, tuple[Members, int]]:
    """The members of each line that has bought enough, with its repeat purchases; weights are those of the whole."""
    known = {line: spells.known_at(as_of) for line, spells in lines.items()}
    bought = {line: repeats_of(spells.newest()) for line, spells in known.items()}
    enough = sorted((line for line in known if bought[line] >= LEAST_OF_LINE), key=lambda line: (-bought[line], line))
    return {line: (_of_line(known[line], as_of, whole, bought[line]), bought[line]) for line in enough[:MOST_LINES]}


def finite(fitted: Fitted) -> bool:
    """Whether every number in it is one."""
    members = fitted.members
    numbers = [fitted.log_likelihood, members.usual_gap]
    if members.classic is not None:
        numbers += (members.classic.r, members.classic.alpha, members.classic.a, members.classic.b)
    if members.hazard is not None:
        numbers += (members.hazard.intercept, *members.hazard.weights, *members.hazard.centres)
    return bool(np.isfinite(numbers).all())


def _of_line(spells: Spells, as_of: Day, whole: Members, repeats: int) -> Members:
    own = repeats / (repeats + HALF_OWN)
    newest = spells.newest()
    usual_gap = _between(whole.usual_gap, usual_gap_of(spells), own)
    classic, pooled = whole.classic, whole.hazard
    if classic is not None:
        classic = _classic_between(classic, attrition.fit(classic.kind, attrition.rows_of(newest, as_of)).model, own)
    if pooled is not None:
        fitted = fit_hazard(spells, as_of, usual_gap / WEEK)
        pooled = pooled if fitted is None else _hazard_between(pooled, fitted, own)
    return Members(usual_gap=usual_gap, classic=classic, hazard=pooled, weight=whole.weight)


def _between(whole: float, line: float, own: float) -> float:
    return (1 - own) * whole + own * line


def _classic_between(whole: Attrition, line: Attrition, own: float) -> Attrition:
    """Between the logarithms of parameters."""
    return Attrition(
        kind=whole.kind,
        r=exp(_between(log(whole.r), log(line.r), own)),
        alpha=exp(_between(log(whole.alpha), log(line.alpha), own)),
        a=exp(_between(log(whole.a), log(line.a), own)),
        b=exp(_between(log(whole.b), log(line.b), own)),
    )


def _hazard_between(whole: Hazard, line: Hazard, own: float) -> Hazard:
    return Hazard(
        intercept=_between(whole.intercept, line.intercept, own),
        weights=tuple(_between(*pair, own) for pair in zip(whole.weights, line.weights, strict=True)),
        centres=tuple(_between(*pair, own) for pair in zip(whole.centres, line.centres, strict=True)),
    )

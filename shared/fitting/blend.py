"""What members say together, for many customers at once, and what each is worth."""

from typing import Final

import numpy as np

from shared.domain.rhythm.churn import LONGEST_DAYS, Members
from shared.domain.rhythm.hazard import PRIOR_GAPS, WEEK
from shared.fitting import attrition, hazard
from shared.fitting.arrays import Floats, logistic, logit
from shared.fitting.hazard import traits_of
from shared.fitting.scores import log_loss
from shared.fitting.spells import Spells

LEAST_WEIGHT: Final = 0.02
"""A member that a back-test gives less than this does not speak."""
WEIGHTS: Final = np.linspace(0.0, 1.0, 101)


def p_no_purchase(members: Members, spells: Spells, silence: Floats, ahead: Floats) -> Floats:
    """P0 of `shared.domain.rhythm.churn`: in the next `ahead` days after `silence` days of a spell without one."""
    said = spoken(members, spells, silence, ahead)
    classic, pooled = said.get("classic"), said.get("hazard")
    if classic is None or pooled is None:
        only = pooled if classic is None else classic
        assert only is not None, "a churn model has a member"
        return only
    return mixed(members.weight, classic, pooled)


def spoken(members: Members, spells: Spells, silence: Floats, ahead: Floats) -> dict[str, Floats]:
    """P0 of each member by its name, days as before."""
    weeks, coming = silence / WEEK, ahead / WEEK
    said: dict[str, Floats] = {}
    if members.classic is not None:
        repeats, last = spells.repeats.astype(np.float64), (spells.day - spells.first) / WEEK
        said["classic"] = attrition.p_none(members.classic, repeats, last, weeks, coming)
    if members.hazard is not None:
        traits = traits_of(spells, members.usual_gap / WEEK)
        said["hazard"] = hazard.p_none(members.hazard, traits, weeks, coming)
    return said


def mixed(weight: float, classic: Floats, pooled: Floats) -> Floats:
    """The mean in logit space; `weight` is that of the classic model."""
    return logistic(weight * logit(classic) + (1 - weight) * logit(pooled))


def best_weight(gone: Floats, classic: Floats, pooled: Floats) -> float:
    """The weight of the classic model with the least log-loss, to a hundredth."""
    losses = [log_loss(gone, mixed(float(weight), classic, pooled)) for weight in WEIGHTS]
    return float(WEIGHTS[int(np.argmin(losses))])


def weighed(members: Members, best: float) -> Members:
    """The members with the weight that a back-test found, shrunk halfway to equal; one that it gave none is dropped."""
    if members.classic is None or members.hazard is None:
        return members
    if best < LEAST_WEIGHT:
        return Members(usual_gap=members.usual_gap, hazard=members.hazard, weight=0.0)
    if best > 1 - LEAST_WEIGHT:
        return Members(usual_gap=members.usual_gap, classic=members.classic)
    return Members(usual_gap=members.usual_gap, classic=members.classic, hazard=members.hazard, weight=best / 2 + 0.25)


def overdue_days(members: Members, spells: Spells) -> Floats:
    """From which silence on a customer is overdue, days: its mean interval, shrunk to the population's."""
    gaps = (spells.day - spells.first) + PRIOR_GAPS * members.usual_gap
    return np.minimum(gaps / (spells.repeats + PRIOR_GAPS), LONGEST_DAYS)

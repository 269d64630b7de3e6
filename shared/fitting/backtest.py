"""The back-test that a refit has to pass: fitted to what was known a horizon ago, held against what happened since."""

from typing import Final, NamedTuple

import numpy as np

from shared.domain.instants import Day
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.fitting import scores
from shared.fitting.arrays import Floats
from shared.fitting.blend import best_weight, overdue_days, p_no_purchase, spoken, weighed
from shared.fitting.drift import drift
from shared.fitting.figures import Score
from shared.fitting.members import fit_members, repeats_of
from shared.fitting.report import BackTest
from shared.fitting.scores import score
from shared.fitting.spells import Spells

LEAST_REPEATS: Final = 100
"""Repeat purchases from which on a model can be fitted."""
TESTED_SHARE: Final = 0.35
"""How much of the history may be test, where the horizon is longer."""


class Cut(NamedTuple):
    """The customers at a cut-off: their last spells, and which of them bought no more until the end."""

    day: Day
    horizon: int
    before: Spells
    newest: Spells
    gone: Floats

    @property
    def silence(self) -> Floats:
        """How many days each had been silent."""
        return (self.day - self.newest.day).astype(np.float64)

    @property
    def telling(self) -> bool:
        """Whether some bought again and some did not."""
        return 0 < float(self.gone.mean()) < 1

    @property
    def ahead(self) -> Floats:
        """The horizon, for each."""
        return np.full(len(self.newest.day), float(self.horizon))


def cut(known: Spells, as_of: Day, horizon_days: float) -> Cut | None:
    """The newest cut-off whose outcomes are all known as of a day; None where too little was bought before it."""
    history = int(as_of - known.first.min()) if len(known.first) else 0
    horizon = int(min(horizon_days, TESTED_SHARE * history))
    day = Day(as_of - horizon)
    before = known.known_at(day)
    newest = before.newest()
    if horizon < 1 or repeats_of(newest) < LEAST_REPEATS:
        return None
    last_known = known.where(known.day < day).newest()
    return Cut(day, horizon, before, newest, (~last_known.ended).astype(np.float64))


def back_test(at: Cut, known: Spells, as_of: Day, in_force: ChurnModel | None) -> BackTest:
    """The figures of members fitted at a cut-off, of the model in force, and of the classic rules."""
    fitted = fit_members(at.before, at.day).members
    said = spoken(fitted, at.newest, at.silence, at.ahead)
    weight = best_weight(at.gone, said["classic"], said["hazard"]) if "hazard" in said and at.telling else 1.0
    final = weighed(fitted, weight)
    said["blend"] = p_no_purchase(final, at.newest, at.silence, at.ahead)
    if in_force is not None:
        said["in_force"] = p_no_purchase(in_force.members, at.newest, at.silence, at.ahead)
    share = float(at.gone.mean())
    said["constant"] = np.full(len(at.gone), share)
    figures = {name: score(at.gone, chance) for name, chance in said.items()}
    return BackTest(
        cutoff=at.day,
        horizon_days=at.horizon,
        customers=len(at.gone),
        churn=share,
        weight=weight,
        scores=figures | _rules(at, fitted),
        calibration=scores.calibration(at.gone, said["blend"]),
        lift=scores.lift(at.gone, said["blend"]),
        drift=drift(at.newest, at.silence, known.newest(), as_of, fitted),
    )


def _rules(at: Cut, members: Members) -> dict[str, Score]:
    """What everybody uses: silence alone, and silence over the customer's own mean interval."""
    over_mean = at.silence / overdue_days(members, at.newest)
    return {
        "silence": Score(auc=scores.auc(at.gone, at.silence)),
        "silence_over_mean": Score(auc=scores.auc(at.gone, over_mean)),
    }

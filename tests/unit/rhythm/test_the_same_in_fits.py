"""What is fitted and tested for many customers at once is what is asked of each of them, to ten digits."""

import numpy as np
import pytest

from shared.domain.rhythm import attrition as one_by_one
from shared.domain.rhythm import hazard as hazard_of_one
from shared.domain.rhythm.attrition import Attrition, Past
from shared.fitting import attrition, hazard
from tests.models import HAZARD, MBG, PARETO

RANDOM = np.random.default_rng(5)
MANY = 2_000
REPEATS = RANDOM.choice((0, 1, 3, 12, 100, 3_000), MANY)
LAST = REPEATS / 7 * RANDOM.uniform(1, 30, MANY)
SILENCE = RANDOM.choice((0.0, 1.0, 10.0, 60.0, 3_000.0), MANY) * RANDOM.random(MANY)
AHEAD = RANDOM.choice((1.0, 13.0, 52.0), MANY)
ODD = Attrition(kind="pareto_nbd", r=0.02, alpha=0.01, a=30.0, b=400.0)
TOLD = list(zip(REPEATS.tolist(), LAST.tolist(), SILENCE.tolist(), AHEAD.tolist(), strict=True))


@pytest.mark.parametrize("model", [MBG, PARETO, ODD])
def test_latent_attrition_is_the_same_for_many(model: Attrition) -> None:
    found = attrition.p_none(model, REPEATS.astype(np.float64), LAST, SILENCE, AHEAD)

    each = [one_by_one.p_none(model, Past(count, last), silence, ahead) for count, last, silence, ahead in TOLD]
    assert np.abs(found - each).max() < 1e-10


def test_the_hazard_is_the_same_for_many() -> None:
    mean, amount = (LAST + 2 * 9.0) / (REPEATS + 2), np.where(REPEATS > 0, 3.0, np.nan)
    traits = hazard.Traits(REPEATS.astype(np.float64), LAST, mean, mean / 2, np.full(MANY, 0.5), amount)

    found = hazard.p_none(HAZARD, traits, SILENCE, AHEAD)

    each = []
    for count, last, silence, ahead in TOLD:
        own = hazard_of_one.mean_interval(count, last, 9.0)
        known = hazard_of_one.Traits(count, last, own, own / 2, 0.5, 3.0 if count else None)
        each.append(hazard_of_one.p_none(HAZARD, known, silence, ahead))
    assert np.abs(found - each).max() < 1e-12

"""How far customers have moved: the spread of each feature today against that at the cut-off of the back-test."""

from typing import Final

import numpy as np

from shared.domain.instants import Day
from shared.domain.rhythm.churn import Members
from shared.domain.rhythm.hazard import FEATURES, WEEK
from shared.fitting.arrays import Floats
from shared.fitting.hazard import features, traits_of
from shared.fitting.spells import Spells

TENTHS: Final = np.linspace(0.1, 0.9, 9)
LEAST_SHARE: Final = 1e-3
"""An empty bin is taken to hold this share, so that the index stays finite."""


def drift(before: Spells, silence: Floats, now: Spells, as_of: Day, members: Members) -> dict[str, float]:
    """The population stability index of each feature; below 0.1 is little, above 0.25 much."""
    older = _table(before, silence, members)
    newer = _table(now, (as_of - now.day).astype(np.float64), members)
    return {name: stability(older[place], newer[place]) for place, name in enumerate(FEATURES)}


def stability(before: Floats, now: Floats) -> float:
    """Sum of (q - p) ln(q/p) over bins that held a tenth each before; values that are many make a bin of their own."""
    edges = np.unique(np.quantile(before, TENTHS))
    old, new = _shares(before, edges), _shares(now, edges)
    return float(((new - old) * np.log(new / old)).sum())


def _shares(values: Floats, edges: Floats) -> Floats:
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return np.maximum(counts / len(values), LEAST_SHARE)


def _table(spells: Spells, silence: Floats, members: Members) -> Floats:
    return features(traits_of(spells, members.usual_gap / WEEK), silence / WEEK, 0.0)

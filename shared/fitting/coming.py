"""Silences that go on: what will be said of them, and whether they last so long."""

from typing import NamedTuple

import numpy as np

from shared.fitting.arrays import Flags, Floats, logit
from shared.fitting.blend import p_no_purchase
from shared.fitting.watch import Watch

PLACES = 24
"""Silences at which P0 is asked of each spell; between them it is interpolated."""


class Coming(NamedTuple):
    """Silences that go on: the log-odds of P0(H) at some of the days to come, and the chance that they last until then.

    A line for each spell; the first place is today, or when the customer will be overdue.
    """

    reached: Floats
    lasting: Floats
    overdue: Flags
    """Whether the first place lies behind: what was reached there has been alerted."""
    scale: float

    def alerts(self, threshold: float) -> float:
        """How many alerts a threshold is expected to bring, beside those that it has brought."""
        wanted = float(logit(np.array(threshold)))
        place = (self.reached < wanted).sum(axis=1)
        first = (place == 0) & ~self.overdue
        total = float(self.lasting[first, 0].sum())
        between = np.flatnonzero((place > 0) & (place < PLACES))
        after, before = place[between], place[between] - 1
        low, high = self.reached[between, before], self.reached[between, after]
        part = (wanted - low) / (high - low)
        lasting = self.lasting[between, before] * (1 - part) + self.lasting[between, after] * part
        return self.scale * (total + float(lasting.sum()))


def coming(going: Watch, silence: Floats, until: float) -> Coming:
    """What comes of silences of so many days that go on, as far as a silence of `until` days."""
    open_yet = (silence < until) & (going.earliest <= until)
    going, silence = going.where(open_yet), silence[open_yet]
    begin = np.maximum(silence, going.earliest)
    reached, lasting = np.empty((len(begin), PLACES)), np.empty((len(begin), PLACES))
    ahead = np.full(len(begin), going.horizon)
    for place, step in enumerate(np.linspace(0.0, 1.0, PLACES)):
        at = begin * (until / begin) ** step
        reached[:, place] = logit(p_no_purchase(going.members, going.spells, at, ahead))
        lasting[:, place] = p_no_purchase(going.members, going.spells, silence, at - silence)
    return Coming(np.maximum.accumulate(reached, axis=1), lasting, silence > going.earliest, going.scale)

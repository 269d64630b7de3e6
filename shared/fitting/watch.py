"""Spells that could be alerted, and how far P0 has come in them."""

from typing import NamedTuple

import numpy as np

from shared.domain.policy import Policy
from shared.domain.rhythm.churn import Members
from shared.fitting.arrays import Flags, Floats, drawn
from shared.fitting.blend import overdue_days, p_no_purchase
from shared.fitting.spells import Spells

MOST_SPELLS = 20_000


class Watch(NamedTuple):
    """Spells that could be alerted: from which silence on, in days, and how many there are for each one looked at."""

    members: Members
    spells: Spells
    earliest: Floats
    horizon: float
    scale: float

    def reached(self, silence: Floats) -> Floats:
        """P0(H) at silences, 0 before a customer can be alerted."""
        ahead = np.full(len(silence), self.horizon)
        chance = p_no_purchase(self.members, self.spells, np.maximum(silence, self.earliest), ahead)
        return np.where(silence > self.earliest, chance, 0.0)

    def where(self, chosen: Flags) -> "Watch":
        """Those of them."""
        return self._replace(spells=self.spells.where(chosen), earliest=self.earliest[chosen])


def watched(members: Members, known: Spells, chosen: Flags, policy: Policy) -> Watch:
    """A sample of some spells, by whole customers."""
    kept = chosen & drawn(known.customer, MOST_SPELLS / max(1, int(chosen.sum())))
    spells = known.where(kept)
    overdue = np.minimum(overdue_days(members, spells), policy.churn_horizon_days)
    earliest = np.maximum(overdue, policy.churn_floor_days)
    scale = float(chosen.sum()) / max(1, int(kept.sum()))
    return Watch(members, spells, earliest, policy.churn_horizon_days, scale)

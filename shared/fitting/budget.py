"""The threshold that keeps a budget: so many alerts a week, or as many as silences of a length, or as the rule raises.

An alert comes at the first silence from being overdue on at which P0(H) reaches the threshold, if no purchase came
before. P0 does not fall from there on, so that a silence has been alerted exactly when P0 at its end has reached it.
"""

from bisect import bisect_left
from math import log
from typing import Final

import numpy as np

from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import Members
from shared.fitting.arrays import Floats, logistic
from shared.fitting.blend import p_no_purchase
from shared.fitting.coming import coming
from shared.fitting.spells import Spells
from shared.fitting.watch import Watch, watched

WEEKS: Final = 8
"""How many weeks back alerts are counted for a budget a week."""
LEAST_ALERTS: Final = 50
EARLY: Final = 0.85
"""The threshold where customers' own long gaps have brought fewer alerts than that, and there is no budget."""
LOWEST, HIGHEST = 0.01, 0.999
THRESHOLDS: Final = logistic(np.linspace(log(LOWEST / (1 - LOWEST)), log(HIGHEST / (1 - HIGHEST)), 2_000))


def budgeted(members: Members, known: Spells, as_of: Day, policy: Policy, share: float) -> float:
    """The threshold that the policy's budget asks for as of a day; without one, as many as the own long gap raises.

    `policy` has the priors of gaps that come into force together with the threshold.
    """
    if policy.alerts_per_week is not None:
        return weekly_threshold(_lately(members, known, as_of, policy), as_of, policy.alerts_per_week * share)
    if policy.churn_silence_days is not None:
        # The newest silences are what the next ones are like; of older ones another kind of customer begins.
        begun = known.day >= as_of - policy.churn_horizon_days
        return silent_threshold(watched(members, known, begun, policy), as_of, policy.churn_silence_days)
    watch = watched(members, known, np.ones(len(known.day), dtype=np.bool_), policy)
    return equal_threshold(watch, as_of, long_gaps(watch.spells, policy))


def long_gaps(spells: Spells, policy: Policy) -> Floats:
    """After how many days of silence the rule without a model speaks (CONCEPTS, Primitives: Q and r)."""
    weight, gaps = policy.prior_weight, spells.repeats
    mu = (weight * policy.mu0 + spells.log_sum) / (gaps + weight)
    spread = np.maximum(0.0, spells.log_squares - 2 * mu * spells.log_sum + gaps * mu * mu)
    variance = (spread + weight * (policy.sigma0**2 + (mu - policy.mu0) ** 2)) / (gaps + weight)
    long_gap = np.maximum(policy.long_gap_floor_days, np.exp(mu + policy.long_gap_sigmas * np.sqrt(variance)))
    return np.asarray(long_gap * policy.silent_r / policy.long_gap_r)


def alerts_per_week(members: Members, known: Spells, as_of: Day, policy: Policy, threshold: float) -> float:
    """How many alerts a threshold would have raised in each of the last weeks, had it been in force all the time."""
    found = alerts_of(_lately(members, known, as_of, policy), as_of, np.array((threshold,)))
    return float(found[0]) / WEEKS


def _lately(members: Members, known: Spells, as_of: Day, policy: Policy) -> Watch:
    """The silences that lasted into the last weeks."""
    return watched(members, known, known.gap + known.day >= as_of - 7 * WEEKS, policy)


def alerts_of(watch: Watch, as_of: Day, threshold: Floats) -> Floats:
    """How many alerts thresholds would have raised in the last weeks, had they been in force all the time."""
    ends = np.sort(watch.reached(_silence(watch, as_of)))
    begins = np.sort(watch.reached(as_of - 7.0 * WEEKS - watch.spells.day))
    later, sooner = np.searchsorted(ends, threshold), np.searchsorted(begins, threshold)
    return np.asarray((sooner - later) * watch.scale)


def weekly_threshold(watch: Watch, as_of: Day, per_week: float) -> float:
    """The highest threshold up to which every one brings so many alerts a week; where none does, what brings most.

    Far above it there may be others: customers that left long ago come there now, all at once, and soon no more.
    """
    brought = alerts_of(watch, as_of, THRESHOLDS)
    fewest = np.minimum.accumulate(brought)
    enough = np.flatnonzero(fewest >= per_week * WEEKS)
    return float(THRESHOLDS[enough[-1] if len(enough) else np.argmax(brought)])


def silent_threshold(watch: Watch, as_of: Day, gap: float) -> float:
    """The threshold that brings as many alerts, early ones, as there are silences of more than `gap` days.

    Of silences that go on, the model says how many last so long, and how many last until they are alerted.
    """
    early = gap - watch.horizon if gap > watch.horizon else gap
    ended, silence = watch.spells.ended, _silence(watch, as_of)
    alerted = np.sort(watch.reached(np.minimum(silence, early)))
    going, lasted = ~ended & (silence < gap), silence[~ended & (silence < gap)]
    open_yet = watch.where(going)
    lasting = p_no_purchase(watch.members, open_yet.spells, lasted, gap - lasted)
    long = np.where(ended, silence > gap, silence >= gap)
    wanted = watch.scale * (float(long.sum()) + float(lasting.sum()))
    ahead = coming(open_yet, lasted, early)

    def too_many(threshold: float) -> bool:
        so_far = len(alerted) - int(np.searchsorted(alerted, threshold))
        return watch.scale * so_far + ahead.alerts(threshold) > wanted

    return float(THRESHOLDS[bisect_left(THRESHOLDS[:-1], True, key=lambda threshold: not too_many(threshold))])


def equal_threshold(watch: Watch, as_of: Day, long_gap: Floats) -> float:
    """The threshold that would have brought as many alerts so far as the customers' own long gaps, days, have brought.

    Who is alerted changes when a model takes effect, not how many.
    """
    silence = _silence(watch, as_of)
    by_rule = int((silence > long_gap).sum())
    if by_rule < LEAST_ALERTS:
        return EARLY
    reached = np.sort(watch.reached(silence))
    return float(np.clip(reached[-by_rule], LOWEST, HIGHEST))


def _silence(watch: Watch, as_of: Day) -> Floats:
    """How many days each has lasted so far."""
    return np.minimum(watch.spells.gap, as_of - watch.spells.day).astype(np.float64)

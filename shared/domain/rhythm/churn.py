"""The churn model in force: its members, what they say together, and when silence will have said enough.

P0(H), the probability of no purchase in the next H days, is the mean of the members' in logit space, weighted by a
back-test. From a customer's mean interval on it never falls with silence, so that a threshold's time can be searched.
Sooner, for who buys more slowly than is looked ahead, it may dip once; the search finds where it comes back up.
"""

from collections.abc import Callable
from math import exp, log, sqrt
from typing import Final

from msgspec import Struct

from shared.domain.habit import Habit
from shared.domain.rhythm import attrition, hazard
from shared.domain.rhythm.attrition import Attrition, past_of
from shared.domain.rhythm.hazard import WEEK, Hazard, mean_interval, traits_of

SURE: Final = 1e-12
"""No member is surer than this: logits stay finite."""
LONGEST_DAYS: Final = 36_525.0
"""A century: what takes longer never comes."""
WEEK_SECONDS: Final = 7 * 86_400


class Members(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What speaks for the whole relationship, or for one line. At least one member is there.

    `weight` is that of `classic`; the hazard has the rest. `usual_gap` is the population's median gap, days.
    """

    usual_gap: float
    classic: Attrition | None = None
    hazard: Hazard | None = None
    weight: float = 1.0


class WeakSign(Struct, frozen=True, kw_only=True, gc=False):
    """A sign that foretells little by itself: what share bought no more within the horizon, with it and without it."""

    code: str
    with_it: float
    without: float
    customers: int
    """How many showed it."""


class ChurnModel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fitted model. `threshold` is the P0 from which on an alert is raised: it follows from the budget of alerts.

    `horizon_days` is the horizon that the weights were tested at; the model answers for any.
    """

    members: Members
    horizon_days: float
    threshold: float
    lines: dict[str, Members] = {}
    weak_signs: tuple[WeakSign, ...] = ()

    def of(self, line: str | None) -> "ChurnModel":
        """The model of a line: that of the whole where the line has too little history."""
        own = self.lines.get(line or "")
        return (
            self
            if own is None
            else ChurnModel(
                members=own, horizon_days=self.horizon_days, threshold=self.threshold, weak_signs=self.weak_signs
            )
        )


def p_no_purchase(members: Members, habit: Habit, silence: float, ahead: float) -> float:
    """P0: the probability of no purchase in the next `ahead` days, after `silence` days without one."""
    return foretold(members, habit)(silence, ahead)


def foretold(members: Members, habit: Habit) -> Callable[[float, float], float]:
    """P0 of one customer as a function of its silence and the days ahead: what does not change is worked out once."""
    classic, pooled, weight = members.classic, members.hazard, members.weight
    past = past_of(habit)
    if pooled is None:
        assert classic is not None, "a churn model has a member"
        return lambda silence, ahead: attrition.p_none(classic, past, silence / WEEK, ahead / WEEK)
    traits = traits_of(habit, members.usual_gap / WEEK)
    by_hazard = hazard.foretold(pooled, traits)
    if classic is None:
        return lambda silence, ahead: by_hazard(silence / WEEK, ahead / WEEK)

    def blended(silence: float, ahead: float) -> float:
        one = attrition.p_none(classic, past, silence / WEEK, ahead / WEEK)
        other = by_hazard(silence / WEEK, ahead / WEEK)
        return 1 / (1 + exp(-weight * logit(one) - (1 - weight) * logit(other)))

    return blended


def logit(share: float) -> float:
    """Log-odds, of a probability that is never quite sure."""
    held = min(max(share, SURE), 1 - SURE)
    return log(held / (1 - held))


def overdue_days(members: Members, repeats: int, span: int) -> float:
    """004-11: one missed cycle, in days of silence: the customer's mean interval, shrunk to the population's.

    `span` is the time from its first purchase day to its last, days.
    """
    return min(mean_interval(repeats, span, members.usual_gap), LONGEST_DAYS)


def first_second(short: Callable[[int], float], low: int, high: int) -> int | None:
    """The first second in [low, high] at which something that falls is no longer above zero; None when there is none.

    Seconds are counted from where it began, so that it falls about evenly over their logarithm: false position with the
    Illinois rule (Dowell & Jarratt 1971), and halving where that gains too little.
    """
    low = max(low, 1)
    above = short(low)
    if above <= 0:
        return low
    low, high, above, below = _bracket(short, low, high, above)
    if below > 0:
        return None
    looks, stayed = 0, 0
    while high - low > 1:
        looks += 1
        # Halving now and then, for what bends too much to be guessed.
        even = looks % 8 == 0
        guess = sqrt(low * high) if even else exp((log(high) * above - log(low) * below) / (above - below))
        middle = min(max(round(guess), low + 1), high - 1)
        value = short(middle)
        # An end that stays for a second time counts half from then on.
        if value > 0:
            below = below / 2 if stayed > 0 else below
            low, above, stayed = middle, value, 1
        else:
            above = above / 2 if stayed < 0 else above
            high, below, stayed = middle, value, -1
    return high


def _bracket(short: Callable[[int], float], low: int, high: int, above: float) -> tuple[int, int, float, float]:
    """Two places with the end of what falls between them, each twice as far as the one before."""
    below = above
    while low < high:
        ahead = min(max(2 * low, low + WEEK_SECONDS), high)
        below = short(ahead)
        if below <= 0:
            return low, ahead, above, below
        low, above = ahead, below
    return low, high, above, below

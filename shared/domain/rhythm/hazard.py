"""The hazard of a purchase, by how a customer has bought and how long it has been silent. Pooled logistic, weekly.

For a silence of s weeks, P(purchase in the coming week) = logistic(intercept + weights . features). From the customer's
own mean interval on it never rises with silence: the signs of the last weights see to that when they are fitted.
"""

from collections.abc import Callable
from math import exp, log, log1p, sqrt
from typing import Final, NamedTuple

from msgspec import Struct

from shared.domain.habit import Habit, faded_gap
from shared.domain.rhythm.quadrature import EIGHT

WEEK: Final = 7.0
MOST_REPEATS: Final = 30
"""Repeat purchases beyond these tell nothing more."""
PRIOR_GAPS: Final = 2
"""How many gaps of the population's mean are mixed into a customer's own."""
FADED_MOST: Final = 3
"""How many gaps the faded mean counts as, at most, against one of the mean interval."""
UNKNOWN_SPREAD: Final = 0.8
"""Standard deviation of ln(gap) where a customer has fewer than two gaps."""
STEEPEST: Final = 30.0

FEATURES: Final = (
    "repeats",
    "many_repeats",
    "mean_interval",
    "faded_interval",
    "irregularity",
    "amount",
    "silence_before_overdue",
    "silence_before_overdue_after_two_weeks",
    "rate",
    "overdue_with_repeats",
)
"""What the weights are of, in their order."""
RISING: Final = frozenset({"rate"})
FALLING: Final = frozenset({"overdue_with_repeats"})
"""The features that change with silence once a customer is overdue, and which sign their weights must have."""


class Hazard(Struct, frozen=True, kw_only=True, gc=False):
    """Fitted weights, and the means of the features over the weeks that they were fitted on, in their order."""

    intercept: float
    weights: tuple[float, ...]
    centres: tuple[float, ...]


class Traits(NamedTuple):
    """What of a customer's habit the features are made of; times in weeks."""

    repeats: int
    last: float
    mean_interval: float
    faded_interval: float
    irregularity: float
    amount: float | None
    """ln(1 + mean amount of a purchase day, in hundreds of minor units); None where no amount is known."""


def mean_interval(repeats: int, span: float, usual_gap: float) -> float:
    """A mean interval shrunk to the population's median gap: (t_x + 2 m0)/(x + 2), all in one unit of time."""
    return (span + PRIOR_GAPS * usual_gap) / (repeats + PRIOR_GAPS)


def traits_of(habit: Habit, usual_gap: float) -> Traits:
    """A customer's habit as the hazard sees it."""
    count, last = habit.repeats, (habit.last_day - habit.first_day) / WEEK
    mean = mean_interval(count, last, usual_gap)
    faded, weight = faded_gap(habit), min(count, FADED_MOST)
    own = mean if faded is None else (faded / WEEK * weight + mean) / (weight + 1)
    spread = UNKNOWN_SPREAD
    if count > 1:
        spread = sqrt(max(0.0, habit.log_squares / count - (habit.log_sum / count) ** 2))
    amount = log1p(max(0, habit.amount_sum) / habit.amounts / 100) if habit.amounts else None
    return Traits(count, last, mean, own, spread, amount)


def features(traits: Traits, silence: float, unknown_amount: float) -> tuple[float, ...]:
    """The features at a silence of so many weeks, in the order of `FEATURES`."""
    count = min(traits.repeats, MOST_REPEATS)
    much, mean = log1p(count), traits.mean_interval
    before = log1p(min(silence, mean))
    return (
        much,
        max(much - log(4), 0.0),
        log(mean + 0.5),
        log(traits.faded_interval + 0.5),
        traits.irregularity,
        unknown_amount if traits.amount is None else traits.amount,
        before,
        max(before - log(3), 0.0),
        _rate(count, traits.last, silence),
        _overdue(much, mean, silence),
    )


def p_none(model: Hazard, traits: Traits, silence: float, ahead: float) -> float:
    """P0: the probability of no purchase in the next `ahead` weeks, after `silence` weeks without one.

    exp(-integral of ln(1 + e^z)), with eight nodes over the logarithm of 1 + silence between the places where z bends.
    """
    return foretold(model, traits)(silence, ahead)


def foretold(model: Hazard, traits: Traits) -> Callable[[float, float], float]:
    """P0 of one customer as a function of its silence and the weeks ahead: what does not change is worked out once."""
    count = min(traits.repeats, MOST_REPEATS)
    mean, last = traits.mean_interval, traits.last + 4
    *_, early, early_later, rate, overdue = model.weights
    overdue *= log1p(count)
    longest = log1p(mean)
    fixed = _fixed(model, traits) + rate * log(count + 0.5)
    late = fixed + early * longest + early_later * max(0.0, longest - _LOG_THREE) - overdue * log(mean + 0.5)

    def summed(silence: float, until: float) -> float:
        start = log1p(silence)
        span = log1p(until) - start
        total = 0.0
        for at, weight in EIGHT:
            growth = start + span * at
            grown = exp(growth)
            now = grown - 1
            if now > mean:
                z = late - rate * log(last + now) + overdue * log(now + 0.5)
            else:
                z = fixed + early * growth - rate * log(last + now)
                if growth > _LOG_THREE:
                    z += early_later * (growth - _LOG_THREE)
            total += weight * grown * (log1p(exp(z)) if z < STEEPEST else z)
        return span * total

    def p_none_of(silence: float, ahead: float) -> float:
        until, total = silence + ahead, 0.0
        if silence < mean:
            for bend in bends(mean):
                if silence < bend < until:
                    total, silence = total + summed(silence, bend), bend
        return exp(-total - summed(silence, until))

    return p_none_of


def bends(mean: float) -> tuple[float, float]:
    """The silences at which z bends: two weeks, if a customer is not overdue before, and its mean interval."""
    return min(TWO_WEEKS, mean), mean


TWO_WEEKS: Final = 2.0
_LOG_THREE: Final = log1p(TWO_WEEKS)


def _fixed(model: Hazard, traits: Traits) -> float:
    """The part of z that silence does not change."""
    known = features(traits, 0.0, model.centres[5])[:6]
    return model.intercept + sum(weight * value for weight, value in zip(model.weights, known, strict=False))


def _rate(count: int, last: float, silence: float) -> float:
    return log((count + 0.5) / (last + silence + 4))


def _overdue(much: float, mean: float, silence: float) -> float:
    return much * log((silence + 0.5) / (mean + 0.5)) if silence > mean else 0.0

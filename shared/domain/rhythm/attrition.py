"""Latent attrition: buying at a rate of one's own until one leaves unseen. Closed forms, times in weeks.

MBG/NBD (Batislam, Denizel & Filiztekin 2007): after each purchase, the first too, a customer leaves with a probability
that is Beta(a, b) over customers. Pareto/NBD (Schmittlein, Morrison & Colombo 1987): it leaves at a rate that is
Gamma(s, beta). Both buy at a rate that is Gamma(r, alpha). Parameters are what maximises the likelihood.
"""

from math import ceil, exp, expm1, log, log1p
from typing import Final, Literal

from msgspec import Struct

from shared.domain.habit import Habit
from shared.domain.rhythm.quadrature import TWENTY

WEEK = 7.0
NOTHING: Final = 32.0
"""exp(-32) of a likelihood is nothing: what comes after is not added up."""
LONGEST_PART: Final = 6.0
"""Over how much of the logarithm of time the twenty nodes are spread, at most."""
FAR: Final = 700.0
"""The logarithm of a time that never comes, and of a number that still is one."""

Kind = Literal["mbg_nbd", "pareto_nbd"]


class Attrition(Struct, frozen=True, kw_only=True, gc=False):
    """Fitted parameters, weeks. `a` and `b` are those of the Beta; for Pareto/NBD they are s and beta of the Gamma."""

    kind: Kind
    r: float
    alpha: float
    a: float
    b: float


class Past(Struct, frozen=True, array_like=True, gc=False):
    """What these models see of a customer: x repeat purchases, the last of them `last` weeks after the first."""

    x: int
    last: float


def past_of(habit: Habit) -> Past:
    """A customer's past as these models see it."""
    return Past(habit.repeats, (habit.last_day - habit.first_day) / WEEK)


def p_none(model: Attrition, past: Past, silence: float, ahead: float) -> float:
    """P0: the probability of no purchase in the next `ahead` weeks, after `silence` weeks without one.

    L(x, t_x, T + h) / L(x, t_x, T), for any model of latent attrition.
    """
    return min(1.0, _likelihood(model, past, silence + ahead) / _likelihood(model, past, silence))


def p_alive(model: Attrition, past: Past, silence: float) -> float:
    """The probability that the customer has not left yet, which says little of whether it will buy soon."""
    return _still(model, past, silence) / _likelihood(model, past, silence)


def next_purchase(model: Attrition, past: Past, silence: float, share: float) -> float | None:
    """In how many weeks the next purchase comes with a probability of `share`; None when it never does.

    Of MBG/NBD alone, where it has a closed form: wait = (alpha + t_x) v^(-1/n) - alpha - T, v = (1 - p)(rho + u) - rho.
    """
    assert model.kind == "mbg_nbd", "Pareto/NBD has no closed form for this"
    never, still = _gone(model, past), _still(model, past, silence)
    left = (1 - share) * (never + still) - never
    if left <= 0:
        return None
    length = -log(left) / (model.r + past.x)
    return None if length > FAR else max(0.0, (model.alpha + past.last) * expm1(length) - silence)


def _likelihood(model: Attrition, past: Past, silence: float) -> float:
    """L(x, t_x, t_x + silence) in units of the likelihood of having been alive just after t_x."""
    if model.kind == "mbg_nbd":
        return _gone(model, past) + _still(model, past, silence)
    return _still(model, past, silence) + _left(model, past, silence)


def _still(model: Attrition, past: Past, silence: float) -> float:
    """The part of it in which the customer has not left: u of MBG/NBD, times its staying for Pareto/NBD."""
    buying = -(model.r + past.x) * log1p(silence / (model.alpha + past.last))
    if model.kind == "mbg_nbd":
        return exp(buying)
    return exp(buying - model.a * log1p(silence / (model.b + past.last)))


def _gone(model: Attrition, past: Past) -> float:
    """rho of MBG/NBD: the odds of having left right after the last purchase."""
    return model.a / (model.b + past.x)


def _left(model: Attrition, past: Past, silence: float) -> float:
    """The part of Pareto/NBD in which it left somewhen since: an integral over the time of leaving.

    Over the logarithm of time in units in which what is added up falls at first, as far as it is worth adding.
    """
    rate, buys, stays = model.r + past.x, model.alpha + past.last, model.b + past.last
    end = buys * expm1(min(log1p(silence / buys), NOTHING / rate))
    end = stays * expm1(min(log1p(end / stays), NOTHING / model.a))
    scale = 1 / ((rate + 1) / buys + (model.a + 1) / stays)
    span = log1p(end / scale)
    parts = max(1, ceil(span / LONGEST_PART))
    length, total = span / parts, 0.0
    for part in range(parts):
        for at, weight in TWENTY:
            since = scale * expm1(length * (part + at))
            density = exp(-rate * log1p(since / buys) - model.a * log1p(since / stays)) / (stays + since)
            total += weight * density * (scale + since)
    return model.a * length * total

"""Fitting latent attrition by maximum likelihood, on rows of like customers with their counts. Times in weeks.

Likelihoods: MBG/NBD of Batislam, Denizel & Filiztekin (2007); BG/NBD of Fader, Hardie & Lee (2005); Pareto/NBD of
Schmittlein, Morrison & Colombo (1987). Gradients are closed forms, by the logarithms of the parameters.
"""

from collections.abc import Callable
from itertools import product
from math import ceil
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from shared.domain.instants import Day
from shared.domain.rhythm.attrition import LONGEST_PART, NOTHING, WEEK, Attrition, Kind
from shared.domain.rhythm.quadrature import TWENTY
from shared.fitting.arrays import Floats
from shared.fitting.spells import Spells

MOST_ROWS: Final = 20_000
"""Distinct rows beyond which ages and recencies are rounded to weeks."""
LOWEST, HIGHEST = -7.0, 9.0
"""Bounds of the logarithms of parameters: where the likelihood still rises there, the data do not tell more."""
STARTS: Final[dict[Kind, tuple[float, float, float, float]]] = {
    "mbg_nbd": (0.5, 5.0, 0.7, 2.5),
    "pareto_nbd": (0.5, 8.0, 0.6, 10.0),
}
SMALLEST: Final = 1e-300
MOST_LOOKS: Final = 1_000
"""How often a fit looks at the likelihood, at most: it seldom needs a hundred."""


class Rows(NamedTuple):
    """Customers that are alike: x repeat purchases, the last of them `last` weeks after the first, `age` weeks old."""

    repeats: Floats
    last: Floats
    age: Floats
    customers: Floats


class Fitted(NamedTuple):
    """A model, and the logarithm of its likelihood."""

    model: Attrition
    log_likelihood: float


Likelihood = Callable[[Floats, Rows], tuple[Floats, Floats]]
"""From parameters: the log-likelihood of each row, and its derivatives by the parameters, one line for each."""


def rows_of(newest: Spells, as_of: Day) -> Rows:
    """The customers whose last spells these are, as of a day's first instant."""
    table = np.stack((newest.repeats, newest.day - newest.first, as_of - newest.first), axis=1)
    distinct, count = np.unique(table, axis=0, return_counts=True)
    if len(distinct) > MOST_ROWS:
        table[:, 1:] = 7 * np.rint(table[:, 1:] / WEEK)
        distinct, count = np.unique(table, axis=0, return_counts=True)
    repeats, last, age = distinct.T.astype(np.float64)
    return Rows(repeats, last / WEEK, age / WEEK, count.astype(np.float64))


def fit_better(rows: Rows) -> Fitted:
    """Whichever of MBG/NBD and Pareto/NBD has the better likelihood."""
    return max(fit_mbg_nbd(rows), fit_pareto_nbd(rows), key=lambda fitted: fitted.log_likelihood)


def fit(kind: Kind, rows: Rows) -> Fitted:
    """The model of one kind."""
    return fit_mbg_nbd(rows) if kind == "mbg_nbd" else fit_pareto_nbd(rows)


def fit_mbg_nbd(rows: Rows) -> Fitted:
    """MBG/NBD: r, alpha, and a, b of the Beta."""
    return _fit("mbg_nbd", beta_geometric, rows)


def fit_pareto_nbd(rows: Rows) -> Fitted:
    """Pareto/NBD: r, alpha, and s, beta as `a`, `b`."""
    return _fit("pareto_nbd", pareto, rows)


def best(likelihood: Likelihood, rows: Rows, start: tuple[float, float, float, float]) -> tuple[Floats, float]:
    """The parameters that maximise a likelihood, and the logarithm of it: finite whatever the data.

    By a truncated Newton method, whose numbers, unlike those that come from LAPACK, do not depend on how many cores
    there are.
    """
    total = rows.customers.sum()

    def worse(logs: Floats) -> tuple[float, Floats]:
        values = np.exp(logs)
        each, slopes = likelihood(values, rows)
        return -float((each * rows.customers).sum()) / total, -(slopes * rows.customers).sum(axis=1) * values / total

    found = minimize(
        worse,
        np.clip(np.log(start), LOWEST, HIGHEST),
        jac=True,
        method="TNC",
        bounds=[(LOWEST, HIGHEST)] * 4,
        options={"maxfun": MOST_LOOKS, "ftol": 1e-14, "gtol": 1e-9, "xtol": 1e-10},
    )
    return np.exp(found.x), -float(found.fun) * float(total)


def beta_geometric(values: Floats, rows: Rows, at_once: bool = True) -> tuple[Floats, Floats]:
    """MBG/NBD; BG/NBD where a customer cannot leave right after its first purchase (not `at_once`)."""
    r, alpha, a, b = values
    n, chances = r + rows.repeats, rows.repeats + at_once
    gone_b = b + np.maximum(chances - 1, 0)
    stays = gammaln(b + chances) - n * np.log(alpha + rows.age)
    left = np.where(chances > 0, np.log(a) + gammaln(gone_b) - n * np.log(alpha + rows.last), -np.inf)
    both = np.logaddexp(stays, left)
    still, gone = np.exp(stays - both), np.exp(left - both)
    each = gammaln(n) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) - gammaln(b) - gammaln(a + b + chances) + both
    ends = digamma(a + b) - digamma(a + b + chances)
    slopes = (
        digamma(n) - digamma(r) + np.log(alpha) - still * np.log(alpha + rows.age) - gone * np.log(alpha + rows.last),
        r / alpha - n * (still / (alpha + rows.age) + gone / (alpha + rows.last)),
        ends + gone / a,
        ends - digamma(b) + still * digamma(b + chances) + gone * digamma(gone_b),
    )
    return each, np.stack(slopes)


def pareto(values: Floats, rows: Rows) -> tuple[Floats, Floats]:
    """Pareto/NBD. The time of leaving is summed over the nodes that the domain uses, so that nothing is undefined."""
    r, alpha, s, beta = values
    n = r + rows.repeats
    still, left = _still_there(values, rows), _left_since(values, rows)
    all_of_it = np.maximum(still.weight + left.weight, SMALLEST)
    mean = _Moments(*((one + other) / all_of_it for one, other in zip(still, left, strict=True)))
    before = -n * np.log(alpha + rows.last) - s * np.log(beta + rows.last)
    each = gammaln(n) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + before + np.log(all_of_it)
    slopes = (
        digamma(n) - digamma(r) + np.log(alpha) - mean.log_buys,
        r / alpha - n * mean.by_buys,
        np.log(beta) - mean.log_stays + left.weight / all_of_it / s,
        s / beta - s * mean.by_stays - left.by_stays / all_of_it,
    )
    return each, np.stack(slopes)


def p_none(model: Attrition, repeats: Floats, last: Floats, silence: Floats, ahead: Floats) -> Floats:
    """P0: the probability of no purchase in the next `ahead` weeks after `silence` weeks without one."""
    later, now = _likelihood(model, repeats, last, silence + ahead), _likelihood(model, repeats, last, silence)
    return np.minimum(1.0, later / now)


def _likelihood(model: Attrition, repeats: Floats, last: Floats, silence: Floats) -> Floats:
    values = np.array((model.r, model.alpha, model.a, model.b))
    if model.kind == "mbg_nbd":
        still = np.exp(-(model.r + repeats) * np.log1p(silence / (model.alpha + last)))
        return np.asarray(model.a / (model.b + repeats) + still)
    rows = Rows(repeats, last, last + silence, repeats)
    return np.maximum(_still_there(values, rows).weight + _left_since(values, rows).weight, SMALLEST)


class _Moments(NamedTuple):
    """The likelihood of a way to be silent, and its products with what the derivatives are made of, at the end of it.

    `buys` is alpha + t and `stays` is beta + t: their logarithms and their inverses.
    """

    weight: Floats
    log_buys: Floats
    by_buys: Floats
    log_stays: Floats
    by_stays: Floats


def _moments(weight: Floats, buys: Floats, stays: Floats) -> _Moments:
    return _Moments(weight, weight * np.log(buys), weight / buys, weight * np.log(stays), weight / stays)


def _still_there(values: Floats, rows: Rows) -> _Moments:
    """Neither bought nor left since; in units of the likelihood of having been alive just after t_x."""
    r, alpha, s, beta = values
    silence = rows.age - rows.last
    weight = np.exp(
        -(r + rows.repeats) * np.log1p(silence / (alpha + rows.last)) - s * np.log1p(silence / (beta + rows.last))
    )
    return _moments(weight, alpha + rows.age, beta + rows.age)


def _left_since(values: Floats, rows: Rows) -> _Moments:
    """Left somewhen since, without having bought before; summed as far as it is worth adding, as in the domain."""
    r, alpha, s, beta = values
    buys, stays, n = alpha + rows.last, beta + rows.last, r + rows.repeats
    end = buys * np.expm1(np.minimum(np.log1p((rows.age - rows.last) / buys), NOTHING / n))
    end = stays * np.expm1(np.minimum(np.log1p(end / stays), NOTHING / s))
    scale = 1 / ((n + 1) / buys + (s + 1) / stays)
    span = np.log1p(end / scale)
    parts = max(1, ceil(span.max(initial=0.0) / LONGEST_PART))
    length = span / parts
    total = _Moments(*(np.zeros_like(rows.age) for _ in _Moments._fields))
    for part, (at, share) in product(range(parts), TWENTY):
        since = scale * np.expm1(length * (part + at))
        weight = np.exp(-n * np.log1p(since / buys) - s * np.log1p(since / stays))
        weight *= share * s * length * (scale + since) / (stays + since)
        for summed, one in zip(total, _moments(weight, buys + since, stays + since), strict=True):
            summed += one
    return total


def _fit(kind: Kind, likelihood: Likelihood, rows: Rows) -> Fitted:
    with np.errstate(all="ignore"):
        values, reached = best(likelihood, rows, STARTS[kind])
    r, alpha, a, b = map(float, values)
    return Fitted(Attrition(kind=kind, r=r, alpha=alpha, a=a, b=b), reached)

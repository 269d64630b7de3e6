"""Fitting the hazard of a purchase: a pooled logistic regression over the weeks of all spells.

Features are those of `shared.domain.rhythm.hazard`, for many customers at once.
"""

from collections.abc import Callable
from itertools import pairwise
from math import log
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from shared.domain.habit import KEPT
from shared.domain.instants import Day
from shared.domain.rhythm.hazard import (
    FADED_MOST,
    FALLING,
    FEATURES,
    MOST_REPEATS,
    PRIOR_GAPS,
    RISING,
    TWO_WEEKS,
    UNKNOWN_SPREAD,
    WEEK,
    Hazard,
)
from shared.domain.rhythm.quadrature import EIGHT
from shared.fitting.arrays import Floats, Ints, drawn
from shared.fitting.spells import Spells

MOST_WEEKS: Final = 300_000
"""Weeks that a fit looks at, at most: beyond them whole customers are left out."""
PENALTY: Final = 30.0
"""Ridge on the weights of standardised features: as much as so many weeks of evidence against each."""
LEAST_SPREAD: Final = 0.05
"""A feature that hardly differs between weeks is not blown up to matter."""
STEEPEST_INTERCEPT: Final = 20.0
MOST_LOOKS: Final = 500
"""How often a fit looks at all weeks, at most."""
AMOUNT: Final = FEATURES.index("amount")


class Traits(NamedTuple):
    """What the features are made of, times in weeks; `amount` is not a number where no amount is known."""

    repeats: Floats
    last: Floats
    mean_interval: Floats
    faded_interval: Floats
    irregularity: Floats
    amount: Floats

    def where(self, chosen: Ints) -> "Traits":
        """Those of them."""
        return Traits(*(column[chosen] for column in self))


def traits_of(spells: Spells, usual_gap: float) -> Traits:
    """The habits that spells begin with, as the hazard sees them; `usual_gap` in weeks."""
    count, last = spells.repeats.astype(np.float64), (spells.day - spells.first) / WEEK
    mean = (last + PRIOR_GAPS * usual_gap) / (count + PRIOR_GAPS)
    some = np.maximum(count, 1)
    faded = spells.faded_sum * (1 - KEPT) / (1 - KEPT**some) / WEEK
    weight = np.minimum(count, FADED_MOST)
    spread = np.sqrt(np.maximum(0.0, spells.log_squares / some - (spells.log_sum / some) ** 2))
    mean_amount = np.maximum(0.0, spells.amount_sum) / np.maximum(spells.amounts, 1)
    return Traits(
        count,
        last,
        mean,
        (faded * weight + mean) / (weight + 1),
        np.where(count > 1, spread, UNKNOWN_SPREAD),
        np.where(spells.amounts > 0, np.log1p(mean_amount / 100), np.nan),
    )


def features(traits: Traits, silence: Floats, unknown_amount: float) -> Floats:
    """The features at silences of so many weeks: a line for each, in the order of `FEATURES`, with all customers."""
    count = np.minimum(traits.repeats, MOST_REPEATS)
    much, mean = np.log1p(count), traits.mean_interval
    before = np.log1p(np.minimum(silence, mean))
    lines = (
        much,
        np.maximum(much - log(4), 0.0),
        np.log(mean + 0.5),
        np.log(traits.faded_interval + 0.5),
        traits.irregularity,
        np.where(np.isnan(traits.amount), unknown_amount, traits.amount),
        before,
        np.maximum(before - log(3), 0.0),
        np.log((count + 0.5) / (traits.last + silence + 4)),
        np.where(silence > mean, much * np.log((silence + 0.5) / (mean + 0.5)), 0.0),
    )
    return np.stack(lines)


class Weeks(NamedTuple):
    """Weeks of spells: of which spell, the how-manieth (from 0), and whether its purchase came in it."""

    spell: Ints
    week: Ints
    bought: Floats


def weeks_of(spells: Spells, as_of: Day) -> Weeks:
    """The weeks of spells that are known to their ends, as of a day's first instant."""
    silent = np.where(spells.ended, spells.gap, as_of - spells.day) // 7
    lengths = silent + spells.ended
    chosen = drawn(spells.customer, MOST_WEEKS / max(1, int(lengths.sum())))
    places = np.flatnonzero(chosen & (lengths > 0))
    lengths = lengths[places]
    ends = np.cumsum(lengths)
    spell = np.repeat(places, lengths)
    week = np.arange(len(spell)) - np.repeat(ends - lengths, lengths)
    bought = np.zeros(len(spell))
    bought[(ends - 1)[spells.ended[places]]] = 1.0
    return Weeks(spell, week, bought)


def fit_hazard(spells: Spells, as_of: Day, usual_gap: float) -> Hazard | None:
    """The hazard that spells show as of a day, `usual_gap` in weeks; None without a single full week."""
    weeks = weeks_of(spells, as_of)
    if not len(weeks.spell):
        return None
    traits = traits_of(spells, usual_gap)
    usual = _usual_amount(traits.amount[weeks.spell])
    table = features(traits.where(weeks.spell), weeks.week + 0.5, usual)
    centres, spreads = table.mean(axis=1), np.maximum(table.std(axis=1), LEAST_SPREAD)
    table -= centres[:, np.newaxis]
    table /= spreads[:, np.newaxis]
    intercept, weights = _regress(table, weeks.bought)
    weights = weights / spreads
    return Hazard(
        intercept=float(intercept - (weights * centres).sum()),
        weights=tuple(map(float, weights)),
        centres=tuple(map(float, centres)),
    )


def p_none(model: Hazard, traits: Traits, silence: Floats, ahead: Floats) -> Floats:
    """The probability of no purchase in the next `ahead` weeks after `silence` weeks without one."""
    until, mean = silence + ahead, traits.mean_interval
    edges = [silence, *(np.clip(bend, silence, until) for bend in (np.minimum(TWO_WEEKS, mean), mean)), until]
    return np.asarray(np.exp(-sum(_gathered(model, traits, low, high) for low, high in pairwise(edges))))


def _gathered(model: Hazard, traits: Traits, silence: Floats, until: Floats) -> Floats:
    """The integral of ln(1 + e^z) from one silence to another, of those customers that have some of it."""
    found, some = np.zeros_like(until), np.flatnonzero(until > silence)
    start = np.log1p(silence[some])
    span = np.log1p(until[some]) - start
    weights, total, those = np.array(model.weights), np.zeros_like(start), traits.where(some)
    for at, share in EIGHT:
        growth = start + span * at
        z = model.intercept + summed(features(those, np.expm1(growth), model.centres[AMOUNT]), weights)
        total += share * np.exp(growth) * softplus(z)
    found[some] = span * total
    return found


def summed(table: Floats, weights: Floats) -> Floats:
    """The lines of a table by their weights. Not by BLAS, whose order of adding depends on how many cores it has."""
    return np.asarray(np.einsum("ji,j->i", table, weights))


def softplus(z: Floats) -> Floats:
    """ln(1 + e^z)."""
    return np.asarray(np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))))


def _usual_amount(amounts: Floats) -> float:
    known = amounts[~np.isnan(amounts)]
    return float(known.mean()) if len(known) else 0.0


def _regress(table: Floats, bought: Floats) -> tuple[float, Floats]:
    """Intercept and weights of least penalised log-loss, with the signs that keep the hazard falling."""
    share = float(np.clip(bought.mean(), 1e-4, 1 - 1e-4))
    start = np.zeros(len(table) + 1)
    start[0] = log(share / (1 - share))
    found = minimize(
        _loss(table, bought),
        start,
        jac=True,
        method="TNC",
        bounds=[(-STEEPEST_INTERCEPT, STEEPEST_INTERCEPT), *map(_bounds, FEATURES)],
        options={"maxfun": MOST_LOOKS, "ftol": 1e-10},
    )
    return float(found.x[0]), found.x[1:]


def _loss(table: Floats, bought: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    def loss(values: Floats) -> tuple[float, Floats]:
        z = summed(table, values[1:]) + values[0]
        wrong = expit(z) - bought
        penalty = PENALTY * values[1:]
        value = float((softplus(z) - bought * z).sum() + (penalty * values[1:]).sum() / 2)
        return value, np.concatenate(((wrong.sum(),), np.einsum("ji,i->j", table, wrong) + penalty))

    return loss


def _bounds(feature: str) -> tuple[float | None, float | None]:
    return (0.0 if feature in RISING else None), (0.0 if feature in FALLING else None)

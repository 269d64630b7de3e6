"""The pooled hazard: features by hand, eight nodes against a fine integral, and P0 that never falls once overdue."""

from itertools import pairwise
from math import exp, isfinite, log, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.integrate import quad

from shared.domain.habit import Habit
from shared.domain.instants import Day
from shared.domain.rhythm.hazard import (
    FALLING,
    FEATURES,
    RISING,
    UNKNOWN_SPREAD,
    Hazard,
    Traits,
    features,
    mean_interval,
    p_none,
    traits_of,
)
from tests.models import HAZARD

NEAR = 1e-3
"""How far eight nodes between bends may be from the integral, relative."""
FOUR = Habit(Day(0), Day(42), 3, log_sum=3 * log(14), log_squares=3 * log(14) ** 2, faded_sum=30.66, amounts=4)
"""Every 14 days; its amounts sum up to nothing."""


@st.composite
def hazards(draw: st.DrawFn) -> Hazard:
    """Weights as fits find them, with the signs that they are bound to, and an intercept from never to daily."""
    signs = {**dict.fromkeys(RISING, (0.0, 1.5)), **dict.fromkeys(FALLING, (-1.0, 0.0))}
    weights = tuple(draw(st.floats(*signs.get(name, (-1.0, 1.0)))) for name in FEATURES)
    return Hazard(intercept=draw(st.floats(-6, 4)), weights=weights, centres=HAZARD.centres)


@st.composite
def habits(draw: st.DrawFn) -> Traits:
    """From one purchase to 10,000, at most one a day; intervals in weeks."""
    count = draw(st.one_of(st.integers(0, 10), st.integers(0, 10_000)))
    last = count / 7 * draw(st.floats(1, 60))
    mean = mean_interval(count, last, draw(st.floats(1 / 7, 60)))
    faded = mean * draw(st.floats(0.2, 3))
    return Traits(count, last, mean, faded, draw(st.floats(0, 2)), draw(st.one_of(st.none(), st.floats(0, 15))))


def gathered(model: Hazard, traits: Traits, silence: float, ahead: float) -> float:
    """The integral of ln(1 + e^z) over the weeks ahead, from the features, in pieces that do not bend."""

    def each(now: float) -> float:
        values = features(traits, now, model.centres[5])
        z = model.intercept + sum(weight * value for weight, value in zip(model.weights, values, strict=True))
        return log1p(exp(z))

    until = silence + ahead
    edges = [silence, *(bend for bend in sorted((2.0, traits.mean_interval)) if silence < bend < until), until]
    return float(sum(quad(each, low, high, epsabs=0, epsrel=1e-9, limit=200)[0] for low, high in pairwise(edges)))


def test_a_mean_interval_is_shrunk_by_two_gaps_of_the_population() -> None:
    assert mean_interval(0, 0.0, 9.0) == 9.0
    assert mean_interval(3, 6.0, 9.0) == (6 + 18) / 5


def test_traits_are_in_weeks() -> None:
    traits = traits_of(FOUR, 9.0)

    assert traits[:3] == (3, 6.0, (6 + 18) / 5)
    # (2 weeks x 3 + 4.8) / 4, as the faded mean of equal gaps is that gap.
    assert traits.faded_interval == pytest.approx((2 * 3 + 4.8) / 4)
    assert traits.irregularity == pytest.approx(0.0, abs=1e-7)
    assert traits.amount == 0.0


def test_of_somebody_who_bought_once_the_population_speaks() -> None:
    traits = traits_of(Habit(Day(7), Day(7)), 9.0)

    assert traits == Traits(0, 0.0, 9.0, 9.0, UNKNOWN_SPREAD, None)


def test_one_gap_has_no_spread_yet_and_amounts_are_a_mean_of_those_known() -> None:
    once = Habit(Day(0), Day(7), 1, log_sum=log(7), log_squares=log(7) ** 2, faded_sum=7, amounts=2, amount_sum=300_00)

    traits = traits_of(once, 9.0)

    assert traits.irregularity == UNKNOWN_SPREAD
    assert traits.amount == pytest.approx(log(1 + 150))


def test_the_features_by_hand_before_and_after_being_overdue() -> None:
    traits = Traits(3, 6.0, 4.0, 2.0, 0.3, None)

    early, late = features(traits, 1.0, 7.0), features(traits, 8.0, 7.0)

    always = (log(4), 0.0, log(4.5), log(2.5), 0.3, 7.0)
    assert early == pytest.approx((*always, log(2), 0.0, log(3.5 / 11), 0.0))
    assert late == pytest.approx((*always, log(5), log(5) - log(3), log(3.5 / 18), log(4) * log(8.5 / 4.5)))
    assert len(FEATURES) == len(late)


def test_more_than_thirty_repeat_purchases_tell_nothing_more() -> None:
    thirty, many = (Traits(count, 60.0, 2.0, 2.0, 0.5, 3.0) for count in (30, 10_000))

    assert features(thirty, 5.0, 0.0) == features(many, 5.0, 0.0)
    assert p_none(HAZARD, thirty, 5.0, 13.0) == p_none(HAZARD, many, 5.0, 13.0)


@given(hazards(), habits(), st.one_of(st.floats(0, 1), st.floats(1, 20)), st.floats(0.15, 52))
def test_eight_nodes_give_the_integral(model: Hazard, traits: Traits, times: float, ahead: float) -> None:
    """To a thousandth of the logarithm of P0."""
    silence = traits.mean_interval * times
    wanted = gathered(model, traits, silence, ahead)

    assert exp(-wanted * (1 + NEAR)) <= p_none(model, traits, silence, ahead) <= exp(-wanted * (1 - NEAR))


@given(hazards(), habits(), st.floats(1, 100), st.floats(1, 2), st.floats(0.15, 520))
def test_once_overdue_silence_never_makes_a_purchase_likelier(
    model: Hazard, traits: Traits, times: float, longer: float, ahead: float
) -> None:
    silence = traits.mean_interval * times

    assert p_none(model, traits, silence * longer, ahead) >= p_none(model, traits, silence, ahead) - 1e-8


@given(hazards(), habits(), st.floats(0, 5_218), st.floats(0, 520), st.floats(0, 60))
def test_whatever_was_fitted_a_probability_is_one_and_falls_with_the_horizon(
    model: Hazard, traits: Traits, silence: float, ahead: float, longer: float
) -> None:
    found = p_none(model, traits, silence, ahead)

    assert isfinite(found)
    assert 0 <= found <= 1
    assert p_none(model, traits, silence, 0.0) == 1
    assert p_none(model, traits, silence, ahead + longer) <= found + 1e-3


def test_the_steepest_hazard_leaves_nobody_in_peace_and_overflows_nothing() -> None:
    sure = replace(HAZARD, intercept=1e4)

    assert p_none(sure, Traits(0, 0.0, 9.0, 9.0, 0.8, None), 0.0, 13.0) == 0.0

"""Latent attrition: closed forms against integrals over all customers that could be behind a history, and at the edges.

What is integrated here is the likelihood of one customer, by its own rate and its own inclination to leave; the closed
forms never see these.
"""

from itertools import pairwise
from math import exp, isfinite, log1p
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import roots_genlaguerre, roots_jacobi

from shared.domain.habit import Habit
from shared.domain.instants import Day
from shared.domain.rhythm.attrition import Attrition, Kind, Past, next_purchase, p_alive, p_none, past_of
from tests.models import MBG, PARETO

HISTORIES = [Past(0, 0.0), Past(1, 3.0), Past(4, 20.0), Past(12, 50.0)]
SILENCES = [0.0, 2.0, 15.0, 60.0]
NODES = 60
CENTURY = 5_218.0
"""Weeks."""
logs = st.floats(-7, 9)
"""Of parameters: as far as fits go."""
shares = st.floats(0.02, 0.98)


@st.composite
def models(draw: st.DrawFn, kinds: tuple[Kind, ...] = ("mbg_nbd", "pareto_nbd")) -> Attrition:
    """Whatever a fit may come to."""
    r, alpha, a, b = (exp(draw(logs)) for _ in range(4))
    return Attrition(kind=draw(st.sampled_from(kinds)), r=r, alpha=alpha, a=a, b=b)


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Up to 10,000 repeat purchases, at most one a day."""
    x = draw(st.one_of(st.integers(0, 12), st.integers(0, 10_000)))
    return Past(x, x / 7 * draw(st.floats(1, 50)))


silences = st.one_of(st.just(0.0), st.floats(0, 60), st.floats(0, CENTURY))


def integrated(model: Attrition, past: Past, silence: float) -> tuple[float, float]:
    """The likelihood of a history with so many weeks of silence, and the part of those who are still there.

    A customer buys with the density rate^x exp(-rate t). It stays through x + 1 purchases with the probability
    (1 - p)^(x + 1), or leaves at the last one; or it leaves at some time with a rate of its own.
    """
    x, age = past.x, past.last + silence
    rates, densities = roots_genlaguerre(NODES, model.r + x - 1)
    rates, densities = rates / (model.alpha + past.last), densities / densities.sum()
    quiet = np.exp(-rates * (age - past.last))
    if model.kind == "mbg_nbd":
        nodes, weights = roots_jacobi(NODES, model.b + x - 1, model.a - 1)
        leaving = (nodes + 1) / 2
        still = densities @ quiet * (weights @ (1 - leaving))
        return still + weights @ leaving, still
    ends, weights = roots_genlaguerre(NODES, model.a - 1)
    ends, weights = ends / (model.b + past.last), weights / weights.sum()
    stays = np.exp(-ends * (age - past.last))
    still = (densities @ quiet) * (weights @ stays)
    both = rates[:, None] + ends[None, :]
    left = ends[None, :] / both * (1 - quiet[:, None] * stays[None, :])
    return still + densities @ left @ weights, still


@pytest.mark.parametrize("model", [MBG, PARETO], ids=lambda one: one.kind)
@pytest.mark.parametrize("past", HISTORIES)
@pytest.mark.parametrize("silence", SILENCES)
def test_closed_forms_are_the_integrals_over_customers(model: Attrition, past: Past, silence: float) -> None:
    now, still = integrated(model, past, silence)
    later, _ = integrated(model, past, silence + 13)

    assert p_none(model, past, silence, 13) == pytest.approx(later / now, abs=1e-6)
    assert p_alive(model, past, silence) == pytest.approx(still / now, abs=1e-6)


@pytest.mark.parametrize("past", HISTORIES)
@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_the_wait_for_the_next_purchase_is_where_the_integral_says(past: Past, share: float) -> None:
    wait = next_purchase(MBG, past, 2.0, share)

    now, still = integrated(MBG, past, 2.0)
    if wait is None:
        assert still / now <= share + 1e-4
    else:
        later, _ = integrated(MBG, past, 2.0 + wait)
        assert later / now == pytest.approx(1 - share, abs=1e-4)


def test_one_purchase_by_hand_under_mbg_nbd() -> None:
    """rho = 1/2; u = 1/2 after a week and 1/4 after three."""
    model = Attrition(kind="mbg_nbd", r=1.0, alpha=1.0, a=1.0, b=2.0)

    assert p_none(model, Past(0, 0.0), 1.0, 2.0) == pytest.approx((0.5 + 0.25) / (0.5 + 0.5))
    assert p_alive(model, Past(0, 0.0), 1.0) == pytest.approx(0.5)
    assert next_purchase(model, Past(0, 0.0), 1.0, 0.25) == pytest.approx(2.0)
    assert next_purchase(model, Past(0, 0.0), 1.0, 0.5) is None


def test_one_purchase_by_hand_under_pareto_nbd() -> None:
    """After t weeks (1 + t)^-2 are still there and (1 - (1 + t)^-2)/2 have left: 1/4 + 3/8, then 1/16 + 15/32."""
    model = Attrition(kind="pareto_nbd", r=1.0, alpha=1.0, a=1.0, b=1.0)

    assert p_none(model, Past(0, 0.0), 1.0, 2.0) == pytest.approx((17 / 32) / (5 / 8))
    assert p_alive(model, Past(0, 0.0), 1.0) == pytest.approx((1 / 4) / (5 / 8))


def test_somebody_just_seen_is_alive_under_pareto_and_may_have_left_at_once_under_mbg() -> None:
    assert p_alive(PARETO, Past(3, 9.0), 0.0) == 1.0
    assert p_alive(MBG, Past(3, 9.0), 0.0) == pytest.approx(1 / (1 + MBG.a / (MBG.b + 3)))


def test_a_past_is_counted_in_weeks() -> None:
    habit = Habit(Day(100), Day(121), repeats=2)

    assert past_of(habit) == Past(2, 3.0)


def test_pareto_nbd_has_no_closed_form_for_the_wait() -> None:
    with pytest.raises(AssertionError, match="no closed form"):
        next_purchase(PARETO, Past(1, 3.0), 2.0, 0.5)


@given(models(), pasts(), silences, st.floats(0, 520))
def test_whatever_was_fitted_probabilities_are_probabilities(
    model: Attrition, past: Past, silence: float, ahead: float
) -> None:
    assert 0 <= p_none(model, past, silence, ahead) <= 1
    assert 0 <= p_alive(model, past, silence) <= 1
    assert p_none(model, past, silence, 0.0) == 1


@given(models(("mbg_nbd",)), pasts(), silences, shares)
def test_the_wait_is_none_or_a_time_at_which_as_many_have_bought(
    model: Attrition, past: Past, silence: float, share: float
) -> None:
    wait = next_purchase(model, past, silence, share)

    if wait is not None:
        assert isfinite(wait)
        assert wait >= 0
        assert p_none(model, past, silence, wait) == pytest.approx(1 - share, abs=1e-6)
    else:
        assert p_none(model, past, silence, 1e30) >= 1 - share - 1e-9


@given(models(), pasts(), silences, st.floats(0, 520), st.floats(0.01, 520))
def test_silence_makes_no_purchase_likelier_and_time_ahead_less_likely(
    model: Attrition, past: Past, silence: float, longer: float, ahead: float
) -> None:
    now = p_none(model, past, silence, ahead)

    assert p_none(model, past, silence + longer, ahead) >= now - 1e-9
    assert p_none(model, past, silence, ahead + longer) <= now + 1e-9


@given(models(), pasts())
def test_who_has_been_silent_for_ages_stays_silent(model: Attrition, past: Past) -> None:
    assert p_none(model, past, 1e12, 13) > 0.999


@given(models(("pareto_nbd",)), pasts(), silences, st.sampled_from((0.15, 1, 13, 52)))
def test_twenty_nodes_a_part_give_the_integral_of_pareto_nbd_to_nine_digits(
    model: Attrition, past: Past, silence: float, ahead: float
) -> None:
    now, still = by_time(model, past, silence)
    later, _ = by_time(model, past, silence + ahead)

    assert p_none(model, past, silence, ahead) == pytest.approx(later / now, rel=1e-9, abs=1e-300)
    assert p_alive(model, past, silence) == pytest.approx(still / now, rel=1e-9, abs=1e-12)


def by_time(model: Attrition, past: Past, silence: float) -> tuple[float, float]:
    """The likelihood of Pareto/NBD as an integral over the time of leaving, in short pieces of many nodes."""
    rate, buys, stays = model.r + past.x, model.alpha + past.last, model.b + past.last
    fastest = 1 / ((rate + 1) / buys + (model.a + 1) / stays)
    pieces = np.append(0.0, fastest * np.expm1(np.arange(1, 60) / 2))
    edges = np.append(pieces[pieces < silence], silence)
    nodes, weights = np.polynomial.legendre.leggauss(48)
    left = 0.0
    for low, high in pairwise(edges):
        since = low + (high - low) * (nodes + 1) / 2
        density = np.exp(-rate * np.log1p(since / buys) - model.a * np.log1p(since / stays)) / (stays + since)
        left += model.a * float(weights @ density) * (high - low) / 2
    still = exp(-rate * log1p(silence / buys) - model.a * log1p(silence / stays))
    return still + left, still


class Lived(NamedTuple):
    """Simulated customers as of a week: what was seen of them, and what nobody sees or can know yet."""

    repeats: npt.NDArray[np.int64]
    last: npt.NDArray[np.float64]
    age: npt.NDArray[np.float64]
    alive: npt.NDArray[np.bool_]
    quiet: npt.NDArray[np.bool_]
    """Whether it will buy nothing in the weeks ahead."""


def simulated(model: Attrition, customers: int, ahead: float) -> Lived:
    """Customers that live as the model says, each first seen some time in the first half of a year, looked at after it.

    It buys at its rate until it leaves: at a time of its own, or with its own chance after each purchase.
    """
    random = np.random.default_rng(20_240_101)
    rate = random.gamma(model.r, 1 / model.alpha, customers)
    age = random.uniform(26, 52, customers)
    by_time = model.kind == "pareto_nbd"
    leaves = random.exponential(1 / random.gamma(model.a, 1 / model.b, customers)) if by_time else np.inf
    chance = 0.0 if by_time else random.beta(model.a, model.b, customers)
    repeats, last, now = np.zeros(customers, np.int64), np.zeros(customers), np.zeros(customers)
    stays = random.random(customers) >= chance
    alive, next_at = stays & (leaves > age), np.full(customers, np.inf)
    going = stays
    while going.any():
        now = now + random.exponential(1 / rate)
        buys = going & (now <= leaves)
        seen = buys & (now <= age)
        repeats, last = repeats + seen, np.where(seen, now, last)
        next_at = np.where(buys & ~seen, now, next_at)
        stays = random.random(customers) >= chance
        alive &= ~seen | stays
        going = seen & stays
    return Lived(repeats, last, age, alive, next_at > age + ahead)


@pytest.mark.parametrize("model", [MBG, PARETO], ids=lambda one: one.kind)
def test_of_simulated_customers_as_many_are_gone_and_quiet_as_is_foretold(model: Attrition) -> None:
    """In groups of like customers the frequencies lie within four standard errors."""
    lived = simulated(model, 20_000, 13.0)
    silence = lived.age - lived.last
    foretold = [
        (p_none(model, Past(int(x), last), quiet, 13.0), p_alive(model, Past(int(x), last), quiet))
        for x, last, quiet in zip(lived.repeats, lived.last.tolist(), silence.tolist(), strict=True)
    ]
    table = np.array(foretold)

    groups = np.minimum(lived.repeats, 4) * 3 + np.digitize(silence, (8, 26))
    sizes = np.bincount(groups)
    for group in np.flatnonzero(sizes >= 100):
        here = groups == group
        for said, came in ((table[here, 0], lived.quiet[here]), (table[here, 1], lived.alive[here])):
            error = np.sqrt((said * (1 - said)).sum()) / len(said)
            assert abs(said.mean() - came.mean()) <= 4 * error
    assert (sizes >= 100).sum() >= 10

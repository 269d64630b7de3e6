"""The pooled hazard: the domain's features for many customers at once, and a fit whose signs keep it falling."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.habit import Habit
from shared.domain.instants import Day
from shared.domain.rhythm import hazard as of_one
from shared.domain.rhythm.hazard import FALLING, FEATURES, RISING, Hazard
from shared.fitting import hazard
from shared.fitting.arrays import Floats
from shared.fitting.hazard import features, fit_hazard, p_none, traits_of, weeks_of
from tests.unit.fitting.shops import TODAY, crowd, habits, shop, shopper, spells_of_habit

GAPS = st.floats(0.2, 100)
WEEKS = st.floats(0, 500)
WEIGHTS = st.lists(st.floats(-2, 2), min_size=len(FEATURES), max_size=len(FEATURES)).map(tuple)


def only(value: float) -> Floats:
    """One number as an array."""
    return np.array((value,))


@given(habits(), GAPS, WEEKS, st.floats(0, 12))
def test_features_are_those_of_the_domain(habit: Habit, usual_gap: float, silence: float, usual: float) -> None:
    found = features(traits_of(spells_of_habit(habit), usual_gap), only(silence), usual)

    wanted = of_one.features(of_one.traits_of(habit, usual_gap), silence, usual)
    assert found[:, 0].tolist() == pytest.approx(list(wanted), rel=1e-9, abs=1e-9)


@given(habits(), GAPS, WEEKS, st.floats(0.1, 100), st.floats(-5, 5), WEIGHTS)
def test_p0_is_what_the_domain_says(
    habit: Habit, usual_gap: float, silence: float, ahead: float, intercept: float, weights: tuple[float, ...]
) -> None:
    model = Hazard(intercept=intercept, weights=weights, centres=(1.0,) * len(FEATURES))

    found = p_none(model, traits_of(spells_of_habit(habit), usual_gap), only(silence), only(ahead))

    wanted = of_one.p_none(model, of_one.traits_of(habit, usual_gap), silence, ahead)
    assert found[0] == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_a_spell_is_at_risk_in_every_week_until_the_one_in_which_it_ends() -> None:
    known = shop(shopper(100, 113), shopper(100, 114), shopper(120)).whole

    weeks = weeks_of(known, Day(134))

    by_spell = [weeks.bought[weeks.spell == place].tolist() for place in range(len(known.day))]
    assert by_spell == [[0, 1], [0, 0, 0], [0, 0, 1], [0, 0], [0, 0]]
    assert weeks.week[weeks.spell == 2].tolist() == [0, 1, 2]


def test_a_week_that_is_not_over_is_not_looked_at() -> None:
    known = shop(shopper(100)).whole

    assert [len(weeks_of(known, Day(day)).week) for day in (101, 106, 107, 113, 114)] == [0, 0, 1, 1, 2]


def test_of_too_many_weeks_whole_customers_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    known = shop(*crowd(400)).whole
    everything = weeks_of(known, TODAY)
    monkeypatch.setattr(hazard, "MOST_WEEKS", len(everything.week) // 4)

    weeks = weeks_of(known, TODAY)

    kept = set(known.customer[weeks.spell].tolist())
    of_them = np.isin(known.customer[everything.spell], list(kept))
    assert 0.2 < len(weeks.week) / len(everything.week) < 0.3
    assert of_them.sum() == len(weeks.week)


def test_without_a_full_week_there_is_no_hazard() -> None:
    assert fit_hazard(shop(shopper(TODAY - 3)).whole, TODAY, 4.0) is None


def test_a_fit_foretells_as_many_purchases_as_there_were() -> None:
    known = shop(*crowd(800)).whole

    fitted = fit_hazard(known, TODAY, 4.0)

    assert fitted is not None
    weeks = weeks_of(known, TODAY)
    traits = traits_of(known, 4.0).where(weeks.spell)
    table = features(traits, weeks.week + 0.5, 0.0)
    z = fitted.intercept + np.array(fitted.weights) @ table
    assert (1 / (1 + np.exp(-z))).sum() == pytest.approx(weeks.bought.sum(), rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_signs_keep_the_hazard_from_rising_with_silence(seed: int) -> None:
    fitted = fit_hazard(shop(*crowd(100, leaves=0.02, seed=seed)).whole, TODAY, 4.0)

    assert fitted is not None
    for name, weight in zip(FEATURES, fitted.weights, strict=True):
        assert name not in RISING or weight >= 0
        assert name not in FALLING or weight <= 0


def test_where_no_amount_is_known_amounts_tell_nothing() -> None:
    known = shop(*crowd(200, amount=None)).whole

    fitted = fit_hazard(known, TODAY, 4.0)

    assert fitted is not None
    assert fitted.weights[hazard.AMOUNT] == 0
    assert fitted.centres[hazard.AMOUNT] == 0


def test_a_feature_that_hardly_differs_gets_no_great_weight() -> None:
    # All buy on the dot: what little their intervals differ must not be made much of.
    known = shop(*(shopper(*range(10_000 + place % 7, TODAY, 7)[-60:]) for place in range(100))).whole

    fitted = fit_hazard(known, TODAY, 1.0)

    assert fitted is not None
    most = sqrt(2 * len(weeks_of(known, TODAY).week) * np.log(2) / hazard.PENALTY) / hazard.LEAST_SPREAD
    assert max(map(abs, fitted.weights)) <= most
    assert np.isfinite((fitted.intercept, *fitted.weights, *fitted.centres)).all()

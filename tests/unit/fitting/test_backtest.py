"""The back-test inside a refit: what it holds against what, and that it sees no outcome before the cut-off."""

import numpy as np
import pytest

from shared.domain.instants import Day
from shared.domain.rhythm.churn import ChurnModel, p_no_purchase
from shared.fitting import drift
from shared.fitting.backtest import back_test, cut
from shared.fitting.members import fit_members
from shared.fitting.scores import log_loss
from shared.fitting.signs import LEAST_SEEN, weak_signs
from shared.fitting.spells import spells_of
from tests.unit.fitting.shops import TODAY, Shopper, crowd, shop, shopper

CROWD = crowd(400)


def test_the_horizon_is_the_policys_where_the_history_is_long() -> None:
    at = cut(shop(*CROWD).whole, TODAY, 90.0)

    assert at is not None
    assert (at.day, at.horizon) == (TODAY - 90, 90)


def test_of_a_short_history_a_third_is_test() -> None:
    known = shop(*CROWD).whole

    at = cut(known, TODAY, 365.0)

    assert at is not None
    assert at.horizon == int(0.35 * (TODAY - known.first.min()))


def test_gone_is_who_bought_no_more_from_the_cut_off_on() -> None:
    customers = [
        *(shopper(TODAY - 300, TODAY - 200) for _ in range(99)),
        shopper(TODAY - 300, TODAY - 91),
        shopper(TODAY - 300, TODAY - 90),
        shopper(TODAY - 300, TODAY - 91, TODAY - 1),
        shopper(TODAY - 30),
    ]

    at = cut(shop(*customers).whole, TODAY, 90.0)

    assert at is not None
    assert at.gone.tolist() == [1.0] * 100 + [0.0, 0.0]
    assert at.silence.tolist() == [110.0] * 99 + [1.0, 210.0, 1.0]


def test_with_too_little_before_the_cut_off_there_is_nothing_to_test() -> None:
    assert cut(shop(*(shopper(TODAY - 300, TODAY - 30) for _ in range(300))).whole, TODAY, 90.0) is None
    assert cut(shop().whole, TODAY, 90.0) is None


def test_members_are_fitted_without_what_they_are_held_against() -> None:
    cutoff = TODAY - 90
    blind = [Shopper(tuple(day for day in one.occasions if day.day < cutoff)) for one in CROWD]
    whole, before = shop(*CROWD).whole, shop(*blind).whole

    at = cut(whole, TODAY, 90.0)

    assert at is not None
    assert fit_members(at.before, at.day) == fit_members(before, Day(cutoff))


def test_the_model_in_force_is_asked_at_the_cut_off_too() -> None:
    known = shop(*CROWD).whole
    members = fit_members(known, TODAY).members
    at = cut(known, TODAY, 90.0)
    assert at is not None

    tested = back_test(at, known, TODAY, ChurnModel(members=members, horizon_days=90.0, threshold=0.8))

    chances = []
    for one in CROWD:
        *_, spell = (spell for spell in spells_of(one) if spell.habit.last_day < at.day)
        chances.append(p_no_purchase(members, spell.habit, at.day - spell.habit.last_day, 90.0))
    assert tested.scores["in_force"].log_loss == pytest.approx(log_loss(at.gone, np.array(chances)))


def test_where_all_went_or_all_stayed_the_classic_model_alone_has_a_weight() -> None:
    customers = [shopper(*range(TODAY - 300 + place % 9, TODAY, 10)) for place in range(50)]
    at = cut(shop(*customers).whole, TODAY, 90.0)
    assert at is not None

    tested = back_test(at, shop(*customers).whole, TODAY, None)

    assert tested.churn == 0
    assert tested.weight == 1.0
    assert tested.scores["blend"].auc is None


def test_customers_that_stay_as_they_were_have_not_drifted() -> None:
    values = np.random.default_rng(1).normal(size=5_000)

    assert drift.stability(values, values) == 0
    assert drift.stability(values, values + 0.05) < 0.1
    assert drift.stability(values, values + 1.0) > 0.25
    assert np.isfinite(drift.stability(np.zeros(5), np.ones(5)))


def test_a_weak_sign_tells_what_it_foretold() -> None:
    steady = [shopper(*range(TODAY - 400 + place, TODAY, 20)) for place in range(2 * LEAST_SEEN)]
    slowing = [
        shopper(*range(TODAY - 250 + place, TODAY - 200 + place, 5), TODAY - 150 + place, TODAY - 100, amount=None)
        for place in range(LEAST_SEEN)
    ]
    at = cut(shop(*steady, *slowing).whole, TODAY, 90.0)
    assert at is not None

    (sign,) = weak_signs(at)

    assert (sign.code, sign.customers) == ("slowing", LEAST_SEEN)
    assert (sign.with_it, sign.without) == (1.0, 0.0)


def test_smaller_amounts_are_a_sign_where_they_are_known() -> None:
    days = range(TODAY - 200, TODAY - 95, 15)
    shrinking = (*shopper(*days).occasions[:-2], *shopper(*days, amount=1_00).occasions[-2:])
    customers = [Shopper(shrinking)] * LEAST_SEEN + [shopper(*days)] * LEAST_SEEN + [shopper(*days, amount=None)] * 20
    at = cut(shop(*customers).whole, TODAY, 90.0)
    assert at is not None

    (sign,) = weak_signs(at)

    assert (sign.code, sign.customers) == ("shrinking", LEAST_SEEN)


def test_a_sign_that_hardly_anybody_showed_tells_nothing() -> None:
    at = cut(shop(*(shopper(*range(TODAY - 400, TODAY, 20)) for _ in range(50))).whole, TODAY, 90.0)

    assert at is not None
    assert weak_signs(at) == ()


def test_a_history_without_a_full_week_has_no_hazard() -> None:
    members = fit_members(shop(shopper(TODAY - 2)).whole, TODAY).members

    assert members.hazard is None
    assert members.weight == 1.0

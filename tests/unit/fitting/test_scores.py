"""Scores of probabilities against what happened."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fitting.figures import Score
from shared.fitting.scores import auc, calibration, calibration_error, lift, log_loss, score

OUTCOMES = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40)


@given(OUTCOMES)
def test_auc_is_the_share_of_pairs_in_the_right_order(found: list[tuple[bool, int]]) -> None:
    gone, risk = (np.array(column, dtype=float) for column in zip(*found, strict=True))

    area = auc(gone, risk)

    pairs = [(one, other) for one in risk[gone > 0] for other in risk[gone == 0]]
    if not pairs:
        assert area is None
    else:
        assert area == pytest.approx(sum((one > other) + (one == other) / 2 for one, other in pairs) / len(pairs))


def test_log_loss_is_finite_even_for_a_sure_error() -> None:
    assert log_loss(np.array((1.0, 0.0)), np.array((0.0, 0.0))) == pytest.approx(-np.log(1e-6) / 2, rel=1e-3)
    assert log_loss(np.array((1.0, 0.0)), np.array((0.5, 0.5))) == pytest.approx(np.log(2))


def test_calibration_holds_shares_against_what_was_foretold() -> None:
    gone, chance = np.array((1.0, 0, 1, 1)), np.array((0.32, 0.38, 1.0, 0.9))

    low, high = calibration(gone, chance)
    assert (low.share, low.customers, high.share, high.customers) == (0.5, 2, 1.0, 2)
    assert (low.mean_p, high.mean_p) == pytest.approx((0.35, 0.95))
    assert calibration_error(gone, chance) == pytest.approx((0.15 + 0.05) / 2)


def test_lift_is_what_the_highest_risks_hold() -> None:
    gone, risk = np.array([1.0] * 5 + [0.0] * 5), np.arange(10, 0, -1, dtype=float)

    found = lift(gone, risk)

    assert [round(one.found, 9) for one in found] == [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1]
    assert [round(one.called, 9) for one in found] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_equal_risks_lift_nothing_in_whatever_order_they_come() -> None:
    gone = np.array([1.0] * 5 + [0.0] * 5)

    assert [round(one.found, 9) for one in lift(gone, np.ones(10))] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]


def test_nobody_gone_and_nobody_known_leave_figures_unknown() -> None:
    assert score(np.zeros(0), np.zeros(0)) == Score()
    assert score(np.zeros(2), np.full(2, 0.25)).auc is None
    assert lift(np.zeros(2), np.ones(2)) == ()

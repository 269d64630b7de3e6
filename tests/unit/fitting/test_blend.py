"""The blend: what the domain says of one customer, for many; and the weight that a back-test gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.habit import Habit
from shared.domain.rhythm import churn
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import Members
from shared.domain.rhythm.hazard import Hazard
from shared.fitting.blend import best_weight, mixed, overdue_days, p_no_purchase, weighed
from shared.fitting.scores import log_loss
from tests.unit.fitting.shops import habits, spells_of_habit

CLASSIC = Attrition(kind="mbg_nbd", r=0.6, alpha=6.0, a=0.8, b=2.4)
POOLED = Hazard(
    intercept=-2.5,
    weights=(0.1, 0.8, 0.9, -0.4, 0.1, 0.2, 0.4, -0.5, 1.1, -0.3),
    centres=(0.2, 0.01, 1.6, 1.6, 0.8, 3.3, 1.5, 0.5, -2.9, 0.1),
)
MEMBERS = [
    Members(usual_gap=40.0, classic=CLASSIC),
    Members(usual_gap=40.0, hazard=POOLED, weight=0.0),
    Members(usual_gap=40.0, classic=CLASSIC, hazard=POOLED, weight=0.3),
    Members(
        usual_gap=1.0, classic=Attrition(kind="pareto_nbd", r=0.5, alpha=8.0, a=0.6, b=10.0), hazard=POOLED, weight=0.7
    ),
]


@pytest.mark.parametrize("members", MEMBERS)
@given(habits(), st.floats(0, 5_000), st.floats(1, 365))
def test_p0_is_what_the_domain_says(members: Members, habit: Habit, silence: float, ahead: float) -> None:
    found = p_no_purchase(members, spells_of_habit(habit), np.array((silence,)), np.array((ahead,)))

    assert found[0] == pytest.approx(churn.p_no_purchase(members, habit, silence, ahead), rel=1e-9)


@given(habits(), st.floats(1, 40_000))
def test_a_customer_is_overdue_when_the_domain_says_so(habit: Habit, usual_gap: float) -> None:
    members = Members(usual_gap=usual_gap, classic=CLASSIC)

    found = overdue_days(members, spells_of_habit(habit))

    wanted = churn.overdue_days(members, habit.repeats, habit.last_day - habit.first_day)
    assert found[0] == pytest.approx(wanted, rel=1e-12)


def test_the_member_that_knows_more_gets_more_weight() -> None:
    gone = np.array((1.0, 1, 1, 0, 0, 0))
    knows, guesses = np.array((0.8, 0.7, 0.9, 0.2, 0.3, 0.1)), np.full(6, 0.5)

    assert best_weight(gone, knows, guesses) == 1.0
    assert best_weight(gone, guesses, knows) == 0.0


def test_the_best_weight_has_the_least_log_loss() -> None:
    chance = np.random.default_rng(1)
    truth = chance.uniform(0.05, 0.95, 4_000)
    gone = (chance.uniform(size=4_000) < truth).astype(float)
    noisy = np.clip(truth[:, None] + chance.normal(0, 0.1, (4_000, 2)), 0.01, 0.99).T

    found = best_weight(gone, noisy[0], noisy[1])

    losses = [log_loss(gone, mixed(found + by, *noisy)) for by in (-0.02, 0.0, 0.02)]
    assert 0.3 < found < 0.7
    assert min(losses) == losses[1]


def test_a_weight_is_shrunk_halfway_to_equal() -> None:
    both = MEMBERS[2]

    assert [weighed(both, best).weight for best in (0.02, 0.5, 0.98)] == pytest.approx([0.26, 0.5, 0.74])


def test_a_member_that_a_back_test_gives_nothing_is_dropped() -> None:
    both = MEMBERS[2]

    assert weighed(both, 0.01) == Members(usual_gap=40.0, hazard=POOLED, weight=0.0)
    assert weighed(both, 0.99) == Members(usual_gap=40.0, classic=CLASSIC)


def test_a_member_alone_stays_as_it_is() -> None:
    assert weighed(MEMBERS[0], 0.5) == MEMBERS[0]

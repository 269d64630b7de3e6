"""Budgets of alerts: the threshold that keeps one, held against alerts counted day by day."""

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil

import numpy as np
import pytest

from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import Members, first_second, foretold, overdue_days
from shared.domain.rhythm.gaps import rhythm
from shared.fitting import budget, watch
from shared.fitting.budget import WEEKS, alerts_per_week, budgeted
from shared.fitting.members import fit_members
from shared.fitting.spells import Spells, spells_of
from tests.unit.fitting.shops import TODAY, Shopper, crowd, shop

CROWD = crowd(600, usual_gap=15, leaves=0.15, come=1.0)
POLICY = Policy(churn_horizon_days=60.0)
BEGIN = TODAY - 7 * WEEKS


@pytest.fixture(scope="module")
def known() -> Spells:
    """What is known of 600 customers today."""
    return shop(*CROWD).whole.known_at(TODAY)


@pytest.fixture(scope="module")
def members(known: Spells) -> Members:
    """Members fitted to them."""
    return fit_members(known, TODAY).members


def alerted(customers: list[Shopper], members: Members, threshold: float, end: Day) -> Iterator[tuple[int, float]]:
    """When each silence is alerted by the domain's own search, before a day; the day on which it began first."""
    for spell in (spell for one in customers for spell in spells_of(one)):
        begun, span = spell.habit.last_day, spell.habit.last_day - spell.habit.first_day
        overdue = min(overdue_days(members, spell.habit.repeats, span), POLICY.churn_horizon_days)
        guard = ceil(max(overdue, POLICY.churn_floor_days) * 86_400)
        chance = foretold(members, spell.habit)
        short = partial(_short, chance, threshold)
        found = first_second(short, guard, 36_525 * 86_400)
        at = None if found is None else begun + found / 86_400
        if at is not None and at < (end if spell.next_day is None else spell.next_day):
            yield begun, at


def _short(chance: Callable[[float, float], float], threshold: float, second: int) -> float:
    return threshold - chance(second / 86_400, POLICY.churn_horizon_days)


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
def test_alerts_of_the_last_weeks_are_counted_as_the_domain_raises_them(
    known: Spells, members: Members, threshold: float
) -> None:
    found = alerts_per_week(members, known, TODAY, POLICY, threshold) * WEEKS

    wanted = sum(at >= BEGIN for _, at in alerted(CROWD, members, threshold, TODAY))
    assert wanted > 0
    assert found == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("per_week", [5.0, 8.0, 10.0])
def test_a_budget_a_week_is_kept(known: Spells, members: Members, per_week: float) -> None:
    policy = Policy(churn_horizon_days=60.0, alerts_per_week=per_week)

    threshold = budgeted(members, known, TODAY, policy, share=1.0)

    assert alerts_per_week(members, known, TODAY, policy, threshold) == pytest.approx(per_week, abs=3 / WEEKS)


def test_of_a_sample_its_share_of_the_alerts_is_wanted(known: Spells, members: Members) -> None:
    whole = budgeted(members, known, TODAY, Policy(alerts_per_week=2.0), share=1.0)

    assert budgeted(members, known, TODAY, Policy(alerts_per_week=8.0), share=0.25) == whole


def test_a_budget_beyond_all_silences_is_met_as_far_as_can_be(known: Spells, members: Members) -> None:
    policy = Policy(churn_horizon_days=60.0, alerts_per_week=1e6)

    threshold = budgeted(members, known, TODAY, policy, share=1.0)

    most = max(alerts_per_week(members, known, TODAY, policy, at) for at in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99))
    assert alerts_per_week(members, known, TODAY, policy, threshold) >= most


def test_without_a_budget_as_many_alerts_have_come_as_the_own_long_gap_has_raised(members: Members) -> None:
    customers = crowd(600, usual_gap=15, leaves=0.6, come=1.0)
    known = shop(*customers).whole.known_at(TODAY)
    silences = [
        (spell, (spell.next_day or TODAY) - spell.habit.last_day) for one in customers for spell in spells_of(one)
    ]
    habits = [(spell.habit, silence) for spell, silence in silences]
    by_rule = sum(
        silence > rhythm(habit.repeats, habit.log_sum, habit.log_squares, POLICY).long_gap for habit, silence in habits
    )

    threshold = budgeted(members, known, TODAY, POLICY, share=1.0)

    assert by_rule >= budget.LEAST_ALERTS
    assert sum(1 for _ in alerted(customers, members, threshold, TODAY)) == pytest.approx(by_rule, abs=1)


def test_where_the_long_gap_has_raised_next_to_nothing_a_fixed_threshold_speaks(members: Members) -> None:
    known = shop(*crowd(20, usual_gap=15, leaves=0.5, come=1.0)).whole.known_at(TODAY)

    assert budgeted(members, known, TODAY, POLICY, share=1.0) == budget.EARLY


def test_as_many_alerts_come_as_long_silences_begin() -> None:
    # What the model expects of the silences that go on is held against how they went on.
    gap, later = 120, Day(TODAY + 200)
    customers = crowd(4_000, usual_gap=15, leaves=0.15, days=800, until=later)
    known = shop(*customers).whole.known_at(TODAY)
    members = fit_members(known, TODAY).members
    policy = Policy(churn_horizon_days=60.0, churn_silence_days=float(gap))

    threshold = budgeted(members, known, TODAY, policy, share=1.0)

    lately = range(TODAY - 60, TODAY)
    raised = alerted(customers, members, threshold, later)
    early = sum(begun in lately and at - begun <= gap - 60 for begun, at in raised)
    begun = ((spell.habit.last_day, spell.next_day) for one in customers for spell in spells_of(one))
    long = sum(day in lately and (following or later + gap) - day > gap for day, following in begun)
    assert long > 60
    assert early == pytest.approx(long, rel=0.2)


def test_of_very_many_silences_a_sample_is_enough(
    known: Spells, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = alerts_per_week(members, known, TODAY, POLICY, 0.8)
    monkeypatch.setattr(watch, "MOST_SPELLS", 300)

    sampled = alerts_per_week(members, known, TODAY, POLICY, 0.8)

    assert sampled != everything
    assert sampled == pytest.approx(everything, rel=0.5)


def test_thresholds_are_never_quite_certain() -> None:
    assert budget.THRESHOLDS[0] == pytest.approx(budget.LOWEST)
    assert budget.THRESHOLDS[-1] == pytest.approx(budget.HIGHEST)
    assert (np.diff(budget.THRESHOLDS) > 0).all()

"""How quiet is too quiet: m, Q, W and r of CONCEPTS, Primitives."""

from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customer import Customer
from shared.domain.instants import DAY, SECOND, Day
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rhythm.gaps import (
    add_gap,
    attune,
    drop_gap,
    rhythm,
    silence_r,
    silent_since,
    tenure_days,
    variation,
    window,
)
from tests.builders import day, fold_story, purchases

GAPS = st.lists(st.integers(1, 3_000), max_size=40)


def test_three_gaps_of_ten_days_make_a_long_gap_of_79_days() -> None:
    customer = fold_story(purchases(0, 10, 20, 30)).customer

    assert customer.long_gap == pytest.approx(78.894, abs=0.0005)
    assert customer.median_gap == pytest.approx(sqrt(300))


@given(GAPS, st.floats(0.1, 6), st.floats(0.1, 3), st.floats(0.1, 10))
def test_running_sums_give_what_the_formula_says_of_all_gaps(
    gaps: list[int], mu0: float, sigma0: float, k: float
) -> None:
    policy = Policy(mu0=mu0, sigma0=sigma0, prior_weight=k)

    found = rhythm(len(gaps), sum(log(gap) for gap in gaps), sum(log(gap) ** 2 for gap in gaps), policy)

    n = len(gaps)
    mu = (k * mu0 + sum(log(gap) for gap in gaps)) / (n + k)
    variance = (sum((log(gap) - mu) ** 2 for gap in gaps) + k * (sigma0**2 + (mu - mu0) ** 2)) / (n + k)
    assert found.median_gap == pytest.approx(exp(mu))
    assert found.long_gap == pytest.approx(max(30, exp(mu + 1.5 * sqrt(variance))), rel=1e-6)


def test_without_any_gap_the_prior_speaks() -> None:
    found = rhythm(0, 0.0, 0.0, DEFAULT)

    assert found.median_gap == pytest.approx(30)
    assert found.long_gap == pytest.approx(30 * exp(1.5 * 1.2))


def test_a_daily_buyer_is_given_thirty_days_at_least() -> None:
    customer = fold_story(purchases(*range(60))).customer

    assert customer.median_gap < 1.5
    assert customer.long_gap == 30


@given(GAPS, st.integers(1, 3_000))
def test_a_gap_taken_back_leaves_the_rhythm_as_it_was(gaps: list[int], taken: int) -> None:
    customer = Customer()
    for gap in gaps:
        add_gap(customer, gap)
    attune(customer, DEFAULT)
    before = (customer.gaps, customer.median_gap, customer.long_gap)

    add_gap(customer, taken)
    drop_gap(customer, taken)
    attune(customer, DEFAULT)

    assert (customer.gaps, customer.median_gap, customer.long_gap) == pytest.approx(before)


@pytest.mark.parametrize(("median_gap", "wanted"), [(1.0, 30.0), (15.0, 30.0), (15.5, 31.0), (100.0, 200.0)])
def test_a_window_is_two_usual_gaps_but_thirty_days_at_least(median_gap: float, wanted: float) -> None:
    assert window(Customer(median_gap=median_gap), DEFAULT) == wanted


def test_silence_as_long_as_the_long_gap_is_an_r_of_one_and_a_half() -> None:
    customer = fold_story(purchases(0, 10, 20, 30)).customer

    assert silence_r(customer, day(30), DEFAULT) == 0
    assert silence_r(customer, day(30 + customer.long_gap / 3), DEFAULT) == pytest.approx(0.5)
    assert silence_r(customer, day(30 + customer.long_gap), DEFAULT) == pytest.approx(1.5)


def test_silence_counts_from_the_last_purchase_of_the_day() -> None:
    customer = fold_story(purchases(0, 10, 10.25, 10.75)).customer

    assert silence_r(customer, day(10.75), DEFAULT) == 0


def test_before_the_first_purchase_silence_is_unknown() -> None:
    assert silence_r(Customer(), day(1), DEFAULT) is None
    assert silent_since(Customer(), 1.5, DEFAULT) is None


@pytest.mark.parametrize("r", [0.1, 1.5, 3.0, 6.0])
def test_silence_reaches_an_r_within_the_second_in_which_it_is_said_to(r: float) -> None:
    customer = fold_story(purchases(0, 10, 20.123456, 30.654321)).customer

    at = silent_since(customer, r, DEFAULT)

    assert at is not None
    assert at % SECOND == 0
    assert (silence_r(customer, at, DEFAULT) or 0) >= r * (1 - 1e-12)
    assert (silence_r(customer, type(at)(at - SECOND), DEFAULT) or 0) < r


def test_a_higher_threshold_for_silence_means_more_patience() -> None:
    customer = fold_story(purchases(0, 10, 20, 30)).customer

    patient = silent_since(customer, 3.0, DEFAULT)

    assert patient == day(30) + -(-2 * customer.long_gap * DAY // SECOND) * SECOND


def test_tenure_is_counted_in_days_since_the_first_occasion_of_the_cycle() -> None:
    assert tenure_days(Customer(cycle_first_day=Day(100)), Day(350)) == 250
    assert tenure_days(Customer(), Day(350)) == 0


def test_variation_is_standard_deviation_over_mean_of_the_cycles_gaps() -> None:
    customer = fold_story(purchases(0, 10, 40)).customer

    assert variation(customer) == pytest.approx(10 / 20)


def test_variation_is_unknown_with_fewer_than_two_gaps() -> None:
    assert variation(fold_story(purchases(0, 10)).customer) is None

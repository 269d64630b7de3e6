"""P(gap > s + h | gap > s): what a customer's own gaps say of its next purchase where no churn model does."""

from math import erfc, exp, isfinite, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.customer import Customer
from shared.domain.policy import DEFAULT
from shared.domain.rhythm.gaps import add_gap, p_no_purchase_by_gaps
from tests.builders import fold_story, purchases

DAYS = st.floats(0, 40_000)


def with_gaps(*gaps: int) -> Customer:
    customer = Customer()
    for gap in gaps:
        add_gap(customer, gap)
    return customer


def longer(days: float, mu: float, sigma: float) -> float:
    """P(gap > days) of a lognormal gap."""
    return erfc((log(days) - mu) / sigma / sqrt(2)) / 2


def test_without_any_gap_the_prior_says_how_likely_a_silence_is_to_go_on() -> None:
    found = p_no_purchase_by_gaps(Customer(), 30, 90, DEFAULT)

    # Half of the prior's gaps are longer than 30 days; longer than 120 are ln 4 / 1.2 deviations above.
    assert found == pytest.approx(longer(120, log(30), 1.2) / 0.5)
    assert found == pytest.approx(0.2479899885)


def test_own_gaps_are_shrunk_to_the_prior_by_the_weight_of_three_gaps() -> None:
    customer = fold_story(purchases(0, 10, 20, 30)).customer

    found = p_no_purchase_by_gaps(customer, 20, 90, DEFAULT)

    mu = (log(10) + log(30)) / 2
    sigma = sqrt((3 * (log(10) - mu) ** 2 + 3 * (1.2**2 + (mu - log(30)) ** 2)) / 6)
    assert found == pytest.approx(longer(110, mu, sigma) / longer(20, mu, sigma))


def test_right_after_a_purchase_it_is_the_share_of_gaps_that_are_as_long() -> None:
    assert p_no_purchase_by_gaps(Customer(), 0, 30, DEFAULT) == pytest.approx(0.5)
    assert p_no_purchase_by_gaps(Customer(), 0, 0, DEFAULT) == 1


@given(st.lists(st.integers(1, 20_000), max_size=60), DAYS, DAYS, DAYS)
def test_it_is_a_probability_that_falls_with_the_days_ahead(
    gaps: list[int], silence: float, ahead: float, more: float
) -> None:
    customer = with_gaps(*gaps)

    near = p_no_purchase_by_gaps(customer, silence, ahead, DEFAULT)
    far = p_no_purchase_by_gaps(customer, silence, ahead + more, DEFAULT)

    assert isfinite(near)
    assert 0 <= far <= near + 1e-9 <= 1 + 1e-9


@pytest.mark.parametrize(
    ("near", "far", "wanted"),
    [(20, 21, 1.1908952993e-9), (29.9, 30.1, 0.00246231834), (40, 40.05, 0.134997682863), (200, 200.005, 0.3678656465)],
)
def test_however_far_out_in_the_tail_the_odds_are_those_of_the_normal_distribution(
    near: float, far: float, wanted: float
) -> None:
    policy = replace(DEFAULT, mu0=0.0, sigma0=0.05)
    silence, end = exp(0.05 * near), exp(0.05 * far)

    found = p_no_purchase_by_gaps(Customer(), silence, end - silence, policy)

    assert found == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("mu0", [-600.0, 0.0, 600.0])
@pytest.mark.parametrize("sigma0", [1e-200, 1e-6, 1e6, 1e150])
@pytest.mark.parametrize("silence", [0.0, 1e-9, 1.0, 1e5])
def test_priors_that_no_population_has_make_no_error_and_no_impossible_probability(
    mu0: float, sigma0: float, silence: float
) -> None:
    found = p_no_purchase_by_gaps(Customer(), silence, 90, replace(DEFAULT, mu0=mu0, sigma0=sigma0))

    assert 0 <= found <= 1

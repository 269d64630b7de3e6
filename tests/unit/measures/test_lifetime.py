"""What a customer is worth in the long run."""

from math import erfc, exp, log, sqrt

import pytest
from msgspec.structs import replace

from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from shared.domain.stages import Stage
from tests.builders import end_intent, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import among, profile

M = sqrt(30 * 10)
"""m after gaps of 10, 10 and 10 days: the mean of ln 10 and the prior's ln 30, three against three."""
SIGMA = sqrt((3 * (log(10) - log(M)) ** 2 + 3 * (1.2**2 + (log(M) - log(30)) ** 2)) / 6)
REGULAR = (0, 10, 20, 30)


def test_the_spread_by_hand_is_that_of_the_long_gap() -> None:
    """Primitives: gaps of 10, 10 and 10 days make Q 78.894 d, as CONCEPTS says."""
    assert M * exp(1.5 * SIGMA) == pytest.approx(78.894, abs=5e-4)


def test_right_after_a_purchase_the_chance_to_buy_again_is_the_prior() -> None:
    """004-2: no silence yet, so that the own rhythm takes nothing away from 0.8."""
    found = reading("buys_again", case_of(purchases(*REGULAR), until=30))

    assert found.value == pytest.approx(0.8)
    assert found.parts == {"method": "own rhythm, prior of the policy"}


def test_after_a_median_gap_of_silence_half_of_the_gaps_would_be_over() -> None:
    """004-2: S = 0.5: 0.8 * 0.5 / (0.8 * 0.5 + 0.2) = 2/3."""
    found = reading("buys_again", case_of(purchases(*REGULAR), until=30 + M))

    assert found.value == pytest.approx(2 / 3)


def test_a_longer_silence_leaves_less_by_the_own_spread() -> None:
    """004-2: one and a half sigma beyond m S is P(z > 1.5) = 0.0668; 0.0534 of 0.2534 is left."""
    case = case_of(purchases(*REGULAR), until=30 + M * exp(1.5 * SIGMA))

    found = reading("buys_again", case)

    tail = erfc(1.5 / sqrt(2)) / 2
    assert tail == pytest.approx(0.0668, abs=1e-4)
    assert found.value == pytest.approx(0.8 * tail / (0.8 * tail + 0.2))
    assert found.value == pytest.approx(0.2108, abs=1e-3)


def test_the_population_takes_the_place_of_the_prior() -> None:
    """004-2: survival 0.5 of everybody: 0.25 / (0.25 + 0.5) = 1/3 at S = 0.5."""
    found = reading("buys_again", case_of(purchases(*REGULAR), until=30 + M, policy=among(survival=0.5)))

    assert found.value == pytest.approx(1 / 3)
    assert found.parts == {"method": "own rhythm, prior of the population"}


def test_a_customer_of_a_population_that_always_returns_is_never_given_up() -> None:
    """004-2: a survival of 1 stays 1 even where no gap of the own rhythm was ever so long; one of 0 stays 0."""
    steady = replace(among(survival=1.0), mu0=log(10), sigma0=0.01)

    assert reading("buys_again", case_of(purchases(*REGULAR), until=60, policy=steady)).value == 1
    assert reading("buys_again", case_of(purchases(*REGULAR), until=31, policy=among(survival=0.0))).value == 0


def test_with_fewer_than_three_gaps_the_population_alone_tells() -> None:
    """004-2: two gaps; without a population it is unknown."""
    story = purchases(0, 10, 20)

    found = reading("buys_again", case_of(story, until=90, policy=among(survival=0.6)))

    assert found.value == 0.6
    assert found.parts == {"method": "survival of the population"}
    assert reading("buys_again", case_of(story, until=90)).missing == (
        "3 gaps between purchase days",
        "a population job's survival",
    )


def test_the_industrys_survival_goes_before_that_of_everybody() -> None:
    """004-2: food 0.9, everybody 0.6; an industry without one falls back."""
    people = Population(
        everybody=Figures(survival=0.6), industries={"food": Figures(survival=0.9), "steel": Figures(customers=9)}
    )
    policy = Policy(population=people)

    survivals = {
        industry: reading(
            "buys_again", case_of(purchase(0), profile(1, industry=industry), until=9, policy=policy)
        ).value
        for industry in ("food", "steel", "law")
    }

    assert survivals == {"food": 0.9, "steel": 0.6, "law": 0.6}


def test_an_ended_relationship_brings_nothing_more() -> None:
    """004-2: what was earned is all."""
    case = case_of(purchases(*REGULAR, cost=60_00), end_intent(31), until=32)

    assert case.state.stage is Stage.ENDED
    assert reading("buys_again", case).value == 0
    assert reading("lifetime_value", case).value == 160_00
    assert reading("lifetime_value", case).parts["method"] == "ended: nothing more"


def test_lifetime_value_is_the_margin_so_far_and_that_of_a_year() -> None:
    """004-2: 4 purchases with a margin of 40; a year holds 365/m purchase days, of which 0.8 are expected."""
    found = reading("lifetime_value", case_of(purchases(*REGULAR, cost=60_00), until=30))

    assert found.value == pytest.approx(160_00 + 40_00 * 365 / M * 0.8)
    assert found.parts == {
        "historic_margin": 160_00,
        "expected_margin": pytest.approx(67434.51, abs=0.01),
        "mean_of_a_purchase_day": 40_00,
        "purchase_days_a_year": pytest.approx(21.073, abs=1e-3),
        "buys_again": pytest.approx(0.8),
        "method": "own rhythm, prior of the policy",
    }
    assert found.coverage == 1
    assert len(found.evidence) == 4


def test_the_expected_margin_is_the_part_that_lies_ahead() -> None:
    """004-2: the same without what is past."""
    case = case_of(purchases(*REGULAR, cost=60_00), until=30)

    found = reading("expected_margin", case)

    assert found.value == reading("lifetime_value", case).parts["expected_margin"]
    assert set(found.parts) == {"mean_of_a_purchase_day", "purchase_days_a_year", "buys_again", "method"}
    assert found.evidence == reading("lifetime_value", case).evidence


def test_purchases_of_one_day_are_one_occasion() -> None:
    """004-2: days bring 80 and 40: the mean of a purchase day is 60, of the deals whose cost is known."""
    story = [*purchases(0, 0.5, 10, cost=60_00), purchase(20)]

    found = reading("lifetime_value", case_of(story, until=20, policy=among(survival=0.5)))

    assert found.parts["mean_of_a_purchase_day"] == 60_00
    assert found.coverage == 0.75


def test_a_refunded_purchase_is_no_occasion_of_the_mean() -> None:
    """004-2: 40 on one day that is left, not on two; where nothing is left nothing can be foretold."""
    story = [purchase(0, cost=60_00, order="a"), purchase(10, cost=60_00, order="b"), refund(11, order="b")]

    found = reading("lifetime_value", case_of(story, until=20, policy=among(survival=0.5)))
    nothing_left = reading("lifetime_value", case_of(story, refund(12, order="a"), until=20))

    assert found.parts["mean_of_a_purchase_day"] == 40_00
    assert nothing_left.missing == ("a purchase that was not refunded",)


def test_without_costs_lifetime_value_is_unknown_and_lifetime_revenue_says_its_own_name() -> None:
    """004-2: revenue is never passed off as margin."""
    case = case_of(purchases(*REGULAR), until=30)

    value, revenue = reading("lifetime_value", case), reading("lifetime_revenue", case)

    assert value.value is None
    assert value.missing == ("a purchase with its cost",)
    assert reading("expected_margin", case).missing == ("a purchase with its cost",)
    assert revenue.value == pytest.approx(400_00 + 100_00 * 365 / M * 0.8)
    assert revenue.parts["historic_revenue"] == 400_00
    assert revenue.parts["expected_revenue"] == pytest.approx(100_00 * 365 / M * 0.8)


def test_what_was_earned_is_told_where_what_comes_is_unknown() -> None:
    """004-2: two gaps and no population: the margin so far stands in parts."""
    found = reading("lifetime_value", case_of(purchases(0, 10, 20, cost=60_00), until=90))

    assert found.value is None
    assert found.parts == {"historic_margin": 120_00}
    assert reading("lifetime_revenue", case_of(until=1)).value is None


def test_the_year_of_the_policy_is_the_horizon() -> None:
    """004-2: half the horizon, half the purchase days."""
    half = replace(Policy(), long_view_days=182.5)

    found = reading("expected_margin", case_of(purchases(*REGULAR, cost=60_00), until=30, policy=half))

    assert found.value == pytest.approx(67434.51 / 2, abs=0.01)

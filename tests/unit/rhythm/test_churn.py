"""What members say together, and the second at which a threshold is reached, against looking at every day."""

from itertools import accumulate
from math import exp, isfinite
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.customer import Customer
from shared.domain.habit import Habit
from shared.domain.instants import DAY, SECOND, Day, Instant
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rhythm import attrition, hazard
from shared.domain.rhythm.churn import (
    LONGEST_DAYS,
    SURE,
    ChurnModel,
    Members,
    WeakSign,
    first_second,
    foretold,
    logit,
    overdue_days,
)
from shared.domain.rhythm.silent import NEVER, Chance, chance_of, median_wait, overdue_from, silent_from
from tests.builders import day, fold_story, purchases
from tests.models import HAZARD, KEEN, MBG, MODEL, PARETO

CENTURY: Final = int(LONGEST_DAYS) * 86_400
ALONE: Final = (
    Members(usual_gap=63.0, classic=MBG),
    Members(usual_gap=20.0, classic=PARETO),
    Members(usual_gap=63.0, hazard=HAZARD),
)
BLENDED: Final = tuple(
    Members(usual_gap=gap, classic=classic, hazard=HAZARD, weight=weight)
    for gap, classic, weight in ((63.0, MBG, 0.4), (5.0, PARETO, 0.97), (400.0, MBG, 0.03))
)
members = st.sampled_from((*ALONE, *BLENDED))
thresholds = st.sampled_from((0.0, 1e-15, 0.01, 0.3, 0.8, 0.95, 0.999, 1.0))
FIVE: Final = Habit(Day(0), Day(40), 4, log_sum=9.2, log_squares=21.2, faded_sum=25.3, amounts=5, amount_sum=500_00)
GAPS: Final = (0, 1, 1, 3, 10, 30, 31, 90, 400)


@st.composite
def buyers(draw: st.DrawFn) -> Customer:
    """Somebody who has bought up to forty times, at any time of the day."""
    gaps = draw(st.lists(st.sampled_from(GAPS), max_size=40))
    return fold_story(purchases(*accumulate(gaps, initial=draw(st.floats(0, 0.99))))).customer


def asked(customer: Customer, policy: Policy) -> Chance:
    """P0 of the customer."""
    chance = chance_of(customer, policy)
    assert chance is not None
    return chance


def under(members: Members, threshold: float = 0.8) -> Policy:
    """A policy under which these members judge."""
    return replace(DEFAULT, churn=ChurnModel(members=members, horizon_days=90.0, threshold=threshold))


@given(buyers(), members, thresholds, st.sampled_from((1.0, 30.0, 90.0, 700.0)))
def test_silence_begins_at_the_first_second_that_reaches_the_threshold(
    customer: Customer, said: Members, threshold: float, horizon: float
) -> None:
    policy = replace(under(said, threshold), churn_horizon_days=horizon)
    assert policy.churn is not None
    chance = asked(customer, policy)

    overdue_at, found = overdue_from(customer, policy.churn, policy), silent_from(customer, policy.churn, policy)

    assert overdue_at is not None
    end = Instant(overdue_at + CENTURY * SECOND) if found is None else found
    scanned = [Instant(overdue_at + round((end - overdue_at) * place / 300)) for place in range(300)]
    # P0 is good to ten digits: how sure is quite sure is not told apart beyond them.
    assert threshold == 1 or all(at == end or chance(at, horizon) < threshold for at in scanned)
    if found is not None:
        assert found % SECOND == 0
        assert chance(found, horizon) >= threshold
        assert found == overdue_at or chance(Instant(found - SECOND), horizon) < threshold


@given(buyers(), members, st.integers(0, 4_000), st.sampled_from((0.01, 0.5, 0.9)))
def test_the_wait_ends_at_the_first_second_by_which_as_many_have_bought(
    customer: Customer, said: Members, days: int, share: float
) -> None:
    policy, at = under(said), Instant((customer.last_at or 0) + days * DAY)
    chance = asked(customer, policy)

    wait = median_wait(customer, at, policy, share)

    if wait is None:
        assert chance(at, LONGEST_DAYS) > 1 - share
    else:
        seconds = round(wait * 86_400)
        assert chance(at, seconds / 86_400) <= 1 - share
        assert seconds == 1 or chance(at, (seconds - 1) / 86_400) > 1 - share


def test_who_has_bought_nothing_has_neither_risk_nor_wait() -> None:
    nobody = Customer()

    assert chance_of(nobody, under(MODEL.members)) is None
    assert silent_from(nobody, MODEL, under(MODEL.members)) is None
    assert median_wait(nobody, day(0), under(MODEL.members)) is None


def test_without_a_model_nothing_is_foretold() -> None:
    customer = fold_story(purchases(0, 10)).customer

    assert chance_of(customer, DEFAULT) is None
    assert median_wait(customer, day(20), DEFAULT) is None


def test_a_member_alone_says_what_it_says() -> None:
    past, traits = attrition.past_of(FIVE), hazard.traits_of(FIVE, 63.0 / 7)

    assert foretold(ALONE[0], FIVE)(35.0, 91.0) == attrition.p_none(MBG, past, 5.0, 13.0)
    assert foretold(ALONE[1], FIVE)(35.0, 91.0) == attrition.p_none(PARETO, past, 5.0, 13.0)
    assert foretold(ALONE[2], FIVE)(35.0, 91.0) == hazard.p_none(HAZARD, traits, 5.0, 13.0)


def test_members_together_say_the_weighted_mean_of_their_log_odds() -> None:
    one, other = foretold(ALONE[0], FIVE)(35.0, 91.0), foretold(ALONE[2], FIVE)(35.0, 91.0)

    both = foretold(BLENDED[0], FIVE)(35.0, 91.0)

    assert logit(both) == pytest.approx(0.4 * logit(one) + 0.6 * logit(other))


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_weight_of_all_or_nothing_leaves_one_member(weight: float) -> None:
    together = replace(BLENDED[0], weight=weight)

    assert foretold(together, FIVE)(35.0, 91.0) == pytest.approx(
        foretold(ALONE[2 if not weight else 0], FIVE)(35.0, 91.0)
    )


@pytest.mark.parametrize("share", [0.0, SURE / 2, 0.5, 1 - SURE / 2, 1.0])
def test_log_odds_are_finite_however_sure_somebody_is(share: float) -> None:
    assert isfinite(logit(share))
    assert abs(logit(share)) < 27.64
    assert logit(1 - share) == pytest.approx(-logit(share), rel=1e-4)


def test_one_cycle_is_missed_after_the_mean_interval_and_never_after_more_than_a_century() -> None:
    assert overdue_days(MODEL.members, 3, 30) == (30 + 2 * 63) / 5
    assert overdue_days(Members(usual_gap=1e9, classic=MBG), 0, 0) == LONGEST_DAYS


def test_a_line_has_its_own_members_and_shares_the_rest_with_the_whole() -> None:
    sign = WeakSign(code="bad", with_it=0.6, without=0.4, customers=900)
    model = replace(KEEN, weak_signs=(sign,))

    shoes = model.of("shoes")

    assert shoes == ChurnModel(
        members=KEEN.lines["shoes"], horizon_days=30.0, threshold=KEEN.threshold, weak_signs=(sign,)
    )
    assert model.of("hats") is model
    assert model.of(None) is model


def test_who_never_will_be_silent_is_never_due() -> None:
    customer = fold_story(purchases(0, 10)).customer
    policy = under(ALONE[2], 1.0)

    assert policy.churn is not None
    assert silent_from(customer, policy.churn, policy) is None
    assert day(1e6) < NEVER


@given(st.integers(1, 50), st.integers(0, CENTURY), st.integers(0, CENTURY), st.sampled_from((1e-12, 1.0, 27.0)))
def test_a_step_is_found_wherever_it_is(low: int, length: int, step: int, height: float) -> None:
    looks = 0

    def short(second: int) -> float:
        nonlocal looks
        looks += 1
        return height if second < step else -1.0

    assert first_second(short, low, low + length) == (max(low, step) if step <= low + length else None)
    assert looks < 300


@pytest.mark.parametrize("steep", [1e-7, 1e-6, 1e-4])
@pytest.mark.parametrize("place", [0.001, 0.1, 0.9])
def test_what_falls_gently_is_found_in_a_few_looks(steep: float, place: float) -> None:
    looks, middle = 0, round(place * CENTURY)

    def short(second: int) -> float:
        nonlocal looks
        looks += 1
        return 1 / (1 + exp(min(700.0, steep * (second - middle)))) - 0.5

    assert first_second(short, 0, CENTURY) == middle
    assert looks < 64

"""Loyalty as a number: eight indicators, three dimensions, three scores."""

from collections.abc import Sequence

import pytest

from shared.domain.events import Competitor, Fact, PriceChange
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import (
    complaint,
    contact,
    feedback,
    inquiry,
    instant_of,
    invoice,
    payment,
    purchase,
    purchases,
    rating,
    referral,
)
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import TEN_DAYS, fact, value

EIGHT = ("repetition", "choosing", "price", "rivals", "tolerance", "spend", "emotion", "recommendation")
OTHERS = Policy(mu0=TEN_DAYS.mu0, population=Population(everybody=Figures(choosing_days=2.0)))


def part(name: str, *story: Fact | Sequence[Fact], until: float, policy: Policy = TEN_DAYS) -> object:
    """One of the eight indicators of a story."""
    return reading("indicators", case_of(*story, until=until, policy=policy)).parts[name]


def test_the_eight_indicators_are_put_together_where_they_are_known() -> None:
    """003-4: 5 repeats; chosen as fast as others do; half as many purchases after a rise of 100 %; a rival in one of
    four contacts; a negotiated complaint; 200 of a level of 300; s = (1 - 0.8)/2; a referral without success."""
    case = case_of(
        [inquiry(8), *purchases(0, 10, 20, 30, 40, 50)],
        [fact(PriceChange, 41, percent=100.0), complaint(42, claim="negotiated"), rating(42, 1.0)],
        [contact(43), contact(44), contact(45), fact(Competitor, 46), referral(47)],
        until=62,
        policy=OTHERS,
    )

    found = reading("indicators", case)

    scores = (1.0, 0.5, 0.5, 0.75, 0.7, 2 / 3, 0.55, 0.5)
    assert found.parts == {name: pytest.approx(score) for name, score in zip(EIGHT, scores, strict=True)}
    assert found.value == pytest.approx(sum(scores) / 8)
    assert found.coverage == pytest.approx((7 + 2 / 3) / 8)
    assert found.missing == ()


def test_nothing_is_an_indicator_of_loyalty_before_a_purchase() -> None:
    """003-4, 003-5"""
    case = case_of(contact(0), rating(1, 1.0), until=5)

    assert reading("indicators", case).missing == ("a purchase",)
    assert reading("loyalty", case).missing == ("a purchase",)


def test_what_is_not_known_lowers_the_coverage_and_says_what_to_send() -> None:
    """003-4: of eight, repetition and spend."""
    found = reading("indicators", case_of(purchases(0, 10), until=11, policy=TEN_DAYS))

    assert found.value == pytest.approx((0.2 + 1.0) / 2)
    assert found.coverage == 0.25
    assert found.missing == (
        "an inquiry before a purchase",
        "a price rise, with two usual gaps of buying before and after it",
        "contacts, inquiries or talk of rivals",
        "the claim of a complaint",
        "an opinion: feedback, a complaint",
        "a referral, or whether the customer would recommend us",
    )
    assert found.evidence == ("purchase of day 0", "purchase of day 10")


@pytest.mark.parametrize(("count", "score"), [(1, 0.0), (2, 0.2), (6, 1.0), (7, 1.0)])
def test_repeats_in_the_period_count_up_to_five(count: int, score: float) -> None:
    """003-4, 003-6"""
    assert part("repetition", purchases(*range(count)), until=9) == pytest.approx(score)


def test_repeats_before_the_period_do_not_count_against_a_customer() -> None:
    """003-4"""
    policy = Policy(retention_days=5.0)

    assert part("repetition", purchases(0, 1), until=90, policy=policy) == 0.0


def test_long_choosing_is_low_loyalty() -> None:
    """003-4, 003-9: 6 days where others take 2; without others the prior of 14 days."""
    assert part("choosing", inquiry(0), purchase(6), until=9, policy=OTHERS) == pytest.approx(0.25)
    assert part("choosing", inquiry(0), purchase(14), until=19) == pytest.approx(0.5)
    assert part("choosing", inquiry(0), purchase(0), until=9) == 1.0


def test_buying_less_after_a_price_rise_is_low_loyalty() -> None:
    """003-4, 003-11: three purchase days before, two after: -1/3 at 100 %."""
    rise = fact(PriceChange, 21, percent=100.0)

    assert part("price", purchases(2, 10, 20, 30, 40), rise, until=60) == pytest.approx(2 / 3)
    assert part("price", purchases(0, 10, 20), rise, until=60) == 0.0
    assert part("price", purchases(20, 30, 40), rise, until=60) == 1.0
    assert part("price", purchases(0, 10, 20), fact(PriceChange, 21, percent=10.0), until=60) == 0.0


def test_interest_in_rivals_is_low_loyalty() -> None:
    """003-4, 003-14"""
    story = [purchase(0), contact(1), contact(2), contact(3), contact(4), fact(Competitor, 5)]

    assert part("rivals", story, until=9) == 0.75


def test_tolerance_and_depth_are_indicators_as_they_are() -> None:
    """003-4: two of the three usual purchases in the last thirty days."""
    assert part("tolerance", purchase(0), complaint(1, claim="compensation"), until=9) == 0.3
    assert part("spend", purchases(0, 10, 20, 30, 40), until=55) == pytest.approx(2 / 3)


def test_emotion_is_what_was_said_of_us() -> None:
    """003-4"""
    assert part("emotion", purchase(0), rating(1, 0.5), until=9) == 0.75
    assert part("emotion", purchase(0), rating(1, -1.0), until=9) == 0.0


def test_recommending_counts_more_when_it_brought_a_customer() -> None:
    """003-4"""
    assert part("recommendation", purchase(0), referral(1, converted=True), feedback(2, nps=0.0), until=9) == 1.0
    assert part("recommendation", purchase(0), referral(1), feedback(2, nps=10.0), until=9) == 0.5
    assert part("recommendation", purchase(0), feedback(1, nps=1.0), feedback(2, nps=9.0), until=9) == 0.9
    assert part("recommendation", purchase(0), rating(1, 1.0), until=9) is None


def test_loyalty_is_the_mean_of_time_behaviour_and_emotion() -> None:
    """003-5: time (73/365 + 1)/2, behaviour (0.2 + 0.5)/2 with D = 0.5, emotion 0.75."""
    policy = Policy(window_gaps=0.001, window_floor_days=50.0)
    case = case_of(purchase(0), purchase(40), rating(41, 0.5), until=73, policy=policy)

    found = reading("loyalty", case)

    time, behaviour = (73 / 365 + 1) / 2, (0.2 + 1 / 1.5) / 2
    assert found.parts == {"time": pytest.approx(time), "behaviour": pytest.approx(behaviour), "emotion": 0.75}
    assert found.value == pytest.approx((time + behaviour + 0.75) / 3)
    assert found.coverage == pytest.approx((1 + 2 / 6 + 1 / 2) / 3)


def test_loyalty_needs_two_dimensions() -> None:
    """003-5"""
    story = purchases(0, 10)

    assert reading("loyalty", case_of(story, until=20)).parts["emotion"] is None
    assert reading("loyalty", case_of(story, until=20)).value is not None
    assert value("loyalty", case_of(story, until=20, policy=Policy(loyalty_dimensions=3))) is None


def test_a_long_tenure_counts_up_to_a_year() -> None:
    """003-5"""
    case = case_of(purchases(*range(0, 500, 10)), until=500, policy=TEN_DAYS)

    assert reading("loyalty", case).parts["time"] == 1.0


def test_one_purchase_is_not_loyalty_however_happy_the_customer() -> None:
    """003-6"""
    once = case_of(purchase(0), rating(1, 1.0), referral(2, converted=True), until=5)
    twice = case_of(purchases(0, 4), rating(4, 1.0), referral(5, converted=True), until=5)

    assert value("loyalty", once) == 0.2
    assert reading("loyalty", once).parts["emotion"] == 1.0
    assert (reading("loyalty", twice).number or 0) > 0.6


def test_a_low_loyalty_after_one_purchase_is_not_lifted() -> None:
    """003-6"""
    case = case_of(inquiry(0), purchase(60), rating(61, -1.0), until=150, policy=Policy(window_gaps=0.001))

    assert 0 < (reading("loyalty", case).number or 0) < 0.2


def test_satisfaction_loyalty_and_credit_are_three_scores() -> None:
    """002-22"""
    paid = [invoice(0, due_at=instant_of(3)), payment(2)]
    case = case_of(purchase(0), rating(1, 0.5), paid, until=5)

    found = reading("three_scores", case)

    assert found.parts == {"satisfaction": 0.75, "loyalty": 0.2, "credit": 1.0}
    assert found.value == pytest.approx(0.65)


def test_a_score_that_is_not_known_is_left_out() -> None:
    """002-22"""
    found = reading("three_scores", case_of(rating(1, 0.5), until=5))

    assert found.value == 0.75
    assert found.coverage == pytest.approx(1 / 3)
    assert found.missing == ("a purchase", "invoices with a due date, and payments")
    assert found.evidence == ()

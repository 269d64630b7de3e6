"""How long and how steadily a customer has stayed."""

import pytest

from shared.domain.events import Delivery
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import complaint, end_intent, inquiry, purchase, purchases, rating
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import TEN_DAYS, fact, value


def test_tenure_counts_from_the_first_purchase_day_of_the_cycle() -> None:
    """003-1"""
    case = case_of(inquiry(0), purchases(3, 13), until=23)

    assert value("tenure", case) == 20.0
    assert reading("tenure", case).evidence == ("purchase of day 3",)


def test_without_a_purchase_there_is_no_tie_to_measure() -> None:
    """003-1, 000-1, 000-6"""
    case = case_of(inquiry(0), until=5)

    for name in ("tenure", "active_tenure", "steadiness", "tenure_to_cohort"):
        assert reading(name, case).missing == ("a purchase",)
    assert reading("retained", case).missing == ("a purchase before the last window",)
    assert reading("second_purchase_days", case).missing == ("a second purchase",)


def test_active_tenure_leaves_out_the_time_spent_dormant() -> None:
    """003-1"""
    asleep = case_of(purchase(0), until=500)
    dormant_at = next(move.effective_at for move in asleep.transitions if move.target == "dormant")
    woken = case_of(purchase(0), purchase(500), until=510)

    idle = (case_of(purchase(0), until=500).as_of - dormant_at) / 86_400_000_000
    assert idle > 100
    assert value("active_tenure", asleep) == pytest.approx(500 - idle)
    assert value("active_tenure", woken) == pytest.approx(510 - idle)
    assert value("tenure", woken) == 10.0
    assert reading("active_tenure", woken).parts == {"idle_days": pytest.approx(idle)}


def test_the_sleep_of_a_business_line_is_not_that_of_the_customer() -> None:
    """003-1"""
    whole, by_line = case_of(purchase(0), until=500), case_of(purchase(0, line="shoes"), until=500)

    assert value("active_tenure", by_line) == value("active_tenure", whole)


def test_the_time_after_the_end_does_not_count_as_active() -> None:
    """003-1"""
    gone = case_of(purchase(0), end_intent(10), until=40)

    assert gone.state.stage == "ended"
    assert value("active_tenure", gone) == 10.0


def test_who_was_never_dormant_has_been_active_all_along() -> None:
    """003-1"""
    case = case_of(purchases(0, 10, 20), until=25, policy=TEN_DAYS)

    assert value("active_tenure", case) == 25.0
    assert reading("active_tenure", case).parts == {"idle_days": 0.0}


def test_steadiness_is_the_share_of_windows_with_an_inquiry_or_a_purchase() -> None:
    """003-1: windows of 30 days back from day 119: of days 90-119, 60-89, 30-59 and 0-29."""
    policy = Policy(window_gaps=0.001)
    bought = case_of(purchases(0, 65), until=119, policy=policy)
    asked = case_of(purchases(0, 65), inquiry(100), until=119, policy=policy)

    assert value("steadiness", bought) == 0.5
    assert value("steadiness", asked) == 0.75
    assert reading("steadiness", asked).parts == {"windows": 4}
    assert reading("steadiness", asked).evidence == ("purchase of day 0", "purchase of day 65")


def test_an_inquiry_before_the_first_purchase_is_no_part_of_the_tie() -> None:
    """003-1"""
    policy = Policy(window_gaps=0.001)

    assert value("steadiness", case_of(inquiry(0), purchase(65), until=70, policy=policy)) == 1.0
    assert value("steadiness", case_of(purchase(65), inquiry(66), until=125, policy=policy)) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("newest", "kept"), [(90, False), (91, True)])
def test_a_customer_is_retained_who_bought_in_the_last_window_and_in_the_one_before(newest: int, kept: bool) -> None:
    """000-1: as of day 120 the last window of 30 days begins after day 90."""
    case = case_of(purchases(61, newest), until=120, policy=Policy(window_gaps=0.001))

    found = reading("retained", case)

    assert found.value is kept
    assert found.evidence == ("purchase of day 61", f"purchase of day {newest}")
    assert found.parts["window_days"] == 30.0


@pytest.mark.parametrize(("older", "kept"), [(60, False), (61, True)])
def test_a_purchase_two_windows_ago_does_not_retain(older: int, kept: bool) -> None:
    """000-1"""
    assert value("retained", case_of(purchases(older, 100), until=120, policy=Policy(window_gaps=0.001))) is kept


def test_a_new_customer_is_neither_retained_nor_lost() -> None:
    """000-1"""
    policy = Policy(window_gaps=0.001)

    assert value("retained", case_of(purchase(0), until=29, policy=policy)) is None
    assert value("retained", case_of(purchase(0), until=30, policy=policy)) is False


def test_the_rate_of_retention_is_the_share_of_windows_followed_by_another_with_a_purchase() -> None:
    """000-1: bought in windows 4, 3, 2 and 0 back from now: of 4, 3 and 2, two were followed."""
    case = case_of(purchases(0, 35, 65, 130), until=149, policy=Policy(window_gaps=0.001))

    assert reading("retained", case).parts["rate"] == pytest.approx(2 / 3)


def test_the_second_purchase_is_split_by_what_was_thought_of_the_first() -> None:
    """000-6"""
    told = case_of(purchase(0), rating(2, 1.0), rating(3, 0.5), purchase(12), rating(13, -1.0), until=20)
    untold = case_of(purchase(0), purchase(12), until=20)

    assert value("second_purchase_days", told) == 12.0
    assert reading("second_purchase_days", told).parts == {"opinion_of_first": 0.75}
    assert reading("second_purchase_days", told).evidence == ("purchase of day 0", "purchase of day 12")
    assert reading("second_purchase_days", untold).parts == {"opinion_of_first": None}


def test_what_was_said_before_the_first_purchase_or_from_the_second_on_is_no_opinion_of_it() -> None:
    """000-6"""
    case = case_of(rating(0, -1.0), purchase(1), complaint(2), purchase(9), rating(9, 1.0), until=9)

    assert reading("second_purchase_days", case).parts == {"opinion_of_first": -0.8}


@pytest.mark.parametrize(("on_time", "x"), [(True, 0.3), (False, -0.3)])
def test_how_the_first_order_was_delivered_is_an_opinion_of_it(on_time: bool, x: float) -> None:
    """000-6, 000-3"""
    case = case_of(purchase(0), fact(Delivery, 3, on_time=on_time), purchase(12), until=20)

    assert reading("second_purchase_days", case).parts == {"opinion_of_first": x}


def test_tenure_is_held_against_the_cohort_of_the_own_category_first() -> None:
    """002-24"""
    cohort = Population(everybody=Figures(median_tenure_days=80.0), lines={"shoes": Figures(median_tenure_days=20.0)})
    policy = Policy(population=cohort)

    shoes = case_of(purchase(0, line="shoes"), until=40, policy=policy)
    bags = case_of(purchase(0, line="bags"), until=40, policy=policy)

    assert value("tenure_to_cohort", shoes) == 2.0
    assert reading("tenure_to_cohort", shoes).parts == {"cohort_days": 20.0}
    assert value("tenure_to_cohort", bags) == 0.5


@pytest.mark.parametrize("median", [None, 0.0])
def test_without_a_cohort_tenure_is_held_against_nothing(median: float | None) -> None:
    """002-24"""
    policy = Policy(population=Population(everybody=Figures(median_tenure_days=median)))

    found = reading("tenure_to_cohort", case_of(purchase(0), until=40, policy=policy))

    assert found.value is None
    assert found.missing == ("the median tenure of all customers, from a population job",)
    assert found.evidence == ("purchase of day 0",)


@pytest.mark.parametrize("name", ["tenure", "active_tenure"])
def test_the_first_purchase_of_all_is_the_evidence_of_how_long_a_tie_has_lasted(name: str) -> None:
    """003-1: also where more was bought on that day."""
    assert reading(name, case_of(purchase(1.1), purchase(1.9), purchase(5), until=9)).evidence == (
        "purchase of day 1.1",
    )

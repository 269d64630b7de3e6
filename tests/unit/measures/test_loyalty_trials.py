"""Trial orders and their delivery."""

import pytest

from shared.domain.events import Delivery
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import inquiry, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import fact, value

USUAL = Policy(
    population=Population(
        everybody=Figures(median_first_order=100_00.0), lines={"shoes": Figures(median_first_order=40_00.0)}
    )
)


@pytest.mark.parametrize(("amount", "trials"), [(50_00, 1), (50_01, 0)])
def test_at_most_half_of_what_others_first_order_is_a_trial(amount: int, trials: int) -> None:
    """000-3"""
    found = reading("trial_orders", case_of(purchase(0, amount), until=5, policy=USUAL))

    assert found.value == trials
    assert found.parts == {"newest_is_trial": bool(trials)}
    assert found.evidence == ("purchase of day 0",) * trials


def test_only_the_first_three_purchase_days_can_be_trials() -> None:
    """000-3"""
    case = case_of(purchases(0, 5, 9, 12, amount=10_00), until=15, policy=USUAL)

    assert value("trial_orders", case) == 3
    assert reading("trial_orders", case).evidence == ("purchase of day 0", "purchase of day 5", "purchase of day 9")


def test_a_trial_is_small_for_its_own_category() -> None:
    """000-3: 30 is a trial among all orders, but not among those of shoes; of two categories all orders count."""
    mixed = [purchase(0, 10_00, line="shoes"), purchase(0.5, 20_00, line="bags")]

    assert value("trial_orders", case_of(purchase(0, 30_00, line="shoes"), until=5, policy=USUAL)) == 0
    assert value("trial_orders", case_of(purchase(0, 30_00, line="bags"), until=5, policy=USUAL)) == 1
    assert value("trial_orders", case_of(mixed, until=5, policy=USUAL)) == 1


def test_the_median_is_converted_to_the_currency_of_the_customer() -> None:
    """000-3: a median of 100.00 USD is 50.00 EUR at 0.5."""
    dollars = Population(currency="USD", everybody=Figures(median_first_order=100_00.0))
    rated = Policy(population=dollars, base_currency="EUR", rates={"USD": 0.5})

    assert value("trial_orders", case_of(purchase(0, 25_00), until=5, policy=rated)) == 1
    assert value("trial_orders", case_of(purchase(0, 25_01), until=5, policy=rated)) == 0
    assert value("trial_orders", case_of(purchase(0, 25_00), until=5, policy=Policy(population=dollars))) is None


def test_without_a_figure_of_all_customers_no_order_is_small() -> None:
    """000-3"""
    bought, asked = case_of(purchase(0), until=5), case_of(inquiry(0), until=5)

    assert reading("trial_orders", bought).missing == (
        "the median first order of all customers, from a population job",
    )
    assert reading("trial_orders", asked).missing == ("a purchase",)
    assert reading("trial_delivery", bought).missing == ("a trial order, and the median first order of all customers",)


def test_an_amount_without_a_rate_is_no_trial_and_lowers_the_coverage() -> None:
    """000-3"""
    case = case_of(purchase(0, 10_00), purchase(5, 10_00, currency="USD"), until=9, policy=USUAL)

    found = reading("trial_orders", case)

    assert found.value == 1
    assert found.coverage == 0.5
    assert found.missing == ("amounts of purchases in a currency with a rate",)


def test_trials_are_delivered_on_time_or_not() -> None:
    """000-3: two trials, one delivered late; what is installed or was no trial does not count."""
    case = case_of(
        purchase(0, 10_00, "a"),
        purchase(5, 10_00, "b"),
        purchase(9, 90_00, "c"),
        fact(Delivery, 6, on_time=True, order_id="a"),
        fact(Delivery, 7, on_time=False, order_id="b", duty="delivery"),
        fact(Delivery, 8, on_time=True, order_id="b", duty="installation"),
        fact(Delivery, 10, on_time=True, order_id="c"),
        until=15,
        policy=USUAL,
    )

    found = reading("trial_delivery", case)

    assert found.value == 0.5
    assert found.coverage == 1.0
    assert found.evidence == ("delivery of day 6", "delivery of day 7")


def test_a_trial_whose_delivery_is_not_told_lowers_the_coverage() -> None:
    """000-3"""
    trials = [purchase(0, 10_00, "a"), purchase(5, 10_00, "b")]
    late = fact(Delivery, 6, on_time=False, order_id="a")

    assert value("trial_delivery", case_of(trials, late, until=9, policy=USUAL)) == 0.0
    assert reading("trial_delivery", case_of(trials, late, until=9, policy=USUAL)).coverage == 0.5
    assert reading("trial_delivery", case_of(trials, until=9, policy=USUAL)).missing == (
        "the delivery of a trial order, with its order id",
    )


def test_a_trial_that_was_refunded_was_none() -> None:
    """000-3"""
    case = case_of(purchase(0, 10_00, "a"), refund(1, 10_00, "a"), purchase(5, 10_00, "b"), until=9, policy=USUAL)

    assert value("trial_orders", case) == 1

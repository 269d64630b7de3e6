"""How often a customer buys in the period that its kind of product is measured by."""

from math import exp

import pytest

from shared.domain.events import Item, Profile
from shared.domain.measures.reading import Reading
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import inquiry, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import fact, value


def test_durable_goods_are_measured_over_three_years_and_meals_over_a_month() -> None:
    """003-7"""
    durable = reading("measuring_window", case_of(purchase(0, line="durable"), until=9))
    meals = reading("measuring_window", case_of(purchase(0, line="restaurant"), until=9))

    assert durable.value == 1095.0
    assert durable.parts == {"category": "durable", "cadence_days": 1095.0, "of_category": True}
    assert durable.coverage == 1.0
    assert durable.missing == ()
    assert meals.value == 30.0


def test_a_category_without_a_period_gets_the_prior_of_the_policy_and_says_so() -> None:
    """003-7"""
    found = reading("measuring_window", case_of(purchase(0, line="shoes"), until=9))

    assert found.value == 365.0
    assert found.parts == {"category": "shoes", "cadence_days": pytest.approx(30.0), "of_category": False}
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == ("a period for 'shoes' in the policy",)


def test_without_a_category_the_line_is_what_is_missing() -> None:
    """003-7"""
    found = reading("measuring_window", case_of(purchase(0), until=9))

    assert found.value == 365.0
    assert found.coverage == pytest.approx(1 / 3)
    assert found.missing == ("the line of purchases or of their items",)


def test_the_policy_may_set_another_period_for_a_line_or_an_industry() -> None:
    """003-7"""
    policy = Policy(
        lines={"durable": {"retention_days": 700.0}, "shoes": {"retention_days": 90.0, "mu0": 2.0}},
        industries={"food": {"retention_days": 7.0}},
    )

    def window(line: str, industry: str | None = None) -> Reading:
        told = fact(Profile, 0, industry=industry)
        return reading("measuring_window", case_of(told, purchase(0, line=line), until=9, policy=policy))

    assert window("durable").value == 700.0
    assert window("durable").parts["cadence_days"] == 1095.0
    assert window("shoes").value == 90.0
    assert window("shoes").parts["cadence_days"] == pytest.approx(exp(2.0))
    assert window("shoes").coverage == 1.0
    assert window("shoes", "food").value == 90.0
    assert window("hats", "food").value == 7.0
    assert window("hats", "food").missing == ()
    assert window("hats").value == 365.0


def test_the_cadence_is_that_of_all_customers_of_the_category() -> None:
    """003-7"""
    everybody = Population(lines={"shoes": Figures(mu0=1.0, sigma0=1.0), "bank": Figures(mu0=1.5, sigma0=1.0)})
    policy = Policy(population=everybody)

    def cadence(line: str) -> object:
        case = case_of(purchase(0, line=line), until=9, policy=policy)
        return reading("measuring_window", case).parts["cadence_days"]

    assert cadence("shoes") == pytest.approx(exp(1.0))
    assert cadence("bank") == pytest.approx(exp(1.5))
    assert cadence("restaurant") == 30.0
    assert cadence("hats") == pytest.approx(30.0)


def test_the_main_category_is_the_one_bought_most_often_then_last() -> None:
    """003-7"""
    most = case_of(purchases(0, 5, line="bank"), purchase(9, line="durable"), until=9)
    newest = case_of(purchase(0, line="durable"), purchase(9, line="bank"), until=9)

    assert reading("measuring_window", most).parts["category"] == "bank"
    assert reading("measuring_window", newest).parts["category"] == "bank"


def test_purchases_are_counted_in_the_period_of_their_category() -> None:
    """003-6: as of day 40 the last 30 days begin after day 10."""
    case = case_of(purchases(0, 10, 11, 20, line="bank"), until=40)

    found = reading("occasions_per_period", case)

    assert found.value == 2
    assert found.evidence == ("purchase of day 11", "purchase of day 20")
    assert found.parts == {"mean": 3.0, "period_days": 30.0}


def test_the_mean_per_period_is_over_at_least_one_period() -> None:
    """003-6"""
    found = reading("occasions_per_period", case_of(purchases(0, 5, line="bank"), until=6))

    assert found.parts["mean"] == 2.0


@pytest.mark.parametrize(("days", "often"), [((20, 30), True), ((10, 30), False)])
def test_retained_by_number_means_k_purchase_days_in_the_period(days: tuple[int, int], often: bool) -> None:
    """003-2: k is 2; as of day 40 a purchase of day 10 lies before the last 30 days."""
    found = reading("bought_often_enough", case_of(purchases(*days, line="bank"), until=40))

    assert found.value is often
    assert found.parts == {"occasions": 1 + often, "asked": 2, "period_days": 30.0}


def test_how_often_is_often_can_be_set_by_line() -> None:
    """003-2"""
    policy = Policy(lines={"bank": {"retention_count": 3}}, retention_count=1)

    assert value("bought_often_enough", case_of(purchases(1, 2, line="bank"), until=9, policy=policy)) is False
    assert value("bought_often_enough", case_of(purchases(1, 2, 3, line="bank"), until=9, policy=policy)) is True
    assert value("bought_often_enough", case_of(purchase(1), until=9, policy=policy)) is True


def test_without_a_purchase_nothing_is_counted() -> None:
    """003-2, 003-6, 003-7, 003-8"""
    case = case_of(inquiry(0), until=5)

    for name in ("measuring_window", "occasions_per_period", "bought_often_enough", "categories"):
        assert reading(name, case).value is None
        assert reading(name, case).missing == ("a purchase",)


def test_any_category_counts_and_each_keeps_its_own_count() -> None:
    """003-8: two shoes days, one of them with a bag among its items."""
    both = (Item(line="bags"), Item())
    case = case_of(purchase(0, line="shoes"), purchase(5, line="shoes", items=both), purchase(9), until=10)

    found = reading("categories", case)

    assert found.value == 2
    assert found.parts == {"shoes": 2, "bags": 1}
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == ("the line of purchases or of their items",)
    assert found.evidence == ("purchase of day 0", "purchase of day 5")


def test_categories_of_more_than_a_year_ago_no_longer_count() -> None:
    """003-8"""
    case = case_of(purchase(0, line="shoes"), purchase(1, line="bags"), until=365)

    assert value("categories", case) == 1
    assert reading("categories", case).parts == {"bags": 1}
    assert reading("categories", case).coverage == 1.0
    assert value("categories", case_of(purchase(0, line="shoes"), until=400)) == 0
    assert reading("categories", case_of(purchase(0, line="shoes"), until=400)).coverage == 1.0


def test_purchases_without_a_line_do_not_say_how_many_categories() -> None:
    """003-8"""
    found = reading("categories", case_of(purchases(0, 5), until=10))

    assert found.value is None
    assert found.missing == ("the line of purchases or of their items",)

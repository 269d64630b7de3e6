"""Customer types: how far the relationship has come, beside the stage (001-8, 001-11 … 001-13)."""

import pytest

from shared.domain.customer import Customer, CustomerType
from shared.domain.events import Fact
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rules import customer_type
from tests.builders import contact, fold_story, inquiry, purchase, purchases, refund


@pytest.mark.parametrize(
    ("story", "wanted"),
    [
        ([contact(0)], CustomerType.TARGET),
        ([inquiry(0)], CustomerType.POTENTIAL),
        ([inquiry(0), purchase(1)], CustomerType.NEW),
        (purchases(0, 100), CustomerType.NEW),
        # N = 3, W = 2m = 2 (30^3 10^2)^(1/5) = 38.7 days.
        (purchases(0, 10, 20), CustomerType.NEW),
        (purchases(0, 20, 40), CustomerType.NEW),
        (purchases(0, 40, 80), CustomerType.ESTABLISHED),
        (purchases(*range(0, 60, 5)), CustomerType.ESTABLISHED),
        ([purchase(0), refund(1)], CustomerType.POTENTIAL),
        # After dormancy a cycle begins, and with it a new customer.
        ([*purchases(*range(0, 60, 5)), purchase(200)], CustomerType.NEW),
        ([*purchases(*range(0, 60, 5)), inquiry(900)], CustomerType.POTENTIAL),
    ],
)
def test_the_type_follows_the_newest_occasion(story: list[Fact], wanted: CustomerType) -> None:
    assert customer_type(fold_story(story).customer, DEFAULT) is wanted


def test_nobody_known_is_a_target() -> None:
    assert customer_type(Customer(), DEFAULT) is CustomerType.TARGET


def test_an_established_customer_who_tries_another_line_is_new_to_that_line() -> None:
    shoes = purchases(*range(0, 60, 5), line="shoes")

    tried = fold_story(shoes, purchases(60, 65, line="bags")).customer
    used = fold_story(shoes, purchases(60, 65, 70, line="bags")).customer
    back = fold_story(shoes, purchases(60, line="bags"), purchases(65, line="shoes")).customer

    assert customer_type(tried, DEFAULT) is CustomerType.NEW_LINE
    assert customer_type(used, DEFAULT) is CustomerType.ESTABLISHED
    assert customer_type(back, DEFAULT) is CustomerType.ESTABLISHED


def test_the_line_that_a_customer_began_with_is_not_a_new_one() -> None:
    folded = fold_story(purchases(0, line="shoes"), purchases(30, 60), purchases(90, line="shoes"))

    assert customer_type(folded.customer, DEFAULT) is CustomerType.ESTABLISHED


@pytest.mark.parametrize(("newest", "wanted"), [(30, CustomerType.ESTABLISHED), (29, CustomerType.NEW)])
def test_a_customer_is_established_from_three_purchase_days_and_a_tenure_of_one_window_on(
    newest: int, wanted: CustomerType
) -> None:
    """001-12: W is thirty days, to the day."""
    month = Policy(window_gaps=0.001)

    assert customer_type(fold_story(purchases(0, 10, newest), policy=month).customer, month) is wanted

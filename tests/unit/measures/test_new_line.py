"""An old customer tries a new line."""

import pytest

from shared.domain.facts.trade import Item
from shared.domain.measures.new_line import tried_line
from shared.domain.policy import Policy
from tests.builders import complaint, purchase, purchases, rating, refund
from tests.unit.measures.cases import case_of, reading

SHOES = purchases(0, 10, 20, 30, line="shoes")
BAG = purchase(40, line="bags", id="bag")


def test_five_factors_decide_whether_an_old_customer_stays_with_a_new_line() -> None:
    """001-14: W is 32.03 d: of the shoes one occasion lies in the last W and three in the one before."""
    said = [rating(41, -0.5, line="shoes"), rating(41, 1, line="bags", id="nice bag")]
    case = case_of(SHOES, BAG, said, until=55, policy=Policy(company_outlook=0.3))

    found = reading("new_line_factors", case)

    assert found.parts == {
        "old_line_satisfaction": -0.5,
        "old_line_usage": -0.5,
        "new_line_adoption": pytest.approx(1 / 3),
        "new_line_satisfaction": 1,
        "company_outlook": 0.3,
    }
    assert found.value == pytest.approx((-0.5 - 0.5 + 1 / 3 + 1 + 0.3) / 5)
    assert found.coverage == 1
    assert found.evidence == ("bag",)


def test_what_nobody_said_is_left_out_and_what_is_said_of_no_line_is_said_of_the_old_ones() -> None:
    """001-14: a complaint is an opinion of -0.8; the outlook of the firm is in the policy, or unknown."""
    found = reading("new_line_factors", case_of(SHOES, BAG, complaint(41), until=45))

    assert found.parts["old_line_satisfaction"] == pytest.approx(-0.8)
    assert found.parts["old_line_usage"] == 0
    assert found.parts["new_line_satisfaction"] is None
    assert found.parts["company_outlook"] is None
    assert found.coverage == pytest.approx(3 / 5)
    assert found.value == pytest.approx((-0.8 + 0 + 1 / 3) / 3)
    assert found.missing == ("new_line_satisfaction", "company_outlook")


@pytest.mark.parametrize(
    ("until", "usage"),
    [(49, 1 / 3), (50, -1 / 3), (59, -1 / 3), (60, -1.0), (89, -1.0), (90, None)],
)
def test_the_old_line_is_used_more_or_less_than_a_window_before(until: float, usage: float | None) -> None:
    """001-14: shoes on days 0, 20 and 30; (n0 - n1) / (n0 + n1), W is 30 d."""
    story = [*purchases(0, 20, 30, line="shoes"), purchase(22, line="bags")]
    heavy = Policy(mu0=0.1, prior_weight=1e9)

    found = reading("new_line_factors", case_of(story, until=until, policy=heavy))

    assert found.parts["old_line_usage"] == usage


def test_a_line_is_new_until_it_has_as_many_occasions_as_formation_asks_for() -> None:
    """001-14: the third purchase makes bags usual."""
    two = case_of(SHOES, purchases(40, 41, line="bags"), until=55)
    three = case_of(SHOES, purchases(40, 41, 42, line="bags"), until=55)

    assert reading("new_line_factors", two).parts["new_line_adoption"] == pytest.approx(2 / 3)
    assert tried_line(three) is None
    assert reading("new_line_factors", three).missing == ("a purchase of an old customer in a line that is new to it",)


def test_a_line_of_the_first_day_is_not_new_nor_is_one_that_was_given_back() -> None:
    """001-14: the newest of several new lines is the one that counts."""
    first = [purchase(0, line="bags"), *SHOES[2:]]
    returned = purchase(40, order="bag", line="bags")

    assert tried_line(case_of(first, until=55)) == "shoes"
    assert tried_line(case_of(SHOES, until=55)) is None
    assert tried_line(case_of(SHOES, returned, refund(41, order="bag"), until=55)) is None
    assert tried_line(case_of(SHOES, BAG, purchase(45, line="hats"), until=55)) == "hats"
    assert tried_line(case_of(purchases(0, 10), until=55)) is None
    assert tried_line(case_of(purchases(0, 10, line="shoes"), until=55)) is None
    assert tried_line(case_of(rating(0, 1), until=55)) is None


def test_a_new_customer_tries_no_new_line() -> None:
    """001-14: two purchases make no old customer."""
    case = case_of(purchase(0, line="shoes"), BAG, until=55)

    assert reading("new_line_factors", case).missing == ("a purchase of an old customer in a line that is new to it",)


def test_a_line_is_new_again_after_the_customer_slept() -> None:
    """001-14: occasions and opinions of this cycle only."""
    again = [*purchases(1000, 1010, 1020, line="shoes"), purchase(1030, line="bags", id="new bag")]
    waking = [*again, rating(1000, 0.5, line="shoes")]
    case = case_of(SHOES, purchases(40, 41, 42, line="bags"), rating(43, -1, line="shoes"), waking, until=1045)

    found = reading("new_line_factors", case)

    assert found.parts["new_line_adoption"] == pytest.approx(1 / 3)
    assert found.parts["old_line_satisfaction"] == 0.5
    assert found.evidence == ("new bag",)


def test_the_worst_of_the_old_lines_counts_and_lines_are_told_by_items_too() -> None:
    """001-14: one of two old lines is a disappointment; the bag came in an order without a line of its own."""
    said = [rating(41, -0.5, line="shoes", id="bad"), rating(41, 1, line="hats", id="good")]
    bag = purchase(40, items=(Item(line="bags", amount=60_00), Item(line="belts", amount=40_00)), id="by items")
    case = case_of(SHOES, purchase(0, line="hats", id="hat"), purchase(40, line="bags", id="bag"), bag, said, until=55)

    found = reading("new_line_factors", case)

    assert found.parts["old_line_satisfaction"] == -0.5
    assert tried_line(case) == "belts"
    assert found.evidence == ("by items",)


def test_purchases_of_no_line_are_purchases_of_the_old_business() -> None:
    """001-14: W is 30 d; of the days 0, 10 and 20 one lies in the last W. Days with a bag are the new line's."""
    story = [*purchases(0, 10, 20, 30), *purchases(30.5, 35, line="bags")]

    found = reading("new_line_factors", case_of(story, until=45, policy=Policy(mu0=0.1, prior_weight=1e9)))

    assert found.parts["old_line_usage"] == pytest.approx(-1 / 3)
    assert found.parts["new_line_adoption"] == pytest.approx(2 / 3)

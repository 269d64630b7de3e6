"""What trust saves: searching, hesitating, being served by hand."""

import pytest

from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import inquiry, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import value

OTHERS = Policy(
    population=Population(everybody=Figures(choosing_days=8.0), lines={"shoes": Figures(choosing_days=2.0)})
)


def test_choosing_takes_from_the_first_inquiry_to_the_purchase() -> None:
    """003-9: 10, 6 and 4 days; the own median before is 8."""
    case = case_of(
        inquiry(0),
        inquiry(8),
        purchase(10),
        inquiry(14),
        purchase(20),
        inquiry(26),
        purchase(30),
        until=40,
        policy=OTHERS,
    )

    found = reading("choosing_time", case)

    assert found.value == 4.0
    assert found.parts == {"own_median": 8.0, "to_own": 0.5, "to_population": 0.5}
    assert found.coverage == 1.0
    assert found.missing == ()
    assert found.evidence == ("inquiry of day 26", "purchase of day 30")


def test_choosing_is_held_against_customers_of_the_same_category() -> None:
    """003-9"""
    case = case_of(inquiry(0), purchase(4, line="shoes"), until=5, policy=OTHERS)

    assert reading("choosing_time", case).parts == {"own_median": None, "to_own": None, "to_population": 2.0}
    assert reading("choosing_time", case).coverage == pytest.approx(2 / 3)


def test_without_a_figure_of_all_customers_choosing_stands_alone() -> None:
    """003-9"""
    found = reading("choosing_time", case_of(inquiry(0), purchase(4), until=5))

    assert found.value == 4.0
    assert found.coverage == pytest.approx(1 / 3)
    assert found.missing == ("the choosing time of all customers, from a population job",)
    assert found.parts["to_population"] is None


def test_who_chose_at_once_before_has_no_ratio_to_it() -> None:
    """003-9"""
    case = case_of(inquiry(0), purchase(0), inquiry(5), purchase(9), until=9)

    assert reading("choosing_time", case).value == 4.0
    assert reading("choosing_time", case).parts["own_median"] == 0.0
    assert reading("choosing_time", case).parts["to_own"] is None


def test_only_inquiries_since_the_purchase_before_belong_to_a_purchase() -> None:
    """003-9, 000-10"""
    case = case_of(inquiry(0), purchase(4), purchase(4.5), purchases(9), inquiry(12), until=20)

    assert value("choosing_time", case) == 4.0
    assert value("inquiries_per_purchase", case) == 0.5


def test_a_purchase_without_an_inquiry_says_nothing_of_choosing() -> None:
    """003-9, 000-10"""
    case = case_of(purchases(0, 5), inquiry(8), until=9)

    assert reading("choosing_time", case).missing == ("an inquiry before a purchase",)
    assert reading("inquiries_per_purchase", case).missing == ("inquiries before purchases",)


def test_a_trusting_customer_asks_less_before_it_buys() -> None:
    """000-10: 3, 1, 1 and 0 inquiries before four purchases."""
    case = case_of(
        inquiry(0),
        inquiry(1),
        inquiry(2),
        purchase(3),
        inquiry(5),
        purchase(8),
        inquiry(9),
        purchases(12, 20),
        until=21,
    )

    found = reading("inquiries_per_purchase", case)

    assert found.value == 1.25
    assert found.parts == {"older": 2.0, "newer": 0.5, "falling": True}
    assert len(found.evidence) == 5


def test_asking_as_much_as_before_is_not_falling() -> None:
    """000-10: of three purchases the middle one is in neither half."""
    case = case_of(inquiry(0), purchase(3), purchase(8), inquiry(9), purchase(12), until=21)
    one = case_of(inquiry(0), purchase(3), until=21)

    assert reading("inquiries_per_purchase", case).parts == {"older": 1.0, "newer": 1.0, "falling": False}
    assert reading("inquiries_per_purchase", one).parts == {"older": None, "newer": None, "falling": None}


def test_hesitation_is_the_share_of_orders_that_came_back() -> None:
    """000-10: of four orders one came back in full, one in part."""
    case = case_of(
        purchases(0, 5, 9, 12),
        refund(1, 100_00, "order 0", risk="economic"),
        refund(6, 1_00, "order 5", risk="economic"),
        refund(7, 1_00, "order 5"),
        until=20,
    )

    found = reading("hesitation", case)

    assert found.value == 0.5
    assert found.parts == {"older": 1.0, "newer": 0.0, "falling": True, "risk_economic": 2, "risk_unnamed": 1}
    assert found.evidence == ("refund of day 1", "refund of day 6", "refund of day 7")


def test_orders_that_were_all_kept_show_no_hesitation() -> None:
    """000-10"""
    found = reading("hesitation", case_of(purchases(0, 5), until=9))

    assert found.value == 0.0
    assert found.parts == {"older": 0.0, "newer": 0.0, "falling": False}
    assert found.evidence == ("purchase of day 0", "purchase of day 5")
    assert value("hesitation", case_of(inquiry(0), until=9)) is None


def test_hesitation_is_asked_only_of_orders_with_a_known_amount() -> None:
    """000-10"""
    case = case_of(purchase(0), purchase(5, currency="USD"), refund(6, 10, "order 0"), until=9)

    assert value("hesitation", case) == 1.0


def test_re_orders_and_self_service_need_nobody() -> None:
    """000-10: of four orders that tell, the older two came by sales, the newer two by themselves."""
    case = case_of(
        purchases(0, 5, channel="sales"),
        purchase(9, channel="self_service"),
        purchase(12, reorder=True),
        purchase(15),
        until=20,
    )

    found = reading("self_service_share", case)

    assert found.value == 0.5
    assert found.parts == {"older": 0.0, "newer": 1.0, "rising": True}
    assert found.coverage == pytest.approx(0.8)
    assert found.missing == ("the channel of every purchase",)


def test_orders_that_do_not_name_their_channel_do_not_tell() -> None:
    """000-10"""
    assert reading("self_service_share", case_of(purchase(0), until=9)).missing == (
        "the channel of purchases, or which are re-orders",
    )
    assert reading("self_service_share", case_of(inquiry(0), until=9)).missing == ("a purchase",)
    assert reading("self_service_share", case_of(purchase(0, channel="shop"), until=9)).missing == ()
    assert value("self_service_share", case_of(purchases(0, 5, channel="shop"), until=9)) == 0.0
    assert reading("self_service_share", case_of(purchases(0, 5, channel="shop"), until=9)).parts["rising"] is False

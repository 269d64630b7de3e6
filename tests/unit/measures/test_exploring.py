"""What both sides have tested of each other, and how uncertain a customer still is."""

from typing import Any

import pytest

from shared.domain.events import Cost, Delivery, Profile, Wallet
from shared.domain.measures.exploring import paid_on_time
from shared.domain.policy import Policy
from tests.builders import (
    complaint,
    contact,
    contract,
    inquiry,
    instant_of,
    invoice,
    payment,
    purchase,
    purchases,
    rating,
)
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.voices import told

FOOD = Policy(served_industries=("food",))


def test_the_checklist_of_exploration_is_the_share_of_known_items_that_are_met() -> None:
    """001-3: fit, good faith and terms are met, performance is not."""
    story = [
        purchase(0),
        told(Profile, 0, industry="food"),
        invoice(1, due_at=instant_of(10)),
        payment(9, id="paid"),
        told(Delivery, 3, on_time=True, id="early"),
        told(Delivery, 4, on_time=False, id="late"),
        contract(2, kind="draft", id="draft"),
    ]

    found = reading("exploration_checklist", case_of(story, until=11, policy=FOOD))

    assert found.value == 0.75
    assert found.parts == {"fit": True, "good_faith": True, "performance": False, "terms": True}
    assert found.coverage == 1
    assert found.missing == ()
    assert found.evidence == ("draft", "early", "late", "paid")


def test_items_of_the_checklist_that_nobody_told_of_are_unknown() -> None:
    """001-3: a late payment and nothing else: none of one."""
    case = case_of(purchase(0), payment(9, due_at=instant_of(8)), until=11)

    found = reading("exploration_checklist", case)

    assert found.value == 0
    assert found.parts == {"fit": None, "good_faith": False, "performance": None, "terms": None}
    assert found.coverage == 0.25
    assert found.missing == (
        "a profile with the industry, and served_industries in the policy",
        "a delivery with on_time",
        "a contract, if only of the kind draft",
    )


def test_of_a_purchase_alone_the_checklist_says_nothing() -> None:
    """001-3: unknown, with all that is missing."""
    found = reading("exploration_checklist", case_of(purchase(0), until=11))

    assert found.value is None
    assert found.missing == (
        "a profile with the industry, and served_industries in the policy",
        "an invoice or a payment with due_at",
        "a delivery with on_time",
        "a contract, if only of the kind draft",
    )
    assert found.parts == {"fit": None, "good_faith": None, "performance": None, "terms": None}


def test_an_industry_that_is_not_served_is_no_fit_and_all_deliveries_have_to_be_on_time() -> None:
    """001-3: one of two."""
    story = [told(Profile, 0, industry="cars"), told(Delivery, 3, on_time=True)]

    found = reading("exploration_checklist", case_of(purchase(0), story, until=11, policy=FOOD))

    assert found.value == 0.5
    assert found.parts["fit"] is False
    assert found.parts["performance"] is True


@pytest.mark.parametrize(
    ("story", "paid"),
    [
        ([payment(9, due_at=instant_of(10))], [True]),
        ([payment(10, due_at=instant_of(10))], [True]),
        ([payment(10.001, due_at=instant_of(10))], [False]),
        ([payment(9)], []),
        ([invoice(1, due_at=instant_of(10)), payment(10)], [True]),
        ([invoice(1, due_at=instant_of(10)), payment(10.001)], [False]),
        ([invoice(1, due_at=instant_of(10)), payment(9, 99_99)], [False]),
        ([invoice(1, due_at=instant_of(10)), payment(9, currency="USD")], [False]),
        ([invoice(1, due_at=instant_of(30))], [False]),
        ([invoice(1, due_at=instant_of(30.001))], []),
        ([invoice(1, due_at=instant_of(40)), payment(9)], [True]),
        ([invoice(1), payment(9)], []),
    ],
)
def test_an_amount_is_paid_on_time_up_to_the_instant_at_which_it_is_due(story: list[Any], paid: list[bool]) -> None:
    """001-3: good faith; as of day 30, what is neither due nor paid says nothing."""
    assert paid_on_time(case_of(purchase(0), story, until=30)) == paid


def test_payments_settle_invoices_in_the_order_of_their_issue_by_currency() -> None:
    """001-3: the undated invoice comes first, so that the payment is not one for the second."""
    story = [
        invoice(1, 100_00),
        invoice(2, 50_00, due_at=instant_of(10)),
        invoice(3, 70_00, currency="USD", due_at=instant_of(10), id="dollars"),
        payment(9, 149_00),
        payment(9, 70_00, currency="USD", id="paid dollars"),
    ]

    assert paid_on_time(case_of(purchase(0), story, until=30)) == [False, True]
    assert paid_on_time(case_of(purchase(0), story, payment(10, 1_00), until=30)) == [True, True]


@pytest.mark.parametrize(
    ("story", "uncertainty"),
    [
        ([inquiry(0), told(Profile, 1, region="north")], 1),
        ([purchase(0)], 1),
        ([purchase(0, cost=40_00)], 1 - 1 / 5 / 3),
        ([purchase(0), told(Cost, 1, amount=5, currency="EUR")], 1 - 1 / 5 / 3),
        ([purchase(0), complaint(1)], 1 - 1 / 5 / 3),
        ([*purchases(0, 1), told(Profile, 1, region="north"), told(Delivery, 1, on_time=True)], 1 - 3 / 5 * 2 / 3),
        ([*purchases(0, 1, 2), told(Wallet, 3, period="2024", total_spend=9, currency="EUR")], 1 - 1 / 5),
        ([*purchases(0, 1, 2, 3), told(Wallet, 3, period="2024", total_spend=9, currency="EUR")], 1 - 1 / 5),
    ],
)
def test_a_customer_is_uncertain_by_what_is_not_known_and_by_few_purchases(
    story: list[Any], uncertainty: float
) -> None:
    """002-5: 1 - coverage * min(N, 3) / 3, with five inputs; the delivery of a trial order is an opinion too."""
    assert reading("uncertainty", case_of(story, until=5)).value == pytest.approx(uncertainty)


def test_with_all_inputs_and_three_occasions_nothing_is_left_uncertain() -> None:
    """002-5: and with some it says which are missing."""
    story = [
        *purchases(0, 1, 2),
        rating(3, 1, id="rated"),
        told(Cost, 4, amount=5, currency="EUR", id="cost"),
        told(Delivery, 5, on_time=True, id="delivered"),
        told(Wallet, 6, period="2024", total_spend=9, currency="EUR", id="wallet"),
    ]

    found = reading("uncertainty", case_of(story, told(Profile, 7, region="north", id="profile"), until=8))
    assert found.value == 0
    assert found.missing == ()
    assert found.evidence == ("rated", "cost", "delivered", "wallet", "profile")

    found = reading("uncertainty", case_of(story, until=8))
    assert found.missing == ("profile",)
    assert found.parts == {"opinions": True, "costs": True, "deliveries": True, "wallet": True, "profile": False}


def test_of_a_target_not_even_the_uncertainty_is_known() -> None:
    """002-5: it has neither asked nor bought."""
    assert reading("uncertainty", case_of(contact(0), until=1)).missing == ("an inquiry or a purchase",)

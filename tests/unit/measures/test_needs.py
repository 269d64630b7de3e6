"""What a customer will need next, and what it owes."""

from math import sqrt

import pytest

from shared.domain.events import Item
from shared.domain.policy import Policy
from tests.builders import invoice, payment, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import item, profile

TONER = item("toner", consumable=True)
PAPER = item("paper", consumable=True)


def test_a_consumable_is_due_its_median_interval_after_the_last_purchase() -> None:
    """004-10: toner on days 0, 30 and 70: every 35 days, next on day 105; 25 days from day 80."""
    case = case_of(purchases(0, 30, 70, items=TONER), purchase(75, items=item("desk")), until=80)

    found = reading("consumable_due", case)

    assert found.value == 25
    assert found.parts == {"toner: every": 35, "toner: next": "2024-04-15"}
    assert found.evidence == ("purchase of day 0", "purchase of day 30", "purchase of day 70")


def test_of_several_consumables_the_earliest_counts() -> None:
    """004-10: paper every 20 days is due on day 90, before toner on day 105."""
    case = case_of(purchases(0, 30, 70, items=TONER), purchases(50, 70.5, items=PAPER), until=80)

    found = reading("consumable_due", case)

    assert found.value == 10
    assert list(found.parts) == ["paper: every", "paper: next", "toner: every", "toner: next"]
    assert found.evidence == ("purchase of day 50", "purchase of day 70.5")


@pytest.mark.parametrize(("until", "due"), [(80, -40), (81, None)])
def test_a_consumable_is_given_up_after_three_intervals(until: int, due: int | None) -> None:
    """004-10: every 20 days, last on day 20: overdue by 40 days on day 80, no longer used from day 81 on."""
    found = reading("consumable_due", case_of(purchases(0, 20, items=PAPER), until=until))

    assert found.value == due


def test_without_a_second_day_a_consumable_has_no_cadence() -> None:
    """004-10: twice on one day, twice in one order, a refund, no name, no flag: nothing is foretold."""
    stories = (
        purchases(0, 0.5, items=PAPER),
        [purchase(0, items=(*PAPER, *PAPER))],
        [purchase(0, items=PAPER), purchase(20, items=PAPER, order="b"), refund(21, order="b")],
        purchases(0, 20, items=item(consumable=True)),
        purchases(0, 20, items=item("paper")),
    )

    for story in stories:
        found = reading("consumable_due", case_of(story, until=30))

        assert found.value is None
        assert found.missing == ("a consumable item with its product, bought on two days",)


def test_the_next_need_is_foretold_by_the_own_rhythm() -> None:
    """004-15: gaps of 10, 10, 10 days make m = sqrt(10 * 30) = 17.32; the last purchase was 10 days ago."""
    found = reading("next_need", case_of(purchases(0, 10, 20, 30), until=40))

    assert found.value == pytest.approx(sqrt(300) - 10)
    assert found.parts == {"rhythm": "2024-02-17", "consumable": None, "what": "rhythm", "date": "2024-02-17"}
    assert found.coverage == 1
    assert found.missing == ()
    assert found.evidence == ("purchase of day 30",)


def test_an_earlier_consumable_is_the_next_need() -> None:
    """004-15: paper every 5 days is due on day 35, before the rhythm's day 47; a later one is not."""
    paper = [purchase(25.5, items=PAPER), purchase(30.5, items=PAPER)]

    found = reading("next_need", case_of(purchases(0, 10, 20), paper, until=31))
    later = reading("next_need", case_of(purchases(0, 20, 40, items=TONER), purchases(10, 30, 50, 60), until=61))

    assert found.value == 4
    assert found.parts["what"] == "paper"
    assert found.parts["date"] == "2024-02-05"
    assert found.parts["consumable"] == "2024-02-05"
    assert later.parts["what"] == "toner"
    assert later.value == -1


def test_the_rhythm_is_the_next_need_where_it_comes_before_the_consumable() -> None:
    """004-15: toner every 100 days."""
    found = reading("next_need", case_of(purchases(0, 100, items=TONER), purchases(110, 120, 130), until=131))

    assert found.parts["what"] == "rhythm"
    assert found.parts["consumable"] == "2024-07-19"


def test_a_single_purchase_has_the_rhythm_of_the_prior() -> None:
    """004-15: 30 days after it, by the prior alone; below 0 it should have come."""
    found = reading("next_need", case_of(purchase(0), until=31))

    assert found.value == pytest.approx(-1)
    assert found.coverage == 0.5
    assert found.missing == ("a second purchase day",)
    assert reading("next_need", case_of(until=5)).missing == ("a purchase",)


def test_two_rows_of_one_product_in_an_order_are_one_purchase_of_it() -> None:
    """004-10: an order names toner twice."""
    both = (Item(product="toner", consumable=True), Item(product="toner", consumable=True, quantity=2))

    found = reading("consumable_due", case_of(purchases(0, 20, items=both), until=30))

    assert found.value == 10
    assert found.evidence == ("purchase of day 0", "purchase of day 20")


def test_what_is_owed_is_invoiced_and_not_paid() -> None:
    """004-14: 100 + 50 - 30; beside it stands the customer's row in the ledger."""
    story = [
        profile(0, industry="food", region="north"),
        purchase(0, items=(Item(product="oven"), Item(product="rack"))),
        purchase(1, order="b"),
        refund(2, order="b"),
        invoice(3, 100_00),
        invoice(4, 50_00),
        payment(5, 30_00),
    ]

    found = reading("receivable", case_of(story, until=10))

    assert found.value == 120_00
    assert found.evidence == ("invoice of day 3", "invoice of day 4")
    assert found.parts == {
        "industry": "food",
        "region": "north",
        "last_bought": "oven, rack",
        "last_bought_on": "2024-01-01",
    }


def test_paid_is_nothing_owed_and_not_invoiced_is_unknown() -> None:
    """004-14: overpaying opens nothing, and pays no later invoice."""
    paid = case_of(purchase(0), invoice(1, 100_00), payment(2, 130_00), until=10)
    later = case_of(purchase(0), invoice(1, 100_00), payment(2, 130_00), invoice(3, 50_00), until=10)
    never = case_of(purchase(0), until=10)

    assert reading("receivable", paid).value == 0
    assert reading("overdue_receivable", paid).value == 0
    assert reading("receivable", later).value == 50_00
    assert reading("receivable", never).missing == ("an invoice",)
    assert reading("receivable", never).parts["last_bought"] is None
    assert reading("overdue_receivable", never).missing == ("an invoice with due_at",)
    assert reading("receivable", case_of(profile(0, region="north"), until=1)).parts == {
        "industry": None,
        "region": "north",
        "last_bought": None,
        "last_bought_on": None,
    }


def due(on: float) -> int:
    """The instant of a day of the story."""
    return round(purchase(on).occurred_at)


@pytest.mark.parametrize(("now", "late", "days"), [(19, 0, 0), (20, 0, 0), (20.5, 60_00, 0.5), (40, 110_00, 20)])
def test_a_receivable_is_overdue_once_its_day_has_passed(now: float, late: int, days: float) -> None:
    """004-14, 004-9: 60 of 100 are due on day 20, 50 on day 30."""
    first, second = invoice(1, 100_00, due_at=due(20)), invoice(2, 50_00, due_at=due(30))

    found = reading("overdue_receivable", case_of(purchase(0), first, second, payment(3, 40_00), until=now))

    assert found.value == late
    assert found.parts == {"days": days}
    assert found.coverage == 1


def test_a_payment_pays_the_order_that_it_names_first() -> None:
    """004-9: 60 for order b pay its 50, the rest goes to the oldest; a nameless one goes to the oldest at once."""
    oldest = invoice(1, 100_00, due_at=due(5))
    of_b = invoice(2, 50_00, due_at=due(5), order_id="b")

    named = reading("overdue_receivable", case_of(purchase(0), oldest, of_b, payment(3, 60_00, order_id="b"), until=9))
    nameless = reading("overdue_receivable", case_of(purchase(0), oldest, of_b, payment(3, 60_00), until=9))

    assert named.value == nameless.value == 90_00
    assert named.evidence == ("invoice of day 1",)
    assert nameless.evidence == ("invoice of day 1", "invoice of day 2")


def test_an_invoice_that_does_not_say_when_it_is_due_is_not_taken_for_late() -> None:
    """004-9: one of two open invoices says so; where none does it is unknown."""
    dated, undated = invoice(1, 100_00, due_at=due(5)), invoice(2, 50_00)

    half = reading("overdue_receivable", case_of(purchase(0), dated, undated, until=9))
    none = reading("overdue_receivable", case_of(purchase(0), undated, until=9))

    assert half.value == 100_00
    assert half.coverage == 0.5
    assert none.missing == ("due_at of the open invoices",)
    assert none.evidence == ("invoice of day 2",)


def test_currencies_are_settled_apart_and_never_added() -> None:
    """004-14: euros do not pay dollars; dollars count at their rate, or not at all."""
    story = [purchase(0), invoice(1, 100_00, currency="USD"), invoice(2, 50_00), payment(3, 70_00)]

    converted = reading("receivable", case_of(story, until=9, policy=Policy(base_currency="EUR", rates={"USD": 0.5})))
    without_rate = reading("receivable", case_of(story, until=9))
    owed = reading("receivable", case_of(story, invoice(4, 10_00), until=9))

    assert converted.value == 50_00
    assert without_rate.missing == ("a purchase, and a rate of exchange for every currency, or a base currency",)
    assert owed.value == 10_00
    assert owed.coverage == 0.5


def test_a_second_purchase_day_makes_a_rhythm_of_its_own() -> None:
    """004-15: one gap is enough to be no longer the prior's alone."""
    found = reading("next_need", case_of(purchases(0, 10), until=11))

    assert (found.coverage, found.missing) == (1.0, ())

"""Paying on time."""

import pytest

from tests.builders import instant_of, invoice, payment, purchase
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import value


def test_credit_is_the_share_of_invoices_paid_in_full_by_their_due_date() -> None:
    """002-22: of three invoices that are due one was paid in time, one late, one not at all."""
    case = case_of(
        invoice(0, due_at=instant_of(10), order_id="a"),
        invoice(1, due_at=instant_of(10), order_id="b"),
        invoice(2, due_at=instant_of(20), order_id="c"),
        invoice(3, due_at=instant_of(99), order_id="d"),
        payment(5, order_id="a"),
        payment(12, order_id="b"),
        until=20,
    )

    found = reading("credit", case)

    assert found.value == pytest.approx(1 / 3)
    assert found.parts == {"invoices": 3, "late": 2}
    assert found.evidence == ("invoice of day 0", "invoice of day 1", "invoice of day 2")


@pytest.mark.parametrize(("paid", "rate"), [(10, 1.0), (10.001, 0.0)])
def test_paying_at_the_due_date_is_in_time(paid: float, rate: float) -> None:
    """002-22"""
    assert value("credit", case_of(invoice(0, due_at=instant_of(10)), payment(paid), until=20)) == rate


def test_an_invoice_is_judged_when_it_is_due_or_paid() -> None:
    """002-22"""
    open_one = invoice(0, due_at=instant_of(10))

    assert value("credit", case_of(open_one, until=9)) is None
    assert value("credit", case_of(open_one, until=10)) == 0.0
    assert value("credit", case_of(open_one, payment(5), until=9)) == 1.0
    assert reading("credit", case_of(purchase(0), invoice(1), payment(2), until=9)).missing == (
        "invoices with a due date, and payments",
    )


def test_an_invoice_is_paid_when_nothing_of_it_is_open() -> None:
    """002-22: 60 and 40 make the hundred, a day late."""
    half, rest = payment(5, 60_00), payment(11, 40_00)

    assert value("credit", case_of(invoice(0, due_at=instant_of(10)), half, until=9)) is None
    assert value("credit", case_of(invoice(0, due_at=instant_of(10)), half, rest, until=20)) == 0.0
    assert value("credit", case_of(invoice(0, due_at=instant_of(10)), half, payment(10, 40_00), until=20)) == 1.0


def test_a_payment_that_names_no_order_settles_the_oldest_invoices_first() -> None:
    """002-22"""
    both = [invoice(0, due_at=instant_of(10)), invoice(1, due_at=instant_of(12))]

    assert reading("credit", case_of(both, payment(5, 150_00), until=20)).parts == {"invoices": 2, "late": 1}
    assert reading("credit", case_of(both, payment(5, 200_00), until=20)).parts == {"invoices": 2, "late": 0}


def test_a_payment_settles_the_order_that_it_names() -> None:
    """002-22"""
    both = [invoice(0, due_at=instant_of(10), order_id="a"), invoice(1, due_at=instant_of(30), order_id="b")]

    assert value("credit", case_of(both, payment(5, order_id="b"), until=20)) == 0.5
    assert value("credit", case_of(both, payment(5, order_id="a"), until=20)) == 1.0
    assert value("credit", case_of(both, payment(5, order_id="x"), until=20)) == 1.0


def test_a_payment_in_another_currency_settles_nothing() -> None:
    """002-22"""
    assert value("credit", case_of(invoice(0, due_at=instant_of(10)), payment(5, currency="USD"), until=20)) == 0.0


def test_a_payment_before_the_invoice_is_in_time() -> None:
    """002-22"""
    assert value("credit", case_of(payment(0), invoice(5, due_at=instant_of(10)), until=20)) == 1.0


def test_an_invoice_of_nothing_is_paid_from_the_start() -> None:
    """002-22"""
    assert value("credit", case_of(invoice(0, 0, due_at=instant_of(10)), until=5)) == 1.0
    assert value("credit", case_of(invoice(0, 1, due_at=instant_of(10)), until=10)) == 0.0

"""What is open between the two: which invoice a payment settles, which order a delivery, and what that blocks."""

from collections.abc import Sequence

import pytest

from shared.domain.context import EMPTY, Owed, Promised
from shared.domain.customer import Customer, Pledge
from shared.domain.decisions import Guard
from shared.domain.events import Fact
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from shared.domain.rules import books_settled, overdue_debts, paid_up
from shared.domain.stages import Stage
from tests.builders import (
    contract,
    contract_ended,
    day,
    delivery,
    end_intent,
    fold_story,
    invoice,
    last,
    path,
    payment,
    purchase,
    purchases,
)


def owed(*story: Fact | Sequence[Fact]) -> list[tuple[str, str, int]]:
    """What is left of which invoices, the oldest first."""
    context = fold_story(*story).customer.context or EMPTY
    return [(one.name, one.currency, one.amount) for one in context.owed]


def promised(*story: Fact | Sequence[Fact]) -> list[str]:
    """Which orders are still to be delivered, the oldest first."""
    context = fold_story(*story).customer.context or EMPTY
    return [one.order_id for one in context.promised]


TWO_INVOICES = [invoice(0, 100, order_id="a"), invoice(1, 50, order_id="b")]


def test_an_invoice_is_known_by_its_order_else_by_its_event() -> None:
    """004-9: a receivable that nobody declared paid is open."""
    assert owed(invoice(0, 100, order_id="a"), invoice(1, 50, id="i")) == [("a", "EUR", 100), ("i", "EUR", 50)]


def test_an_invoice_keeps_when_it_is_due() -> None:
    context = fold_story(invoice(0, 100, order_id="a", due_at=day(14))).customer.context

    assert context is not None
    assert context.owed == (Owed("a", "EUR", 100, day(14)),)


@pytest.mark.parametrize(
    ("paid", "left"),
    [
        (payment(2, 30), [("a", "EUR", 70), ("b", "EUR", 50)]),
        (payment(2, 100), [("b", "EUR", 50)]),
        (payment(2, 120), [("b", "EUR", 30)]),
        (payment(2, 150), []),
        (payment(2, 50, order_id="b"), [("a", "EUR", 100)]),
        (payment(2, 20, order_id="b"), [("a", "EUR", 100), ("b", "EUR", 30)]),
        (payment(2, 70, order_id="b"), [("a", "EUR", 100)]),
        (payment(2, 30, order_id="elsewhere"), [("a", "EUR", 70), ("b", "EUR", 50)]),
        (payment(2, 100, "USD"), [("a", "EUR", 100), ("b", "EUR", 50)]),
        (payment(2, 100, "USD", order_id="a"), [("a", "EUR", 100), ("b", "EUR", 50)]),
    ],
)
def test_a_payment_settles_the_order_that_it_names_else_the_oldest_of_its_currency(
    paid: Fact, left: list[tuple[str, str, int]]
) -> None:
    """004-9, Primitives (bal): open is invoice less payment."""
    assert owed(TWO_INVOICES, paid) == left


def test_once_all_of_a_currency_is_paid_no_invoice_of_it_is_open() -> None:
    """Primitives (bal): 150 are paid in all, though both payments name the same order."""
    story = [*TWO_INVOICES, invoice(2, 70, "USD", order_id="c"), payment(3, 100, order_id="a")]

    assert owed(story, payment(4, 49, order_id="a")) == [("b", "EUR", 1), ("c", "USD", 70)]
    assert owed(story, payment(4, 50, order_id="a")) == [("c", "USD", 70)]


def test_a_payment_without_any_invoice_opens_and_closes_nothing() -> None:
    assert owed(payment(0, 100)) == []
    assert owed(payment(0, 100), invoice(1, 30, id="i")) == [("i", "EUR", 30)]


def test_the_newest_eight_invoices_are_kept_one_by_one() -> None:
    assert [name for name, _, _ in owed([invoice(one, 1, order_id=f"i{one}") for one in range(9)])] == [
        f"i{one}" for one in range(1, 9)
    ]


@pytest.mark.parametrize(("waited", "names"), [(30, []), (30.001, ["a"])])
def test_a_debt_is_overdue_once_it_has_been_due_for_longer_than_the_policy_allows(
    waited: float, names: list[str]
) -> None:
    """004-9, 001-4: thirty days are still in time."""
    customer = fold_story(invoice(0, order_id="a", due_at=day(10)), invoice(1, order_id="b")).customer

    assert overdue_debts(customer, day(10 + waited), Policy()) == names


def test_an_overdue_debt_is_told_by_the_guard_with_its_number() -> None:
    """001-4: both sides must be content; the guard says how many invoices are overdue, and that none may be."""
    customer = fold_story(invoice(0, order_id="a", due_at=day(10)), invoice(1, order_id="b", due_at=day(11))).customer

    late, in_time = paid_up(customer, day(50), Policy()), paid_up(customer, day(40), Policy())

    assert late == Guard(name="overdue_debts", concept="001-4", value=2.0, threshold=0.0, holds=False)
    assert in_time == Guard(name="overdue_debts", concept="001-4", value=0.0, threshold=0.0, holds=True)
    assert paid_up(Customer(), day(50), Policy()) is None


def test_a_long_overdue_debt_blocks_the_way_up_until_it_is_paid() -> None:
    """004-9, 001-4: three purchases confirm a customer, unless it does not pay."""
    owing = [invoice(0, order_id="a", due_at=day(1)), *purchases(0, 20, 40)]

    assert path(fold_story(owing)) == [Stage.EXPLORATION]
    assert path(fold_story(owing, payment(41, 100_00, order_id="a"))) == [Stage.EXPLORATION, Stage.FORMATION]
    assert path(fold_story(owing, policy=Policy(overdue_days=45.0))) == [Stage.EXPLORATION, Stage.FORMATION]


def test_an_overdue_debt_blocks_stability_too() -> None:
    """004-9: as many purchases as stability asks for, over half a year."""
    bought = purchases(*range(0, 200, 20))

    assert path(fold_story(bought))[-1] is Stage.STABILITY
    assert path(fold_story(bought, invoice(100, due_at=day(101))))[-1] is Stage.FORMATION


PROMISED = [
    purchase(0, order="a", deliver_by=day(5)),
    purchase(1, order="b", deliver_by=day(3)),
    purchase(2, order="c"),
]


@pytest.mark.parametrize(
    ("brought", "left"),
    [
        ([], ["a", "b"]),
        ([delivery(3, order="b")], ["a"]),
        ([delivery(3)], ["b"]),
        ([delivery(3), delivery(4)], []),
        ([delivery(3, on_time=False, order="a")], ["b"]),
        ([delivery(3, order="c")], ["a", "b"]),
    ],
)
def test_an_order_with_a_promised_time_is_open_until_it_is_delivered(brought: list[Fact], left: list[str]) -> None:
    """Primitives (bal), 004-9: the delivery that names the order closes it, any other closes the oldest."""
    assert promised(PROMISED, brought) == left


@pytest.mark.parametrize(("duty", "left"), [(None, []), ("delivery", []), ("training", ["a"]), ("installation", ["a"])])
def test_only_what_brings_the_order_closes_it(duty: str | None, left: list[str]) -> None:
    """004-9: whoever was trained has not got the goods yet."""
    story = [purchase(0, order="a", deliver_by=day(5))]

    assert promised(story, delivery(3, order="a", duty=duty)) == left
    assert promised(story, delivery(3, duty=duty)) == left


def test_a_promise_keeps_its_time_and_the_newest_eight_are_kept() -> None:
    context = fold_story(purchase(0, order="a", deliver_by=day(5))).customer.context
    many = [purchase(one, order=f"o{one}", deliver_by=day(50)) for one in range(9)]

    assert context is not None
    assert context.promised == (Promised("a", day(5)),)
    assert promised(many) == [f"o{one}" for one in range(1, 9)]


def test_a_delivery_to_somebody_who_was_promised_nothing_changes_nothing() -> None:
    assert fold_story(purchase(0), delivery(1)).customer.context is None


@pytest.mark.parametrize(
    ("held_open", "closes"),
    [
        (invoice(1, 100, order_id="a"), payment(9, 100, order_id="a")),
        (purchase(1, order="a", deliver_by=day(20)), delivery(9, order="a")),
        (contract(1, contract_id="a"), contract_ended(9, contract_id="a")),
    ],
)
def test_who_leaves_ends_only_when_nothing_is_open(held_open: Fact, closes: Fact) -> None:
    """002-16: receivables, promised orders and running contracts each hold the end back."""
    leaving = [purchase(0), held_open, end_intent(5)]

    pending, over = fold_story(leaving), fold_story(leaving, closes)

    assert pending.customer.stage is Stage.DECLINE
    settled = books_settled(pending.customer, day(5), Policy())
    assert (settled.name, settled.concept, settled.value, settled.holds) == ("open_items", "002-16", 1, False)
    assert (last(over).target, last(over).effective_at) == (Stage.ENDED, day(9))


def test_everything_open_counts_as_an_item() -> None:
    """002-16: two currencies, one contract and one order are four."""
    story = [
        invoice(0, 1),
        invoice(1, 1),
        invoice(2, 1, "USD"),
        contract(3),
        purchase(4, order="a", deliver_by=day(9)),
    ]

    assert books_settled(fold_story(story).customer, day(5), Policy()).value == 4


def test_a_contract_on_paper_only_binds_nobody() -> None:
    """001-3, 001-5: a draft is no pledge."""
    customer = fold_story(contract(0, kind="draft", contract_id="a")).customer

    assert (customer.pledges, customer.pledged) == ((), False)


def test_a_contract_keeps_what_it_binds_by() -> None:
    """004-18: penalty and exclusiveness are what makes leaving dear."""
    customer = fold_story(contract(0, ends=90, contract_id="a", penalty=True, exclusive=True)).customer

    assert customer.pledges == (Pledge("a", day(90), True, True),)
    assert customer.pledged


def test_the_newest_eight_contracts_are_kept() -> None:
    customer = fold_story([contract(one, contract_id=f"c{one}") for one in range(9)]).customer

    assert [pledge.name for pledge in customer.pledges] == [f"c{one}" for one in range(1, 9)]


@pytest.mark.parametrize(("ends", "names"), [(5, ["b"]), (5.001, ["a", "b"])])
def test_a_contract_that_has_run_out_makes_room_when_another_begins(ends: float, names: list[str]) -> None:
    customer = fold_story(contract(0, ends=ends, contract_id="a"), contract(5, contract_id="b"), until=5).customer

    assert [pledge.name for pledge in customer.pledges] == names


def test_what_is_never_due_is_never_overdue() -> None:
    customer = Customer(context=EMPTY)

    assert overdue_debts(customer, Instant(day(10_000)), Policy()) == []
    assert overdue_debts(fold_story(invoice(0)).customer, day(10_000), Policy()) == []

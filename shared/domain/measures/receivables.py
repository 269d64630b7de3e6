"""What a customer owes: the money side of its row in the ledger."""

from msgspec import Struct

from shared.domain.events import Invoice, Payment, Purchase
from shared.domain.instants import DAY
from shared.domain.measures.books import A_RATE, iso, own_amount
from shared.domain.measures.case import Case
from shared.domain.measures.deals import deals, ids
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure


class Bill(Struct, kw_only=True, gc=False):
    """An invoice with what is left to pay of it, minor units of its own currency."""

    event: Invoice
    left: int


@measure("004-14", card=Card.VALUE, unit="money", low=0, en="Receivable", zh="应收账款")
def receivable(case: Case) -> Reading:
    """Invoices - payments, as far as it is open (004-14). Overpaying opens nothing; currencies are settled apart.

    `parts` hold the rest of the customer's row in the ledger: industry, region, and what was bought last and when.
    """
    row = _row(case)
    if not case.of(Invoice):
        return unknown("an invoice", parts=row)
    return _sum(case, open_bills(case), row)


@measure("004-14", "004-9", card=Card.VALUE, unit="money", low=0, en="Overdue receivable", zh="逾期应收账款")
def overdue_receivable(case: Case) -> Reading:
    """What is open of invoices whose `due_at` has passed (004-14, 004-9); `days` is the age of the oldest of them.

    Coverage is the share of open invoices that say when they are due.
    """
    if not case.of(Invoice):
        return unknown("an invoice with due_at")
    bills = open_bills(case)
    dated = [(bill, bill.event.due_at) for bill in bills if bill.event.due_at is not None]
    if bills and not dated:
        return unknown("due_at of the open invoices", evidence=ids(bill.event for bill in bills))
    late = [(bill, due) for bill, due in dated if due < case.as_of]
    days = max(((case.as_of - due) / DAY for _, due in late), default=0.0)
    return _sum(case, [bill for bill, _ in late], {"days": days}, len(dated) / len(bills) if bills else 1.0)


def open_bills(case: Case) -> list[Bill]:
    """The invoices that are not paid, the oldest first.

    A payment pays the invoices of the order that it names, then the oldest, of its own currency; what is left over
    pays no later invoice.
    """
    bills: list[Bill] = []
    for event in case.events:
        if isinstance(event, Invoice):
            bills.append(Bill(event=event, left=event.amount))
        elif isinstance(event, Payment):
            _pay(bills, event)
    return [bill for bill in bills if bill.left > 0]


def _pay(bills: list[Bill], payment: Payment) -> None:
    same = [bill for bill in bills if bill.event.currency == payment.currency]
    named = [bill for bill in same if payment.order_id is not None and bill.event.order_id == payment.order_id]
    rest = payment.amount
    for bill in (*named, *same):
        used = min(rest, bill.left)
        bill.left -= used
        rest -= used


def _sum(case: Case, bills: list[Bill], parts: dict[str, Scalar | None], coverage: float = 1.0) -> Reading:
    amounts = [own_amount(case, bill.left, bill.event.currency) for bill in bills]
    told = [amount for amount in amounts if amount is not None]
    evidence = ids(bill.event for bill in bills)
    if bills and not told:
        return unknown(f"a purchase, and {A_RATE}", evidence=evidence, parts=parts)
    known_share = len(told) / len(bills) if bills else 1.0
    return known(float(sum(told)), coverage=coverage * known_share, evidence=evidence, parts=parts)


def _row(case: Case) -> dict[str, Scalar | None]:
    last = next((deal for deal in reversed(deals(case)) if not deal.refunded), None)
    return {
        "industry": _word(case.profile("industry")),
        "region": _word(case.profile("region")),
        "last_bought": None if last is None else _products(last.event),
        "last_bought_on": None if last is None else iso(last.day),
    }


def _products(event: Purchase) -> str | None:
    named = [item.product for item in event.items if item.product is not None]
    return ", ".join(named) or event.line


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None

"""Whether a customer pays on time."""

from collections.abc import Iterable

from msgspec import Struct

from shared.domain.events import Invoice, Payment
from shared.domain.instants import Instant
from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure


class Claim(Struct, kw_only=True, gc=False):
    """An invoice with what is still open of it, minor units of its currency, and when it was paid in full."""

    event: Invoice
    open: int
    paid_at: Instant | None = None


@measure("002-22", card=Card.LOYALTY, unit="share", low=0, high=1, en="Credit", zh="信用度（按时付款率）")
def credit(case: Case) -> Reading:
    """Share of the invoices with a due date that were paid in full by it, of those due or paid (002-22).

    A payment settles the invoices of the order that it names, else the oldest open ones of its currency.
    """
    judged = [
        claim
        for claim in claims(case)
        if claim.event.due_at is not None and (claim.paid_at is not None or claim.event.due_at <= case.as_of)
    ]
    if not judged:
        return unknown("invoices with a due date, and payments")
    on_time = [claim for claim in judged if _in_time(claim)]
    return known(
        len(on_time) / len(judged),
        evidence=ids(claim.event for claim in judged),
        parts={"invoices": len(judged), "late": len(judged) - len(on_time)},
    )


def claims(case: Case) -> list[Claim]:
    """The invoices, the oldest first, with the payments set against them in their order."""
    found = [
        Claim(event=event, open=event.amount, paid_at=None if event.amount > 0 else event.occurred_at)
        for event in case.of(Invoice)
    ]
    for payment in case.of(Payment):
        same = [claim for claim in found if claim.event.currency == payment.currency]
        named = [claim for claim in same if payment.order_id is not None and claim.event.order_id == payment.order_id]
        _settle(payment, named or same)
    return found


def _settle(payment: Payment, found: Iterable[Claim]) -> None:
    rest = payment.amount
    for claim in found:
        used = min(rest, claim.open)
        if used > 0:
            claim.open -= used
            rest -= used
            claim.paid_at = payment.occurred_at if claim.open == 0 else None


def _in_time(claim: Claim) -> bool:
    due_at = claim.event.due_at
    return due_at is not None and claim.paid_at is not None and claim.paid_at <= due_at

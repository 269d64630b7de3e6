"""What is open between the firm and the customer: debts, contracts, promised orders (CONCEPTS, bal)."""

from typing import Final

from msgspec.structs import replace

from shared.domain.context import EMPTY, MOST, Owed, Promised
from shared.domain.customer import Customer, Pledge
from shared.domain.events import Contract, ContractEnded, Delivery, Invoice, Payment
from shared.domain.instants import Instant

REMEMBERED: Final = 8
"""Running contracts kept; the oldest go first."""
DRAFT: Final = "draft"
"""A contract of this kind is on paper only (001-3): it binds nobody yet."""
BRINGING: Final = (None, "delivery")
"""The duties that bring what was ordered; training, installation and the like come after it (004-9)."""


def invoiced(customer: Customer, event: Invoice) -> None:
    """An invoice is open until it is paid."""
    _owe(customer, event.currency, event.amount)
    held = customer.context or EMPTY
    owed = Owed(event.order_id or event.id, event.currency, event.amount, event.due_at)
    customer.context = replace(held, owed=(*held.owed, owed)[-MOST:])


def paid(customer: Customer, event: Payment) -> None:
    """A payment goes to the order that it names, else to the oldest invoices of its currency."""
    _owe(customer, event.currency, -event.amount)
    held = customer.context
    if held is None or not held.owed:
        return
    rest = event.amount
    named = {owed.name for owed in held.owed} & {event.order_id}
    left: list[Owed] = []
    for owed in held.owed:
        used = min(rest, owed.amount) if owed.currency == event.currency and owed.name in (named or {owed.name}) else 0
        rest -= used
        if owed.amount > used:
            left.append(replace(owed, amount=owed.amount - used))
    settled = event.currency not in customer.receivables
    customer.context = replace(
        held, owed=tuple(owed for owed in left if not (settled and owed.currency == event.currency))
    )


def promised(customer: Customer, order_id: str, by: Instant) -> None:
    """An order with a promised time is open until it is delivered."""
    held = customer.context or EMPTY
    customer.context = replace(held, promised=(*held.promised, Promised(order_id, by))[-MOST:])


def delivered(customer: Customer, event: Delivery) -> None:
    """A delivered order is open no more: the one that is named, or the oldest."""
    held = customer.context
    if held is None or not held.promised or event.duty not in BRINGING:
        return
    gone = held.promised[0].order_id if event.order_id is None else event.order_id
    customer.context = replace(held, promised=tuple(one for one in held.promised if one.order_id != gone))


def pledged(customer: Customer, event: Contract) -> None:
    """A contract runs; the same one again replaces it."""
    if event.kind == DRAFT:
        return
    name = event.contract_id or event.kind or event.id
    others = tuple(
        pledge
        for pledge in customer.pledges
        if pledge.name != name and (pledge.ends_at is None or pledge.ends_at > event.occurred_at)
    )
    pledge = Pledge(name, event.ends_at, event.penalty, event.exclusive)
    customer.pledges = (*others, pledge)[-REMEMBERED:]
    customer.pledged = True


def pledge_ended(customer: Customer, event: ContractEnded) -> None:
    """A contract stopped before its time: the named one, or all that run."""
    name = event.contract_id or event.kind
    customer.pledges = () if name is None else tuple(one for one in customer.pledges if one.name != name)


def _owe(customer: Customer, currency: str, amount: int) -> None:
    """What was invoiced and not paid, by currency. Nothing declared is nothing open; overpaying opens nothing."""
    left = customer.receivables.get(currency, 0) + amount
    others = {code: open_amount for code, open_amount in customer.receivables.items() if code != currency}
    customer.receivables = {**others, currency: left} if left > 0 else others

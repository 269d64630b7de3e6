"""Sums that several measures of value share: what was earned, what serving cost, and how much of it is known."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from shared.domain.events import Contact, Cost, Event
from shared.domain.instants import Day
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal, currency_of, deals, ids, in_own

CUSTOMER_COSTS: Final = ("money", "time", "energy", "sensory")
"""What a customer gives up (004-1); a cost by any other name is the firm's unless the event says otherwise."""

A_PURCHASE_WITH_COST: Final = "a purchase with its cost"
A_COST_OF_SERVING: Final = "what serving costs: a contact with its cost, or a cost event"
A_RATE: Final = "a rate of exchange for every currency, or a base currency"


class Outlay(Struct, frozen=True, kw_only=True, gc=False):
    """What the firm spent on a customer; minor units of the case's currency, None where unknown."""

    day: Day
    amount: int | None
    event: Event


class Sum(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a sum: minor units, the share of the inputs that it is known for, and the events behind it."""

    amount: int
    coverage: float
    evidence: tuple[str, ...]


def own_amount(case: Case, amount: int, currency: str) -> int | None:
    """An amount in the customer's currency; None without a rate, and as long as the customer has no currency."""
    return None if currency_of(case) is None else in_own(case, amount, currency)


def margin_of(deal: Deal) -> int | None:
    """What the firm earned by a deal; nothing by one that was refunded in full, whatever the goods cost."""
    return 0 if deal.refunded else deal.margin


def revenue_of(deal: Deal) -> int | None:
    """What is left of what the customer paid."""
    return deal.amount


def earned(found: Sequence[Deal], worth: Callable[[Deal], int | None] = margin_of) -> Sum | None:
    """The sum of what deals are worth, of those that it is known of; None where it is of none.

    Coverage is the share of their amount that it is known for, times the share of deals with a known amount.
    """
    told = [(deal, amount) for deal in found if (amount := worth(deal)) is not None]
    if not told:
        return None
    sized = [deal.amount for deal in found if deal.amount is not None]
    covered = [deal.amount for deal, _ in told if deal.amount is not None]
    return Sum(
        amount=sum(amount for _, amount in told),
        coverage=_weight(covered) / _weight(sized) * len(sized) / len(found),
        evidence=ids(deal.event for deal, _ in told),
    )


def _weight(amounts: Sequence[int]) -> int:
    """What deals weigh: a gift as much as one minor unit, so that a history of gifts has a coverage too."""
    return sum(max(1, amount) for amount in amounts)


def earned_within(case: Case, days: float) -> Sum | None:
    """Margin of the last so many days: 0 where nothing was bought in them, None without a purchase or any cost."""
    found = deals(case)
    within = [deal for deal in found if deal.day > case.today - days]
    return earned(within) if within or not found else Sum(amount=0, coverage=1.0, evidence=())


def outlays(case: Case) -> list[Outlay]:
    """What the firm spent on a customer beside the goods: contacts and its cost events, the oldest first.

    A contact without a cost is one of unknown amount. A cost event is the firm's when `by` says so, or when it says
    nothing and `what` is none of the customer's own costs.
    """
    found = []
    for event in case.events:
        if isinstance(event, Contact):
            found.append(Outlay(day=case.day(event.occurred_at), amount=_cost_of(case, event), event=event))
        elif isinstance(event, Cost) and borne_by(event) == "firm":
            amount = own_amount(case, event.amount, event.currency)
            found.append(Outlay(day=case.day(event.occurred_at), amount=amount, event=event))
    return found


def borne_by(event: Cost) -> str:
    """Who bears a cost: `firm` or `customer`."""
    return event.by or ("customer" if event.what in CUSTOMER_COSTS else "firm")


def spent(found: Sequence[Outlay]) -> Sum | None:
    """The sum of outlays, with the share of them that is known; None where no amount is."""
    told = [(outlay, outlay.amount) for outlay in found if outlay.amount is not None]
    if not told:
        return None
    return Sum(
        amount=sum(amount for _, amount in told),
        coverage=len(told) / len(found),
        evidence=ids(outlay.event for outlay, _ in told),
    )


def spent_within(case: Case, days: float) -> Sum | None:
    """What serving cost in the last so many days: 0 where there was no outlay in them, None without any ever."""
    found = outlays(case)
    within = [outlay for outlay in found if outlay.day > case.today - days]
    return spent(within) if within or not found else Sum(amount=0, coverage=1.0, evidence=())


def together(*sums: Sum) -> float:
    """The coverage of a value that is made of several sums: their mean."""
    return sum(one.coverage for one in sums) / len(sums)


def lacking(margin: Sum | None, cost: Sum | None) -> tuple[str, ...]:
    """What to send where margin or the cost of serving is unknown."""
    lacks = ((margin, A_PURCHASE_WITH_COST), (cost, A_COST_OF_SERVING))
    return tuple(name for found, name in lacks if found is None)


def by_name(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sums by name."""
    found: dict[str, int] = {}
    for name, amount in amounts:
        found[name] = found.get(name, 0) + amount
    return found


def iso(day: float) -> str:
    """A day as people write it, as in `2024-03-01`; a part of a day counts as the day it lies in."""
    return date.fromordinal(min(_EPOCH + int(day), _LAST)).isoformat()


_EPOCH: Final = date(1970, 1, 1).toordinal()
_LAST: Final = date.max.toordinal()


def _cost_of(case: Case, event: Contact) -> int | None:
    own = currency_of(case)
    return None if event.cost is None or own is None else in_own(case, event.cost, event.currency or own)

"""What was bought, net of refunds, in the customer's one currency: what most measures count and add up."""

from collections.abc import Iterable

from msgspec import Struct

from shared.domain import money
from shared.domain.events import Event, Purchase, Refund
from shared.domain.instants import Day, Instant
from shared.domain.measures.case import Case
from shared.domain.rhythm.gaps import window


class Deal(Struct, kw_only=True, gc=False):
    """A purchase with what is left of it. Amounts are minor units of `currency_of(case)`; None where unknown.

    `cost` is what the goods cost the firm, from the order or its items; `refunded` says that nothing is left.
    """

    event: Purchase
    day: Day
    amount: int | None
    cost: int | None
    refunded: bool = False

    @property
    def at(self) -> Instant:
        """When it was bought."""
        return self.event.occurred_at

    @property
    def margin(self) -> int | None:
        """What the firm earned; None without a cost."""
        return None if self.amount is None or self.cost is None else self.amount - self.cost


class Bought(Struct, frozen=True, kw_only=True, gc=False):
    """An occasion: a local day with a purchase that is not fully refunded, its net amount and its deals."""

    day: Day
    amount: int | None
    deals: tuple[Deal, ...]


def currency_of(case: Case) -> str | None:
    """The currency that this customer is counted in: the policy's base, else that of its first purchase."""
    return case.once(_currency)


def _currency(case: Case) -> str | None:
    if case.policy.base_currency is not None:
        return case.policy.base_currency
    first = next(iter(case.of(Purchase)), None)
    return case.state.currency if first is None else first.currency


def in_own(case: Case, amount: int, currency: str) -> int | None:
    """An amount in the customer's currency; None without a rate: amounts are never added across currencies."""
    own = currency_of(case)
    if own is None or currency == own:
        return amount
    rate = case.policy.rates.get(currency) if case.policy.base_currency else None
    return None if rate is None else money.convert(amount, currency, own, rate)


def deals(case: Case, *, line: str | None = None) -> list[Deal]:
    """The purchases of a customer (of a line), the oldest first, net of the refunds up to `as_of`.

    A refund nets the order that it names, else the newest earlier deals until it is used up (DESIGN "Refunds").
    """
    return [deal for deal in case.once(_deals) if line is None or deal.event.line == line]


def _deals(case: Case) -> list[Deal]:
    found: list[Deal] = []
    for event in case.events:
        if isinstance(event, Purchase):
            found.append(_deal(case, event))
        elif isinstance(event, Refund):
            _net(case, found, event)
    return found


def occasions(case: Case, *, days: float | None = None) -> list[Bought]:
    """The occasions of a customer, the oldest first; of the last so many days where asked."""
    since = None if days is None else case.today - days
    return [bought for bought in case.once(_occasions) if since is None or bought.day > since]


def _occasions(case: Case) -> list[Bought]:
    return _by_day(case.once(_deals))


def _by_day(found: Iterable[Deal]) -> list[Bought]:
    by_day: dict[Day, list[Deal]] = {}
    for deal in found:
        if not deal.refunded:
            by_day.setdefault(deal.day, []).append(deal)
    return [
        Bought(day=day, amount=total(deal.amount for deal in same), deals=tuple(same))
        for day, same in sorted(by_day.items())
    ]


def of_this_cycle(case: Case, bought: Iterable[Bought]) -> list[Bought]:
    """Those of the occasions that belong to the current cycle."""
    first = case.state.cycle_first_day
    return [] if first is None else [one for one in bought if one.day >= first]


def total(amounts: Iterable[int | None]) -> int | None:
    """The sum; None as soon as one of them is unknown."""
    added = 0
    for amount in amounts:
        if amount is None:
            return None
        added += amount
    return added


def window_days(case: Case) -> float:
    """W: the length in days over which volume is summed (CONCEPTS, Primitives)."""
    return window(case.state, case.policy)


def ids(events: Iterable[Event]) -> tuple[str, ...]:
    """The ids of events, as evidence."""
    return tuple(event.id for event in events)


def _deal(case: Case, event: Purchase) -> Deal:
    cost = event.cost
    if cost is None and event.items and all(item.cost is not None for item in event.items):
        cost = sum(item.cost or 0 for item in event.items)
    return Deal(
        event=event,
        day=case.day(event.occurred_at),
        amount=in_own(case, event.amount, event.currency),
        cost=None if cost is None else in_own(case, cost, event.currency),
    )


def _net(case: Case, found: list[Deal], refund: Refund) -> None:
    rest = in_own(case, refund.amount, refund.currency)
    if not rest:
        return
    named = [deal for deal in found if refund.order_id is not None and deal.event.order_id == refund.order_id]
    for deal in reversed(named or found):
        if rest <= 0:
            return
        if deal.amount:
            used = min(rest, deal.amount)
            # The goods of what was refunded in part are taken to come back in the same part.
            deal.cost = None if deal.cost is None else deal.cost - round(deal.cost * used / deal.amount)
            deal.amount -= used
            deal.refunded = deal.amount == 0
            rest -= used

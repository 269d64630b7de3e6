"""One customer as the survey sees it: its case, and what several figures ask of it, worked out once."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from shared.domain.alerts import Alert
from shared.domain.events import AlertAction, Contact, Cost
from shared.domain.instants import Day, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Bought, Deal, currency_of, deals, in_own, occasions, total, window_days
from shared.domain.stages import Stage

OWN_COSTS: Final = frozenset({"money", "time", "energy", "sensory"})
"""Costs that the customer bears unless the event says otherwise (004-1)."""


class Spent(NamedTuple):
    """What the firm spent on a customer, minor units of its currency, and what for."""

    at: Instant
    amount: int
    action: str


class Person:
    """A case, with what people did with its alerts; figures are in the customer's one currency."""

    def __init__(self, case: Case, actions: Sequence[AlertAction] = ()) -> None:
        self.case = case
        self.actions = tuple(actions)
        self.moves = tuple(move for move in case.transitions if move.line is None)
        """The changes of stage of the whole relationship, in their order; those of its lines are left out."""
        self._moved_at = [move.effective_at for move in self.moves]
        self._moved_on = [case.day(at) for at in self._moved_at]

    @cached_property
    def deals(self) -> list[Deal]:
        """What was bought and not refunded in full, the oldest first."""
        return [deal for deal in deals(self.case) if not deal.refunded]

    @cached_property
    def bought(self) -> list[Bought]:
        """The occasions, the oldest first."""
        return occasions(self.case)

    def of_line(self, line: str) -> list[Bought]:
        """The occasions with purchases of a line, the oldest first, each with what the line came to in it."""
        found = []
        for one in self.bought:
            parts = [(deal, part) for deal in one.deals if line in (part := line_amounts(deal))]
            if parts:
                amount = total(part[line] for _, part in parts)
                found.append(Bought(day=one.day, amount=amount, deals=tuple(deal for deal, _ in parts)))
        return found

    @cached_property
    def lines(self) -> list[str]:
        """The lines that it has bought from, by their names."""
        return sorted({line for deal in self.deals for line in line_amounts(deal)})

    @cached_property
    def currency(self) -> str | None:
        """The currency that it is counted in; None before a purchase."""
        return currency_of(self.case)

    @cached_property
    def margin(self) -> int | None:
        """What the firm has earned with the purchases that told their cost, minor units; None where none did."""
        told = [deal.margin for deal in self.deals if deal.margin is not None]
        return sum(told) if told else None

    @cached_property
    def spent(self) -> list[Spent]:
        """What the firm spent on the relationship, touches and other costs, where its amount is known."""
        return sorted((*self._touches(), *self._costs()))

    @cached_property
    def window(self) -> float:
        """W, in days."""
        return window_days(self.case)

    @property
    def stage(self) -> Stage:
        """The stage now."""
        return self.case.state.stage

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that were ever raised."""
        return self.case.alerts

    def stage_at(self, at: Instant) -> Stage:
        """The stage right after everything of an instant."""
        place = bisect_right(self._moved_at, at)
        return self.moves[place - 1].target if place else Stage.TARGET

    def stage_on(self, day: float) -> Stage:
        """The stage at the end of a local day."""
        place = bisect_right(self._moved_on, day)
        return self.moves[place - 1].target if place else Stage.TARGET

    def amount_between(self, after: float, until: float) -> int | None:
        """What was bought on the days of (after, until], minor units; None where an amount is unknown."""
        return total(one.amount for one in self.bought if after < one.day <= until)

    def bought_between(self, after: float, until: float) -> bool:
        """Whether there was an occasion on the days of (after, until]."""
        return any(after < one.day <= until for one in self.bought)

    def day(self, at: Instant) -> Day:
        """The local day of an instant."""
        return self.case.day(at)

    def _touches(self) -> Iterator[Spent]:
        for touch in self.case.of(Contact):
            if touch.cost is not None and touch.currency is not None:
                amount = in_own(self.case, touch.cost, touch.currency)
                if amount is not None:
                    yield Spent(touch.occurred_at, amount, touch.action or "contact")

    def _costs(self) -> Iterator[Spent]:
        for cost in self.case.of(Cost):
            firms = cost.by == "firm" or (cost.by is None and cost.what not in OWN_COSTS)
            amount = in_own(self.case, cost.amount, cost.currency) if firms else None
            if amount is not None:
                yield Spent(cost.occurred_at, amount, cost.what or "cost")


def line_amounts(deal: Deal) -> dict[str, int | None]:
    """What each line of a purchase came to, net, by the lines of its items, else of the whole.

    Minor units of the customer's currency: the part of the order that its items make; None where they do not tell.
    """
    lines = {item.line or deal.event.line for item in deal.event.items} or {deal.event.line}
    named = {line for line in lines if line is not None}
    if lines == named and len(named) == 1:
        return dict.fromkeys(named, deal.amount)
    return {line: _part(deal, line) for line in named}


def _part(deal: Deal, line: str) -> int | None:
    amounts = [item.amount for item in deal.event.items if (item.line or deal.event.line) == line]
    of_line = total(amounts)
    if of_line is None or deal.amount is None or deal.event.amount <= 0:
        return None
    return round(deal.amount * min(1.0, of_line / deal.event.amount))

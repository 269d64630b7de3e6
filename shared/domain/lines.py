"""Business lines: which lifecycles an event concerns beside the whole, how a line begins, and what ends one early."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from shared.domain.alerts import AlertKind, ReasonCode
from shared.domain.context import EMPTY
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.draft import Draft
from shared.domain.events import (
    ComplaintResolved,
    Contact,
    Event,
    Inquiry,
    InquiryAnswered,
    Item,
    Purchase,
    QuoteRejected,
    Refund,
    leaves,
)
from shared.domain.evidence import evidence
from shared.domain.occasions import has_order
from shared.domain.opinions import satisfaction
from shared.domain.rhythm.gaps import attune
from shared.domain.rules import soured
from shared.domain.stages import CUSTOMER_STAGES, Signal, Stage

MOST_LINES: Final = 24
"""Lines that have a lifecycle of their own; what is bought of further ones counts for the whole alone."""
BEGINNING: Final = (Inquiry, Purchase)
"""What opens a line."""
FOR_ALL: Final = (InquiryAnswered, QuoteRejected, ComplaintResolved, Contact)
"""What concerns every line where it names none: answers find what they answer. So does leaving, which is for good."""
ALIVE: Final = (Stage.PROSPECT, *CUSTOMER_STAGES)
"""Where a line goes on by itself."""

Parts = Sequence[tuple[str, Event]]


def parts_of(event: Event, whole: Customer) -> Parts:
    """The lines that an event concerns, in the order of their names, each with its part of it (001-13)."""
    if event.line is not None:
        return _known(whole, event, [(event.line, event)])
    if isinstance(event, Purchase):
        return _known(whole, event, _by_item(event)) if event.items else ()
    if not whole.lines:
        return ()
    if isinstance(event, Refund):
        return _of_order(whole, event)
    if isinstance(event, FOR_ALL) or leaves(event):
        return [(line, event) for line in whole.lines]
    return ()


def leaves_one_of_several(event: Event, whole: Customer) -> bool:
    """Whether a customer leaves a line while others go on: the relationship as a whole does too (001-13, 002-16)."""
    if event.line is None or not leaves(event):
        return False
    return any(line != event.line and own.stage in ALIVE for line, own in whole.lines.items())


def begin_line(draft: Draft, trusted: float | None) -> None:
    """A line begins with the trust that the relationship has earned (001-13)."""
    attune(draft.customer, draft.policy)
    if trusted is not None:
        draft.customer.context = replace(EMPTY, inherited_trust=trusted)


def endangered(draft: Draft, event: Event, trusted: float | None) -> None:
    """Tell of a trial that starts while the customer is unhappy with what it has (001-14)."""
    lowest = _lowest(draft)
    if trusted is None or lowest is None or lowest >= 0 or draft.customer.cycle_occasions != 1:
        return
    facts = replace(evidence(draft, event.occurred_at, event.id), satisfaction=lowest)
    draft.alarm(AlertKind.TRIAL_ENDANGERED, event.occurred_at, ReasonCode.DISSATISFIED.value, facts)


def sour_others(draft: Draft, event: Event) -> None:
    """A line that goes to decline in anger takes those with it that are still being tried (001-14)."""
    line, at = draft.line, event.occurred_at
    # An event moves a line twice at most: to decline, and on to its end.
    angry = [one for one in draft.transitions[-2:] if one.line == line and one.effective_at == at and _in_anger(one)]
    if not angry:
        return
    guard = soured(draft.customer)
    for other in tuple(draft.whole.lines):
        if other != line and draft.whole.lines[other].stage is Stage.EXPLORATION:
            draft.turn_to(other)
            draft.move(Signal.SOURED, at, "event", "001-14", (guard,), (event.id,))


def _in_anger(transition: Transition) -> bool:
    return transition.target is Stage.DECLINE and transition.reason.signal in (Signal.DISSATISFIED, Signal.END_INTENT)


def _known(whole: Customer, event: Event, parts: Parts) -> Parts:
    """Those of the parts that have a lifecycle, or open one."""
    opens = isinstance(event, BEGINNING)
    room = MOST_LINES - len(whole.lines)
    found: list[tuple[str, Event]] = []
    for line, part in parts:
        if line not in whole.lines:
            if not opens or room <= 0:
                continue
            room -= 1
        found.append((line, part))
    return found


def _by_item(event: Purchase) -> Parts:
    """An order's lines by its items: one line has all of it, of several each has what its items say."""
    by_line: dict[str, list[Item]] = {}
    for item in event.items:
        if item.line is not None:
            by_line.setdefault(item.line, []).append(item)
    if len(by_line) == 1 and all(item.line is not None for item in event.items):
        return [(line, event) for line in by_line]
    return [
        (line, _part(event, items))
        for line, items in sorted(by_line.items())
        if all(item.amount is not None for item in items)
    ]


def _part(event: Purchase, items: Sequence[Item]) -> Purchase:
    costs = [item.cost for item in items if item.cost is not None]
    return replace(
        event,
        items=tuple(items),
        amount=sum(item.amount or 0 for item in items),
        cost=sum(costs) if len(costs) == len(items) else None,
        discount=None,
    )


def _of_order(whole: Customer, event: Refund) -> Parts:
    """A refund that names an order of one line alone is that line's; which of several it was for is not known."""
    holding = [line for line, own in whole.lines.items() if has_order(own, event.order_id)]
    return [(holding[0], event)] if len(holding) == 1 else ()


def _lowest(draft: Draft) -> float | None:
    """The satisfaction with the old lines, or with the relationship as a whole, whichever is worse."""
    others = [own for line, own in draft.whole.lines.items() if line != draft.line]
    known = [s for s in map(satisfaction, (draft.whole, *others)) if s is not None]
    return min(known, default=None)

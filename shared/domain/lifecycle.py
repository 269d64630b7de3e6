"""The fold: a customer's state, transitions and alerts from its events, the controls in force, and a time."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.alerts import Alert, AlertStatus
from shared.domain.controls import Control, Governance, cause_of
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.draft import Draft
from shared.domain.events import ACTIONS, CONTROL, TIMER, Event, OrderKey, order_key
from shared.domain.firing import fire
from shared.domain.instants import Instant
from shared.domain.judgement import judge
from shared.domain.opinions import forget_old
from shared.domain.reactions import react
from shared.domain.rhythm import attune
from shared.domain.silence import Deadline, Due, deadlines, next_deadline

_FIRST: Final[OrderKey] = (0, 0, 0, "", "")


class Outcome(Struct, frozen=True, kw_only=True, gc=False):
    """What folding made of a customer.

    `base` is the state right after the newest input, where timers or controls have acted since; else None.
    `transitions` and `alerts` are what was decided on the way; an alert that changed twice is there once.
    """

    customer: Customer
    base: Customer | None
    transitions: list[Transition]
    alerts: list[Alert]


def step(
    customer_id: str, customer: Customer, event: Event, governance: Governance, stream_time: Instant | None = None
) -> Outcome:
    """Fold in one event that comes after everything decided so far (`order_key(event) > customer.decided`)."""
    draft = Draft(customer_id, customer, governance)
    _take(draft, event)
    return _caught_up(draft, stream_time)


def fold(
    customer_id: str,
    events: Iterable[Event],
    governance: Governance,
    stream_time: Instant | None = None,
    start: Customer | None = None,
) -> Outcome:
    """Fold a history, in whatever order it is given, from its beginning or from a checkpoint.

    The customer is taken to its `as_of`: the later of `stream_time` and its newest event.
    """
    draft = Draft(customer_id, start or Customer(), governance)
    for event in sorted(events, key=order_key):
        _take(draft, event)
    return _caught_up(draft, stream_time)


def advance(customer_id: str, customer: Customer, until: Instant, governance: Governance) -> Outcome:
    """Let time pass: everything that is due, or takes effect, up to and at an instant."""
    draft = Draft(customer_id, customer, governance)
    _pass_time(draft, until, until)
    return Outcome(
        customer=draft.customer, base=None, transitions=draft.transitions, alerts=list(draft.alerts.values())
    )


def as_of(customer: Customer, stream_time: Instant | None) -> Instant | None:
    """The time that a customer's state speaks of: the later of stream time and its newest event."""
    newest = customer.newest_at
    if newest is None or stream_time is None:
        return newest if stream_time is None else stream_time
    return max(newest, stream_time)


def _caught_up(draft: Draft, stream_time: Instant | None) -> Outcome:
    customer, until = draft.customer, as_of(draft.customer, stream_time)
    base = None
    if until is not None and _acts_by(draft, until, until):
        base = replace(customer)
        _pass_time(draft, until, until)
    return Outcome(customer=customer, base=base, transitions=draft.transitions, alerts=list(draft.alerts.values()))


def _take(draft: Draft, event: Event) -> None:
    """Go through everything that was due before the event, then apply it."""
    customer, at = draft.customer, event.occurred_at
    if not customer.inputs:
        attune(customer, draft.policy)
    if isinstance(event, ACTIONS):
        _pass_time(draft, at, at)
    else:
        # Events come before controls and timers of the same instant.
        _pass_time(draft, Instant(at - 1), Instant(at - 1))
        if customer.newest_at is None or at > customer.newest_at:
            customer.newest_at = at
    if event.backfill:
        _mute_before(draft, event.received_at)
    forget_old(customer, at)
    react(draft, event)
    judge(draft, event)
    customer.inputs += 1
    customer.decided = order_key(event)
    _rearm(draft)


def _acts_by(draft: Draft, timers: Instant, controls: Instant) -> bool:
    due_at = draft.customer.due_at
    return (due_at is not None and due_at <= timers) or draft.governance.coming[draft.customer.controls] <= controls


def _pass_time(draft: Draft, timers: Instant, controls: Instant) -> None:
    """Fire timers and apply controls in their order; controls come before timers of the same instant."""
    customer, governance = draft.customer, draft.governance
    while True:
        due_at, control_at = customer.due_at, governance.coming[customer.controls]
        if control_at <= controls and (due_at is None or control_at <= due_at):
            _apply(draft, governance.controls[customer.controls])
        elif due_at is not None and due_at <= timers:
            fire(draft, Deadline(due_at, Due(customer.due_what), customer.due_place), due_at, "silence")
            # What an action brings about at its own instant comes after it: the newest decision never moves back.
            customer.decided = max(customer.decided or _FIRST, (due_at, TIMER, 0, "", ""))
        else:
            return
        _rearm(draft)


def _rearm(draft: Draft) -> None:
    customer = draft.customer
    deadline = next_deadline(customer, draft.policy)
    if deadline is None:
        customer.due_at, customer.due_what, customer.due_place = None, 0, 0
    else:
        customer.due_at, customer.due_what, customer.due_place = deadline.at, deadline.what, deadline.place


def _apply(draft: Draft, control: Control) -> None:
    """A control takes effect: what its numbers make overdue happens now, and says that the control was the cause."""
    customer, at = draft.customer, control.effective_at
    customer.controls, customer.control = customer.controls + 1, control.id
    draft.policy = draft.governance.policies[customer.controls]
    attune(customer, draft.policy)
    while (first := min(deadlines(customer, draft.policy), default=None)) is not None and first.at < at:
        fire(draft, first, at, cause_of(control))
    customer.decided = (at, CONTROL, 0, "", control.id)


def _mute_before(draft: Draft, stamp: Instant) -> None:
    """An alert effective before its customer's newest backfill stamp is muted (DESIGN "Backfill")."""
    customer = draft.customer
    customer.backfilled_until = max(customer.backfilled_until, stamp)
    for alert in customer.alerts:
        if alert.status is not AlertStatus.HELD and alert.effective_at < customer.backfilled_until:
            draft.mute(alert)

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
from shared.domain.events import ACTIONS, CONTROL, TIMER, Event, OrderKey, Purchase, order_key
from shared.domain.firing import fire
from shared.domain.instants import Instant, local_day
from shared.domain.judgement import judge
from shared.domain.lines import Parts, begin_line, endangered, leaves_one_of_several, parts_of, sour_others
from shared.domain.opinions import forget_old
from shared.domain.reactions import react
from shared.domain.rhythm.gaps import attune
from shared.domain.silence import Deadline, Due, deadlines, next_deadline
from shared.domain.trust import trust_of

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
    return Outcome(customer=draft.whole, base=None, transitions=draft.transitions, alerts=list(draft.alerts.values()))


def as_of(customer: Customer, stream_time: Instant | None) -> Instant | None:
    """The time that a customer's state speaks of: the later of stream time and its newest event."""
    newest = customer.newest_at
    if newest is None or stream_time is None:
        return newest if stream_time is None else stream_time
    return max(newest, stream_time)


def _caught_up(draft: Draft, stream_time: Instant | None) -> Outcome:
    whole, until = draft.whole, as_of(draft.whole, stream_time)
    base = None
    if until is not None and _acts_by(draft, until, until):
        base = replace(whole)
        # The base has the lines as they are now: what acts on them from here on gets copies.
        draft.opened.clear()
        _pass_time(draft, until, until)
    return Outcome(customer=whole, base=base, transitions=draft.transitions, alerts=list(draft.alerts.values()))


def _take(draft: Draft, event: Event) -> None:
    """Go through everything that was due before the event, then apply it to the whole and to the lines it names."""
    whole, at = draft.whole, event.occurred_at
    if not whole.inputs:
        attune(whole, draft.policy)
    if isinstance(event, ACTIONS):
        _pass_time(draft, at, at)
    else:
        # Events come before controls and timers of the same instant.
        _pass_time(draft, Instant(at - 1), Instant(at - 1))
        if whole.newest_at is None or at > whole.newest_at:
            whole.newest_at = at
    if event.backfill:
        _mute_before(draft, event.received_at)
    parts = parts_of(event, whole)
    if parts:
        trusted = trust_of(whole, local_day(at, draft.policy.time_zone), draft.policy)
        draft.widens = any(line not in whole.lines for line, _ in parts)
        if not leaves_one_of_several(event, whole):
            _feel(draft, event)
        draft.widens = False
        _feel_in_lines(draft, event, parts, trusted)
    else:
        _feel(draft, event)
        if draft.line is not None:
            draft.turn_to(None)
    whole.inputs += 1
    whole.decided = order_key(event)
    _rearm(draft)


def _feel(draft: Draft, event: Event) -> None:
    """Take an event into the lifecycle in work, and ask its rules."""
    forget_old(draft.customer, event.occurred_at)
    react(draft, event)
    judge(draft, event)


def _feel_in_lines(draft: Draft, event: Event, parts: Parts, trusted: float | None) -> None:
    for line, part in parts:
        begins = line not in draft.whole.lines
        draft.turn_to(line)
        if begins:
            begin_line(draft, trusted)
        _feel(draft, part)
        if isinstance(event, Purchase):
            endangered(draft, part, trusted)
        sour_others(draft, part)
    draft.turn_to(None)


def _acts_by(draft: Draft, timers: Instant, controls: Instant) -> bool:
    due_at = draft.whole.due_at
    return (due_at is not None and due_at <= timers) or draft.governance.coming[draft.whole.controls] <= controls


def _pass_time(draft: Draft, timers: Instant, controls: Instant) -> None:
    """Fire timers and apply controls in their order; controls come before timers of the same instant."""
    whole, governance = draft.whole, draft.governance
    while True:
        due_at, control_at = whole.due_at, governance.coming[whole.controls]
        if control_at <= controls and (due_at is None or control_at <= due_at):
            _apply(draft, governance.controls[whole.controls])
        elif due_at is not None and due_at <= timers:
            if whole.due_line is not None:
                draft.turn_to(whole.due_line)
            fire(draft, Deadline(due_at, Due(whole.due_what), whole.due_place), due_at, "silence")
            if draft.line is not None:
                draft.turn_to(None)
            # What an action brings about at its own instant comes after it: the newest decision never moves back.
            whole.decided = max(whole.decided or _FIRST, (due_at, TIMER, 0, "", ""))
        else:
            return
        _rearm(draft)


def _rearm(draft: Draft) -> None:
    """Set what comes due next, in the whole relationship or in a line; at one instant the whole goes first."""
    whole, feeds = draft.whole, draft.book.feeds
    decided_at = None if whole.decided is None else Instant(whole.decided[0])
    first, first_line = next_deadline(whole, draft.policy, feeds, decided_at), None
    for line in draft.opened:
        own = whole.lines[line]
        _arm(own, next_deadline(own, draft.policy_of(line), feeds, decided_at))
    for line, own in whole.lines.items():
        if own.due_at is not None and (first is None or own.due_at < first.at):
            first, first_line = Deadline(own.due_at, Due(own.due_what), own.due_place), line
    _arm(whole, first)
    whole.due_line = first_line


def _arm(customer: Customer, deadline: Deadline | None) -> None:
    if deadline is None:
        customer.due_at, customer.due_what, customer.due_place = None, 0, 0
    else:
        customer.due_at, customer.due_what, customer.due_place = deadline.at, deadline.what, deadline.place


def _apply(draft: Draft, control: Control) -> None:
    """A control takes effect: what its numbers make overdue happens now, and says that the control was the cause."""
    whole, at = draft.whole, control.effective_at
    whole.controls, whole.control = whole.controls + 1, control.id
    before, draft.book = draft.book, draft.governance.books[whole.controls]
    for line in (None, *whole.lines):
        draft.turn_to(line)
        attune(draft.customer, draft.policy)
        if draft.book.policy is not before.policy:
            draft.customer.silent_at = None
        while (first := _overdue(draft)) is not None and first.at < at:
            fire(draft, first, at, cause_of(control))
    draft.turn_to(None)
    whole.decided = (at, CONTROL, 0, "", control.id)


def _overdue(draft: Draft) -> Deadline | None:
    return min(deadlines(draft.customer, draft.policy, draft.book.feeds), default=None)


def _mute_before(draft: Draft, stamp: Instant) -> None:
    """An alert effective before its customer's newest backfill stamp is muted (DESIGN "Backfill")."""
    whole = draft.whole
    whole.backfilled_until = max(whole.backfilled_until, stamp)
    for alert in whole.every_alert:
        if alert.status is not AlertStatus.HELD and alert.effective_at < whole.backfilled_until:
            draft.turn_to(alert.line)
            draft.mute(alert)
    draft.turn_to(None)

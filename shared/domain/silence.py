"""When continued silence will change something: every due time in closed form."""

from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct

from shared.domain.alerts import AlertStatus
from shared.domain.customer import Customer
from shared.domain.feeds import Feeds, held_until
from shared.domain.instants import DAY, LATEST, SECOND, Instant, due
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import last_purchase, silent_since, window
from shared.domain.rhythm.silent import overdue_from
from shared.domain.stages import CUSTOMER_STAGES, Stage

HOUR = 3_600 * SECOND


class Due(IntEnum):
    """What comes due. The order settles which of several at one instant acts first."""

    HOLD_ENDS = 0
    SNOOZE_ENDS = 1
    UNANSWERED = 2
    OVERDUE = 3
    SILENT = 4
    FADED = 5
    GONE = 6
    LOST = 7
    ESCALATES = 8
    UNRESOLVED = 9
    EXPIRES = 10
    LAPSES = 11


MOVES = frozenset({Due.SILENT, Due.FADED, Due.GONE})
"""What can change the stage; the rest changes alerts and sub-states, or looks when they will."""


class Deadline(Struct, frozen=True, order=True, gc=False):
    """Something that becomes true at an instant when nothing happens before."""

    at: Instant
    what: Due
    place: int = 0
    """Which of several alerts or inquiries, in the order the customer holds them."""


def next_deadline(
    customer: Customer, policy: Policy, feeds: Feeds, decided_at: Instant | None = None
) -> Deadline | None:
    """The first thing that silence will bring, never before the newest decision; None when nothing will come.

    A relationship is appraised again at each of them, not at events alone (000-18).
    """
    return soonest(deadlines(customer, policy, feeds), decided_at)


def soonest(found: Iterable[Deadline], decided_at: Instant | None) -> Deadline | None:
    """The first of several deadlines, never before the newest decision; None when time ends before."""
    first = min(found, default=None)
    if first is None or first.at > LATEST:
        return None
    if decided_at is None or first.at >= decided_at:
        return first
    return Deadline(due(decided_at), first.what, first.place)


def deadlines(customer: Customer, policy: Policy, feeds: Feeds) -> list[Deadline]:
    """Everything that silence will bring."""
    found = stage_deadlines(customer, policy, feeds)
    if customer.stage is Stage.PROSPECT and not customer.lost and customer.inquired_at is not None:
        patience = policy.lost_prospect_times * policy.choosing_days
        found.append(Deadline(due(customer.inquired_at + patience * DAY), Due.LOST))
    if customer.inquiries or customer.complaints or customer.pledges:
        found += _of_the_waiting(customer, policy)
    return found + _of_alerts(customer) if customer.alerts else found


def _of_the_waiting(customer: Customer, policy: Policy) -> list[Deadline]:
    """What waits for an answer, and contracts whose end comes near."""
    found, patience = [], policy.answer_hours * HOUR
    for place, inquiry in enumerate(customer.inquiries):
        if not inquiry.overdue:
            found.append(Deadline(due(inquiry.at + patience), Due.UNANSWERED, place))
    for place, complaint in enumerate(customer.complaints):
        if not complaint.overdue:
            found.append(Deadline(due(complaint.at + patience), Due.UNRESOLVED, place))
    for place, pledge in enumerate(customer.pledges):
        if pledge.ends_at is not None and not pledge.warned:
            found.append(Deadline(due(max(0, pledge.ends_at - policy.notice_days * DAY)), Due.EXPIRES, place))
    return found


def _of_alerts(customer: Customer) -> list[Deadline]:
    found = []
    for place, alert in enumerate(customer.alerts):
        if alert.lapses_at is not None:
            found.append(Deadline(due(alert.lapses_at), Due.LAPSES, place))
        if alert.status is AlertStatus.HELD and alert.until is not None:
            found.append(Deadline(due(alert.until), Due.HOLD_ENDS, place))
        elif alert.status is AlertStatus.SNOOZED and alert.until is not None:
            found.append(Deadline(due(alert.until), Due.SNOOZE_ENDS, place))
        elif alert.status is AlertStatus.OPEN and not alert.escalated:
            found.append(Deadline(due(alert.deadline), Due.ESCALATES, place))
    return found


def stage_deadlines(customer: Customer, policy: Policy, feeds: Feeds) -> list[Deadline]:
    """What silence will do to the stage, and the silence alert of a customer already in decline.

    While the source that told of its purchases is silent itself, nothing of this is judged (DESIGN "After an outage").
    """
    found = _of_stage(customer, policy)
    if not feeds or customer.source not in feeds:
        return found
    held = ((held_until(feeds, customer.source, one.at), one) for one in found)
    return [Deadline(due(at), one.what, one.place) for at, one in held if at is not None]


def _of_stage(customer: Customer, policy: Policy) -> list[Deadline]:
    stage = customer.stage
    if stage in CUSTOMER_STAGES:
        if customer.silence_raised:
            return _looked_at_again(customer, policy)
        return _silent(customer, policy)
    if stage not in (Stage.DECLINE, Stage.DORMANT):
        return []
    found = _at(_ended_at(customer, policy), Due.GONE)
    if stage is Stage.DECLINE:
        if not customer.silence_raised:
            found += _silent(customer, policy)
        found += _at(_faded_at(customer, policy), Due.FADED)
    return found


def _looked_at_again(customer: Customer, policy: Policy) -> list[Deadline]:
    """The need that has shrunk is no churn: once more when silence is long enough for dormancy, and twice as long."""
    at, last_at = silent_since(customer, policy.dormant_r, policy), last_purchase(customer)
    if at is None or last_at is None or policy.churn is None:
        return _at(at, Due.SILENT)
    if customer.silent_at is None:
        return _silent(customer, policy)
    return [Deadline(max(at, due(2 * customer.silent_at - last_at)), Due.SILENT)]


def _silent(customer: Customer, policy: Policy) -> list[Deadline]:
    """By the churn model in force, which is asked when the customer is overdue; without one by its own long gap."""
    if policy.churn is None:
        return _at(silent_since(customer, policy.silent_r, policy), Due.SILENT)
    if customer.silent_at is None:
        return _at(overdue_from(customer, policy.churn, policy), Due.OVERDUE)
    return [Deadline(customer.silent_at, Due.SILENT)]


def _at(at: Instant | None, what: Due) -> list[Deadline]:
    return [] if at is None else [Deadline(at, what)]


def _faded_at(customer: Customer, policy: Policy) -> Instant | None:
    """r at 3, at the earliest one Q after the decline, and no two-way contact within W (Machine)."""
    at = silent_since(customer, policy.dormant_r, policy)
    if at is None:
        return None
    at = max(at, due(customer.since + customer.long_gap * DAY))
    if customer.contact_at is None:
        return at
    return max(at, due(customer.contact_at + window(customer, policy) * DAY))


def _ended_at(customer: Customer, policy: Policy) -> Instant | None:
    """r at 6, or at once after an end intent; not before the running contracts end; never while money is open."""
    at = customer.since if customer.leaving else silent_since(customer, policy.ended_r, policy)
    if at is None or customer.receivables or (customer.context is not None and customer.context.promised):
        return None
    for pledge in customer.pledges:
        if pledge.ends_at is None:
            return None
        at = max(at, due(pledge.ends_at))
    return at

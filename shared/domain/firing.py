"""What silence, or a control, brings about when its time has come."""

from msgspec.structs import replace

from shared.domain.alerts import AlertKind, AlertStatus, Evidence, ReasonCode, raised
from shared.domain.customer import Customer, Waiting
from shared.domain.draft import Draft
from shared.domain.evidence import why
from shared.domain.instants import SECOND, Instant
from shared.domain.need import known, note_shrunk_need, own_total_stood, volume_share
from shared.domain.policy import Policy
from shared.domain.rhythm.silent import NEVER, silent_from
from shared.domain.rules import END, all_hold, faded, silent
from shared.domain.silence import Deadline, Due
from shared.domain.stages import CUSTOMER_STAGES, Signal, Stage


def fire(draft: Draft, deadline: Deadline, at: Instant, cause: str) -> None:
    """Let a deadline act, at its due time or when a control (`cause`) has made it overdue."""
    customer, policy = draft.customer, draft.policy
    match deadline.what:
        case Due.OVERDUE:
            _look_ahead(customer, policy)
        case Due.SILENT:
            _fall_silent(draft, at, cause)
        case Due.FADED:
            draft.move(Signal.FADED, at, cause, "004-11", (faded(customer, at, policy),))
            draft.alarm(AlertKind.DORMANT, at, *why(draft, at))
        case Due.GONE:
            draft.move(Signal.SETTLED, at, cause, "002-16", all_hold(END, customer, at, policy) or ())
        case Due.LOST:
            customer.lost = True
        case Due.UNANSWERED:
            _unanswered(draft, deadline.place, at)
        case Due.UNRESOLVED:
            _unresolved(draft, deadline.place, at)
        case Due.EXPIRES:
            _expires(draft, deadline.place, at)
        case Due.HOLD_ENDS:
            held = customer.alerts[deadline.place]
            customer.alerts = tuple(alert for alert in customer.alerts if alert is not held)
            draft.show(held, at)
        case Due.SNOOZE_ENDS:
            alert = customer.alerts[deadline.place]
            draft.amend(alert, replace(alert, status=AlertStatus.OPEN, until=None))
        case Due.ESCALATES:
            alert = customer.alerts[deadline.place]
            draft.amend(alert, replace(alert, escalated=True, severity=raised(alert.severity)))
        case Due.LAPSES:
            draft.lapse(customer.alerts[deadline.place], at)


def _look_ahead(customer: Customer, policy: Policy) -> None:
    """The customer is overdue: find when it will be silent. Not sooner, because most buy again before."""
    found = None if policy.churn is None else silent_from(customer, policy.churn, policy)
    customer.silent_at = NEVER if found is None else found


def _fall_silent(draft: Draft, at: Instant, cause: str) -> None:
    """002-13: silence is decline, unless the customer's own business fell by as much: then it is looked at again."""
    customer, policy = draft.customer, draft.policy
    wallet = own_total_stood(customer, volume_share(customer, at, policy), policy)
    if not wallet.holds and not customer.silence_raised and customer.stage in CUSTOMER_STAGES:
        customer.silence_raised = True
        note_shrunk_need(customer, at)
        return
    draft.move(Signal.SILENT, at, cause, "002-13", (*silent(customer, at, policy), *known(wallet)))
    customer.silence_raised = True
    if wallet.holds:
        draft.alarm(AlertKind.SILENCE, at, *why(draft, at, wallet))


def _expires(draft: Draft, place: int, at: Instant) -> None:
    """004-18: a contract is about to end. What keeps a customer that is not content ends with it (000-13)."""
    customer = draft.customer
    pledge = customer.pledges[place]
    warned = replace(pledge, warned=True)
    customer.pledges = tuple(warned if one is pledge else one for one in customer.pledges)
    if pledge.ends_at is None or customer.stage in (Stage.TARGET, Stage.PROSPECT, Stage.ENDED):
        return
    reason, found = why(draft, at)
    ending = replace(found, ends_at=pledge.ends_at)
    draft.alarm(AlertKind.LOCK_IN_EXPIRING, at, reason, ending, lapses_at=pledge.ends_at)


def _unresolved(draft: Draft, place: int, at: Instant) -> None:
    customer = draft.customer
    waiting = customer.complaints[place]
    customer.complaints = tuple(replace(one, overdue=True) if one is waiting else one for one in customer.complaints)
    if not _told_of(draft, waiting):
        draft.alarm(AlertKind.UNRESOLVED_COMPLAINT, at, ReasonCode.DISSATISFIED.value, _waited(waiting, at))


def _told_of(draft: Draft, complaint: Waiting) -> bool:
    """Who has been told that the customer is dissatisfied need not be told that the complaint is why.

    Told it was by an alert of this lifecycle, or of the whole relationship, or of a line because of this complaint.
    """
    whole, own = draft.whole, draft.customer
    unhappy = [alert for alert in whole.every_alert if alert.kind is AlertKind.DISSATISFACTION]
    return any(
        alert in whole.alerts or alert in own.alerts or complaint.event_id in alert.evidence.event_ids
        for alert in unhappy
    )


def _unanswered(draft: Draft, place: int, at: Instant) -> None:
    customer = draft.customer
    waiting = customer.inquiries[place]
    customer.inquiries = tuple(replace(one, overdue=True) if one is waiting else one for one in customer.inquiries)
    draft.alarm(AlertKind.UNANSWERED_INQUIRY, at, "unanswered_inquiry", _waited(waiting, at))


def _waited(waiting: Waiting, at: Instant) -> Evidence:
    return Evidence(event_ids=(waiting.event_id,), hours_waiting=(at - waiting.at) / (3_600 * SECOND))

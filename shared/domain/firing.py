"""What silence, or a control, brings about when its time has come."""

from msgspec.structs import replace

from shared.domain.alerts import AlertKind, AlertStatus, Evidence, raised
from shared.domain.draft import Draft
from shared.domain.evidence import evidence
from shared.domain.instants import SECOND, Instant
from shared.domain.rules import END, all_hold, faded, silent
from shared.domain.silence import Deadline, Due
from shared.domain.stages import Signal


def fire(draft: Draft, deadline: Deadline, at: Instant, cause: str) -> None:
    """Let a deadline act, at its due time or when a control (`cause`) has made it overdue."""
    customer, policy = draft.customer, draft.policy
    match deadline.what:
        case Due.SILENT:
            draft.move(Signal.SILENT, at, cause, "002-13", (silent(customer, at, policy),))
            customer.silence_raised = True
            draft.alarm(AlertKind.SILENCE, at, "silence", evidence(draft, at))
        case Due.FADED:
            draft.move(Signal.FADED, at, cause, "004-11", (faded(customer, at, policy),))
            draft.alarm(AlertKind.DORMANT, at, "dormant", evidence(draft, at))
        case Due.GONE:
            draft.move(Signal.SETTLED, at, cause, "002-16", all_hold(END, customer, at, policy) or ())
        case Due.LOST:
            customer.lost = True
        case Due.UNANSWERED:
            _overdue(draft, deadline.place, at)
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


def _overdue(draft: Draft, place: int, at: Instant) -> None:
    customer = draft.customer
    waiting = customer.inquiries[place]
    late = tuple(replace(one, overdue=True) if one is waiting else one for one in customer.inquiries)
    customer.inquiries = late
    waited = Evidence(event_ids=(waiting.event_id,), hours_waiting=(at - waiting.at) / (3_600 * SECOND))
    draft.alarm(AlertKind.UNANSWERED_INQUIRY, at, "unanswered_inquiry", waited)

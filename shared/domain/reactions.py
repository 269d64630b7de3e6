"""What each event changes in the state, before any rule is asked."""

from typing import assert_never

from msgspec.structs import replace

from shared.domain.alerts import AlertKind, AlertStatus, Outcome
from shared.domain.customer import Customer, Pledge, Waiting
from shared.domain.draft import Draft
from shared.domain.events import (
    Acknowledge,
    Alias,
    Competitor,
    Complaint,
    ComplaintResolved,
    Consent,
    Contact,
    Contract,
    ContractEnded,
    Cost,
    Delivery,
    Ended,
    EndIntent,
    Event,
    Feedback,
    Inquiry,
    InquiryAnswered,
    Invoice,
    Other,
    Payment,
    Praise,
    PriceChange,
    Profile,
    Purchase,
    QuoteRejected,
    Referral,
    Refund,
    Resolve,
    Snooze,
    Value,
    Wallet,
)
from shared.domain.instants import Instant
from shared.domain.occasions import add_purchase, net_refund
from shared.domain.policy import Policy
from shared.domain.rules import judge_volume
from shared.domain.stages import Signal, Stage

REMEMBERED = 8
"""Open inquiries, open complaints and running contracts kept; the oldest go first."""

BOTH_WAYS = frozenset({"two_way", "two-way", "both", "inbound", "in"})
"""Directions of a contact in which the customer spoke."""


def react(draft: Draft, event: Event) -> None:
    """Take an event into the state."""
    customer, policy, at = draft.customer, draft.policy, event.occurred_at
    match event:
        case Purchase():
            _bought(draft, event)
        case Refund():
            net_refund(customer, event, policy)
        case Inquiry():
            _inquired(draft, event)
        case InquiryAnswered():
            _answered(draft, event.inquiry_id, at)
        case QuoteRejected():
            _answered(draft, event.inquiry_id, at)
            customer.lost = customer.lost or customer.stage is Stage.PROSPECT
        case Complaint():
            customer.complaints = (*customer.complaints, Waiting(event.id, at))[-REMEMBERED:]
        case ComplaintResolved():
            customer.complaints = _without(customer.complaints, event.complaint_id)
        case Invoice():
            _owe(customer, event.currency, event.amount)
        case Payment():
            _owe(customer, event.currency, -event.amount)
        case Contract():
            _pledge(customer, event, policy)
        case ContractEnded():
            _end_pledge(customer, event)
        case EndIntent() | Ended():
            customer.leaving = customer.stage not in (Stage.TARGET, Stage.PROSPECT, Stage.ENDED)
        case Referral():
            customer.pledged = True
        case Contact():
            if event.direction in BOTH_WAYS:
                customer.contact_at = at
        case Acknowledge() | Snooze() | Resolve():
            _act(draft, event)
        case Feedback() | Praise() | Other():
            pass
        case Delivery() | PriceChange() | Competitor() | Wallet() | Value() | Cost() | Consent() | Profile() | Alias():
            pass
        case _:
            assert_never(event)


def _bought(draft: Draft, event: Purchase) -> None:
    customer, at = draft.customer, event.occurred_at
    draft.move(Signal.PURCHASED, at, "event", "001-11", event_ids=(event.id,))
    customer.leaving = customer.waking = customer.lost = False
    fresh = add_purchase(customer, event, draft.policy)
    if fresh:
        # The occasion that opens a cycle has had its step by opening it.
        customer.stepped = customer.cycle_occasions == 1 and customer.since == at
        customer.occasions_in_decline += customer.stage is Stage.DECLINE
    customer.silence_raised = False
    draft.close((AlertKind.SILENCE,), at, Outcome.RETURNED)
    _answered(draft, None, at)
    judge_volume(customer, customer.occasions[-1].day, fresh, draft.policy)


def _inquired(draft: Draft, event: Inquiry) -> None:
    customer, at = draft.customer, event.occurred_at
    draft.move(Signal.INQUIRED, at, "event", "001-8", event_ids=(event.id,))
    customer.inquired_at, customer.lost = at, False
    customer.waking = customer.stage is Stage.DORMANT
    if event.kind != "view":
        customer.inquiries = (*customer.inquiries, Waiting(event.id, at))[-REMEMBERED:]


def _answered(draft: Draft, inquiry_id: str | None, at: Instant) -> None:
    customer = draft.customer
    if not customer.inquiries:
        return
    customer.inquiries = _without(customer.inquiries, inquiry_id)
    if not any(inquiry.overdue for inquiry in customer.inquiries):
        draft.close((AlertKind.UNANSWERED_INQUIRY,), at, Outcome.ANSWERED)


def _without(waiting: tuple[Waiting, ...], event_id: str | None) -> tuple[Waiting, ...]:
    return () if event_id is None else tuple(one for one in waiting if one.event_id != event_id)


def _owe(customer: Customer, currency: str, amount: int) -> None:
    """What was invoiced and not paid, by currency. Nothing declared is nothing open; overpaying opens nothing."""
    left = customer.receivables.get(currency, 0) + amount
    others = {code: open_amount for code, open_amount in customer.receivables.items() if code != currency}
    customer.receivables = {**others, currency: left} if left > 0 else others


def _pledge(customer: Customer, event: Contract, policy: Policy) -> None:
    name = event.contract_id or event.kind or event.id
    others = tuple(
        pledge
        for pledge in customer.pledges
        if pledge.name != name and (pledge.ends_at is None or pledge.ends_at > event.occurred_at)
    )
    customer.pledges = (*others, Pledge(name, event.ends_at))[-REMEMBERED:]
    customer.pledged = True


def _end_pledge(customer: Customer, event: ContractEnded) -> None:
    name = event.contract_id or event.kind
    customer.pledges = () if name is None else tuple(one for one in customer.pledges if one.name != name)


def _act(draft: Draft, event: Acknowledge | Snooze | Resolve) -> None:
    alert = draft.find(event.alert_id)
    if alert is None or alert.status is AlertStatus.HELD:
        return
    acted = replace(alert, actor=event.actor, acted_at=event.at)
    match event:
        case Acknowledge():
            draft.amend(alert, replace(acted, status=AlertStatus.ACKNOWLEDGED, until=None))
        case Snooze():
            draft.amend(alert, replace(acted, status=AlertStatus.SNOOZED, until=event.until))
        case Resolve():
            draft.settle(alert, event.occurred_at, event.actor, event.at, event.outcome)
        case _:
            assert_never(event)

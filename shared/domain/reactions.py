"""What each event changes in the state, before any rule is asked."""

from typing import Final, assert_never

from msgspec.structs import replace

from shared.domain.alerts import AlertKind, AlertStatus, Outcome
from shared.domain.context import EMPTY, Sign, SignKind, with_sign, without_sign
from shared.domain.customer import Customer, Waiting
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
from shared.domain.need import declare
from shared.domain.obligations import delivered, invoiced, paid, pledge_ended, pledged, promised
from shared.domain.occasions import add_purchase, net_refund
from shared.domain.rhythm.gaps import attune
from shared.domain.rules import judge_volume
from shared.domain.stages import Signal, Stage
from shared.domain.tiers import tier_of

REMEMBERED: Final = 8
"""Open inquiries and open complaints kept; the oldest go first."""
UNMET_NEED: Final = "unmet_need"
"""The intent of an inquiry that asks for what we do not have (002-21)."""
BOUGHT_AWAY: Final = (AlertKind.SILENCE, AlertKind.RIVAL)
"""Alerts that a purchase disproves."""
ON_THE_WAY: Final = (Stage.TARGET, Stage.PROSPECT, Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY)
STEPS: Final = (
    (Stage.PROSPECT, Signal.INQUIRED),
    (Stage.EXPLORATION, Signal.PURCHASED),
    (Stage.FORMATION, Signal.CONFIRMED),
    (Stage.STABILITY, Signal.COMMITTED),
)
"""The way up, one signal a stage (002-17)."""

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
            _refuse_quote(draft, event)
        case Complaint():
            customer.complaints = (*customer.complaints, Waiting(event.id, at))[-REMEMBERED:]
        case ComplaintResolved():
            _resolved(draft, event)
        case Invoice():
            invoiced(customer, event)
        case Payment():
            paid(customer, event)
        case Delivery():
            delivered(customer, event)
        case Contract():
            _contracted(draft, event)
        case ContractEnded():
            _ended(draft, event)
        case EndIntent() | Ended():
            _go(customer)
        case Referral():
            customer.pledged = True
        case Contact():
            if event.direction in BOTH_WAYS:
                customer.contact_at = at
        case Competitor():
            _came_up(customer, event)
        case PriceChange():
            if event.percent > 0:
                sign = Sign(at, event.id, event.percent)
                customer.context = with_sign(customer.context, SignKind.PRICE, sign)
        case Wallet():
            declare(customer, event, policy)
        case Profile():
            _profiled(draft, event)
        case Acknowledge() | Snooze() | Resolve():
            _act(draft, event)
        case Feedback() | Praise() | Value() | Cost() | Consent() | Alias() | Other():
            pass
        case _:
            assert_never(event)


def _bought(draft: Draft, event: Purchase) -> None:
    customer, at = draft.customer, event.occurred_at
    draft.move(Signal.PURCHASED, at, "event", "001-11", event_ids=(event.id,))
    customer.leaving = customer.waking = customer.lost = False
    fresh = add_purchase(customer, event, draft.policy)
    if event.deliver_by is not None:
        promised(customer, event.order_id, event.deliver_by)
    if customer.context is not None:
        customer.context = without_sign(customer.context, SignKind.NEED_SHRUNK)
    if fresh:
        # The occasion that opens a cycle has had its step by opening it.
        customer.stepped = customer.cycle_occasions == 1 and customer.since == at
        customer.occasions_in_decline += customer.stage is Stage.DECLINE
    customer.silence_raised = False
    draft.close(BOUGHT_AWAY, at, Outcome.RETURNED)
    _answered(draft, None, at)
    draft.slope = judge_volume(customer, customer.occasions[-1].day, fresh, draft.policy)
    if draft.widens and customer.cycle_occasions > 1:
        customer.widened_at = at
    if customer.margin is not None and draft.line is None:
        customer.tier = tier_of(customer, draft.policy)


def _inquired(draft: Draft, event: Inquiry) -> None:
    customer, at = draft.customer, event.occurred_at
    draft.move(Signal.INQUIRED, at, "event", "001-8", event_ids=(event.id,))
    customer.inquired_at, customer.lost = at, False
    customer.waking = customer.stage is Stage.DORMANT
    if event.kind != "view":
        customer.inquiries = (*customer.inquiries, Waiting(event.id, at))[-REMEMBERED:]
    if event.intent == UNMET_NEED:
        customer.context = with_sign(customer.context, SignKind.UNMET_NEED, Sign(at, event.id, 1.0))


def _answered(draft: Draft, inquiry_id: str | None, at: Instant) -> None:
    customer = draft.customer
    if not customer.inquiries:
        return
    customer.inquiries = _without(customer.inquiries, inquiry_id)
    if not any(inquiry.overdue for inquiry in customer.inquiries):
        draft.close((AlertKind.UNANSWERED_INQUIRY,), at, Outcome.ANSWERED)


def _without(waiting: tuple[Waiting, ...], event_id: str | None) -> tuple[Waiting, ...]:
    return () if event_id is None else tuple(one for one in waiting if one.event_id != event_id)


def _refuse_quote(draft: Draft, event: QuoteRejected) -> None:
    _answered(draft, event.inquiry_id, event.occurred_at)
    draft.customer.lost = draft.customer.lost or draft.customer.stage is Stage.PROSPECT


def _resolved(draft: Draft, event: ComplaintResolved) -> None:
    customer = draft.customer
    customer.complaints = _without(customer.complaints, event.complaint_id)
    if not any(complaint.overdue for complaint in customer.complaints):
        draft.close((AlertKind.UNRESOLVED_COMPLAINT,), event.occurred_at, Outcome.ANSWERED)


def _ended(draft: Draft, event: ContractEnded) -> None:
    pledge_ended(draft.customer, event)
    if not any(pledge.warned for pledge in draft.customer.pledges):
        draft.close((AlertKind.LOCK_IN_EXPIRING,), event.occurred_at, Outcome.LAPSED)


def _contracted(draft: Draft, event: Contract) -> None:
    pledged(draft.customer, event)
    if not any(pledge.warned for pledge in draft.customer.pledges):
        draft.close((AlertKind.LOCK_IN_EXPIRING,), event.occurred_at, Outcome.RETURNED)


def _came_up(customer: Customer, event: Competitor) -> None:
    """A rival's offer, or trial, is a sign; a switch is leaving; a mention is for the measures alone."""
    if event.kind in ("offer", "trial"):
        strength = min(1.0, max(0.0, -(event.price_delta or 0.0) / 100))
        sign = Sign(event.occurred_at, event.id, strength)
        customer.context = with_sign(customer.context, SignKind.RIVAL, sign)
    elif event.kind == "switch":
        _go(customer)


def _go(customer: Customer) -> None:
    """Who has not bought, or has gone, cannot leave."""
    customer.leaving = customer.stage not in (Stage.TARGET, Stage.PROSPECT, Stage.ENDED)


def _profiled(draft: Draft, event: Profile) -> None:
    customer = draft.customer
    if event.industry is not None and draft.line is None:
        customer.context = replace(customer.context or EMPTY, industry=event.industry)
        for line in (*draft.whole.lines, None):
            draft.turn_to(line)
            attune(draft.customer, draft.policy)
            draft.customer.silent_at = None
    if event.stage is not None:
        _catch_up(draft, Stage(event.stage), event)


def _catch_up(draft: Draft, wanted: Stage, event: Profile) -> None:
    """002-17: what another system has further on than we goes there in ordered steps, each marked as made up."""
    for stage, signal in STEPS:
        behind = draft.customer.stage in ON_THE_WAY and ON_THE_WAY.index(draft.customer.stage) < ON_THE_WAY.index(stage)
        if behind and ON_THE_WAY.index(stage) <= ON_THE_WAY.index(wanted):
            draft.move(signal, event.occurred_at, "import", "002-17", event_ids=(event.id,))


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

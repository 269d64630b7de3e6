"""The events that other systems post, after ingest has normalised them: all kinds, and their order in a history."""

from typing import Final

from shared.domain.facts.actions import Acknowledge, Resolve, Snooze
from shared.domain.facts.base import Fact
from shared.domain.facts.ties import (
    Alias,
    Consent,
    Contract,
    ContractEnded,
    Cost,
    Other,
    Profile,
    Value,
    Wallet,
)
from shared.domain.facts.trade import (
    Delivery,
    Inquiry,
    InquiryAnswered,
    Invoice,
    Item,
    Payment,
    PriceChange,
    Purchase,
    QuoteRejected,
    Refund,
)
from shared.domain.facts.voices import (
    Competitor,
    Complaint,
    ComplaintResolved,
    Contact,
    Ended,
    EndIntent,
    Feedback,
    Praise,
    Referral,
)

__all__ = [
    "ACTION",
    "ACTIONS",
    "CONTROL",
    "EVENT",
    "OWN_SOURCE",
    "RANK",
    "TIMER",
    "Acknowledge",
    "AlertAction",
    "Alias",
    "Competitor",
    "Complaint",
    "ComplaintResolved",
    "Consent",
    "Contact",
    "Contract",
    "ContractEnded",
    "Cost",
    "Delivery",
    "EndIntent",
    "Ended",
    "Event",
    "Fact",
    "Feedback",
    "Inquiry",
    "InquiryAnswered",
    "Invoice",
    "Item",
    "OrderKey",
    "Other",
    "Payment",
    "Praise",
    "PriceChange",
    "Profile",
    "Purchase",
    "QuoteRejected",
    "Referral",
    "Refund",
    "Resolve",
    "Snooze",
    "Value",
    "Wallet",
    "follows",
    "leaves",
    "order_key",
    "precedes",
    "type_name",
]

AlertAction = Acknowledge | Snooze | Resolve
"""What people do with an alert: a record in the customer's partition like any event (DESIGN, "Alerts")."""

Event = (
    Contract
    | Profile
    | Consent
    | Alias
    | Wallet
    | Inquiry
    | InquiryAnswered
    | Purchase
    | Invoice
    | Payment
    | Delivery
    | PriceChange
    | Refund
    | Feedback
    | Praise
    | Complaint
    | ComplaintResolved
    | Contact
    | Value
    | Cost
    | Referral
    | Competitor
    | QuoteRejected
    | ContractEnded
    | EndIntent
    | Ended
    | Other
    | Acknowledge
    | Snooze
    | Resolve
)

ACTIONS: Final = (Acknowledge, Snooze, Resolve)
OWN_SOURCE: Final = "lifestage"
"""The source of records that the service itself writes; the door refuses it to senders."""

# Causes before effects at one instant (DESIGN "Exact meaning", Order).
_RANKED: Final = (
    Contract,
    Profile,
    Consent,
    Alias,
    Wallet,
    Inquiry,
    InquiryAnswered,
    Purchase,
    Invoice,
    Payment,
    Delivery,
    PriceChange,
    Refund,
    Feedback,
    Praise,
    Complaint,
    ComplaintResolved,
    Contact,
    Value,
    Cost,
    Referral,
    Competitor,
    QuoteRejected,
    ContractEnded,
    EndIntent,
    Ended,
    Other,
)
RANK: Final = {kind: place for place, kind in enumerate(_RANKED)}

OrderKey = tuple[int, int, int, str, str]
"""(instant, phase, rank, source, id). Phases of one instant: 0 events, 1 controls, 2 timers, 3 actions."""

EVENT, CONTROL, TIMER, ACTION = range(4)


def order_key(event: Event) -> OrderKey:
    """Where an event stands in its customer's history, whatever the order of arrival."""
    rank = RANK.get(type(event))
    if rank is None:
        assert isinstance(event, ACTIONS)
        return (event.occurred_at, ACTION, event.at, event.source, event.id)
    return (event.occurred_at, EVENT, rank, event.source, event.id)


def precedes(event: Event, other: Event) -> bool:
    """Whether an event comes before another one of its customer."""
    if event.occurred_at != other.occurred_at:
        return event.occurred_at < other.occurred_at
    return order_key(event) < order_key(other)


def follows(event: Event, decided: OrderKey | None) -> bool:
    """Whether an event comes after all that was decided for its customer; None where nothing was."""
    return decided is None or event.occurred_at > decided[0] or order_key(event) > decided


def leaves(event: Event) -> bool:
    """Whether the customer says that it goes, or has gone to a rival (002-12)."""
    return isinstance(event, EndIntent | Ended) or (isinstance(event, Competitor) and event.kind == "switch")


def type_name(event: Event) -> str:
    """The event's type as senders spell it."""
    if isinstance(event, Other):
        return event.name
    return str(type(event).__struct_config__.tag)

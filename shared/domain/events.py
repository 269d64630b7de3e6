"""What happened, as frozen values: the events that other systems post, after ingest has normalised them."""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from shared.domain.alerts import Outcome
from shared.domain.ids import CUSTOMER_ID_LENGTH, CustomerId, EventId
from shared.domain.instants import Stamp


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """What every event carries. `received_at` is ingest's receipt, `claimed_at` the sender's time if it was set back.

    `(source, id)` and the customer name an event; `extra` keeps members of `data` that we give no meaning to.
    """

    id: Annotated[EventId, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=128)]
    customer_id: Annotated[CustomerId, Meta(min_length=1, max_length=CUSTOMER_ID_LENGTH)]
    occurred_at: Stamp
    received_at: Stamp
    claimed_at: Stamp | None = None
    line: str | None = None
    backfill: bool = False
    extra: dict[str, Any] | None = None


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One position of an order. Amounts are in minor units of the order's currency."""

    product: str | None = None
    line: str | None = None
    quantity: float | None = None
    amount: int | None = None
    cost: int | None = None
    list_amount: int | None = None
    addon: bool = False
    service: bool = False
    upgrade: bool = False


class Inquiry(Fact, frozen=True, kw_only=True, tag="inquiry"):
    """Somebody asked. `kind` is how far the asking has come."""

    channel: str | None = None
    subject: str | None = None
    kind: Literal["view", "ask", "quote", "sample", "negotiate"] | None = None
    intent: str | None = None


class InquiryAnswered(Fact, frozen=True, kw_only=True, tag="inquiry_answered"):
    """The firm answered the inquiry whose event id is `inquiry_id`, or all open ones where none is named."""

    inquiry_id: str | None = None


class QuoteRejected(Fact, frozen=True, kw_only=True, tag="quote_rejected"):
    """The prospect turned an offer down."""

    inquiry_id: str | None = None
    reason: str | None = None


class Purchase(Fact, frozen=True, kw_only=True, tag="purchase"):
    """A customer bought. The amount is in minor units, so that sums stay exact."""

    order_id: str
    amount: int
    currency: str
    items: tuple[Item, ...] = ()
    cost: int | None = None
    discount: int | None = None


class Refund(Fact, frozen=True, kw_only=True, tag="refund"):
    """Money went back. It nets the order it names, else the newest earlier occasions."""

    amount: int
    currency: str
    order_id: str | None = None
    reason: str | None = None


class Invoice(Fact, frozen=True, kw_only=True, tag="invoice"):
    """The firm asked for money: open until paid."""

    amount: int
    currency: str
    due_at: Stamp | None = None
    order_id: str | None = None


class Payment(Fact, frozen=True, kw_only=True, tag="payment"):
    """The customer paid what was invoiced."""

    amount: int
    currency: str
    due_at: Stamp | None = None
    order_id: str | None = None


class Feedback(Fact, frozen=True, kw_only=True, tag="feedback"):
    """An opinion: a rating on a scale, or what was expected and perceived on one, or a recommendation 0 to 10."""

    rating: float | None = None
    scale: float = 5.0
    expected: float | None = None
    perceived: float | None = None
    nps: float | None = None
    level: str | None = None
    object: str | None = None
    part: str | None = None


class Complaint(Fact, frozen=True, kw_only=True, tag="complaint"):
    """The customer complained. Resolved by a `complaint_resolved` that names this event, or any without a name."""

    severity: str | None = None
    claim: Literal["tolerant", "negotiated", "compensation", "legal"] | None = None


class ComplaintResolved(Fact, frozen=True, kw_only=True, tag="complaint_resolved"):
    """A complaint was settled to the customer's satisfaction."""

    complaint_id: str | None = None


class Contract(Fact, frozen=True, kw_only=True, tag="contract"):
    """A pledge runs: contract, renewal, subscription or membership, until `ends_at` or until it is ended."""

    kind: str | None = None
    contract_id: str | None = None
    ends_at: Stamp | None = None
    penalty: bool = False
    exclusive: bool = False


class ContractEnded(Fact, frozen=True, kw_only=True, tag="contract_ended"):
    """A contract stopped before its time, the named one or all that run."""

    contract_id: str | None = None
    kind: str | None = None


class EndIntent(Fact, frozen=True, kw_only=True, tag="end_intent"):
    """The customer said that it wants to leave."""

    reason: str | None = None


class Ended(Fact, frozen=True, kw_only=True, tag="ended"):
    """The relationship was declared over."""

    reason: str | None = None


class Referral(Fact, frozen=True, kw_only=True, tag="referral"):
    """The customer recommended us to somebody."""

    referred_customer_id: str | None = None


class Contact(Fact, frozen=True, kw_only=True, tag="contact"):
    """A touch between the firm and the customer. `cost` is in minor units of `currency`."""

    direction: str | None = None
    channel: str | None = None
    cost: int | None = None
    currency: str | None = None
    action: str | None = None


class Other(Fact, frozen=True, kw_only=True, tag="other"):
    """An event of a type that has no meaning here (yet): stored, shown in the timeline, changes no stage."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]


class Acknowledge(Fact, frozen=True, kw_only=True, tag="alert_acknowledged"):
    """A person saw an alert. `occurred_at` is the `as_of` that the api had answered with; `at` orders several."""

    alert_id: str
    actor: str
    at: Stamp


class Snooze(Fact, frozen=True, kw_only=True, tag="alert_snoozed"):
    """A person put an alert off until an instant."""

    alert_id: str
    actor: str
    at: Stamp
    until: Stamp


class Resolve(Fact, frozen=True, kw_only=True, tag="alert_resolved"):
    """A person closed an alert and said how it went."""

    alert_id: str
    actor: str
    at: Stamp
    outcome: Outcome


Action = Acknowledge | Snooze | Resolve
"""What people do with an alert: a record in the customer's partition like any event (DESIGN, "Alerts")."""

Event = (
    Inquiry
    | InquiryAnswered
    | QuoteRejected
    | Purchase
    | Refund
    | Invoice
    | Payment
    | Feedback
    | Complaint
    | ComplaintResolved
    | Contract
    | ContractEnded
    | EndIntent
    | Ended
    | Referral
    | Contact
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
    Inquiry,
    InquiryAnswered,
    Purchase,
    Invoice,
    Payment,
    Refund,
    Feedback,
    Complaint,
    ComplaintResolved,
    Contact,
    Referral,
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


def type_name(event: Event) -> str:
    """The event's type as senders spell it."""
    if isinstance(event, Other):
        return event.name
    return str(type(event).__struct_config__.tag)

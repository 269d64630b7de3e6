"""What senders may put into `data`, type by type, and how it becomes an event of ours. DESIGN §3 has the table."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict

from services.ingest.formats.refusals import Refused
from services.ingest.formats.values import (
    Amount,
    Currency,
    Extra,
    Line,
    Money,
    Name,
    Quantity,
    Rating,
    Scale,
    Stamped,
    Time,
    When,
    end_instant,
    minor,
    minor_or_none,
    read_minor,
)
from shared.domain import events


def common(stamp: Stamped, when: When) -> dict[str, Any]:
    """The members that every event of ours has, for its constructor."""
    return {
        "id": stamp.id,
        "source": stamp.source,
        "customer_id": stamp.customer_id,
        "line": stamp.line,
        "backfill": stamp.backfill,
        **asdict(when),
    }


class Posted(Struct, kw_only=True, gc=False):
    """The data of one type of event. Members that it does not name are kept in `extra`, never refused."""

    becomes: ClassVar[type[events.Event]]

    def event(self, stamp: Stamped, when: When, extra: Extra) -> events.Event:
        """The event of ours. Raises Refused."""
        return self.becomes(**common(stamp, when), extra=extra, **self.members())

    def members(self) -> dict[str, Any]:
        """The event's own members, amounts in minor units and times as instants."""
        return asdict(self)


class PostedItem(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One position of an order. Amounts are in the order's currency."""

    product: str | None = None
    line: Line | None = None
    quantity: Quantity | None = None
    amount: Money | None = None
    cost: Money | None = None
    list_amount: Money | None = None
    addon: bool = False
    service: bool = False
    upgrade: bool = False

    def item(self, currency: str, place: int) -> events.Item:
        """The position of ours. Raises Refused."""
        amounts = {
            name: minor_or_none(value, currency, f"data.items[{place}].{name}")
            for name, value in (("amount", self.amount), ("cost", self.cost), ("list_amount", self.list_amount))
        }
        return events.Item(**{**asdict(self), **amounts})


class PostedPurchase(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A customer bought."""

    becomes = events.Purchase
    order_id: Name
    amount: Amount
    currency: Currency
    items: list[PostedItem] = []
    cost: Money | None = None
    discount: Money | None = None

    def event(self, stamp: Stamped, when: When, extra: Extra) -> events.Event:
        """The purchase: most of what is ever posted, so each member is written out (a fifth of the time of `**`)."""
        currency = self.currency
        return events.Purchase(
            id=stamp.id,
            source=stamp.source,
            customer_id=stamp.customer_id,
            occurred_at=when.occurred_at,
            received_at=when.received_at,
            claimed_at=when.claimed_at,
            line=stamp.line,
            backfill=stamp.backfill,
            extra=extra,
            order_id=self.order_id,
            amount=read_minor(self.amount, currency, "data.amount"),
            currency=currency,
            items=tuple([item.item(currency, place) for place, item in enumerate(self.items)]) if self.items else (),
            cost=None if self.cost is None else minor(self.cost, currency, "data.cost"),
            discount=None if self.discount is None else minor(self.discount, currency, "data.discount"),
        )


class PostedRefund(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Money went back."""

    becomes = events.Refund
    amount: Amount
    currency: Currency
    order_id: Name | None = None
    reason: str | None = None

    def members(self) -> dict[str, Any]:
        """The amount in minor units."""
        return {**asdict(self), "amount": read_minor(self.amount, self.currency, "data.amount")}


class PostedInvoice(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The firm asked for money."""

    becomes: ClassVar[type[events.Event]] = events.Invoice
    amount: Amount
    currency: Currency
    due_at: Time | None = None
    order_id: Name | None = None

    def members(self) -> dict[str, Any]:
        """The amount in minor units, the end as an instant."""
        units = read_minor(self.amount, self.currency, "data.amount")
        return {**asdict(self), "amount": units, "due_at": end_instant(self.due_at, "data.due_at")}


class PostedPayment(PostedInvoice, kw_only=True, gc=False):
    """The customer paid what was invoiced."""

    becomes = events.Payment


class PostedInquiry(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Somebody asked."""

    becomes = events.Inquiry
    channel: str | None = None
    subject: str | None = None
    kind: Literal["view", "ask", "quote", "sample", "negotiate"] | None = None
    intent: str | None = None


class PostedAnswer(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The firm answered an inquiry."""

    becomes = events.InquiryAnswered
    inquiry_id: Name | None = None


class PostedQuoteRejected(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The prospect turned an offer down."""

    becomes = events.QuoteRejected
    inquiry_id: Name | None = None
    reason: str | None = None


class PostedFeedback(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """An opinion: any of a rating, what was expected and perceived, and a recommendation."""

    becomes = events.Feedback
    rating: Rating | None = None
    scale: Scale = 5.0
    expected: Rating | None = None
    perceived: Rating | None = None
    nps: Annotated[float, Meta(ge=0, le=10)] | None = None
    level: str | None = None
    object: str | None = None
    part: str | None = None

    def members(self) -> dict[str, Any]:
        """At least one opinion, and none beyond its scale."""
        if self.rating is None and self.expected is None and self.perceived is None and self.nps is None:
            wanted = "accepted is any of rating, expected, perceived, nps"
            raise Refused("missing_field", "data", f"there is no opinion in it; {wanted}")
        for name in ("rating", "expected", "perceived"):
            value = getattr(self, name)
            if value is not None and value > self.scale:
                wanted = f"accepted is a number from 0 to the scale, {self.scale:g}"
                raise Refused("invalid_field", f"data.{name}", f"{value:g} is beyond the scale; {wanted}")
        return asdict(self)


class PostedComplaint(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer complained."""

    becomes = events.Complaint
    severity: str | None = None
    claim: Literal["tolerant", "negotiated", "compensation", "legal"] | None = None


class PostedComplaintResolved(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A complaint was settled."""

    becomes = events.ComplaintResolved
    complaint_id: Name | None = None


class PostedContract(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A pledge runs."""

    becomes = events.Contract
    kind: Name | None = None
    contract_id: Name | None = None
    ends_at: Time | None = None
    penalty: bool = False
    exclusive: bool = False

    def members(self) -> dict[str, Any]:
        """The end as an instant."""
        return {**asdict(self), "ends_at": end_instant(self.ends_at, "data.ends_at")}


class PostedContractEnded(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A contract stopped before its time."""

    becomes = events.ContractEnded
    contract_id: Name | None = None
    kind: Name | None = None


class PostedEndIntent(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer said that it wants to leave."""

    becomes: ClassVar[type[events.Event]] = events.EndIntent
    reason: str | None = None


class PostedEnded(PostedEndIntent, kw_only=True, gc=False):
    """The relationship was declared over."""

    becomes = events.Ended


class PostedReferral(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer recommended us."""

    becomes = events.Referral
    referred_customer_id: Name | None = None


class PostedContact(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A touch between the firm and the customer."""

    becomes = events.Contact
    direction: str | None = None
    channel: str | None = None
    cost: Money | None = None
    currency: Currency | None = None
    action: str | None = None

    def members(self) -> dict[str, Any]:
        """The cost in minor units of its currency."""
        if self.currency is None and self.cost is not None:
            raise Refused("missing_field", "data.currency", "it is missing; a cost needs a currency, as in 'EUR'")
        cost = None if self.currency is None else minor(self.cost or Decimal(), self.currency, "data.cost")
        return {**asdict(self), "cost": None if self.cost is None else cost}


_ALL: Final = (
    PostedPurchase, PostedRefund, PostedInvoice, PostedPayment, PostedInquiry, PostedAnswer, PostedQuoteRejected,
    PostedFeedback, PostedComplaint, PostedComplaintResolved, PostedContract, PostedContractEnded, PostedEndIntent,
    PostedEnded, PostedReferral, PostedContact,
)  # fmt: skip
KINDS: Final[Mapping[str, type[Posted]]] = MappingProxyType(
    {str(posted.becomes.__struct_config__.tag): posted for posted in _ALL}
)
"""The types that mean something here. Any other type is taken as it is and changes no stage."""

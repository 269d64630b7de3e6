"""What senders may put into `data` of asking, buying, delivering and paying."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import asdict

from services.ingest.formats.posted import Posted
from services.ingest.formats.values import (
    Amount,
    Currency,
    Extra,
    Line,
    Money,
    Name,
    Quantity,
    Stamped,
    Time,
    When,
    at_instant,
    end_instant,
    minor,
    minor_or_none,
    read_minor,
)
from shared.domain import events


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
    consumable: bool = False
    customised: bool = False

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
    items: list[PostedItem] = field(default_factory=list)
    cost: Money | None = None
    discount: Money | None = None
    channel: str | None = None
    reorder: bool = False
    deliver_by: Time | None = None

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
            channel=self.channel,
            reorder=self.reorder,
            deliver_by=None if self.deliver_by is None else at_instant(self.deliver_by, "data.deliver_by"),
        )


class PostedRefund(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Money went back."""

    becomes = events.Refund
    amount: Amount
    currency: Currency
    order_id: Name | None = None
    reason: str | None = None
    risk: Literal["physical", "economic", "social", "psychological", "performance"] | None = None

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
    budget_confirmed: bool | None = None


class PostedAnswer(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The firm answered an inquiry."""

    becomes = events.InquiryAnswered
    inquiry_id: Name | None = None


class PostedQuoteRejected(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The prospect turned an offer down."""

    becomes = events.QuoteRejected
    inquiry_id: Name | None = None
    reason: str | None = None


class PostedDelivery(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The firm did what it owes after a sale, or failed to."""

    becomes = events.Delivery
    on_time: bool
    order_id: Name | None = None
    duty: str | None = None


class PostedPriceChange(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Prices changed for this customer."""

    becomes = events.PriceChange
    percent: Annotated[float, Meta(ge=-100, le=10_000)]

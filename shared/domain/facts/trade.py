"""What passes between the firm and the customer: asking, buying, delivering, paying."""

from typing import Literal

from msgspec import Struct

from shared.domain.facts.base import Fact
from shared.domain.instants import Stamp


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
    consumable: bool = False
    """Used up and bought again: its own cadence tells when (004-10)."""
    customised: bool = False
    """Made for this customer (001-6, 004-21)."""


class Inquiry(Fact, frozen=True, kw_only=True, tag="inquiry"):
    """Somebody asked. `kind` is how far the asking has come."""

    channel: str | None = None
    subject: str | None = None
    kind: Literal["view", "ask", "quote", "sample", "negotiate"] | None = None
    intent: str | None = None
    """What the asking is for, as in `demo`, `new_need` or `unmet_need` (001-12, 002-21)."""
    budget_confirmed: bool | None = None
    """Whether the means are there: with an open quote this makes an opportunity (004-8)."""


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
    channel: str | None = None
    """Where it was bought, as in `shop`, `self_service` or `sales`."""
    reorder: bool = False
    """An earlier order again (000-10)."""
    deliver_by: Stamp | None = None
    """What was promised: the order is open until it is delivered (CONCEPTS, bal)."""


class Refund(Fact, frozen=True, kw_only=True, tag="refund"):
    """Money went back. It nets the order it names, else the newest earlier occasions."""

    amount: int
    currency: str
    order_id: str | None = None
    reason: str | None = None
    risk: Literal["physical", "economic", "social", "psychological", "performance"] | None = None
    """Which of the five risks made the customer hesitate (000-10)."""


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


class Delivery(Fact, frozen=True, kw_only=True, tag="delivery"):
    """The firm did, or failed to do, on time what it owes after a sale (000-3, 004-9).

    `duty` is what it owes: `delivery` where it is not named, `installation`, `training`, `after_sale` and the like.
    """

    on_time: bool
    order_id: str | None = None
    duty: str | None = None


class PriceChange(Fact, frozen=True, kw_only=True, tag="price_change"):
    """Prices changed for this customer by so many percent; a rise is above 0 (003-11)."""

    percent: float

"""What senders may put into `data` of what customers say, and of what is said to them."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import asdict

from services.ingest.formats.posted import Posted
from services.ingest.formats.refusals import Refused
from services.ingest.formats.values import Currency, Money, Name, Rating, Scale, minor
from shared.domain import events


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


class PostedPraise(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer praised us."""

    becomes = events.Praise
    object: str | None = None
    part: str | None = None


class PostedReferral(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer recommended us."""

    becomes = events.Referral
    referred_customer_id: Name | None = None
    converted: bool = False


class PostedCompetitor(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A rival came up."""

    becomes = events.Competitor
    kind: Literal["mention", "offer", "trial", "switch"] | None = None
    price_delta: Annotated[float, Meta(ge=-100, le=10_000)] | None = None
    rival: str | None = None


class PostedContact(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A touch between the firm and the customer."""

    becomes = events.Contact
    direction: str | None = None
    channel: str | None = None
    cost: Money | None = None
    currency: Currency | None = None
    action: str | None = None
    role: Literal["sales", "support", "product"] | None = None

    def members(self) -> dict[str, Any]:
        """The cost in minor units of its currency."""
        if self.currency is None and self.cost is not None:
            raise Refused("missing_field", "data.currency", "it is missing; a cost needs a currency, as in 'EUR'")
        cost = None if self.currency is None else minor(self.cost or Decimal(), self.currency, "data.cost")
        return {**asdict(self), "cost": None if self.cost is None else cost}


class PostedEndIntent(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer said that it wants to leave."""

    becomes: ClassVar[type[events.Event]] = events.EndIntent
    reason: str | None = None


class PostedEnded(PostedEndIntent, kw_only=True, gc=False):
    """The relationship was declared over."""

    becomes = events.Ended

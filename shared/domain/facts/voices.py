"""What customers say, and what is said to them."""

from typing import Literal

from shared.domain.facts.base import Fact


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


class Praise(Fact, frozen=True, kw_only=True, tag="praise"):
    """The customer praised us."""

    object: str | None = None
    part: str | None = None


class Referral(Fact, frozen=True, kw_only=True, tag="referral"):
    """The customer recommended us to somebody."""

    referred_customer_id: str | None = None
    converted: bool = False
    """Whether the one who was told has become a customer (000-16)."""


class Competitor(Fact, frozen=True, kw_only=True, tag="competitor"):
    """A rival came up. `price_delta` is the rival's price against ours in percent: below 0 the rival is cheaper."""

    kind: Literal["mention", "offer", "trial", "switch"] | None = None
    price_delta: float | None = None
    rival: str | None = None


class Contact(Fact, frozen=True, kw_only=True, tag="contact"):
    """A touch between the firm and the customer. `cost` is in minor units of `currency`."""

    direction: str | None = None
    channel: str | None = None
    cost: int | None = None
    currency: str | None = None
    action: str | None = None
    """The retention action that it carries out (001-18), or what else it was for, as in `group_activity`."""
    role: Literal["sales", "support", "product"] | None = None
    """Which side of the firm spoke (004-13)."""


class EndIntent(Fact, frozen=True, kw_only=True, tag="end_intent"):
    """The customer said that it wants to leave."""

    reason: str | None = None


class Ended(Fact, frozen=True, kw_only=True, tag="ended"):
    """The relationship was declared over."""

    reason: str | None = None

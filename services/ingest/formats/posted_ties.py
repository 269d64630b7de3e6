"""What senders may put into `data` of what binds a customer and of what is known of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta
from msgspec.structs import asdict

from services.ingest.formats.posted import Posted
from services.ingest.formats.values import Amount, Currency, Name, Time, end_instant, read_minor
from shared.domain import events

Worth = Annotated[float, Meta(ge=-1, le=1)]
DayOfYear = Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


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


class PostedWallet(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer's own total business, or its budget, in a period."""

    becomes = events.Wallet
    period: Name
    total_spend: Amount
    currency: Currency
    estimated: bool = False

    def members(self) -> dict[str, Any]:
        """The total in minor units."""
        return {**asdict(self), "total_spend": read_minor(self.total_spend, self.currency, "data.total_spend")}


class PostedValue(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer got something of worth."""

    becomes = events.Value
    amount: Amount
    currency: Currency
    what: Name | None = None
    order_id: Name | None = None

    def members(self) -> dict[str, Any]:
        """The amount in minor units."""
        return {**asdict(self), "amount": read_minor(self.amount, self.currency, "data.amount")}


class PostedCost(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A cost of the relationship."""

    becomes = events.Cost
    amount: Amount
    currency: Currency
    what: Name | None = None
    by: Literal["firm", "customer"] | None = None
    order_id: Name | None = None

    def members(self) -> dict[str, Any]:
        """The amount in minor units."""
        return {**asdict(self), "amount": read_minor(self.amount, self.currency, "data.amount")}


class PostedConsent(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The customer allowed, or forbade, the use of its data for a purpose."""

    becomes = events.Consent
    purpose: Name
    granted: bool


class PostedProfile(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What is known of the customer itself."""

    becomes = events.Profile
    industry: Name | None = None
    region: Name | None = None
    level: Name | None = None
    owner: Name | None = None
    lead_source: Name | None = None
    preferred_channel: Name | None = None
    preferred_payment: Name | None = None
    external_rating: Worth | None = None
    dates: Mapping[str, DayOfYear] | None = None
    stage: Literal["prospect", "exploration", "formation", "stability"] | None = None

    def members(self) -> dict[str, Any]:
        """The days as a dictionary."""
        return {**asdict(self), "dates": None if self.dates is None else dict(self.dates)}


class PostedAlias(Posted, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The same customer under another id."""

    becomes = events.Alias
    other_id: Name

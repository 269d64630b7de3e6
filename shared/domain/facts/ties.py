"""What binds a customer and is known of it: contracts, value and cost, budget, consent, profile, other names."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.domain.facts.base import Fact
from shared.domain.ids import CUSTOMER_ID_LENGTH
from shared.domain.instants import Stamp


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


class Wallet(Fact, frozen=True, kw_only=True, tag="wallet"):
    """The customer's own total business, or its budget for what we sell, in a period (002-13, 003-3).

    `period` names it, as in `2026-Q1`; `total_spend` is in minor units of `currency`.
    """

    period: str
    total_spend: int
    currency: str
    estimated: bool = False


class Value(Fact, frozen=True, kw_only=True, tag="value"):
    """The customer got something of worth, per deal, activity or event (004-1, 004-3). Minor units of `currency`.

    `what` is `product`, `service`, `person` or `image`; or what binds, as in `reward` (a balance), `guarantee`, `edi`.
    """

    amount: int
    currency: str
    what: str | None = None
    order_id: str | None = None


class Cost(Fact, frozen=True, kw_only=True, tag="cost"):
    """A cost of the relationship (004-1, 004-3), minor units of `currency`.

    `what` is one of the customer's own, `money`, `time`, `energy` or `sensory`; anything else, as in `integration`,
    `training` or `service`, is the firm's unless `by` says that the customer bears it.
    """

    amount: int
    currency: str
    what: str | None = None
    by: Literal["firm", "customer"] | None = None
    order_id: str | None = None


class Consent(Fact, frozen=True, kw_only=True, tag="consent"):
    """The customer allowed, or forbade, the use of its data for a purpose, as in `profiling` (001-19)."""

    purpose: str
    granted: bool


class Profile(Fact, frozen=True, kw_only=True, tag="profile"):
    """What is known of the customer itself; what is not named stays as it was.

    `stage` is the stage that another system had it at: the way there is made up in ordered steps (002-17).
    `dates` are important days by name, as `MM-DD` (004-20); `external_rating` is from -1 to 1 (001-10).
    """

    industry: str | None = None
    region: str | None = None
    level: str | None = None
    owner: str | None = None
    lead_source: str | None = None
    preferred_channel: str | None = None
    preferred_payment: str | None = None
    external_rating: Annotated[float, Meta(ge=-1, le=1)] | None = None
    dates: dict[str, str] | None = None
    stage: Literal["prospect", "exploration", "formation", "stability"] | None = None


class Alias(Fact, frozen=True, kw_only=True, tag="alias"):
    """The same customer under another id (004-13)."""

    other_id: Annotated[str, Meta(min_length=1, max_length=CUSTOMER_ID_LENGTH)]


class Other(Fact, frozen=True, kw_only=True, tag="other"):
    """An event of a type that has no meaning here (yet): stored, shown in the timeline, changes no stage."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]

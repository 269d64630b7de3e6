"""Where a customer stands, why, what comes next, and what would change it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from services.api.schemas.cards import MeasureAnswer
from services.api.schemas.common import (
    Amount,
    Answer,
    Asked,
    Currency,
    Cursor,
    Limit,
    Money,
    OwnStage,
    ShownStatus,
    Timestamp,
)
from services.api.schemas.lines import Line, OpenItem
from services.api.schemas.risk import Risk
from shared.domain.alerts import AlertKind, Severity
from shared.domain.customer import CustomerType
from shared.domain.stages import Signal, Stage

SubState = Literal["lost", "waking", "ending_pending_settlement", "leaving", "dissatisfied", "need_shrunk"]


class Guard(Answer):
    """One condition that was looked at, with what was found and what it takes."""

    name: str
    label: str
    concept: str = Field(description="The number of the concept in the theory that the rule computes.")
    value: float | None = Field(description="What was found; null where it is unknown.")
    comparison: Literal["at least", "at most", "below"]
    threshold: float | None = Field(description="What the policy asks for.")
    unit: str | None = Field(description="`days`, or the currency of an amount in major units.")
    holds: bool
    text: str


class Why(Answer):
    """Why a stage changed: enough to run the decision again."""

    signal: Signal
    text: str = Field(description="The reason as a sentence.")
    cause: Literal["event", "silence", "import", "policy", "model", "release"] = Field(
        description="What moved the customer; the last three never mean that it did something."
    )
    concept: str
    event_ids: list[str] = Field(description="The events that brought it about; none where silence did.")
    guards: list[Guard]
    policy: int = Field(description="The version of the policy in force.")
    model: str | None = Field(description="The fitted model in force, if any.")


class Next(Answer):
    """What continued silence will do to the stage, and when."""

    at: Timestamp
    stage: OwnStage
    label: str
    because: Signal
    text: str


class Change(Answer):
    """What would change the stage, or keep it."""

    stage: OwnStage
    label: str
    by: str = Field(description="`inquiry`, `purchase`, `second_purchase`, `two_purchases` or `complaint_resolved`.")
    at_least: Amount | None = Field(description="What the purchases have to come to, in major units of `currency`.")
    currency: Currency | None
    before: Timestamp | None = Field(description="Until when it counts.")
    missing: list[Guard] = Field(description="The conditions that do not hold yet.")
    text: str


class Rhythm(Answer):
    """How often the customer buys, and how long it has been quiet, in days."""

    median_gap_days: float
    long_gap_days: float = Field(description="The customer's own long gap: longer silence means something.")
    silence_days: float | None = Field(description="Days since the last purchase of this cycle, as of `as_of`.")


class OpenAlert(Answer):
    """An open alert of a customer, in short."""

    id: str
    line: str | None
    kind: AlertKind
    label: str
    severity: Severity
    status: ShownStatus
    effective_at: Timestamp
    deadline: Timestamp


class Customer(Answer):
    """Where a customer stands, why, what comes next, and what would change it."""

    customer_id: str
    stage: OwnStage | None = Field(description="Null for a target, who has neither asked nor bought.")
    label: str
    since: Timestamp | None = Field(description="When the stage began; null for a target.")
    cycle: int = Field(description="1 for the first relationship; one more each time it begins anew.")
    type: CustomerType
    type_label: str
    origin: OwnStage | None = Field(description="The stage that a decline fell from: recovery leads back to it.")
    sub_state: SubState | None
    sub_state_label: str | None
    lost: bool = Field(description="A prospect whose time to choose has passed.")
    waking: bool = Field(description="Dormant, and has asked again.")
    rhythm: Rhythm
    risk: Risk | None = Field(description="Null for who has not bought in this cycle.")
    occasions: int = Field(description="Days with purchases in this cycle.")
    level: Money | None = Field(description="What the customer usually buys per window; null where unknown.")
    satisfaction: float | None = Field(ge=-1, le=1)
    lines: list[Line] = Field(description="Its business lines, the one that earns the most first.")
    open_items: list[OpenItem] = Field(description="What must be settled before the relationship can end.")
    tier: Literal["A", "B", "C"] | None = Field(description="By margin among all customers; null while unknown.")
    alerts: list[OpenAlert]
    why: Why | None = Field(description="The newest change of stage; null for a target.")
    next: Next | None = Field(description="Null where silence alone changes nothing.")
    changes: list[Change]
    measures: Mapping[str, MeasureAnswer] | None = Field(
        description="By name. Null in lists, which read no events, and for a parked customer."
    )
    parked: bool = Field(description="Its events could not be folded: the stage stands still until an operator acts.")
    version: int = Field(description="Rises with every change of this customer, never falls.")
    as_of: Timestamp | None = Field(description="The time that this answer speaks of.")


class CustomerPage(Answer):
    """Customers, and the cursor of the next page or null."""

    items: list[Customer]
    next: str | None


class CustomersAsked(Asked):
    """Which customers to list."""

    stage: Annotated[Stage | None, Field(description="Only this stage; `target` for those without one.")] = None
    type: Annotated[CustomerType | None, Field(description="Only this type.")] = None
    alert: Annotated[AlertKind | None, Field(description="Only with an open alert of this kind.")] = None
    limit: Limit = 50
    cursor: Cursor = None


class AsOfAsked(Asked):
    """Which instant to tell of."""

    as_of: Annotated[
        str | None,
        Field(
            description="A past instant in RFC 3339; the present if absent.",
            json_schema_extra={"format": "date-time"},
        ),
    ] = None

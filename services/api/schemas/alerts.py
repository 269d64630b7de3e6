"""Alerts, and what people do with them."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

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
from shared.domain.alerts import OPEN, AlertKind, AlertStatus, Mode, Outcome, Severity

RANKED: Final = 10_000
"""How many open alerts of each currency have a rank: nobody calls more, and a page must not walk through them all."""


class Evidence(Answer):
    """The facts behind an alert; null where they do not apply or are unknown."""

    event_ids: list[str]
    silence_days: float | None
    long_gap_days: float | None
    satisfaction: float | None
    volume: Amount | None = Field(description="Bought in the last window.")
    volume_before: Amount | None = Field(description="Bought in the window before.")
    trend: float | None
    level: Amount | None
    currency: Currency | None
    hours_waiting: float | None
    mode: Mode | None = Field(description="Whether it breaks over something bad, or fades away.")
    mode_label: str | None
    wallet_checked: bool | None = Field(
        description="Whether the customer's own total business was known, and had not fallen as far."
    )
    ends_at: Timestamp | None = Field(description="When the contract ends.")
    price_delta: float | None = Field(description="The rival's price against ours, percent.")
    p_no_purchase: float | None = Field(
        description="The probability that the customer buys nothing within `horizon_days` of `effective_at`."
    )
    horizon_days: float | None
    value_at_risk: Money | None = Field(
        description="`p_no_purchase` times what the customer would spend in `horizon_days` at its own pace: the median"
        " amount of its purchase days, one every mean gap."
    )


class Alert(Answer):
    """What became true of a customer, how urgent it is, and what has been done about it."""

    id: str
    customer_id: str
    kind: AlertKind
    label: str
    severity: Severity
    severity_label: str
    status: ShownStatus
    status_label: str
    effective_at: Timestamp = Field(description="When it became true.")
    deadline: Timestamp = Field(description="Act by then.")
    reason: str = Field(description="Why, as far as the events tell.")
    reason_label: str
    text: str
    evidence: Evidence
    stage: OwnStage | None = Field(description="The stage the customer was at, or fell from.")
    line: str | None = Field(description="The business line; null for the whole relationship.")
    tier: str | None = Field(description="The customer's value tier when it was raised.")
    level: Money | None
    rank: int | None = Field(
        description="Its place among all open, acknowledged and snoozed alerts whose value at risk is in the same"
        " currency, the largest value first: 1 is the one to call first. Null once it is closed, where the value is"
        f" unknown, and beyond the first {RANKED:,}."
    )
    escalated: bool
    until: Timestamp | None = Field(description="The end of a snooze.")
    actor: str | None
    acted_at: Timestamp | None
    outcome: Outcome | None
    outcome_label: str | None
    closed_at: Timestamp | None
    as_of: Timestamp | None


class AlertPage(Answer):
    """Alerts in the order that was asked for, and the cursor of the next page or null."""

    items: list[Alert]
    next: str | None


def _split(given: object) -> object:
    """Several statuses in one, separated by commas, are several statuses."""
    return [part for one in given for part in str(one).split(",")] if isinstance(given, list) else given


def _visible(status: AlertStatus) -> AlertStatus:
    if status is AlertStatus.HELD:
        raise ValueError("an alert that is held back is not shown to anybody")
    return status


Visible = Annotated[ShownStatus, AfterValidator(_visible)]


class AlertSort(StrEnum):
    """In which order to list alerts."""

    URGENCY = "urgency"
    VALUE = "value"


class AlertsAsked(Asked):
    """Which alerts to list, and in which order."""

    status: Annotated[
        list[Visible],
        BeforeValidator(_split),
        Field(
            default_factory=lambda: list(OPEN),
            min_length=1,
            max_length=len(AlertStatus),
            description="Only these statuses, repeated or separated by commas; the open ones unless asked otherwise.",
        ),
    ]
    kind: Annotated[AlertKind | None, Field(description="Only this kind.")] = None
    severity: Annotated[Severity | None, Field(description="Only this severity.")] = None
    customer_id: Annotated[
        str | None, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$", description="Only this customer's.")
    ] = None
    currency: Annotated[
        Currency | None, Field(description="Only those whose value at risk is known and in this currency.")
    ] = None
    sort: Annotated[
        AlertSort,
        Field(
            description="`urgency`: by severity, then the customer's level, then the newest. `value`: the largest value"
            " at risk first, of equal ones the most urgent, and those of unknown value last. Amounts of different"
            " currencies are not compared: one currency follows another, from Z to A; ask for one with `currency`."
        ),
    ] = AlertSort.URGENCY
    limit: Limit = 50
    cursor: Cursor = None


class SnoozeAsked(Asked):
    """Until when to put an alert off."""

    until: Annotated[
        str,
        Field(
            description="An instant in RFC 3339, later than the alert's `as_of` and at most 366 days after it.",
            json_schema_extra={"format": "date-time"},
        ),
    ]


class ResolveAsked(Asked):
    """How an alert ended."""

    outcome: Outcome
    note: Annotated[
        str | None, Field(max_length=2_000, pattern=r"^[^\x00]*$", description="What else there is to say.")
    ] = None

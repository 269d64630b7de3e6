"""Alerts, and what people do with them."""

from pydantic import Field

from services.api.schemas.common import Amount, Answer, Currency, Money, OwnStage, ShownStatus, Timestamp
from shared.domain.alerts import AlertKind, Outcome, Severity


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
    reason: str
    text: str
    evidence: Evidence
    stage: OwnStage | None = Field(description="The stage the customer was at, or fell from.")
    line: str | None
    level: Money | None
    escalated: bool
    until: Timestamp | None = Field(description="The end of a snooze.")
    actor: str | None
    acted_at: Timestamp | None
    outcome: Outcome | None
    outcome_label: str | None
    closed_at: Timestamp | None
    as_of: Timestamp | None


class AlertPage(Answer):
    """Alerts, the most urgent first, and the cursor of the next page or null."""

    items: list[Alert]
    next: str | None

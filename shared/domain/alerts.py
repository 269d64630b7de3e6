"""Alerts as values: what became true of a customer, how urgent it is, and what has been done about it."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from shared.domain.instants import Instant
from shared.domain.stages import Stage


class AlertKind(StrEnum):
    """What an alert is about."""

    SILENCE = "silence"
    VOLUME_DROP_SHARP = "volume_drop_sharp"
    VOLUME_DROP_GRADUAL = "volume_drop_gradual"
    DISSATISFACTION = "dissatisfaction"
    END_INTENT = "end_intent"
    DORMANT = "dormant"
    UNANSWERED_INQUIRY = "unanswered_inquiry"
    UNRESOLVED_COMPLAINT = "unresolved_complaint"
    RIVAL = "rival"
    TRADING_DOWN = "trading_down"
    STAGNATION = "stagnation"
    LOCK_IN_EXPIRING = "lock_in_expiring"
    TRIAL_ENDANGERED = "trial_endangered"


class ReasonCode(StrEnum):
    """Why a customer is about to leave, as far as the events tell (002-15)."""

    DISSATISFIED = "dissatisfied"
    NEED_CHANGED = "need_changed"
    RIVAL = "rival"
    PRICE = "price"
    OUTGROWN = "outgrown"
    FIRM_OUTLOOK = "firm_outlook"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """How a relationship goes: it breaks over something, or fades away (004-16)."""

    RUPTURE = "rupture"
    FADE = "fade"


class Severity(StrEnum):
    """How urgent, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AlertStatus(StrEnum):
    """Where an alert stands. `HELD` waits for the end of a cool-down and is not shown to anybody."""

    HELD = "held"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    MUTED = "muted"


class Outcome(StrEnum):
    """How an alert ended: the first five the fold finds, the rest people say."""

    RETURNED = "returned"
    DORMANT = "dormant"
    LOST = "lost"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    RETAINED = "retained"
    FALSE_ALARM = "false_alarm"
    NO_ACTION = "no_action"


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The facts behind an alert. Amounts are in minor units of `currency`, lengths in days."""

    event_ids: tuple[str, ...] = ()
    silence_days: float | None = None
    long_gap_days: float | None = None
    satisfaction: float | None = None
    volume: int | None = None
    volume_before: int | None = None
    trend: float | None = None
    level: float | None = None
    currency: str | None = None
    hours_waiting: float | None = None
    mode: Mode | None = None
    wallet_checked: bool | None = None
    """Whether the customer's own total business was known, and had not fallen as far (002-13)."""
    ends_at: Instant | None = None
    price_delta: float | None = None
    p_no_purchase: float | None = None
    """The probability of no purchase within `horizon_days` of the instant at which the alert became true."""
    horizon_days: float | None = None
    value_at_risk: int | None = None
    """`p_no_purchase` times what the customer would spend in `horizon_days` at its own pace."""

    @property
    def at_risk(self) -> tuple[str, int]:
        """The currency and the value at risk, as alerts are ranked by them; ("", 0) where it is unknown."""
        if self.currency is None or self.value_at_risk is None:
            return "", 0
        return self.currency, self.value_at_risk


class Alert(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One alert of a customer, named by (customer, line, kind, `effective_at`).

    `effective_at` is when it became true, `deadline` by when somebody should act, `number` its place among
    the customer's alerts in the order of being raised.
    """

    kind: AlertKind
    effective_at: Instant
    number: int
    severity: Severity
    status: AlertStatus
    reason: str
    stage: Stage
    """The stage the customer was at, or fell from."""
    deadline: Instant
    evidence: Evidence = Evidence()
    line: str | None = None
    tier: str | None = None
    escalated: bool = False
    until: Instant | None = None
    """The end of a snooze, or of the cool-down that holds it."""
    lapses_at: Instant | None = None
    """When it no longer matters by itself: a contract has ended, a rival's offer is old."""
    actor: str | None = None
    acted_at: Instant | None = None
    outcome: Outcome | None = None
    closed_at: Instant | None = None


OPEN: Final = (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED, AlertStatus.SNOOZED)
"""The statuses that `/v1/alerts` lists unless asked otherwise."""

SEVERITIES: Final = tuple(Severity)


def raised(severity: Severity, by: int = 1) -> Severity:
    """The severity some steps up (or down), at least low and at most critical."""
    return SEVERITIES[max(0, min(len(SEVERITIES) - 1, SEVERITIES.index(severity) + by))]


_BASE: Final = {
    AlertKind.SILENCE: Severity.LOW,
    AlertKind.VOLUME_DROP_SHARP: Severity.LOW,
    AlertKind.VOLUME_DROP_GRADUAL: Severity.LOW,
    AlertKind.DISSATISFACTION: Severity.MEDIUM,
    AlertKind.END_INTENT: Severity.HIGH,
    AlertKind.DORMANT: Severity.LOW,
    AlertKind.UNANSWERED_INQUIRY: Severity.MEDIUM,
    AlertKind.UNRESOLVED_COMPLAINT: Severity.MEDIUM,
    AlertKind.RIVAL: Severity.LOW,
    AlertKind.TRADING_DOWN: Severity.LOW,
    AlertKind.STAGNATION: Severity.LOW,
    AlertKind.LOCK_IN_EXPIRING: Severity.LOW,
    AlertKind.TRIAL_ENDANGERED: Severity.MEDIUM,
}
_WEIGHT: Final = {Stage.FORMATION: 1, Stage.STABILITY: 2}
_TRIED: Final = 1
"""A rival counts for more while the customer is still trying us (002-21)."""
_WORTH: Final = {"A": 1, "C": -1}
"""What a value tier adds (004-4): a customer among the most profitable is worth an earlier call."""


def severity_of(kind: AlertKind, stage: Stage, tier: str | None = None) -> Severity:
    """Risk times value: the kind's own, raised by what the relationship had become, and by the customer's tier."""
    trial = kind is AlertKind.RIVAL and stage is Stage.EXPLORATION
    base = raised(_BASE[kind], _TRIED if trial else _WEIGHT.get(stage, 0))
    return base if tier is None else raised(base, _WORTH.get(tier, 0))

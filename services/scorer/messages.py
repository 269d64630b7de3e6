"""What the world is told: a transition made or taken back, an alert raised, changed or withdrawn."""

from datetime import datetime
from typing import Final

from msgspec import Struct, json

from shared.domain.alerts import Evidence
from shared.domain.decisions import Reason
from shared.domain.ids import alert_id
from shared.domain.instants import due, moment
from shared.domain.policy import Policy
from shared.domain.quiet import tell_at
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC
from shared.ports.store import Numbered, RaisedAlert

_encoder: Final = json.Encoder()


class TransitionMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On `lifecycle.transitions`. `retracted` says that the transition of this number no longer holds."""

    customer_id: str
    number: int
    source: str
    target: str
    effective_at: datetime
    cause: str
    cycle: int
    reason: Reason
    line: str | None = None
    relationship_level: float | None = None
    retracted: bool = False


class AlertMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On `lifecycle.alerts`: an alert as it stands now, under an id that stays the same."""

    id: str
    customer_id: str
    kind: str
    status: str
    severity: str
    stage: str
    reason: str
    effective_at: datetime
    deadline: datetime
    tell_at: datetime
    evidence: Evidence
    line: str | None = None
    tier: str | None = None
    escalated: bool = False
    outcome: str | None = None
    actor: str | None = None


def transition_message(numbered: Numbered, *, retracted: bool = False) -> tuple[str, bytes]:
    """Topic and payload that tell of a transition, or of its being taken back."""
    transition = numbered.transition
    return TRANSITIONS_TOPIC, _encoder.encode(
        TransitionMessage(
            customer_id=numbered.customer_id,
            number=numbered.number,
            source=transition.source,
            target=transition.target,
            effective_at=moment(transition.effective_at),
            cause=transition.cause,
            cycle=transition.cycle,
            reason=transition.reason,
            line=transition.line,
            relationship_level=transition.relationship_level,
            retracted=retracted,
        )
    )


def alert_message(raised: RaisedAlert, policy: Policy) -> tuple[str, bytes]:
    """Topic and payload that tell of an alert; `tell_at` is when the policy's quiet hours allow it to be passed on."""
    alert = raised.alert
    tell = tell_at(due(max(alert.effective_at, raised.changed_at)), alert.severity, policy)
    return ALERTS_TOPIC, _encoder.encode(
        AlertMessage(
            id=alert_id(raised.customer_id, alert.line, alert.kind, alert.effective_at),
            customer_id=raised.customer_id,
            kind=alert.kind,
            status=alert.status,
            severity=alert.severity,
            stage=alert.stage,
            reason=alert.reason,
            effective_at=moment(alert.effective_at),
            deadline=moment(alert.deadline),
            tell_at=moment(tell),
            evidence=alert.evidence,
            line=alert.line,
            tier=alert.tier,
            escalated=alert.escalated,
            outcome=alert.outcome,
            actor=alert.actor,
        )
    )

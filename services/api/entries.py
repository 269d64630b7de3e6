"""Timeline entries and alerts as the API answers them."""

from typing import Any, Final

from msgspec import to_builtins

from services.api import sentences
from services.api.answers import own_stage, why_answer
from services.api.labels import EVENTS, KINDS, MODES, OUTCOMES, REASONS, SEVERITIES, STAGES, STATUSES, Language
from services.api.money import money_answer
from services.api.schemas.alerts import Alert, Evidence
from services.api.schemas.timeline import AlertEntry, Entry, EventEntry, ExplainedStep, StepEntry
from services.api.timeline import Told
from services.api.times import stamp
from shared.domain import alerts as domain
from shared.domain.events import Event, Fact, type_name
from shared.domain.instants import Instant
from shared.ports.queries import PlacedAlert, PlacedTransition

_FACT: Final = frozenset({*Fact.__struct_fields__, "type", "name"})
AMOUNTS: Final = frozenset({"amount", "cost", "discount", "list_amount", "total_spend"})
INSTANTS: Final = frozenset({"deliver_by", "due_at", "ends_at", "until", "at"})
"""The members of events that are amounts in minor units, and those that are instants: there are no other integers."""


def timeline_entry(told: Told, currency: str | None, language: Language) -> Entry:
    """Anything that stands in a timeline."""
    match told:
        case PlacedTransition():
            return step_entry(told, currency, language)
        case PlacedAlert():
            return alert_entry(told, language)
        case _:
            return event_entry(told, language)


def event_entry(event: Event, language: Language) -> EventEntry:
    """An event as it was told to us."""
    name = type_name(event)
    return EventEntry(
        at=stamp(event.occurred_at),
        id=event.id,
        source=event.source,
        type=name,
        label=EVENTS[name].says(language) if name in EVENTS else name,
        line=event.line,
        backfill=event.backfill,
        received_at=stamp(event.received_at),
        claimed_at=None if event.claimed_at is None else stamp(event.claimed_at),
        data=event_data(event),
        text=sentences.event_text(event, language),
    )


def event_data(event: Event) -> dict[str, Any]:
    """The event's own members, as senders write them: amounts in major units, times in RFC 3339."""
    told = {name: value for name, value in to_builtins(event).items() if name not in _FACT}
    return {**(event.extra or {}), **_as_sent(told, told.get("currency"))}


def step_entry(placed: PlacedTransition, currency: str | None, language: Language) -> StepEntry:
    """A change of stage, in the timeline."""
    return StepEntry(at=stamp(placed.transition.effective_at), **_step(placed, currency, language))


def explained_step(
    placed: PlacedTransition, currency: str | None, reproduced: bool | None, language: Language
) -> ExplainedStep:
    """A change of stage with the result of deciding it again."""
    transition = placed.transition
    return ExplainedStep(
        effective_at=stamp(transition.effective_at),
        reproduced=reproduced,
        agreement=None if reproduced is None else sentences.agreement(transition.reason, reproduced, language),
        **_step(placed, currency, language),
    )


def alert_entry(placed: PlacedAlert, language: Language) -> AlertEntry:
    """An alert, in the timeline."""
    alert = placed.alert
    return AlertEntry(
        at=stamp(alert.effective_at),
        id=placed.id,
        alert=alert.kind,
        label=KINDS[alert.kind].says(language),
        severity=alert.severity,
        status=alert.status,
        outcome=alert.outcome,
        closed_at=_stamp(alert.closed_at),
        text=sentences.alert_text(alert, language),
    )


def alert_answer(placed: PlacedAlert, rank: int | None, language: Language) -> Alert:
    """What became true of a customer, and what has been done about it; `rank` is its place by value at risk."""
    alert = placed.alert
    return Alert(
        id=placed.id,
        customer_id=placed.customer_id,
        kind=alert.kind,
        label=KINDS[alert.kind].says(language),
        severity=alert.severity,
        severity_label=SEVERITIES[alert.severity].says(language),
        status=alert.status,
        status_label=STATUSES[alert.status].says(language),
        effective_at=stamp(alert.effective_at),
        deadline=stamp(alert.deadline),
        reason=alert.reason,
        reason_label=REASONS[alert.reason].says(language),
        text=sentences.alert_text(alert, language),
        evidence=_evidence(alert.evidence, language),
        stage=own_stage(alert.stage),
        line=alert.line,
        tier=alert.tier,
        level=money_answer(placed.level, placed.currency),
        rank=rank,
        escalated=alert.escalated,
        until=_stamp(alert.until),
        actor=alert.actor,
        acted_at=_stamp(alert.acted_at),
        outcome=alert.outcome,
        outcome_label=None if alert.outcome is None else OUTCOMES[alert.outcome].says(language),
        closed_at=_stamp(alert.closed_at),
        as_of=_stamp(placed.as_of),
    )


def _evidence(found: domain.Evidence, language: Language) -> Evidence:
    currency = found.currency
    return Evidence(
        event_ids=list(found.event_ids),
        silence_days=found.silence_days,
        long_gap_days=found.long_gap_days,
        satisfaction=found.satisfaction,
        volume=sentences.amount(found.volume, currency),
        volume_before=sentences.amount(found.volume_before, currency),
        trend=found.trend,
        level=sentences.amount(found.level, currency),
        currency=currency,
        hours_waiting=found.hours_waiting,
        mode=found.mode,
        mode_label=None if found.mode is None else MODES[found.mode].says(language),
        wallet_checked=found.wallet_checked,
        ends_at=_stamp(found.ends_at),
        price_delta=found.price_delta,
        p_no_purchase=found.p_no_purchase,
        horizon_days=found.horizon_days,
        value_at_risk=money_answer(found.value_at_risk, currency),
    )


def _step(placed: PlacedTransition, currency: str | None, language: Language) -> dict[str, Any]:
    transition = placed.transition
    return {
        "number": placed.number,
        "source": transition.source,
        "source_label": STAGES[transition.source].says(language),
        "target": transition.target,
        "target_label": STAGES[transition.target].says(language),
        "cycle": transition.cycle,
        "line": transition.line,
        "relationship_level": transition.relationship_level,
        "why": why_answer(transition, currency, language),
        "text": sentences.moved(transition, currency, language),
        "decided_at": stamp(placed.decided_at),
        "retracted": placed.retracted_at is not None,
        "retracted_at": _stamp(placed.retracted_at),
    }


def _as_sent(value: Any, currency: str | None) -> Any:
    if isinstance(value, dict):
        return {name: _member(name, member, currency) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_as_sent(member, currency) for member in value]
    return value


def _member(name: str, value: Any, currency: str | None) -> Any:
    if isinstance(value, int) and name in AMOUNTS:
        return sentences.amount(value, currency)
    if isinstance(value, int) and name in INSTANTS:
        return stamp(Instant(value))
    return _as_sent(value, currency)


def _stamp(at: Instant | None) -> str | None:
    return None if at is None else stamp(at)

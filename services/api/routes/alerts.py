"""Alerts: the list, one of them, and what people do with them."""

from collections.abc import Awaitable, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from services.api.context import Context, ContextDep, LanguageDep, ManagerDep, may_read
from services.api.cursors import AlertPlace, ValuePlace, cursor_of, place_of, urgency, worth
from services.api.entries import alert_answer
from services.api.errors import BadUntil, NotProcessedYet
from services.api.labels import Language
from services.api.schemas.alerts import RANKED, Alert, AlertPage, AlertsAsked, AlertSort, ResolveAsked, SnoozeAsked
from services.api.times import BadTime, instant_of
from shared.domain.errors import LifestageError, LogTimeout
from shared.domain.instants import Instant
from shared.ports.queries import AlertFilter, PlacedAlert

router = APIRouter(prefix="/v1/alerts", tags=["Alerts"])

AlertIdInPath = Annotated[str, Path(description="The alert's id.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Names the action, so that sending it again does nothing more; one is made if absent.",
        json_schema_extra={"minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    ),
]


@router.get("", dependencies=[may_read])
async def list_alerts(asked: Annotated[AlertsAsked, Query()], context: ContextDep, language: LanguageDep) -> AlertPage:
    """List alerts, the most urgent or the most valuable first: the open ones, unless other statuses are asked for."""
    wanted = AlertFilter(
        statuses=tuple(dict.fromkeys(asked.status)),
        kind=asked.kind,
        severity=asked.severity,
        customer_id=asked.customer_id,
        currency=asked.currency,
    )
    by_value = asked.sort is AlertSort.VALUE
    found = await (_by_value if by_value else _by_urgency)(context, wanted, asked)
    shown = found[: asked.limit]
    place = worth if by_value else urgency
    return AlertPage(
        items=await _answers(context, shown, language),
        next=cursor_of(place(shown[-1])) if len(found) > len(shown) else None,
    )


@router.get("/{alert_id}", dependencies=[may_read])
async def one_alert(alert_id: AlertIdInPath, context: ContextDep, language: LanguageDep) -> Alert:
    """What became true of a customer, and what has been done about it."""
    return await _answer(context, await context.desk.alert(alert_id), language)


@router.post("/{alert_id}/acknowledge")
async def acknowledge(
    alert_id: AlertIdInPath,
    key: ManagerDep,
    context: ContextDep,
    language: LanguageDep,
    idempotency_key: IdempotencyKey = None,
) -> Alert:
    """Say that somebody has seen the alert. The answer is the alert after that was processed."""
    acting = context.desk.acknowledge(alert_id, key.name, idempotency_key)
    return await _answer(context, await _counted(context, "acknowledge", acting), language)


@router.post("/{alert_id}/snooze")
async def snooze(
    alert_id: AlertIdInPath,
    asked: SnoozeAsked,
    key: ManagerDep,
    context: ContextDep,
    language: LanguageDep,
    idempotency_key: IdempotencyKey = None,
) -> Alert:
    """Put the alert off until an instant; it opens again by itself."""
    acting = context.desk.snooze(alert_id, key.name, idempotency_key, _until(asked.until))
    return await _answer(context, await _counted(context, "snooze", acting), language)


@router.post("/{alert_id}/resolve")
async def resolve(
    alert_id: AlertIdInPath,
    asked: ResolveAsked,
    key: ManagerDep,
    context: ContextDep,
    language: LanguageDep,
    idempotency_key: IdempotencyKey = None,
) -> Alert:
    """Close the alert and say how it went."""
    acting = context.desk.resolve(alert_id, key.name, idempotency_key, asked.outcome, asked.note)
    return await _answer(context, await _counted(context, "resolve", acting), language)


async def _counted(context: Context, action: str, acting: Awaitable[PlacedAlert]) -> PlacedAlert:
    try:
        placed = await acting
    except LifestageError as error:
        late = isinstance(error, LogTimeout | NotProcessedYet)
        context.metrics.acted(action, "timeout" if late else "refused")
        raise
    context.metrics.acted(action, "done")
    return placed


async def _by_urgency(context: Context, wanted: AlertFilter, asked: AlertsAsked) -> Sequence[PlacedAlert]:
    place = None if asked.cursor is None else place_of(asked.cursor, AlertPlace)
    after = None if place is None else (place.severity, place.level, place.effective_at, place.id)
    return await context.queries.alerts(wanted, after, asked.limit + 1)


async def _by_value(context: Context, wanted: AlertFilter, asked: AlertsAsked) -> Sequence[PlacedAlert]:
    place = None if asked.cursor is None else place_of(asked.cursor, ValuePlace)
    after = (
        None
        if place is None
        else (place.currency, place.value, place.severity, place.level, place.effective_at, place.id)
    )
    return await context.queries.alerts_by_value(wanted, after, asked.limit + 1)


async def _answer(context: Context, placed: PlacedAlert, language: Language) -> Alert:
    [answer] = await _answers(context, [placed], language)
    return answer


async def _answers(context: Context, alerts: Sequence[PlacedAlert], language: Language) -> list[Alert]:
    ranks = await context.queries.ranks(alerts, RANKED)
    return [alert_answer(placed, ranks.get(placed.id), language) for placed in alerts]


def _until(text: str) -> Instant:
    try:
        return instant_of(text)
    except BadTime as error:
        raise BadUntil(f"until: {error}") from None

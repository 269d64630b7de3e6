"""Alerts: the list, one of them, and what people do with them."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from services.api.context import Context, ContextDep, LanguageDep, ManagerDep, may_read
from services.api.cursors import AlertPlace, cursor_of, place_of, urgency
from services.api.entries import alert_answer
from services.api.errors import BadUntil, NotProcessedYet
from services.api.schemas.alerts import Alert, AlertPage, AlertsAsked, ResolveAsked, SnoozeAsked
from services.api.times import BadTime, instant_of
from shared.domain.errors import LifestageError, LogTimeout
from shared.domain.instants import Instant
from shared.ports.queries import AlertCursor, AlertFilter, PlacedAlert

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
    """List alerts, the most urgent first: the open ones, unless other statuses are asked for."""
    wanted = AlertFilter(
        statuses=tuple(dict.fromkeys(asked.status)),
        kind=asked.kind,
        severity=asked.severity,
        customer_id=asked.customer_id,
    )
    found = await context.queries.alerts(wanted, _after(asked.cursor), asked.limit + 1)
    shown = found[: asked.limit]
    return AlertPage(
        items=[alert_answer(placed, language) for placed in shown],
        next=cursor_of(urgency(shown[-1])) if len(found) > len(shown) else None,
    )


@router.get("/{alert_id}", dependencies=[may_read])
async def one_alert(alert_id: AlertIdInPath, context: ContextDep, language: LanguageDep) -> Alert:
    """What became true of a customer, and what has been done about it."""
    return alert_answer(await context.desk.alert(alert_id), language)


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
    return alert_answer(await _counted(context, "acknowledge", acting), language)


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
    return alert_answer(await _counted(context, "snooze", acting), language)


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
    return alert_answer(await _counted(context, "resolve", acting), language)


async def _counted(context: Context, action: str, acting: Awaitable[PlacedAlert]) -> PlacedAlert:
    try:
        placed = await acting
    except LifestageError as error:
        late = isinstance(error, LogTimeout | NotProcessedYet)
        context.metrics.acted(action, "timeout" if late else "refused")
        raise
    context.metrics.acted(action, "done")
    return placed


def _after(cursor: str | None) -> AlertCursor | None:
    if cursor is None:
        return None
    place = place_of(cursor, AlertPlace)
    return place.severity, place.level, place.effective_at, place.id


def _until(text: str) -> Instant:
    try:
        return instant_of(text)
    except BadTime as error:
        raise BadUntil(f"until: {error}") from None

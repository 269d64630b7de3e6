"""Alerts as the scorer would have raised them: refit again and again, with nothing known of what comes after."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from services.cli.backtest.history import midnight
from services.cli.backtest.plan import AlertPlan, Span, date_of
from services.cli.backtest.shop import Shop
from shared.domain.alerts import Alert, AlertKind
from shared.domain.instants import Day, Instant
from shared.fitting.report import Refit


class Raised(NamedTuple):
    """A silence alert that people would have seen: when it became true, and how likely no purchase was, by a model."""

    at: Instant
    customer_id: str
    chance: float | None


class AlertRun(Struct, frozen=True, kw_only=True):
    """The alerts in the order of time, and the refits that they rest on."""

    raised: list[Raised]
    refits: list[Refit]


def refit_days(plan: AlertPlan, span: Span) -> list[Day]:
    """The days at whose first instant a refit is made."""
    return [Day(day) for day in range(plan.start + 1, span.last + 1, plan.refit)]


def watch(shop: Shop, plan: AlertPlan, span: Span) -> AlertRun:
    """Take a shop through its history to the end of its last day, with a refit whenever one is due."""
    zone = shop.policy.time_zone
    since = midnight(Day(plan.start + 1), zone)
    found: dict[tuple[str, Instant], Raised] = {}
    refits: list[Refit] = []
    for day in refit_days(plan, span):
        at = midnight(day, zone)
        _note(found, shop.pass_until(at), since)
        made = shop.refit(day, f"refit-{date_of(day)}")
        shop.govern(made, at)
        refits.append(made)
    _note(found, shop.pass_until(midnight(Day(span.last + 1), zone)), since)
    return AlertRun(raised=sorted(found.values()), refits=refits)


def _note(found: dict[tuple[str, Instant], Raised], alerts: Iterable[tuple[str, Alert]], since: Instant) -> None:
    """Keep the silence alerts that became true after the start; one that changes later is kept as it was raised."""
    for customer_id, alert in alerts:
        if alert.kind is AlertKind.SILENCE and alert.number and alert.effective_at >= since:
            raised = Raised(alert.effective_at, customer_id, alert.evidence.p_no_purchase)
            found.setdefault((customer_id, alert.effective_at), raised)

"""One customer's risk from day to day, with its purchases and the alert that silence brought."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.cli.backtest.history import Bought, History, days_of, event_of, midnight, unpriced_in
from services.cli.backtest.plan import RiskPlan, Span
from shared.domain.alerts import AlertKind
from shared.domain.controls import Governance, Model, ModelChange
from shared.domain.instants import DAY, SECOND, Day, Instant
from shared.domain.lifecycle import fold
from shared.domain.policy import Policy
from shared.domain.rhythm.silent import risk, threshold_of
from shared.fitting.report import Refit

ZONE: Final = "UTC"
LEAST_DAYS: Final = 8
"""Purchase days from which on a customer is worth a picture."""
LEAST_GAP: Final = 14
"""Days between two purchases on average: more often, and a picture shows nothing but stems."""


class Course(NamedTuple):
    """What a picture tells: risk by day, purchase days, the day of the fit and that of the alert, and the threshold."""

    customer_id: str
    span: Span
    risks: list[tuple[Day, float]]
    bought: list[Day]
    fitted: Day
    alerted: float
    threshold: float
    horizon: int


def course_of(history: History, made: Refit, policy: Policy, plan: RiskPlan, span: Span) -> Course | None:
    """The course of the first customer, by its id, that tells a whole one; None without any, or without a model.

    That is one that bought often enough before the fit, bought after it too, was alerted after that, and stayed away.
    """
    model = made.model
    if model is None:
        return None
    found = (_course(name, history.purchases[name], model, policy, plan, span) for name in sorted(history.purchases))
    return next((one for one in found if one is not None), None)


def _course(
    name: str, purchases: list[Bought], model: Model, policy: Policy, plan: RiskPlan, span: Span
) -> Course | None:
    bought = days_of(purchases, ZONE)
    known = sum(day <= plan.cutoff for day in bought)
    if known < LEAST_DAYS or bought[-1] - bought[0] < LEAST_GAP * len(bought) or bought[-1] <= plan.cutoff + LEAST_GAP:
        return None
    effective_at = Instant(midnight(Day(plan.cutoff + 1), ZONE) + SECOND)
    governance = Governance.of([ModelChange(id=model.version, effective_at=effective_at, model=model)], policy)
    events = [event_of(name, one, unpriced_in(policy)) for one in purchases]
    outcome = fold(name, events, governance, midnight(Day(span.last + 1), ZONE))
    alerts = [one.effective_at for one in outcome.alerts if one.kind is AlertKind.SILENCE and one.number]
    later = [at for at in alerts if at > purchases[-1].at]
    assert model.churn is not None, "a refit makes a churn model"
    if not later or span.last - later[0] / DAY < plan.horizon:
        return None
    governed = governance.policies[-1]
    return Course(
        customer_id=name,
        span=span,
        risks=[*_by_day(name, purchases, governed, bought[0], span.last)],
        bought=bought,
        fitted=Day(plan.cutoff + 1),
        alerted=later[0] / DAY,
        threshold=threshold_of(model.churn, governed),
        horizon=plan.horizon,
    )


def _by_day(name: str, purchases: list[Bought], policy: Policy, first: Day, last: Day) -> Iterator[tuple[Day, float]]:
    """The risk at the end of each day, as the model would say it of what was known by then."""
    for day in range(first, last + 1):
        at = midnight(Day(day + 1), ZONE)
        events = [event_of(name, one, unpriced_in(policy)) for one in purchases if one.at < at]
        chance = risk(fold(name, events, Governance.of((), policy)).customer, at, policy)
        if chance is not None:
            yield Day(day), chance

"""What is asked of a back-test: risks at a cut-off, or alerts from a day on. What nobody said is chosen and told."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from shared.domain.errors import LifestageError
from shared.domain.instants import Day
from shared.domain.policy import DEFAULT

_FIRST: Final = date(1970, 1, 1)


class BadPlan(LifestageError):
    """The history cannot be asked that."""

    code = "bad_plan"


class Asked(Struct, frozen=True, kw_only=True):
    """What somebody asked; None is for us to choose. Lengths in days."""

    cutoff: date | None = None
    start: date | None = None
    horizon: int | None = None
    gap: int | None = None
    refit: int = 28


class RiskPlan(Struct, frozen=True, kw_only=True):
    """Everybody's risk after the day `cutoff`, of no purchase within `horizon` days."""

    cutoff: Day
    horizon: int


class AlertPlan(Struct, frozen=True, kw_only=True):
    """Alerts after the day `start`: right when nothing is bought within `horizon` days, and early before `gap` days."""

    start: Day
    horizon: int
    gap: int
    refit: int


class Span(NamedTuple):
    """The first and the last day of a history."""

    first: Day
    last: Day


Plan = RiskPlan | AlertPlan


def day_of(when: date) -> Day:
    """A calendar day as the core counts it."""
    return Day((when - _FIRST).days)


def date_of(day: Day) -> date:
    """The inverse."""
    return _FIRST + timedelta(days=day)


def plan_of(asked: Asked, span: Span) -> Plan:
    """What to do. Raises BadPlan when the history cannot be asked that."""
    if asked.cutoff is not None and asked.start is not None:
        raise BadPlan("--cutoff asks for risks and --start for alerts: give one of them")
    if asked.start is not None:
        return _alerts(asked, _within(asked.start, "--start", span), span)
    if asked.gap is not None:
        raise BadPlan("--gap belongs to alerts: give --start as well, or leave it out")
    chosen = Day(span.first + (span.last - span.first) * 2 // 3)
    cutoff = chosen if asked.cutoff is None else _within(asked.cutoff, "--cutoff", span)
    return RiskPlan(cutoff=cutoff, horizon=asked.horizon or _half(span.last - cutoff))


def choices(asked: Asked, plan: Plan) -> Iterator[str]:
    """What was chosen because nobody said it, in words."""
    if isinstance(plan, RiskPlan):
        if asked.cutoff is None:
            yield f"cut-off {date_of(plan.cutoff)}, two thirds into the history (--cutoff)"
        if asked.horizon is None:
            yield f"horizon {plan.horizon} days, half of what is left (--horizon)"
        return
    if asked.horizon is None:
        yield f"horizon {plan.horizon} days (--horizon)"
    if asked.gap is None:
        yield f"a silence of over {plan.gap} days is a customer gone, twice the horizon (--gap)"


def _alerts(asked: Asked, start: Day, span: Span) -> AlertPlan:
    gap = asked.gap
    horizon = asked.horizon or (max(1, gap // 2) if gap else max(1, (span.last - start) // 6))
    gap = gap or 2 * horizon
    if gap <= horizon:
        raise BadPlan(
            f"a gap of {gap} days does not exceed the horizon of {horizon}: an alert is right when nothing is bought"
            " for the horizon, and has to come that long before the gap is full; --gap above --horizon is accepted"
        )
    return AlertPlan(start=start, horizon=horizon, gap=gap, refit=asked.refit)


def _within(when: date, option: str, span: Span) -> Day:
    day = day_of(when)
    if not span.first <= day <= span.last:
        first, last = date_of(span.first), date_of(span.last)
        raise BadPlan(f"{option} {when} lies outside of the history: a day from {first} to {last} is accepted")
    return day


def _half(left: int) -> int:
    """Half of the days left; where nothing is left nothing is scored, and the policy's horizon is as good as any."""
    return max(1, left // 2) if left else round(DEFAULT.churn_horizon_days)

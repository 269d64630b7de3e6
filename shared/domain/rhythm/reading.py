"""A customer's risk as people read it: how likely it buys no more, when it will, when the alert comes, and why."""

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.customer import Customer
from shared.domain.habit import Habit
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.policy import Policy
from shared.domain.rhythm import attrition, hazard
from shared.domain.rhythm.attrition import WEEK, past_of
from shared.domain.rhythm.churn import LONGEST_DAYS, ChurnModel, WeakSign, first_second, foretold, median_wait
from shared.domain.rhythm.gaps import last_purchase, p_no_purchase_by_gaps, silence_r
from shared.domain.rhythm.hazard import traits_of
from shared.domain.rhythm.movers import Mover, movers
from shared.domain.rhythm.silent import foreseen, habit, overdue_from, threshold_of
from shared.domain.rhythm.weak import shown_by
from shared.domain.silence import Due, soonest, stage_deadlines
from shared.domain.stages import CUSTOMER_STAGES, Stage

By = Literal["churn_model", "gap_distribution"]
"""What speaks: the churn model in force, or without one the customer's own gaps, shrunk to the prior."""
WAITING: Final = (*CUSTOMER_STAGES, Stage.DECLINE)
"""The stages in which silence can be an alert."""


class Risk(Struct, frozen=True, kw_only=True, gc=False):
    """A customer's risk in short. P0 is the probability of no purchase in the next `horizon_days`.

    `alert_at` is when continued silence will be an alert; None when it will not: raised already, or never.
    """

    by: By
    p_no_purchase: float
    horizon_days: float
    silence_days: float
    alert_at: Instant | None
    alert_silence_days: float | None
    """How long the customer will have been silent then."""


class RiskReading(Struct, frozen=True, kw_only=True, gc=False):
    """A customer's risk with what it rests on.

    By a churn model an alert takes a P0 of `threshold` and a silence of `overdue_days`; by gaps alone it takes an r of
    `r_threshold`. `classic` and `hazard` are the P0s of the model's members, `weight` is that of the classic one.
    """

    risk: Risk
    p_after_purchase: float
    """P0 right after the last purchase."""
    median_days: float | None = None
    """In how many days the next purchase comes with even odds; None when that is not within a century."""
    model: str | None = None
    threshold: float | None = None
    overdue_days: float | None = None
    classic: float | None = None
    hazard: float | None = None
    weight: float | None = None
    movers: tuple[Mover, ...] = ()
    weak_signs: tuple[WeakSign, ...] = ()
    tested_days: float | None = None
    """The horizon within which the odds of weak signs were measured."""
    r: float | None = None
    r_threshold: float | None = None


def risk_in_short(customer: Customer, at: Instant, policy: Policy) -> Risk | None:
    """The risk at an instant; None for who has not bought in this cycle."""
    last_at, known = last_purchase(customer), habit(customer)
    if last_at is None or known is None:
        return None
    alert_at = alert_from(customer, policy)
    silence, ahead = max(0, at - last_at) / DAY, policy.churn_horizon_days
    return Risk(
        by="gap_distribution" if policy.churn is None else "churn_model",
        p_no_purchase=_chance(customer, known, policy)(silence, ahead),
        horizon_days=ahead,
        silence_days=silence,
        alert_at=alert_at,
        alert_silence_days=None if alert_at is None else (alert_at - last_at) / DAY,
    )


def alert_from(customer: Customer, policy: Policy) -> Instant | None:
    """002-13: when continued silence will be an alert, by the model or the rule in force; None for never."""
    if customer.stage not in WAITING:
        return None
    waiting = stage_deadlines(customer if customer.silence_raised else foreseen(customer, policy), policy, {})
    decided = None if customer.decided is None else Instant(customer.decided[0])
    first = soonest((one for one in waiting if one.what is Due.SILENT), decided)
    return None if first is None else first.at


def risk_reading(customer: Customer, at: Instant, policy: Policy) -> RiskReading | None:
    """004-11: the risk at an instant with what it rests on; None for who has not bought in this cycle."""
    risk, known = risk_in_short(customer, at, policy), habit(customer)
    if risk is None or known is None:
        return None
    fresh = _chance(customer, known, policy)(0.0, risk.horizon_days)
    if policy.churn is not None:
        return _by_model(RiskReading(risk=risk, p_after_purchase=fresh), customer, known, policy.churn, policy)
    return RiskReading(
        risk=risk,
        p_after_purchase=fresh,
        median_days=_median_by_gaps(customer, risk.silence_days, policy),
        r=silence_r(customer, at, policy),
        r_threshold=policy.silent_r,
    )


def _chance(customer: Customer, known: Habit, policy: Policy) -> Callable[[float, float], float]:
    """P0 of a silence and the days ahead, by whatever speaks."""
    if policy.churn is not None:
        return foretold(policy.churn.members, known)
    return lambda silence, ahead: p_no_purchase_by_gaps(customer, silence, ahead, policy)


def _by_model(found: RiskReading, customer: Customer, known: Habit, model: ChurnModel, policy: Policy) -> RiskReading:
    members, silence, horizon = model.members, found.risk.silence_days, found.risk.horizon_days
    weeks, ahead = silence / WEEK, horizon / WEEK
    classic, pooled = members.classic, members.hazard
    last_at, overdue_at = last_purchase(customer), overdue_from(customer, model, policy)
    return replace(
        found,
        median_days=median_wait(members, known, silence),
        model=policy.model,
        threshold=threshold_of(policy),
        overdue_days=None if last_at is None or overdue_at is None else (overdue_at - last_at) / DAY,
        classic=None if classic is None else attrition.p_none(classic, past_of(known), weeks, ahead),
        hazard=None
        if pooled is None
        else hazard.p_none(pooled, traits_of(known, members.mean_gap / WEEK), weeks, ahead),
        weight=None if classic is None or pooled is None else members.weight,
        movers=movers(members, known, silence, horizon),
        weak_signs=shown_by(customer, known, model),
        tested_days=model.horizon_days,
    )


def _median_by_gaps(customer: Customer, silence: float, policy: Policy) -> float | None:
    def short(second: int) -> float:
        return p_no_purchase_by_gaps(customer, silence, second / _PER_DAY, policy) - 0.5

    seconds = first_second(short, 1, int(LONGEST_DAYS) * _PER_DAY)
    return None if seconds is None else seconds / _PER_DAY


_PER_DAY: Final = DAY // SECOND

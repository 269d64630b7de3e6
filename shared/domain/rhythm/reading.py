"""A customer's risk as people read it: how likely it buys no more, when it will, when the alert comes, and why."""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.customer import Customer
from shared.domain.instants import DAY, Instant
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import ChurnModel, WeakSign, first_second
from shared.domain.rhythm.churn import p_no_purchase as p_by
from shared.domain.rhythm.gaps import last_purchase, p_no_purchase_by_gaps, silence_r
from shared.domain.rhythm.movers import Mover, movers
from shared.domain.rhythm.silent import (
    CENTURY,
    DAY_SECONDS,
    Chance,
    chance_of,
    counted_days,
    foreseen,
    habit,
    median_wait,
    overdue_from,
    threshold_of,
)
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
    last_at = last_purchase(customer)
    if last_at is None:
        return None
    alert_at, ahead = alert_from(customer, policy), policy.churn_horizon_days
    return Risk(
        by="gap_distribution" if policy.churn is None else "churn_model",
        p_no_purchase=_chance(customer, last_at, policy)(at, ahead),
        horizon_days=ahead,
        silence_days=max(0, at - last_at) / DAY,
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
    risk, last_at = risk_in_short(customer, at, policy), last_purchase(customer)
    if risk is None or last_at is None:
        return None
    fresh = _chance(customer, last_at, policy)(last_at, risk.horizon_days)
    found = RiskReading(risk=risk, p_after_purchase=fresh)
    if policy.churn is not None:
        return _by_model(found, customer, at, policy.churn, policy)
    return replace(
        found,
        median_days=_median_by_gaps(customer, risk.silence_days, policy),
        r=silence_r(customer, at, policy),
        r_threshold=policy.silent_r,
    )


def _chance(customer: Customer, last_at: Instant, policy: Policy) -> Chance:
    """P0 from an instant on, by whatever speaks."""
    by_model = chance_of(customer, policy)
    if by_model is not None:
        return by_model
    return lambda at, ahead: p_no_purchase_by_gaps(customer, max(0, at - last_at) / DAY, ahead, policy)


def _by_model(found: RiskReading, customer: Customer, at: Instant, model: ChurnModel, policy: Policy) -> RiskReading:
    known, last_at, overdue_at = habit(customer), last_purchase(customer), overdue_from(customer, model, policy)
    if known is None or last_at is None or overdue_at is None:
        return found
    members = model.members
    classic, pooled = members.classic, members.hazard
    silence, ahead = counted_days(last_at, at, found.risk.horizon_days, policy)
    return replace(
        found,
        median_days=median_wait(customer, at, policy),
        model=policy.model,
        threshold=threshold_of(model, policy),
        overdue_days=(overdue_at - last_at) / DAY,
        classic=None if classic is None else p_by(replace(members, hazard=None), known, silence, ahead),
        hazard=None if pooled is None else p_by(replace(members, classic=None), known, silence, ahead),
        weight=None if classic is None or pooled is None else members.weight,
        movers=movers(members, known, silence, ahead),
        weak_signs=shown_by(customer, known, model),
        tested_days=model.horizon_days,
    )


def _median_by_gaps(customer: Customer, silence: float, policy: Policy) -> float | None:
    def short(second: int) -> float:
        return p_no_purchase_by_gaps(customer, silence, second / DAY_SECONDS, policy) - 0.5

    seconds = first_second(short, 1, CENTURY)
    return None if seconds is None else seconds / DAY_SECONDS

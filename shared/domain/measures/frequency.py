"""How often a customer buys in a period, where product and policy say how long a period is."""

from collections import Counter
from math import exp
from typing import Final

from msgspec import Struct

from shared.domain.measures.case import Case
from shared.domain.measures.categories import (
    NO_CATEGORY,
    bought_categories,
    categories_of,
    main_category,
    orders_of,
    this_cycle,
)
from shared.domain.measures.deals import ids, occasions
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.policy import Policy, derived

DURABLE: Final = "durable"
MONTHLY: Final = frozenset({"consumer_goods", "bank", "restaurant"})
"""Categories whose usual period the theory names; a policy may say otherwise for its line."""


class Period(Struct, frozen=True, kw_only=True, gc=False):
    """The window by product: P and M in days, and k. `own` says that P is that of the category or the industry."""

    category: str | None
    days: float
    cadence: float
    count: int
    own: bool


def period_of(case: Case) -> Period:
    """The period of the customer's main category: as the policy sets it for the line or the industry, else as the
    theory names it, else the prior for all (003-7)."""
    category, industry = main_category(case), case.profile("industry")
    policy, trade = case.policy, industry if isinstance(industry, str) else None
    own, named = derived(policy, category, trade), _named(policy, category)
    given = {**policy.industries.get(trade or "", {}), **policy.lines.get(category or "", {})}
    return Period(
        category=category,
        days=own.retention_days if named is None or "retention_days" in given else named,
        cadence=exp(own.mu0) if named is None or own.mu0 != policy.mu0 else named,
        count=own.retention_count,
        own=named is not None or "retention_days" in given,
    )


def _named(policy: Policy, category: str | None) -> float | None:
    if category == DURABLE:
        return policy.durable_days
    return policy.monthly_days if category in MONTHLY else None


@measure("003-7", card=Card.LOYALTY, unit="days", low=0, en="Measuring window", zh="按产品确定的衡量时段")
def measuring_window(case: Case) -> Reading:
    """P: the days over which purchases are counted, by the main category, else the prior of the policy (003-7).

    The part `cadence_days` is M, how far apart purchases usually lie; `of_category` says where P comes from.
    """
    bought = this_cycle(case)
    if not bought:
        return unknown("a purchase")
    period = period_of(case)
    missing = NO_CATEGORY if period.category is None else f"a period for {period.category!r} in the policy"
    return known(
        period.days,
        coverage=(1 + (period.category is not None) + period.own) / 3,
        missing=() if period.own else (missing,),
        evidence=ids(deal.event for deal in orders_of(bought)),
        parts={
            "category": period.category,
            "cadence_days": period.cadence,
            "of_category": period.own,
        },
    )


@measure("003-6", card=Card.LOYALTY, unit="count", low=0, en="Purchases in the period", zh="重复购买率")
def occasions_per_period(case: Case) -> Reading:
    """Occasions of the last P days, over all cycles (003-6). The part `mean` is the mean per P over the tenure."""
    bought = this_cycle(case)
    if not bought:
        return unknown("a purchase")
    days = period_of(case).days
    recent = occasions(case, days=days)
    periods = max(1.0, (case.today - bought[0].day) / days)
    return known(
        len(recent),
        evidence=ids(one.deals[0].event for one in recent),
        parts={"mean": len(bought) / periods, "period_days": days},
    )


@measure("003-2", card=Card.LOYALTY, unit="flag", en="Retained by number of purchases", zh="达到规定购买次数")
def bought_often_enough(case: Case) -> Reading:
    """Whether there were at least k occasions in the last P days (003-2)."""
    counted = occasions_per_period(case)
    if counted.number is None:
        return counted
    period = period_of(case)
    return known(
        counted.number >= period.count,
        evidence=counted.evidence,
        parts={"occasions": counted.number, "asked": period.count, "period_days": period.days},
    )


@measure("003-8", card=Card.LOYALTY, unit="count", low=0, en="Categories bought", zh="购买的产品种类数")
def categories(case: Case) -> Reading:
    """B: categories bought in the last 365 days, any of them; the parts are the occasions of each (003-8)."""
    recent = occasions(case, days=case.policy.breadth_days)
    if not recent and not occasions(case):
        return unknown("a purchase")
    orders = orders_of(recent)
    named = [deal for deal in orders if categories_of(deal)]
    if orders and not named:
        return unknown(NO_CATEGORY)
    counts = Counter(category for one in recent for category in sorted(bought_categories(one)))
    return known(
        len(counts),
        coverage=len(named) / len(orders) if orders else 1.0,
        missing=() if len(named) == len(orders) else (NO_CATEGORY,),
        evidence=ids(deal.event for deal in named),
        parts={**counts},
    )

"""What was earned by a customer, what is left of it after serving, and since when that pays."""

from typing import Final

from shared.domain.instants import Day
from shared.domain.measures.books import (
    A_PURCHASE_WITH_COST,
    earned,
    earned_within,
    iso,
    lacking,
    margin_of,
    outlays,
    spent,
    together,
)
from shared.domain.measures.case import Case
from shared.domain.measures.deals import deals, ids, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import EVERY_PART, Card, measure
from shared.domain.stages import Stage

MARKS: Final = {
    "below": ("Cost not yet covered", "收入尚未超过投入"),
    "above": ("Earns more than it costs", "收入已经大于投入"),
    "peak": ("Earns the most it ever has", "利润处于高峰"),
    "cost_only": ("Costs without any income", "有成本支出而无收益"),
}
FITTING: Final = {
    Stage.EXPLORATION: ("below", "cost_only"),
    Stage.FORMATION: ("above", "peak"),
    Stage.STABILITY: ("above", "peak"),
    Stage.ENDED: ("below", "above", "cost_only"),
}
"""The marks that fit a stage. Stages that are not here have no mark of their own."""


@measure("004-2", "002-8", card=Card.VALUE, unit="money", en="Margin so far", zh="历史毛利")
def historic_margin(case: Case) -> Reading:
    """Sum of amount - cost over all deals, net of refunds (004-2). Of deals without a cost nothing is known: coverage
    is the share of the amount whose cost is known."""
    found = earned(deals(case))
    if found is None:
        return unknown(A_PURCHASE_WITH_COST)
    return known(
        float(found.amount), coverage=found.coverage, evidence=found.evidence, missing=_unless_whole(found.coverage)
    )


@measure(
    "001-16", card=Card.VALUE, unit="money", en="Margin of the last year", zh="近一年毛利", amounts=("short_view",)
)
def yearly_margin(case: Case) -> Reading:
    """Margin of the deals of the last 365 d (001-16); the last 30 d stand beside it in `short_view`."""
    found = earned_within(case, case.policy.long_view_days)
    if found is None:
        return unknown(A_PURCHASE_WITH_COST)
    month = earned_within(case, case.policy.short_view_days)
    return known(
        float(found.amount),
        coverage=found.coverage,
        evidence=found.evidence,
        missing=_unless_whole(found.coverage),
        parts={"short_view": None if month is None else float(month.amount)},
    )


@measure("002-8", card=Card.VALUE, unit="money", en="Margin less cost so far", zh="累计毛利减成本", amounts=EVERY_PART)
def net_margin(case: Case) -> Reading:
    """Cumulative margin - cost to serve (002-8), coverage the mean of both; unknown unless something of both is."""
    margin, cost = earned(deals(case)), spent(outlays(case))
    if margin is None or cost is None:
        return unknown(*lacking(margin, cost))
    return known(
        float(margin.amount - cost.amount),
        coverage=together(margin, cost),
        evidence=margin.evidence,
        missing=_unless_whole(margin.coverage),
        parts={"margin": float(margin.amount), "cost": float(cost.amount)},
    )


@measure(
    "002-8", card=Card.VALUE, unit="days", low=0, en="Days to break even", zh="盈亏平衡所需天数", amounts=("balance",)
)
def break_even(case: Case) -> Reading:
    """Days from the first purchase to the day since which margin - cost has stayed at or above 0 (002-8).

    Days are whole: what happened on one is taken together. `days_ago` and `date` say when that was; `balance` is
    margin - cost today.
    """
    found = deals(case)
    margin, cost = earned(found), spent(outlays(case))
    if margin is None or cost is None:
        return unknown(*lacking(margin, cost))
    balance = float(margin.amount - cost.amount)
    since = _at_or_above_zero_since(case, found[0].day)
    if since is None:
        return unknown("more margin: the cost is not covered yet", parts={"balance": balance})
    return known(
        float(since - found[0].day),
        coverage=together(margin, cost),
        evidence=ids(deal.event for deal in found if deal.day <= since),
        parts={"date": iso(since), "days_ago": float(case.today - since), "balance": balance},
    )


@measure(
    "002-8",
    card=Card.VALUE,
    unit="word",
    words=MARKS,
    en="Money mark of the stage",
    zh="阶段的资金特征",
    amounts=EVERY_PART,
)
def money_mark(case: Case) -> Reading:
    """How a relationship stands in money (002-8): `cost_only` with cost and no purchase in max(W, 90 d), `below` with
    margin < cost so far, `peak` at or above 0.8 of the best of the last 8 such windows, else `above`."""
    found = deals(case)
    margin, cost = earned(found), spent(outlays(case))
    if margin is None or cost is None:
        return unknown(*lacking(margin, cost))
    windows = _windows(case)
    parts = {"balance": float(margin.amount - cost.amount), "window": float(windows[0]), "best": float(max(windows))}
    return known(_mark(case, windows, margin.amount - cost.amount), coverage=together(margin, cost), parts={**parts})


@measure("002-8", card=Card.VALUE, unit="flag", en="Money does not fit the stage", zh="资金特征与阶段不符")
def money_mismatch(case: Case) -> Reading:
    """Whether the money mark is none that fits the stage (002-8): exploration costs, formation and stability earn, an
    ended relationship is at no peak. Other stages have no mark."""
    mark, fitting = money_mark(case), FITTING.get(case.state.stage)
    if fitting is None:
        return unknown("a stage with a money mark: exploration, formation, stability or ended")
    if mark.value is None:
        return unknown(*mark.missing)
    return known(mark.value not in fitting, coverage=mark.coverage, parts={"mark": mark.value})


def _mark(case: Case, windows: list[int], balance: int) -> str:
    length = _length(case)
    bought = any(not deal.refunded and deal.day > case.today - length for deal in deals(case))
    costs = any(outlay.amount and outlay.day > case.today - length for outlay in outlays(case))
    if costs and not bought:
        return "cost_only"
    if balance < 0:
        return "below"
    best = max(windows)
    return "peak" if len(windows) > 1 and 0 < case.policy.peak_share * best <= windows[0] else "above"


def _windows(case: Case) -> list[int]:
    """Margin less cost of the windows since the first purchase, the newest first."""
    length, changes = _length(case), _changes(case)
    age = case.today - deals(case)[0].day
    count = min(case.policy.peak_windows, int(age / length) + 1)
    sums = [0] * count
    for day, amount in changes:
        back = int((case.today - day) / length)
        if back < count:
            sums[back] += amount
    return sums


def _length(case: Case) -> float:
    return max(window_days(case), case.policy.peak_window_days)


def _changes(case: Case) -> list[tuple[Day, int]]:
    """What margin and cost added and took, day by day, the oldest first."""
    added = [(deal.day, amount) for deal in deals(case) if (amount := margin_of(deal)) is not None]
    taken = [(outlay.day, -outlay.amount) for outlay in outlays(case) if outlay.amount is not None]
    return sorted(added + taken)


def _at_or_above_zero_since(case: Case, first: Day) -> Day | None:
    by_day: dict[Day, int] = {first: 0}
    for day, amount in _changes(case):
        counted = max(day, first)
        by_day[counted] = by_day.get(counted, 0) + amount
    since: Day | None = None
    balance = 0
    for day, change in sorted(by_day.items()):
        balance += change
        if balance < 0:
            since = None
        elif since is None:
            since = day
    return since


def _unless_whole(coverage: float) -> tuple[str, ...]:
    return () if coverage >= 1 else ("the cost of every purchase",)

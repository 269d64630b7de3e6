"""How much of its budget a customer spends with us, and what a change of it means."""

from typing import Final, NamedTuple

from shared.domain.events import Wallet
from shared.domain.instants import Day, rfc3339
from shared.domain.measures.books import A_RATE, own_amount
from shared.domain.measures.case import Case
from shared.domain.measures.deals import deals, ids, total
from shared.domain.measures.named_periods import Period, period_named
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import EVERY_PART, Card, measure

SPEND_CASES: Final = {
    "loyalty_up": ("Budget up, and we get more: loyalty grows", "预算扩大且购买增加:忠诚提高"),
    "trust_up": ("Spends more of a budget that has not grown: trust grows", "预算不变而购买增加:信任增强"),
    "left_behind": ("Budget up, spent elsewhere", "预算扩大而未向我方购买"),
    "steady": ("Neither budget nor spending has changed", "预算与购买均无变化"),
    "trust_down": ("Spends less of a budget that has not shrunk: trust falls", "预算不变而购买减少:信任减弱"),
    "need_shrinks": ("Budget and spending both down", "预算与购买同时减少"),
}
_CASES: Final = {
    (1, 1): "loyalty_up",
    (1, 0): "left_behind",
    (1, -1): "left_behind",
    (0, 1): "trust_up",
    (0, 0): "steady",
    (0, -1): "trust_down",
    (-1, 1): "trust_up",
    (-1, 0): "trust_up",
    (-1, -1): "need_shrinks",
}
"""By how the budget moved and how spending moved: up, not, down."""


class Budget(NamedTuple):
    """What a customer has to spend in a period, and the days of it; `named` says whether its word was understood."""

    event: Wallet
    period: Period
    named: bool


@measure(
    "003-3",
    card=Card.VALUE,
    unit="share",
    low=0,
    high=1,
    en="Share of wallet",
    zh="客户占有率",
    amounts=("own", "budget"),
)
def wallet_share(case: Case) -> Reading:
    """Own amount in the period / budget declared or estimated for it, at most 1 (003-3); the newest `wallet` counts.

    Budgets of the whole customer go before those of a line; a period to come does not count yet. A word that names no
    period is compared with the last 365 d, as `compared` says. Of a period that runs, coverage is the part gone by.
    """
    budgets = _budgets(case)
    if not budgets:
        return unknown("a wallet event with the budget of a period that has begun")
    newest = budgets[-1]
    budget, own = _in_money(case, newest), _bought(case, newest)
    if not budget or own is None:
        return unknown(f"a budget above 0, a purchase, and {A_RATE}", parts=_source(newest))
    elapsed = newest.period.elapsed(case.today)
    return known(
        min(1.0, own / budget),
        coverage=elapsed / newest.period.days,
        missing=() if elapsed == newest.period.days else ("the rest of the period",),
        evidence=(newest.event.id,),
        parts={"own": float(own), "budget": float(budget), **_source(newest)},
    )


@measure(
    "003-3",
    card=Card.VALUE,
    unit="share",
    low=0,
    high=1,
    en="Share lost to others",
    zh="流失的份额",
    amounts=("own", "budget"),
)
def lost_share(case: Case) -> Reading:
    """1 - share of wallet (003-3): what the customer spends elsewhere."""
    share = wallet_share(case)
    if share.number is None:
        return unknown(*share.missing, parts=share.parts)
    return known(
        1 - share.number, coverage=share.coverage, missing=share.missing, evidence=share.evidence, parts=share.parts
    )


@measure(
    "003-10",
    card=Card.VALUE,
    unit="word",
    words=SPEND_CASES,
    en="Spend and budget",
    zh="购买费用与比重",
    amounts=EVERY_PART,
)
def spend_case(case: Case) -> Reading:
    """What the change of spend and budget between the two newest periods with a budget means (003-10).

    Amount up and budget flat: trust up. Budget up and amount too: loyalty up. Compared are amounts per day, the own
    ones per day gone by; up to 5 % is no change. Only periods that are named, and have begun, are compared.
    """
    pair = _two_newest(case)
    if pair is None:
        return unknown("the budgets of two periods such as 2026-Q1")
    budgets = [_a_day(_in_money(case, one), one.period.days) for one in pair]
    amounts = [_a_day(_bought(case, one), one.period.elapsed(case.today)) for one in pair]
    parts: dict[str, Scalar | None] = {
        "budget_before": budgets[0],
        "budget": budgets[1],
        "amount_before": amounts[0],
        "amount": amounts[1],
    }
    moved = _moved(case, budgets), _moved(case, amounts)
    if moved[0] is None or moved[1] is None:
        return unknown(f"a purchase, and {A_RATE}", parts=parts)
    return known(_CASES[moved[0], moved[1]], evidence=ids(one.event for one in pair), parts=parts)


def _budgets(case: Case) -> list[Budget]:
    """The budgets of periods that have begun, the one that counts last: those of a line go before those of all."""
    found = [_budget(case, event) for event in case.of(Wallet)]
    begun = [one for one in found if one.period.elapsed(case.today) > 0]
    return sorted(begun, key=lambda one: one.event.line is None)


def _budget(case: Case, event: Wallet) -> Budget:
    named = period_named(event.period)
    year = Period(first=Day(case.today + 1 - round(case.policy.long_view_days)), past=Day(case.today + 1))
    return Budget(event, named or year, named is not None)


def _two_newest(case: Case) -> tuple[Budget, Budget] | None:
    """The budgets of the latest period and of the latest one that was over before it, each as last declared.

    Budgets are told apart by what they are for: those of all are compared, or else those of one line.
    """
    budgets = [one for one in _budgets(case) if one.named]
    latest = {one.period: one for one in budgets if one.event.line == budgets[-1].event.line}
    newest = max(latest, key=_end, default=None)
    before = max((period for period in latest if newest and period.past <= newest.first), key=_end, default=None)
    return None if newest is None or before is None else (latest[before], latest[newest])


def _end(period: Period) -> tuple[Day, Day]:
    return period.past, period.first


def _in_money(case: Case, budget: Budget) -> int | None:
    return own_amount(case, budget.event.total_spend, budget.event.currency)


def _bought(case: Case, budget: Budget) -> int | None:
    """What was bought in the period of what the budget is for; None without any purchase ever, or without a rate."""
    found = deals(case, line=budget.event.line)
    period = budget.period
    return total(deal.amount for deal in found if period.first <= deal.day < period.past) if found else None


def _a_day(amount: int | None, days: int) -> float | None:
    return None if amount is None else amount / days


def _moved(case: Case, pair: list[float | None]) -> int | None:
    before, now = pair
    if before is None or now is None:
        return None
    band = case.policy.spend_band * before
    return (now > before + band) - (now < before - band)


def _source(budget: Budget) -> dict[str, Scalar | None]:
    return {
        "source": budget.event.source,
        "date": rfc3339(budget.event.occurred_at),
        "estimated": budget.event.estimated,
        "period": budget.event.period,
        "line": budget.event.line,
        "compared": "the period" if budget.named else f"the last {budget.period.days} days",
    }

"""Everybody's risk at a cut-off: by the model that a refit makes there, and by the rules that others use."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from services.cli.backtest.history import midnight
from services.cli.backtest.plan import RiskPlan, date_of
from services.cli.backtest.shop import Shop
from shared.domain.customer import Customer
from shared.domain.instants import DAY, Day, Instant
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import ChurnModel, Members, p_no_purchase
from shared.domain.rhythm.gaps import silence_r
from shared.domain.rhythm.silent import habit, risk
from shared.fitting.attrition import fit_mbg_nbd, fit_pareto_nbd, rows_of
from shared.fitting.report import Refit
from shared.fitting.spells import gather

MODEL: Final = "this model"
PLAIN: Final = "without the calendar"
OWN_GAPS: Final = "silence ÷ own long gap"
SILENCE: Final = "silence alone"
OVER_MEAN: Final = "silence ÷ own mean interval"
TRIED_SHARE: Final = 0.5
"""How much of the history the share is counted over that stands in for a probability, where the horizon is longer."""


class Foretold(Struct, frozen=True, kw_only=True):
    """What one way of judging says of each customer: a risk and, where it can, a probability of no purchase."""

    name: str
    risks: list[float]
    chances: list[float] | None = None


class RiskRun(Struct, frozen=True, kw_only=True):
    """The customers known at a cut-off, and what is said of them: first by what speaks, then by the others."""

    customers: list[str]
    refit: Refit
    speaks: Foretold
    others: list[Foretold]
    words: str
    """What stands behind the probabilities."""


class Seen(NamedTuple):
    """A customer at the cut-off, and for how many days it has been silent."""

    customer: Customer
    silence: float


def foretell(shop: Shop, plan: RiskPlan) -> RiskRun:
    """Take a shop to the midnight after the cut-off, refit there, and judge everybody."""
    at = midnight(Day(plan.cutoff + 1), shop.policy.time_zone)
    shop.pass_until(at)
    made = shop.refit(Day(plan.cutoff + 1), f"refit-{date_of(Day(plan.cutoff + 1))}")
    seen = [Seen(customer, _silence(customer, at)) for customer in shop.states.values()]
    if made.model is not None and made.model.churn is not None:
        speaks, words = by_model(MODEL, made.model.churn, seen, at, shop.policy), spoken(made.model.churn.members)
    else:
        speaks, words = by_own_gaps(seen, at, plan, shop.policy)
    others = [*_without_calendar(made, seen, at, shop.policy), *_alone(made, seen, shop, plan), *_rules(seen)]
    return RiskRun(customers=list(shop.states), refit=made, speaks=speaks, others=others, words=words)


def by_model(name: str, model: ChurnModel, seen: Sequence[Seen], at: Instant, policy: Policy) -> Foretold:
    """By a churn model, asked as the scorer asks it."""
    governed = replace(policy, churn=model)
    return _probable(name, seen, lambda one: risk(one.customer, at, governed) or 0.0)


def spoken(members: Members) -> str:
    """Which members speak, and with what weight."""
    classic = members.classic and {"mbg_nbd": "MBG/NBD", "pareto_nbd": "Pareto/NBD"}[members.classic.kind]
    if members.hazard is None:
        return f"{classic} speaks alone."
    if classic is None:
        return "The hazard speaks alone."
    return f"{classic} speaks with a weight of {members.weight:.0%}, the hazard with {1 - members.weight:.0%}."


def by_own_gaps(seen: Sequence[Seen], at: Instant, plan: RiskPlan, policy: Policy) -> tuple[Foretold, str]:
    """Without a model: silence in units of each customer's own long gap, and for a probability one share of all."""
    share, days = _share_gone([one.customer for one in seen], Day(plan.cutoff + 1), plan.horizon)
    risks = [silence_r(one.customer, at, policy) or 0.0 for one in seen]
    told = f"that of all customers to have bought nothing in the {days} days before" if days else "an even chance"
    words = (
        "Without a model the policy's own rule speaks: risk is silence in units of each customer's own long gap, and"
        f" the probability is the same for everybody, {share:.1%}, {told}."
    )
    return Foretold(name=OWN_GAPS, risks=risks, chances=[share] * len(seen)), words


def _share_gone(customers: Sequence[Customer], until: Day, horizon: int) -> tuple[float, int]:
    """Of those who had bought some days before a day, the share that has bought nothing since; and how many days.

    One more of each is added, so that nothing is ever certain. The days are those of the horizon, fewer in a short
    history, and 0 where nobody had bought yet.
    """
    histories = [[occasion.day for occasion in one.occasions] for one in customers]
    first = min((days[0] for days in histories if days), default=until)
    length = max(1, min(horizon, int(TRIED_SHARE * (until - first))))
    began = [days for days in histories if days and days[0] < until - length]
    gone = sum(days[-1] < until - length for days in began)
    return (gone + 1) / (len(began) + 2), length if began else 0


def _without_calendar(made: Refit, seen: Sequence[Seen], at: Instant, policy: Policy) -> list[Foretold]:
    """What the model would say if every day were an ordinary one: nothing new where no season is known."""
    if not policy.calendar or made.model is None or made.model.churn is None:
        return []
    return [by_model(PLAIN, made.model.churn, seen, at, replace(policy, calendar={}))]


def _alone(made: Refit, seen: Sequence[Seen], shop: Shop, plan: RiskPlan) -> list[Foretold]:
    """What each member would say alone, and the classic model that was not chosen."""
    members = made.report.members
    if members is None:
        return []  # too little history for any of them
    rows = rows_of(gather(shop.in_order(), len(seen)).whole.newest(), Day(plan.cutoff + 1))
    alone = {
        "MBG/NBD": Members(usual_gap=members.usual_gap, classic=fit_mbg_nbd(rows).model),
        "Pareto/NBD": Members(usual_gap=members.usual_gap, classic=fit_pareto_nbd(rows).model),
    }
    if members.hazard is not None:
        alone["hazard"] = Members(usual_gap=members.usual_gap, hazard=members.hazard)
    return [_probable(name, seen, partial(_said, own, plan.horizon)) for name, own in alone.items()]


def _rules(seen: Sequence[Seen]) -> list[Foretold]:
    """The rules that everybody uses. Who has bought once has no interval of its own: that of all stands in."""
    spans = [(known.last_day - known.first_day, known.repeats) for one in seen if (known := habit(one.customer))]
    repeats = sum(count for _, count in spans)
    usual = sum(span for span, _ in spans) / repeats if repeats else 1.0
    means = [span / count if count else usual for span, count in spans]
    return [
        Foretold(name=OVER_MEAN, risks=[one.silence / mean for one, mean in zip(seen, means, strict=True)]),
        Foretold(name=SILENCE, risks=[one.silence for one in seen]),
    ]


def _said(members: Members, horizon: int, one: Seen) -> float:
    known = habit(one.customer)
    assert known is not None, "whoever is known has bought"
    return p_no_purchase(members, known, one.silence, horizon)


def _silence(customer: Customer, at: Instant) -> float:
    last_at = customer.last_at
    assert last_at is not None, "whoever is known has bought"
    return (at - last_at) / DAY


def _probable(name: str, seen: Sequence[Seen], chance: Callable[[Seen], float]) -> Foretold:
    chances = [chance(one) for one in seen]
    return Foretold(name=name, risks=chances, chances=chances)

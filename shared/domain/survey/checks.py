"""The theory held against the customers: each check holds, is broken, or cannot be told yet."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from shared.domain.measures.deals import total
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.stages import CUSTOMER_STAGES, Stage
from shared.domain.survey.keeping import Contentment, Keeping, Second
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Slice
from shared.domain.survey.tiers import Tier
from shared.domain.survey.worth import Pareto, Service, StageMoney, Worth

MONTH_DAYS: Final = 30

MONEY: Final = frozenset({"profit_rises", "service_follows_value"})
"""The checks whose values are amounts, in minor units of their currency; those of the others are shares and counts."""


class Check(Struct, frozen=True, kw_only=True):
    """One check by its code and concept, with what it compared. `holds` is None where too few customers tell."""

    code: str
    concept: str
    holds: bool | None
    values: dict[str, float | None] = {}
    currency: str | None = None


class Leavers(Struct, kw_only=True):
    """Customers who are dormant or gone and had said what they thought, and how many of them were content (004-17)."""

    left: int = 0
    known: int = 0
    content: int = 0


class ChecksTally:
    """Adds up what only the checks ask for: the margin of the last window by stage, and who left content."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._margins: dict[str, dict[Stage, Slice]] = {}
        self.leavers = Leavers()

    def add(self, person: Person) -> None:
        """Count a customer."""
        if person.stage in (Stage.DORMANT, Stage.ENDED):
            self._left(person)
        if person.currency is None or not person.deals:
            return
        since = person.case.today - person.window
        earned = total(deal.margin for deal in person.deals if deal.day > since)
        if earned is not None:
            held = self._margins.setdefault(person.currency, {}).setdefault(person.stage, Slice())
            held.count += 1
            held.total += earned * MONTH_DAYS / person.window

    def told(self, keeping: Keeping, worth: Worth) -> list[Check]:
        """Every check, with those that compare what others have added up."""
        policy = self._policy
        margins = [profit_rises(currency, by, policy) for currency, by in sorted(self._margins.items())]
        return [
            *margins,
            content_left(self.leavers, policy),
            second_follows_content(keeping.second_by, policy),
            *(few_bring_most(pareto, policy) for pareto in worth.pareto),
            *(stable_is_cheap(money) for money in worth.by_stage if money.stage is Stage.STABILITY),
            *service_follows_value(worth.service, policy),
        ]

    def _left(self, person: Person) -> None:
        self.leavers.left += 1
        s = satisfaction(person.case.state)
        if s is not None:
            self.leavers.known += 1
            self.leavers.content += s >= 0


def profit_rises(currency: str, by: Mapping[Stage, Slice], policy: Policy) -> Check:
    """002-18: the mean margin of the last window, per thirty days, rises by stage and is lower again in decline."""
    means = {
        stage: part.total / part.count for stage, part in by.items() if part.count >= policy.report_check_customers
    }
    rising = [means[stage] for stage in CUSTOMER_STAGES if stage in means]
    holds = None
    if len(rising) > 1:
        holds = all(lower < higher for lower, higher in pairwise(rising))
        if Stage.DECLINE in means:
            holds = holds and means[Stage.DECLINE] < rising[-1]
    values: dict[str, float | None] = {
        stage: means.get(stage) for stage in (*CUSTOMER_STAGES, Stage.DECLINE, Stage.DORMANT)
    }
    return Check(code="profit_rises", concept="002-18", holds=holds, values=values, currency=currency)


def content_left(leavers: Leavers, policy: Policy) -> Check:
    """004-17: satisfaction alone is no guard, so some of the customers who left had been content."""
    enough = leavers.known >= policy.report_check_customers
    share = leavers.content / leavers.known if leavers.known else None
    values = {"left": float(leavers.left), "known": float(leavers.known), "share": share}
    return Check(code="content_left", concept="004-17", holds=leavers.content > 0 if enough else None, values=values)


def second_follows_content(seconds: Mapping[Contentment, Second], policy: Policy) -> Check:
    """000-6: customers who were content with the first order come for a second more often than the others."""
    content, others = seconds[Contentment.CONTENT], seconds[Contentment.DISCONTENT]
    holds = None
    if min(content.first, others.first) >= policy.report_check_customers:
        holds = (content.rate or 0.0) > (others.rate or 0.0)
    values = {"content": content.rate, "discontent": others.rate}
    return Check(code="second_follows_content", concept="000-6", holds=holds, values=values)


def few_bring_most(pareto: Pareto, policy: Policy) -> Check:
    """004-4: the best fifth of the customers bring four fifths of the profit, or more."""
    holds = None
    if pareto.customers >= policy.report_check_customers and pareto.top_profit is not None:
        holds = pareto.top_profit >= 1 - pareto.top_share
    values = {"share": pareto.top_profit, "customers": pareto.top_share}
    return Check(code="few_bring_most", concept="004-4", holds=holds, values=values, currency=pareto.currency)


def stable_is_cheap(money: StageMoney) -> Check:
    """002-25: stable customers take no larger share of what is spent than they bring of the margin."""
    spend, margin = money.spend_share, money.margin_share
    holds = None if spend is None or margin is None else spend <= margin
    values = {"spend_share": spend, "margin_share": margin}
    return Check(code="stable_is_cheap", concept="002-25", holds=holds, values=values, currency=money.currency)


def service_follows_value(service: Sequence[Service], policy: Policy) -> Iterator[Check]:
    """004-22: serving a customer of a better tier costs no less than serving one of a worse, in each currency."""
    for currency in sorted({one.currency for one in service}):
        costs = {
            one.tier: one.per_head
            for one in service
            if one.currency == currency and one.heads >= policy.report_check_customers
        }
        told = [costs[tier] for tier in (Tier.A, Tier.B, Tier.C) if tier in costs]
        holds = None
        if len(told) > 1 and any(told):
            holds = all(better >= worse for better, worse in pairwise(told))
        values: dict[str, float | None] = {tier: costs.get(tier) for tier in (Tier.A, Tier.B, Tier.C)}
        yield Check(code="service_follows_value", concept="004-22", holds=holds, values=values, currency=currency)

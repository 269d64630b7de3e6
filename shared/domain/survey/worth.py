"""Whether few bring most of the profit, and where money is spent and earned (004-4, 004-5, 002-25, 004-22)."""

from collections.abc import Mapping

from msgspec import Struct

from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Sketch
from shared.domain.survey.tiers import Amounts, Borders, Spread, Tier, TierPart, added


class Pareto(Struct, frozen=True, kw_only=True):
    """004-4 in one currency: the true shares behind 20/80/30, of customers whose margin is known.

    `top_share` and `worst_share` are shares of the customers, `top_profit` and `worst_profit` the shares of the profit
    that they bring (unknown where there is no profit to share). `profit_without_c` is what would be left without the
    worst. `a` and `c` are the borders of the tiers; unknown for too few customers.
    """

    currency: str
    customers: int
    profit: int
    top_share: float
    top_profit: float | None
    worst_share: float
    worst_profit: float | None
    profit_without_c: int
    a: float | None
    c: float | None


class StageMoney(Struct, kw_only=True):
    """002-25: what was spent on customers while they were at a stage, and earned; minor units of one currency."""

    currency: str
    stage: Stage
    spend: int = 0
    margin: int = 0
    spend_share: float | None = None
    margin_share: float | None = None


class Service(Struct, frozen=True, kw_only=True):
    """004-22: what serving the customers of a tier costs, in one currency, against what they bring.

    `per_head` is the cost of one customer, `ratio` cost by margin; unknown without a margin above 0.
    """

    currency: str
    tier: Tier
    heads: int
    cost: int
    margin: int
    per_head: float
    ratio: float | None


class TierStage(Struct, frozen=True, kw_only=True):
    """004-5: the tiers of the customers who are at one stage now."""

    stage: Stage
    tiers: list[TierPart]


class Worth(Struct, frozen=True, kw_only=True):
    """Everything of the value report. `unknown` customers bought, but the cost of a purchase was never told."""

    customers: int
    unknown: int
    pareto: list[Pareto]
    tiers: list[TierPart]
    matrix: list[TierStage]
    by_stage: list[StageMoney]
    service: list[Service]


class WorthTally:
    """Adds margins and costs up, whole and by stage."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._all = Spread()
        self._stages: dict[Stage, Spread] = {}
        self._money: dict[tuple[str, Stage], StageMoney] = {}

    def add(self, person: Person) -> None:
        """Count a customer; one that has not bought by what was spent on it alone."""
        if person.deals:
            spent = sum(one.amount for one in person.spent)
            self._all.add(person, spent)
            self._stages.setdefault(person.stage, Spread()).add(person, spent)
        if person.currency is None:
            return
        for one in person.spent:
            self._at(person.currency, person.stage_at(one.at)).spend += one.amount
        for deal in person.deals:
            if deal.margin is not None:
                self._at(person.currency, person.stage_at(deal.at)).margin += deal.margin

    def borders(self) -> dict[str, Borders]:
        """The borders of the tiers, by currency."""
        return self._all.borders(self._policy)

    def told(self) -> Worth:
        """What was added up."""
        borders = self.borders()
        tiers = self._all.by_tier(borders)
        return Worth(
            customers=self._all.heads,
            unknown=self._all.heads - self._all.known,
            pareto=[
                _pareto(currency, sketch, borders.get(currency), self._policy)
                for currency, sketch in sorted(self._all.sketches.items())
            ],
            tiers=tiers,
            matrix=[
                TierStage(stage=stage, tiers=self._stages[stage].by_tier(borders))
                for stage in Stage
                if stage in self._stages
            ],
            by_stage=_shared(list(self._money.values())),
            service=_service(self._all, borders),
        )

    def _at(self, currency: str, stage: Stage) -> StageMoney:
        return self._money.setdefault((currency, stage), StageMoney(currency=currency, stage=stage))


def _pareto(currency: str, sketch: Sketch, borders: Borders | None, policy: Policy) -> Pareto:
    top, rest = sketch.top(policy.report_top_share), sketch.top(1 - policy.report_worst_share)
    worst = sketch.total - rest.total
    return Pareto(
        currency=currency,
        customers=sketch.count,
        profit=round(sketch.total),
        top_share=policy.report_top_share,
        top_profit=top.total / sketch.total if sketch.total > 0 else None,
        worst_share=policy.report_worst_share,
        worst_profit=worst / sketch.total if sketch.total > 0 else None,
        profit_without_c=round(rest.total),
        a=None if borders is None else borders.a,
        c=None if borders is None else borders.c,
    )


def _shared(money: list[StageMoney]) -> list[StageMoney]:
    """With the share of each stage in its currency's sum; unknown where the sum is not above 0."""
    spend = added((one.currency, one.spend) for one in money)
    margin = added((one.currency, one.margin) for one in money)
    for one in money:
        one.spend_share = _share(one.spend, spend, one.currency)
        one.margin_share = _share(one.margin, margin, one.currency)
    order = list(Stage)
    return sorted(money, key=lambda one: (one.currency, order.index(one.stage)))


def _share(part: int, whole: Amounts, currency: str) -> float | None:
    return part / whole[currency] if whole[currency] > 0 else None


def _service(spread: Spread, borders: Mapping[str, Borders]) -> list[Service]:
    found = []
    for currency, border in sorted(borders.items()):
        sketch = spread.sketches[currency]
        for tier, low, high in ((Tier.A, border.a, None), (Tier.B, border.c, border.a), (Tier.C, None, border.c)):
            part = sketch.between(low, high)
            if part.count:
                found.append(
                    Service(
                        currency=currency,
                        tier=tier,
                        heads=round(part.count),
                        cost=round(part.weight),
                        margin=round(part.total),
                        per_head=part.weight / part.count,
                        ratio=part.weight / part.total if part.total > 0 else None,
                    )
                )
    return found

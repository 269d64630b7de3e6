"""What all customers tell about money: who brings it, on whom it is spent, and whether the theory holds."""

from pydantic import Field

from services.api.schemas.common import Answer, Money, OwnStage
from services.api.schemas.reports import Report, Share, TierHeads
from shared.domain.stages import Stage
from shared.domain.survey.tiers import Tier


class Pareto(Answer):
    """The true shares behind 20/80/30 in one currency."""

    customers: int
    profit: Money
    top_share: Share = Field(description="The best customers: this share of them …")
    top_profit: float | None = Field(description="… brings this share of the profit.")
    worst_share: Share = Field(description="The worst customers: this share of them …")
    worst_profit: float | None = Field(description="… brings this share of the profit; below 0 they cost.")
    profit_without_c: Money = Field(description="What the profit would be without the worst.")
    tier_a: Money | None = Field(description="From this margin on a customer is tier A.")
    tier_c: Money | None = Field(description="Below this margin a customer is tier C.")


class StageTiers(Answer):
    """The tiers of the customers who are at one stage now."""

    stage: Stage
    label: str
    tiers: list[TierHeads]


class StageMoney(Answer):
    """What was spent on customers while they were at a stage, and earned with them."""

    stage: OwnStage | None
    label: str
    spend: Money
    margin: Money
    spend_share: float | None
    margin_share: float | None


class TierService(Answer):
    """What serving the customers of a tier costs against what they bring."""

    tier: Tier
    label: str
    heads: int
    cost: Money
    margin: Money
    per_head: Money
    ratio: float | None = Field(description="Cost by margin.")


class ValueReport(Report):
    """Who brings the profit, at which stages, and what is spent on whom."""

    buyers: int
    unknown: int = Field(description="Buyers whose margin is unknown: send `cost` with every purchase or its items.")
    pareto: list[Pareto]
    tiers: list[TierHeads]
    matrix: list[StageTiers]
    by_stage: list[StageMoney]
    service: list[TierService]


class InvestmentRow(Answer):
    """Windows in which something was done, and how volume changed in the next ones."""

    stage: OwnStage | None
    stage_label: str
    action: str = Field(description="As events name it; `none` for windows without any cost.")
    windows: int
    cost: Money
    change: Money
    ratio: float | None = Field(description="Change by cost.")


class InvestmentReport(Report):
    """What touches cost against how customers respond, by stage and action."""

    rows: list[InvestmentRow]


class Check(Answer):
    """A statement of the theory, held against the customers."""

    code: str
    concept: str
    label: str
    holds: bool | None = Field(description="Null where too few customers tell.")
    text: str
    values: dict[str, float | None] = Field(description="What was compared; amounts in major units of `currency`.")
    currency: str | None


class ChecksReport(Report):
    """The theory's self-checks."""

    checks: list[Check]

"""What all customers tell together, as of the newest survey."""

from typing import Annotated

from pydantic import Field

from services.api.schemas.common import Answer, Money, Timestamp
from shared.domain.alerts import AlertKind, Outcome
from shared.domain.paths import PathType
from shared.domain.stages import Stage
from shared.domain.survey.keeping import Contentment
from shared.domain.survey.tiers import Tier

Share = Annotated[float, Field(description="A share of the whole, 0 to 1.")]
Moneys = Annotated[list[Money], Field(description="Per currency; only what is known.")]


class Report(Answer):
    """What all reports begin with."""

    as_of: Timestamp = Field(description="The time that the survey speaks of.")
    made_at: Timestamp = Field(description="When the survey was made, by the machine's clock.")
    policy: int = Field(description="The version of the policy whose periods and shares it goes by.")
    surveyed: int = Field(description="Customers that were looked at.")


class TierHeads(Answer):
    """Customers of one tier by margin."""

    tier: Tier
    label: str
    heads: int
    margin: Moneys


class PathHeads(Answer):
    """Customers whose relationships took one course."""

    path: PathType
    label: str
    heads: int
    margin: Moneys


class MatrixMove(Answer):
    """All moves from one stage to another; who moved so twice counts twice."""

    source: Stage
    source_label: str
    target: Stage
    target_label: str
    heads: int
    margin: Moneys = Field(description="What these customers have brought in their whole histories.")
    by_tier: list[TierHeads]
    by_path: list[PathHeads]


class WakeCause(Answer):
    """Wakings put down to what came shortly before them."""

    cause: str
    label: str
    count: int
    median_days: float | None


class Wakes(Answer):
    """How customers wake from dormancy."""

    dormancies: int = Field(description="How often a customer fell asleep.")
    woken: int = Field(description="How often a purchase ended that.")
    rate: float | None
    median_days: float | None = Field(description="From falling asleep to the waking purchase.")
    causes: list[WakeCause]


class TransitionsReport(Report):
    """The transition matrix in heads and margin, the courses of relationships, and the wakings."""

    moves: list[MatrixMove]
    paths: list[PathHeads] = Field(description="Every customer by the course of its relationship.")
    wakes: Wakes


class PeriodPart(Answer):
    """Customers of one kind in a period, and their money."""

    heads: int
    money: Moneys


class RetentionPeriod(Answer):
    """A period's customers by where they came from."""

    period: str = Field(description="Its first month, as in `2026-04`.")
    complete: bool = Field(description="Whether it has ended.")
    acquired: PeriodPart = Field(description="Bought for the first time.")
    retained: PeriodPart = Field(description="Bought in the period before too.")
    reactivated: PeriodPart = Field(description="Bought earlier, but not in the period before.")
    lost: PeriodPart = Field(description="Bought in the period before and not in this one: what they bought then.")
    rate: float | None = Field(description="Retained, of all who had bought in the period before.")


class Reach(Answer):
    """How many of some customers reached what was asked for."""

    customers: int
    reached: int
    rate: float | None


class LineReach(Reach):
    """The same for one business line."""

    line: str


class RetentionRate(Reach):
    """The share of all buyers with a number of purchase days within so many days."""

    occasions: int
    days: float
    by_line: list[LineReach]


class SecondPurchase(Answer):
    """First buyers whose time to buy again has passed, and those who did."""

    first: int
    second: int
    rate: float | None
    median_days: float | None


class SecondBySaying(SecondPurchase):
    """The same for those who said that they were content with the first order, were not, or did not say."""

    said: Contentment
    label: str


class SecondRate(SecondPurchase):
    """How often the first purchase is confirmed by a second."""

    within_days: float
    by_said: list[SecondBySaying]


class DataYield(Answer):
    """What people did with alerts, and the margin of the purchases that followed."""

    actions: int
    within_days: float
    margin: Moneys


class RetentionReport(Report):
    """Who is won, kept, won back and lost; and whether first buyers come again."""

    months: int = Field(description="Calendar months of one period.")
    periods: list[RetentionPeriod] = Field(description="The oldest first.")
    retention_rate: RetentionRate
    own_window: Reach = Field(
        description="Of those who bought in the window before the last, each by its own rhythm: who bought in the last."
    )
    second_purchase: SecondRate
    data_yield: DataYield


class Conversion(Answer):
    """Of customers on record how many came to ask at least, and how many bought."""

    value: str | None = Field(description="Null where it is not known; `(others)` for what came after the first 200.")
    targets: int
    prospects: int
    customers: int
    asked_rate: float | None = Field(description="Prospects of the targets.")
    won_rate: float | None = Field(description="Customers of the prospects.")


class ConversionBy(Answer):
    """Conversion by one dimension; its groups add up to everybody."""

    dimension: str
    label: str
    groups: list[Conversion]


class ConversionReport(Report):
    """From target to prospect to customer."""

    everybody: Conversion
    by: list[ConversionBy]


class MouthPoint(Answer):
    """A month of a curve."""

    month: str
    complete: bool
    count: int
    occasions: int
    rate: float | None = Field(description="Per hundred occasions.")
    smoothed: float | None
    growth: float | None = Field(description="The smoothed rate by that of the month before.")


class MouthCurve(Answer):
    """One kind of word of mouth."""

    voice: str
    label: str
    exploding: bool
    text: str
    points: list[MouthPoint]


class WordOfMouthReport(Report):
    """Praise, complaints and referrals per hundred occasions."""

    curves: list[MouthCurve]


class AlertRule(Answer):
    """How the alerts of one kind turned out."""

    kind: AlertKind
    label: str
    raised: int
    muted: int
    withdrawn: int
    acknowledged: int = Field(description="Somebody acted on them.")
    resolved: dict[Outcome, int]
    judged: int = Field(description="Those whose time has passed, or of which a person said how they ended.")
    bought: int = Field(description="Of the judged: followed by a purchase in time.")
    right: int = Field(description="Of the judged: no false alarm, and no purchase that came without anybody acting.")
    precision: float | None = Field(description="Right, of the judged.")


class AlertsReport(Report):
    """How the alerts of each rule turned out."""

    bought_within_days: float
    rules: list[AlertRule]


class LedgerGroup(Answer):
    """Customers of one word, with what they bought and owe."""

    value: str | None
    customers: int
    purchases: int
    amount: Moneys
    receivables: Moneys


class LedgerBy(Answer):
    """The ledger's counts by one dimension."""

    dimension: str
    label: str
    groups: list[LedgerGroup]


class LedgerReport(Report):
    """Customers, purchases, amounts and receivables by industry, region and last product."""

    by: list[LedgerBy]

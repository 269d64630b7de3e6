"""The churn model: refits with their back-tests, and which model is in force."""

from typing import Annotated, Literal

from pydantic import Field

from services.api.schemas.common import Answer, Asked, Limit, Timestamp
from services.api.schemas.policies import Cursor
from shared.domain.rhythm.attrition import Kind
from shared.fitting.report import Reason

Share = Annotated[float, Field(ge=0, le=1)]
CalendarDay = Annotated[str, Field(json_schema_extra={"format": "date"})]
RefitState = Literal["in_force", "scheduled", "past", "refused"]


class MemberScore(Answer):
    """How well one member, or a rule to compare it with, foretold who would not buy."""

    member: str
    label: str
    auc: float | None = Field(description="The chance that one who left had the higher risk of two.")
    log_loss: float | None = Field(description="Null where it says no probability.")
    calibration_error: float | None = Field(description="How far probabilities are from shares, on average.")
    mean_p: float | None = Field(description="The mean of what was foretold; compare it with `churn_share`.")


class CalibrationBin(Answer):
    """Customers of like probability."""

    mean_p: Share = Field(description="What was foretold.")
    share: Share = Field(description="The share that bought no more.")
    customers: int


class LiftPoint(Answer):
    """Of the customers with the highest risks the first part, and how many of those who left it holds."""

    called: Share
    found: Share


class FeatureDrift(Answer):
    """How far one feature has moved since the cut-off."""

    feature: str
    stability: float = Field(description="Population stability index: below 0.1 is little, above 0.25 much.")


class BackTest(Answer):
    """Models fitted to what was known at the cut-off, held against what happened in the days after it."""

    cutoff: CalendarDay
    horizon_days: int
    customers: int
    churn_share: Share = Field(description="The share that bought no more.")
    weight: Share = Field(description="The best weight of the classic model.")
    scores: list[MemberScore]
    calibration: list[CalibrationBin]
    lift: list[LiftPoint]
    drift: list[FeatureDrift]
    worst_drift: float | None = Field(description="Of the feature that moved most.")


class ClassicMember(Answer):
    """The classic model's parameters, in weeks."""

    kind: Kind
    r: float
    alpha: float
    a: float = Field(description="For Pareto/NBD: s.")
    b: float = Field(description="For Pareto/NBD: beta.")


class HazardMember(Answer):
    """The hazard's parameters: log-odds of a purchase in a week."""

    intercept: float
    weights: dict[str, float] = Field(description="By feature.")


class FittedMembers(Answer):
    """What was fitted, in force or not."""

    usual_gap_days: float = Field(description="The population's median gap between purchases.")
    weight: Share = Field(description="That of the classic model; the hazard has the rest.")
    classic: ClassicMember | None
    hazard: HazardMember | None


class FittedLine(Answer):
    """A business line with members of its own."""

    line: str
    repeats: int


class ModelRefit(Answer):
    """A refit, accepted or refused, with what it rests on."""

    id: int
    version: str
    made_at: Timestamp = Field(description="When it was made, by the machine's clock.")
    as_of: CalendarDay = Field(description="The first local day that it does not know.")
    state: RefitState
    state_label: str
    effective_at: Timestamp | None = Field(description="Null where it was refused.")
    verdict: Reason
    label: str
    text: str
    customers: int = Field(description="Customers with purchases that were looked at.")
    repeats: int = Field(description="Their repeat purchases.")
    sampled: Share = Field(description="The share of all customers that was looked at.")
    log_likelihood: float | None
    members: FittedMembers | None
    threshold: float | None = Field(description="The probability from which on an overdue customer is silent.")
    alerts_per_week: float | None = Field(description="Alerts a week that the threshold would have raised lately.")
    lines: list[FittedLine]
    back_test: BackTest | None = Field(description="Null where there was too little history to test anything.")


class ModelPage(Answer):
    """Refits, the newest first, and the cursor of the next page or null."""

    as_of: Timestamp | None
    in_force: str | None = Field(description="The version of the model in force; null while the fallback speaks.")
    items: list[ModelRefit]
    next: str | None


class Prior(Answer):
    """What customers' own gaps begin from."""

    mu0: float = Field(description="Mean of ln(gap in days).")
    sigma0: float


class CurrentModel(Answer):
    """What judges silence now: a fitted model, or the fallback and why."""

    as_of: Timestamp | None
    speaks: Literal["model", "fallback"]
    version: str | None
    effective_at: Timestamp | None
    age_days: float | None = Field(description="Since it took effect, by the time that the log has reached.")
    horizon_days: float | None = Field(description="The horizon that its weights were tested at.")
    threshold: float | None = Field(
        description="The probability from which on silence is an alert: the policy's, else the model's own."
    )
    text: str
    prior: Prior
    refit: ModelRefit | None = Field(description="The refit that made the model in force.")
    newest: Reason | None = Field(description="The verdict on the newest refit; null before the first.")


class ModelsAsked(Asked):
    """Which part of the list."""

    limit: Limit = 20
    cursor: Cursor = None

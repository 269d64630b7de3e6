"""How likely a customer is to buy no more, when it will, when the alert comes, and why."""

from typing import Annotated

from pydantic import Field

from services.api.schemas.common import Answer, Timestamp
from shared.domain.rhythm.movers import Against, Name
from shared.domain.rhythm.reading import By

Probability = Annotated[float, Field(ge=0, le=1)]


class Mover(Answer):
    """A fact that moved the risk, and what it is compared with."""

    name: Name
    label: str
    against: Against = Field(description="Compared with `others`, or with the customer's `own` rhythm.")
    value: float
    compared_with: float
    unit: str | None = Field(
        description="`days`, `a year`, or the currency of an amount in major units; null for a plain number."
    )
    part: float = Field(
        description="How far it moved the log-odds of buying nothing in the next `days` days: above 0 it raises the"
        " risk. With a hazard in the model the parts against others add up to the log-odds of the coming week less"
        " those of the average customer in the average week that it was fitted to."
    )
    days: float = Field(description="As the policy's calendar of pauses and peaks counts them; so is silence here.")
    text: str


class WeakSign(Answer):
    """A sign that the customer shows now. By itself it foretells little, and never raises an alert (002-12)."""

    code: str
    label: str
    with_it: Probability = Field(description="Of customers with this sign, the share that bought no more.")
    without: Probability = Field(description="The same of customers without it.")
    days: float = Field(description="Within so many days.")
    customers: int = Field(description="How many of the customers that were looked at had it.")
    text: str


class RiskDetails(Answer):
    """What the risk rests on."""

    p_after_purchase: Probability = Field(description="`p_no_purchase` as it was right after the last purchase.")
    median_days: float | None = Field(
        description="In how many days the next purchase comes with even odds; null where that never comes."
    )
    expected_at: Timestamp | None = Field(description="The same as an instant.")
    model: str | None = Field(description="The version of the model in force; null where none is.")
    classic: Probability | None = Field(description="What the model of latent attrition says by itself.")
    hazard: Probability | None = Field(description="What the hazard says by itself.")
    weight: Probability | None = Field(description="The weight of `classic` in the blend of the two, in log-odds.")
    threshold: Probability | None = Field(description="An alert takes a `p_no_purchase` of so much,")
    overdue_days: float | None = Field(description="and a silence of so many days, one cycle of the customer's own.")
    silence_r: float | None = Field(description="Where no model is in force: silence against the own long gap,")
    r_threshold: float | None = Field(description="and the r at which it is an alert.")
    because: list[Mover] = Field(description="What moved the risk, the strongest first; empty without a model.")
    weak_signs: list[WeakSign]


class Risk(Answer):
    """How likely a customer is to buy nothing in the days to come, and when its silence will be an alert (004-11)."""

    by: By = Field(description="`churn_model`, or where none is in force the customer's own `gap_distribution`.")
    text: str = Field(description="The same as a sentence, with what speaks, and why if that is a fallback.")
    p_no_purchase: Probability = Field(description="The probability of no purchase in the next `horizon_days`.")
    horizon_days: float
    silence_days: float = Field(description="How long it has been silent, as of `as_of`.")
    due_at: Timestamp | None = Field(
        description="When continued silence will be an alert; null where it has been raised already, or never will be."
    )
    due_silence_days: float | None = Field(description="How long it will have been silent then.")
    details: RiskDetails | None = Field(description="Null in lists, and for lines.")

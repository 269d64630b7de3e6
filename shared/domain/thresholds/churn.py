"""The thresholds of churn risk: how far ahead it looks, and from where on silence is an alert."""

from typing import Annotated

from shared.domain.thresholds.lifecycle import LifecycleThresholds
from shared.domain.thresholds.units import Days, DaysOrNone, Positive, Share, says


class ChurnThresholds(LifecycleThresholds, frozen=True, kw_only=True):
    """Numbers that the silent branch of the D-rule asks for while a churn model is in force."""

    churn_horizon_days: Annotated[
        Days, says("H: risk is the probability of no purchase within so many days", "002-13", "ACCURACY")
    ] = 90.0
    churn_threshold: Annotated[
        Share | None,
        says("from this probability on an overdue customer is silent; else it follows from the budget", "002-13"),
    ] = None
    churn_floor_days: Annotated[DaysOrNone, says("no shorter silence is an alert", "002-13")] = 7.0
    alerts_per_week: Annotated[
        Positive | None,
        says("budget: the threshold follows so that about so many silence alerts come a week", "002-13"),
    ] = None
    churn_silence_days: Annotated[
        Days | None,
        says(
            "budget: as many alerts as silences so long begin; with no budget as many as the own long gap raises",
            "002-13",
        ),
    ] = None

"""The thresholds of what is told of all customers."""

from typing import Annotated

from shared.domain.thresholds.advice import AdviceThresholds
from shared.domain.thresholds.units import Count, Days, Positive, Share, says


class ReportsThresholds(AdviceThresholds, frozen=True, kw_only=True):
    """Periods, shares and sizes of groups that the survey and its reports go by."""

    # Periods.
    report_months: Annotated[Count, says("calendar months that one period of a report spans", "001-17")] = 3
    report_periods: Annotated[Count, says("how many periods a report shows", "001-17")] = 8
    report_retention_occasions: Annotated[
        Count, says("purchase days that a retained customer has in the period (k)", "003-2")
    ] = 2
    report_retention_days: Annotated[Days, says("the period of the retention rate (P)", "003-2")] = 365.0
    report_second_days: Annotated[Days, says("within this a second purchase confirms the first", "000-6")] = 90.0
    report_survival_days: Annotated[
        Days, says("within this a customer that survives has bought again", "004-2", "004-10")
    ] = 365.0

    # What follows what.
    report_wake_days: Annotated[
        Days, says("what happened at most this long before a waking purchase may be its cause", "004-11")
    ] = 30.0
    report_yield_days: Annotated[
        Days, says("margin within this after an action on an alert counts as its yield", "001-16")
    ] = 365.0
    report_bought_days: Annotated[
        Days, says("a purchase within this after an alert shows how the alert went", "002-14", "004-11")
    ] = 30.0

    # Tiers and percentiles.
    report_top_share: Annotated[Share, says("share of customers that make tier A, the best first", "004-4")] = 0.2
    report_worst_share: Annotated[Share, says("share of customers that make tier C, the worst first", "004-4")] = 0.3
    report_volume_share: Annotated[
        Share, says("the percentile of recent volume that large trade is told by", "001-6")
    ] = 0.6

    # Word of mouth.
    report_mouth_weight: Annotated[Share, says("how much the newest month weighs in the smoothed rate", "004-6")] = 0.5
    report_mouth_growth: Annotated[Positive, says("growth ratio above which word of mouth explodes", "004-6")] = 2.0
    report_mouth_hits: Annotated[Count, says("months running at which it must have", "004-6")] = 2

    # How many it takes.
    report_prior_gaps: Annotated[
        Count, says("gaps that the priors of rhythm are taken from at least", "Primitives: Q")
    ] = 100
    report_group_customers: Annotated[
        Count, says("customers that the figures of a group are taken from at least", "001-10", "004-22")
    ] = 20
    report_check_customers: Annotated[
        Count, says("customers in each group that a check of the theory compares", "002-18")
    ] = 10

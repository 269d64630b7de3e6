"""The thresholds of what announces a decline: rivals, prices, stagnation, lock-in, debts, lines that sour."""

from typing import Annotated, Final

from shared.domain.thresholds.churn import ChurnThresholds
from shared.domain.thresholds.units import Count, Days, DaysOrNone, Positive, Share, Signed, TimeOfDay, says

URGENT: Final = frozenset({"high", "critical"})
"""Severities that are told at any hour."""


class SignThresholds(ChurnThresholds, frozen=True, kw_only=True):
    """Numbers that signs and their alerts ask for."""

    overdue_days: Annotated[
        DaysOrNone, says("debts overdue for longer than this block upward moves", "001-4", "004-9")
    ] = 30.0
    trial_opinion: Annotated[Share, says("what a trial order delivered in time, or late, says of us", "000-3")] = 0.3
    trial_occasions: Annotated[Count, says("so many first purchase days are trials", "000-3")] = 3
    missed_duty_opinion: Annotated[
        Signed, says("what a duty after the sale not done in time says of us", "004-9")
    ] = -0.3
    rival_days: Annotated[Days, says("an offer of a rival counts for so long", "002-21")] = 60.0
    traded_down: Annotated[Share, says("median price per unit fallen by this share is trading down", "002-12")] = 0.2
    growth_factor: Annotated[Positive, says("an order of so many times the own median is incremental", "000-8")] = 1.2
    growth_occasions: Annotated[Count, says("purchase days before a customer compares us with rivals", "000-12")] = 3
    stagnation_slope: Annotated[Positive, says("a trend of volume within this is no growth", "000-12")] = 0.05
    stagnation_windows: Annotated[Positive, says("windows without growth that mean stagnation", "000-12")] = 3.0
    notice_days: Annotated[DaysOrNone, says("the end of a contract is told so long ahead", "004-18")] = 30.0
    tier_slack: Annotated[Share, says("a tier changes only when its border is passed by this share", "004-5")] = 0.1
    company_outlook: (
        Annotated[Signed, says("how the firm itself is seen to develop, where that is known", "001-14")] | None
    ) = None

    # Sources: one far below its own usual rate is silent itself, and so its customers' silence means nothing.
    feed_hours: Annotated[Count, says("hours over which a source is held against its usual rate", "DESIGN")] = 6
    feed_days: Annotated[Count, says("days that a source must have been heard for", "DESIGN")] = 7
    feed_least: Annotated[Count, says("usual events in these hours below which no source is judged", "DESIGN")] = 20
    feed_share: Annotated[Share, says("share of its usual rate below which a source is silent", "DESIGN")] = 0.05

    # Quiet hours: between them what is not urgent is not told, only shown.
    quiet_from: Annotated[TimeOfDay, says("from this local time on only what is urgent is told", "DESIGN")] | None = (
        None
    )
    quiet_until: Annotated[TimeOfDay, says("until this local time", "DESIGN")] | None = None

"""The thresholds that the fold asks for: what moves a stage, raises an alert, or arms a timer."""

from typing import Annotated, Final

from msgspec import Struct

from shared.domain.thresholds.units import Count, Days, DaysOrNone, Hours, Number, Positive, Share, Signed, says

MU0: Final = 3.4011973816621555
"""ln 30: the prior's median gap is 30 days (CONCEPTS, Primitives)."""


class LifecycleThresholds(Struct, frozen=True, kw_only=True):
    """Rhythm, volume, satisfaction, upward moves, prospects and alerts."""

    # Rhythm: how quiet is too quiet.
    mu0: Annotated[Number, says("prior mean of ln(gap in days)", "Primitives: m")] = MU0
    sigma0: Annotated[Positive, says("prior standard deviation of ln(gap in days)", "Primitives: Q")] = 1.2
    prior_weight: Annotated[Positive, says("how many gaps the prior weighs as much as (k)", "Primitives")] = 3.0
    long_gap_sigmas: Annotated[
        Positive, says("how many deviations above the mean a long gap lies", "Primitives: Q")
    ] = 1.5
    long_gap_floor_days: Annotated[Days, says("the shortest long gap", "Primitives: Q")] = 30.0
    long_gap_r: Annotated[
        Positive,
        says(
            "what r is when silence has lasted as long as the own long gap: the unit of the next three", "Primitives: r"
        ),
    ] = 1.5
    silent_r: Annotated[Positive, says("from this r on a customer is silent", "002-13", "004-11")] = 1.5
    dormant_r: Annotated[Positive, says("from this r on a declined customer is dormant", "004-11")] = 3.0
    ended_r: Annotated[Positive, says("from this r on a settled relationship has ended", "002-16")] = 6.0

    # Windows and volume.
    window_floor_days: Annotated[Days, says("the shortest window that volume is summed over (W)", "Primitives: W")] = (
        30.0
    )
    window_gaps: Annotated[Positive, says("how many median gaps a window spans", "Primitives: W")] = 2.0
    trend_longest_gap_days: Annotated[Days, says("slower buyers have no trend of volume", "Primitives: tau")] = 180.0
    volume_rules: Annotated[bool, says("whether falling volume alone can mean decline", "002-13")] = True
    sharp_drop: Annotated[Share, says("volume at most this share of the window before is a sharp drop", "002-13")] = 0.4
    gradual_drop: Annotated[
        Number, says("a trend of ln(1 + volume) per window below this is a gradual drop", "002-13")
    ] = -0.15
    volume_gaps: Annotated[Count, says("gaps that a customer needs before its volume is judged", "DESIGN")] = 4
    volume_hits: Annotated[Count, says("occasions running at which volume must have fallen", "002-13")] = 2

    # Satisfaction.
    complaint_opinion: Annotated[Signed, says("what a complaint says of us", "Primitives: s")] = -0.8
    resolved_opinion: Annotated[Signed, says("what a resolved complaint says of us", "Primitives: s")] = 0.5
    refund_opinion: Annotated[Signed, says("what a refund for a defect says of us", "Primitives: s")] = -0.4
    dissatisfied_below: Annotated[Signed, says("below this satisfaction a customer is dissatisfied", "000-5")] = -0.3
    settled_opinions: Annotated[
        Count, says("opinions that satisfaction needs in formation and stability before it counts", "DESIGN")
    ] = 2

    # Upward moves. Durable goods: 2 and 3 occasions.
    formation_occasions: Annotated[Count, says("purchase days that formation asks for", "000-6")] = 3
    formation_satisfaction: Annotated[
        Signed, says("satisfaction that formation asks for, where it is known", "000-4")
    ] = 0.0
    stability_occasions: Annotated[Count, says("purchase days that stability asks for", "001-6")] = 6
    stability_days: Annotated[Days, says("tenure that stability asks for", "003-1")] = 180.0
    stability_variation: Annotated[Positive, says("how irregular gaps may be in stability (CV)", "000-11")] = 1.0
    stability_depth: Annotated[Share, says("recent volume over the usual one that stability asks for (D)", "001-6")] = (
        0.5
    )
    stability_satisfaction: Annotated[
        Signed, says("satisfaction that stability asks for, where it is known", "001-6")
    ] = 0.3
    recovery_depth: Annotated[
        Share, says("share of the level at the decline that brings a customer back at once", "000-14")
    ] = 0.5

    # Trust.
    trust_repetition: Annotated[Share, says("weight of repeat buying in trust", "Primitives: trust")] = 0.4
    trust_satisfaction: Annotated[Share, says("weight of satisfaction in trust", "Primitives: trust")] = 0.3
    trust_tenure: Annotated[Share, says("weight of tenure in trust", "Primitives: trust")] = 0.3
    trust_occasions: Annotated[Count, says("purchase days that repeat buying is full with", "Primitives: trust")] = 6
    trust_days: Annotated[Days, says("days that tenure is full with", "Primitives: trust")] = 180.0

    # Prospects and answers.
    answer_hours: Annotated[Hours, says("within this an inquiry must be answered", "002-6")] = 24.0
    choosing_days: Annotated[Days, says("prior of the time that a prospect takes to choose", "001-9", "003-9")] = 14.0
    lost_prospect_times: Annotated[
        Positive, says("so many times as long in silence, and a prospect is lost", "001-9")
    ] = 3.0

    # Alerts.
    cool_down_days: Annotated[
        DaysOrNone, says("an alert of a kind is held so long after one of its kind was closed", "DESIGN")
    ] = 14.0
    deadline_days: Annotated[Days, says("within this somebody should act on an alert", "DESIGN")] = 7.0
    urgent_deadline_days: Annotated[Days, says("the same for severities high and critical", "DESIGN")] = 2.0

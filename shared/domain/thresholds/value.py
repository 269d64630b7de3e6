"""The thresholds of what a customer is worth."""

from typing import Annotated

from msgspec import Meta

from shared.domain.thresholds.loyalty import LoyaltyThresholds
from shared.domain.thresholds.units import Count, Days, Positive, Share, says

Points = Annotated[float, Meta(ge=0, le=100, extra={"unit": "points"})]


class ValueThresholds(LoyaltyThresholds, frozen=True, kw_only=True):
    """Views of time, level, tiers, budget, prices, service and needs."""

    # How far margins are looked at, back and ahead.
    long_view_days: Annotated[
        Days, says("the long view of margin: a customer is judged by a year", "001-16", "004-2")
    ] = 365.0
    short_view_days: Annotated[Days, says("the short view that is shown beside the long one", "001-16")] = 30.0
    peak_window_days: Annotated[
        Days, says("the shortest window whose margin less cost is compared with those before", "002-8")
    ] = 90.0
    peak_windows: Annotated[Count, says("how many such windows are compared", "002-8")] = 8
    peak_share: Annotated[Share, says("from this share of the best window on earnings are at their peak", "002-8")] = (
        0.8
    )

    # Level of the relationship: what the stage is worth, and what trust and depth can add, out of 100.
    level_prospect: Annotated[Points, says("level of a prospect before trust and depth", "002-3")] = 5.0
    level_exploration: Annotated[Points, says("level of exploration before trust and depth", "002-3")] = 20.0
    level_formation: Annotated[Points, says("level of formation before trust and depth", "002-3")] = 40.0
    level_stability: Annotated[Points, says("level of stability before trust and depth", "002-3")] = 60.0
    level_decline: Annotated[Points, says("level of decline before trust and depth", "002-3")] = 15.0
    level_dormant: Annotated[Points, says("level of dormancy before trust and depth", "002-3")] = 5.0
    level_ended: Annotated[Points, says("level of an ended relationship before trust and depth", "002-3")] = 0.0
    level_trust: Annotated[Points, says("what full trust adds to the level", "002-3")] = 20.0
    level_depth: Annotated[Points, says("what full depth (D = 1) adds to the level", "002-3")] = 20.0

    # Lifetime.
    own_survival_gaps: Annotated[
        Count, says("gaps from which on the own rhythm tells whether a customer will buy again", "004-2")
    ] = 3
    survival_prior: Annotated[
        Share, says("chance that a customer buys again, where the population does not tell", "004-2")
    ] = 0.8

    # Budget, volume and service.
    spend_band: Annotated[
        Share, says("spend or budget per day that changes by at most this share has not changed", "003-10")
    ] = 0.05
    high_volume_depth: Annotated[Share, says("from this D on a customer trades a great deal", "001-6")] = 0.8
    service_cost_share: Annotated[
        Share, says("service that costs more than this share of the margin costs too much", "004-22", "002-10")
    ] = 0.5
    value_added_days: Annotated[Days, says("the window over which the use of extras is counted", "004-19")] = 90.0
    value_added_drop: Annotated[
        Share, says("use of extras at most this share of the window before is falling", "004-19")
    ] = 0.5

    # Needs.
    consumable_lapse: Annotated[
        Positive, says("a consumable not bought for more than so many intervals is no longer used", "004-10")
    ] = 3.0

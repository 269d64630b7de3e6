"""The thresholds of a customer's standing, of the signs of its leaving, and of what is advised."""

from typing import Annotated

from shared.domain.thresholds.satisfaction import SatisfactionThresholds
from shared.domain.thresholds.units import Count, Days, Positive, Share, Signed, says


class AdviceThresholds(SatisfactionThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

    # Confidence in the stage.
    sure_occasions: Annotated[Count, says("purchase days from which a stage rests on enough of them", "002-5")] = 3
    doubt_weight: Annotated[
        Share, says("share of the confidence in a stage that full uncertainty takes away", "002-5", "002-23")
    ] = 0.5

    # Health.
    health_trust_weight: Annotated[Positive, says("weight of trust in health", "001-15")] = 0.25
    health_satisfaction_weight: Annotated[Positive, says("weight of satisfaction in health", "001-15")] = 0.25
    health_rhythm_weight: Annotated[Positive, says("weight of keeping its own rhythm in health", "001-15")] = 0.2
    health_volume_weight: Annotated[Positive, says("weight of the trend of volume in health", "001-15")] = 0.1
    health_conflicts_weight: Annotated[Positive, says("weight of settled conflicts in health", "001-15")] = 0.1
    health_contact_weight: Annotated[Positive, says("weight of recent two-way contact in health", "001-15")] = 0.1
    health_trend: Annotated[
        Positive, says("a trend of ln(1 + volume) per window that is as good, or as bad, as can be", "001-15")
    ] = 0.15
    growth_days: Annotated[
        Days, says("period in which a customer is acquired, retained, reactivated or lost", "001-17")
    ] = 90.0

    # Signs of decline, and good feeling.
    rival_mention: Annotated[Share, says("strength of the sign: a rival was mentioned", "002-12")] = 0.25
    rival_offer: Annotated[Share, says("strength of the sign: a rival made an offer", "002-12")] = 0.5
    rival_trial: Annotated[Share, says("strength of the sign: a rival is being tried", "002-12")] = 0.75
    rival_switch: Annotated[Share, says("strength of the sign: the customer went to a rival", "002-12")] = 1.0
    reinforce_days: Annotated[Days, says("within this a good event should be built on", "004-16")] = 7.0
    reinforce_from: Annotated[Signed, says("an opinion from this on is a good event", "004-16")] = 0.5

    # Save or let go, and the other advice.
    save_prior: Annotated[
        Share, says("chance that a leaving customer can be saved, until past outcomes tell", "002-14")
    ] = 0.3
    action_cost_orders: Annotated[
        Positive, says("cost of an action in usual orders, until its own cost is recorded", "002-14")
    ] = 0.25
    save_months: Annotated[Positive, says("months of margin that saving a customer is worth", "002-14")] = 12.0
    action_rest_days: Annotated[
        Days, says("so long a retention measure is not advised again after it was taken", "001-18")
    ] = 30.0
    lock_in_review_days: Annotated[
        Days, says("a contract that ends within this asks for a review of what binds", "001-18")
    ] = 90.0
    bond_days: Annotated[Days, says("so long a personal contact or a discount counts as a bond", "001-20")] = 365.0
    team_tier_times: Annotated[
        Positive, says("a margin of so many times the bound of tier A has a project team", "004-23")
    ] = 1.0

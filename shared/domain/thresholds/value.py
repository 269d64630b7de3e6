"""The thresholds of what a customer is worth."""

from shared.domain.thresholds.loyalty import LoyaltyThresholds


class ValueThresholds(LoyaltyThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

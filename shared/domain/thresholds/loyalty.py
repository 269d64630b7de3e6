"""The thresholds of how loyal a customer is."""

from shared.domain.thresholds.signs import SignThresholds


class LoyaltyThresholds(SignThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

"""The thresholds of how loyal a customer is."""

from shared.domain.thresholds.lifecycle import LifecycleThresholds


class LoyaltyThresholds(LifecycleThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

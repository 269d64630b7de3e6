"""The thresholds of how content a customer is, and of prospects."""

from shared.domain.thresholds.value import ValueThresholds


class SatisfactionThresholds(ValueThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

"""The thresholds of what is advised."""

from shared.domain.thresholds.satisfaction import SatisfactionThresholds


class AdviceThresholds(SatisfactionThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

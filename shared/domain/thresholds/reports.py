"""The thresholds of what is told of all customers."""

from shared.domain.thresholds.advice import AdviceThresholds


class ReportsThresholds(AdviceThresholds, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

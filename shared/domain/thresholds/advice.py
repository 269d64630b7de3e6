"""The thresholds of what is advised."""

from msgspec import Struct


class AdviceThresholds(Struct, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

"""The thresholds of how content a customer is, and of prospects."""

from msgspec import Struct


class SatisfactionThresholds(Struct, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

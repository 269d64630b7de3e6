"""The thresholds of what a customer is worth."""

from msgspec import Struct


class ValueThresholds(Struct, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

"""The thresholds of how loyal a customer is."""

from msgspec import Struct


class LoyaltyThresholds(Struct, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

"""The thresholds of what is told of all customers."""

from msgspec import Struct


class ReportsThresholds(Struct, frozen=True, kw_only=True):
    """Numbers of the policy that the measures of this part ask for."""

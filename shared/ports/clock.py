"""The one place that reads the system time."""

from time import time_ns

from shared.domain.instants import Instant


def now() -> Instant:
    """The present instant, by the machine's clock."""
    return Instant(time_ns() // 1_000)

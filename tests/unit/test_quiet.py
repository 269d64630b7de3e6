"""Quiet hours: what is not urgent waits until they end, by the clock on the wall of the policy's time zone."""

import pytest

from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.policy import Policy
from shared.domain.quiet import tell_at
from tests.builders import BEGIN

HOUR = 3_600 * SECOND
NIGHT = Policy(quiet_from="22:00", quiet_until="07:30")
SIESTA = Policy(quiet_from="13:00", quiet_until="15:00")


def clock(hours: float, days: int = 0) -> Instant:
    return Instant(BEGIN + days * DAY + round(hours * HOUR))


@pytest.mark.parametrize(
    ("policy", "at", "told"),
    [
        (NIGHT, clock(21.99), clock(21.99)),
        (NIGHT, clock(22), clock(7.5, days=1)),
        (NIGHT, clock(3), clock(7.5)),
        (NIGHT, clock(7.5), clock(7.5)),
        (SIESTA, clock(12.99), clock(12.99)),
        (SIESTA, clock(13), clock(15)),
        (SIESTA, clock(15), clock(15)),
        (Policy(), clock(3), clock(3)),
        (Policy(quiet_from="22:00"), clock(23), clock(23)),
        (Policy(quiet_until="07:00"), clock(3), clock(3)),
    ],
)
def test_what_is_not_urgent_waits_until_the_quiet_hours_end(policy: Policy, at: Instant, told: Instant) -> None:
    assert tell_at(at, "medium", policy) == told


@pytest.mark.parametrize("severity", ["high", "critical"])
def test_what_is_urgent_is_told_at_any_hour(severity: str) -> None:
    assert tell_at(clock(3), severity, NIGHT) == clock(3)


def test_quiet_hours_are_local() -> None:
    tokyo = Policy(quiet_from="22:00", quiet_until="07:00", time_zone="Asia/Tokyo")

    assert tell_at(clock(14), "low", tokyo) == clock(22)

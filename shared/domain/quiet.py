"""Quiet hours: when nobody wants to be told, which is for delivery to heed and never for the fold (DESIGN, Alerts)."""

from datetime import UTC, datetime, time, timedelta

from shared.domain.instants import Instant, instant, moment, zone
from shared.domain.policy import Policy
from shared.domain.thresholds.signs import URGENT


def tell_at(at: Instant, severity: str, policy: Policy) -> Instant:
    """From when on an alert may be told: at once, or when the quiet hours that it falls into end.

    What is urgent is told at once. Quiet hours are local times of the policy's time zone; those that begin later than
    they end go over midnight.
    """
    if policy.quiet_from is None or policy.quiet_until is None or severity in URGENT:
        return at
    begin, end = time.fromisoformat(policy.quiet_from), time.fromisoformat(policy.quiet_until)
    local = moment(at).astimezone(zone(policy.time_zone))
    if not _within(local.time(), begin, end):
        return at
    wakes = datetime.combine(local.date(), end, tzinfo=local.tzinfo)
    return instant((wakes if wakes > local else wakes + timedelta(days=1)).astimezone(UTC))


def _within(now: time, begin: time, end: time) -> bool:
    if begin <= end:
        return begin <= now < end
    return now >= begin or now < end

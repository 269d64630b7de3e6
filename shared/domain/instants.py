"""Time as the core counts it: integer microseconds since 1970-01-01 UTC, and local days."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated, Final, NewType
from zoneinfo import ZoneInfo

from msgspec import Meta

Instant = NewType("Instant", int)
"""Microseconds since 1970-01-01T00:00:00Z. An integer, so that order and arithmetic are exact and cheap."""

Day = NewType("Day", int)
"""A local calendar day, as days since 1970-01-01."""

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
EARLIEST: Final = Instant(0)
LATEST: Final = Instant(221_845_392_000 * SECOND)  # 9000-01-01T00:00:00Z
Stamp = Annotated[Instant, Meta(ge=EARLIEST, le=LATEST)]
"""An instant as a record may carry it: what every clock and every store can hold."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)


def instant(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    return Instant((moment - _EPOCH) // _MICROSECOND)


def moment(at: Instant) -> datetime:
    """The aware UTC datetime of an instant, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=at)


def rfc3339(at: Instant) -> str:
    """The instant as people write it: `2026-03-04T05:06:07Z`, with a fraction only where there is one."""
    return moment(at).isoformat().replace("+00:00", "Z")


def due(at: float) -> Instant:
    """A due time: rounded up to a whole second (DESIGN, "Exact meaning: Order")."""
    return Instant(int(-(-at // SECOND)) * SECOND)


def days(count: float) -> int:
    """A length of `count` days in microseconds, rounded up."""
    return int(-(-count * DAY // 1))


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The time zone of an IANA name; UTC needs no database."""
    return UTC if name == "UTC" else ZoneInfo(name)


def local_day(at: Instant, zone_name: str) -> Day:
    """The calendar day on which an instant falls in a time zone."""
    if zone_name == "UTC":
        return Day(at // DAY)
    return Day(moment(at).astimezone(zone(zone_name)).toordinal() - _EPOCH_ORDINAL)

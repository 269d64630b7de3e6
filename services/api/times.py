"""Instants as people send and read them."""

import re
from datetime import datetime
from typing import Final

from shared.domain.errors import LifestageError
from shared.domain.instants import Instant, instant, rfc3339

LAST: Final = Instant(253_402_300_799_999_999)
"""The last microsecond of the year 9999: later ones cannot be written."""

# A blank before the offset is a `+` that was put into an address unescaped.
_RFC3339: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:[Zz]|([+\- ]\d{2}:\d{2}))", re.ASCII
)


class BadTime(LifestageError):
    """Not an instant as we accept it."""

    code = "bad_time"

    def __init__(self, given: str) -> None:
        super().__init__(f"{given[:60]!a} is not an instant: RFC 3339 with an offset is accepted, as in '2026-03-04T05:06:07Z'")


def stamp(at: Instant) -> str:
    """An instant as the API writes it; what lies beyond the year 9999 is shown as its end."""
    return rfc3339(min(at, LAST))


def instant_of(text: str) -> Instant:
    """The instant that a text names, cut to the microsecond. Raises BadTime."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise BadTime(text)
    day, clock, fraction, offset = match.groups()
    try:
        offset = (offset or "+00:00").replace(" ", "+")
        return instant(datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset}"))
    except ValueError:
        raise BadTime(text) from None

"""Instants as people send and read them."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, ValidationError, convert

from shared.domain.errors import LifestageError
from shared.domain.instants import Instant, instant, rfc3339

LAST: Final = Instant(253_402_300_799_999_999)
"""The last microsecond of the year 9999: later ones cannot be written."""

_Aware = Annotated[datetime, Meta(tz=True)]


class BadTime(LifestageError):
    """Not an instant as we accept it."""

    code = "bad_time"

    def __init__(self, given: str) -> None:
        accepted = "RFC 3339 with an offset is accepted, as in '2026-03-04T05:06:07Z'"
        super().__init__(f"{given[:60]!a} is not an instant: {accepted}")


def stamp(at: Instant) -> str:
    """An instant as the API writes it; what lies beyond the year 9999 is shown as its end."""
    return rfc3339(min(at, LAST))


def instant_of(text: str) -> Instant:
    """The instant that a text names. Raises BadTime."""
    if text[-6:-5] == " ":
        text = f"{text[:-6]}+{text[-5:]}"  # a `+` that was put into an address unescaped
    try:
        return instant(convert(text, _Aware))
    except ValidationError:
        raise BadTime(text) from None

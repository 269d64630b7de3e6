"""Calendar periods of whole months, counted without gaps."""

from datetime import date
from typing import Final

from shared.domain.instants import Day

_EPOCH: Final = date(1970, 1, 1).toordinal()


def period_of(day: Day, months: int) -> int:
    """The number of the period of so many months in which a day lies; the next period has the next number."""
    when = date.fromordinal(day + _EPOCH)
    return (when.year * 12 + when.month - 1) // months


def name_of(period: int, months: int) -> str:
    """A period's name: its first month, as in `2026-04`."""
    year, month = divmod(period * months, 12)
    return f"{year:04d}-{month + 1:02d}"

"""The values that posted events are made of, and what they become: instants and minor units."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from services.ingest.formats.refusals import Refused
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import EARLIEST, LATEST, Instant, instant
from shared.domain.money import BadAmount, UnknownCurrency, minor_units

Name = Annotated[str, Meta(min_length=1, max_length=256)]
Line = Annotated[str, Meta(min_length=1, max_length=128)]
Time = Annotated[datetime, Meta(tz=True)]
Money = Decimal
"""In major units; JSON strings and numbers are both read without a detour over binary fractions."""
Currency = Annotated[str, Meta(description="a currency of ISO 4217, as in 'EUR'")]
Quantity = Annotated[float, Meta(ge=0)]
Rating = Annotated[float, Meta(ge=0, le=1000)]
Scale = Annotated[float, Meta(gt=1, le=1000)]


class Stamped(Struct, kw_only=True, gc=False):
    """The members that every posted event has, whatever it tells."""

    id: Annotated[EventId, Meta(min_length=1, max_length=256)]
    customer_id: Annotated[CustomerId, Meta(min_length=1, max_length=256)]
    occurred_at: Time
    source: Annotated[str, Meta(min_length=1, max_length=128)] = "api"
    line: Line | None = None
    backfill: bool = False


class When(Struct, frozen=True, gc=False):
    """The times of an event of ours: `claimed_at` is what the sender said, where that was set back."""

    occurred_at: Instant
    received_at: Instant
    claimed_at: Instant | None


Extra = dict[str, Any] | None

TIME_ACCEPTED: Final = "a time of RFC 3339 with an offset, from 1970 up to 9000-01-01, as in '2026-03-04T05:06:07Z'"


def at_instant(moment: datetime, field: str) -> Instant:
    """The instant of a posted time. Raises Refused."""
    at = instant(moment)
    if not EARLIEST <= at <= LATEST:
        raise Refused("invalid_time", field, f"{moment.isoformat()!r} is out of range; accepted is {TIME_ACCEPTED}")
    return at


def end_instant(moment: datetime | None, field: str) -> Instant | None:
    """The instant of a posted time that may be missing. Raises Refused."""
    return None if moment is None else at_instant(moment, field)


def minor(value: Decimal, currency: str, field: str) -> int:
    """A posted amount in minor units. Raises Refused."""
    try:
        units = minor_units(value, currency)
    except UnknownCurrency as error:
        raise Refused(error.code, "data.currency", str(error)) from None
    except BadAmount as error:
        raise Refused(error.code, field, str(error)) from None
    if units < 0:
        raise Refused(BadAmount.code, field, f"{str(value)[:60]!r} is negative; accepted is an amount of 0 or more")
    return units


def minor_or_none(value: Decimal | None, currency: str, field: str) -> int | None:
    """A posted amount that may be missing, in minor units. Raises Refused."""
    return None if value is None else minor(value, currency, field)

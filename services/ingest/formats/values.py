"""The values that posted events are made of, and what they become: instants and minor units."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from msgspec import Meta, Raw, Struct, ValidationError
from msgspec.json import Decoder

from services.ingest.formats.explain import parse, shown
from services.ingest.formats.refusals import AMOUNT_ACCEPTED, TIME_ACCEPTED, Refused
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import EARLIEST, LATEST, Instant, instant
from shared.domain.money import DECIMALS, BadAmount, UnknownCurrency, minor_units

Name = Annotated[str, Meta(min_length=1, max_length=256)]
Line = Annotated[str, Meta(min_length=1, max_length=128)]
Time = Annotated[datetime, Meta(tz=True)]
Money = Decimal
"""In major units; JSON strings and numbers are both read without a detour over binary fractions."""
Amount = Annotated[Raw, Meta(description=AMOUNT_ACCEPTED, extra_json_schema={"type": "string", "format": "decimal"})]
"""The same as it was spelled: of most amounts the minor units can be read off."""
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

_READ_OFF: Final = 15
"""Digits that are below the largest amount, whatever they are."""
_QUOTE: Final = ord('"')
_decimal: Final = Decoder(Decimal)


def at_instant(moment: datetime, field: str) -> Instant:
    """The instant of a posted time. Raises Refused."""
    at = instant(moment)
    if not EARLIEST <= at <= LATEST:
        raise Refused("invalid_time", field, f"{moment.isoformat()!r} is out of range; accepted is {TIME_ACCEPTED}")
    return at


def end_instant(moment: datetime | None, field: str) -> Instant | None:
    """The instant of a posted time that may be missing. Raises Refused."""
    return None if moment is None else at_instant(moment, field)


def read_minor(spelled: Raw, currency: str, field: str) -> int:
    """A posted amount, as it was spelled, in minor units. Raises Refused."""
    text = bytes(spelled)
    if text[0] == _QUOTE:
        text = text[1:-1]
    whole, _, rest = text.partition(b".")
    if len(rest) == DECIMALS.get(currency):
        digits = whole + rest
        if digits.isdigit() and len(digits) <= _READ_OFF:
            return int(digits)
    try:
        value = _decimal.decode(spelled)
    except ValidationError:
        given = shown(parse(bytes(spelled).decode())[0])
        raise Refused(BadAmount.code, field, f"{given} is not accepted; accepted is {AMOUNT_ACCEPTED}") from None
    return minor(value, currency, field)


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

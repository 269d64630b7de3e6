"""Cursors: the place in a list where the next page begins, opaque to whoever sends it back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar

from msgspec import DecodeError, Meta, Struct, ValidationError, json
from msgspec.structs import astuple

from services.api.errors import BadCursor
from services.api.times import LAST
from shared.domain.alerts import SEVERITIES
from shared.domain.ids import CUSTOMER_ID_LENGTH, SHARDS
from shared.ports.queries import PlacedAlert

_Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_At = Annotated[int, Meta(ge=0, le=int(LAST))]
_LONGEST = 16_000


class CustomerPlace(Struct, frozen=True, array_like=True, tag="c", forbid_unknown_fields=True):
    """The customer that the page ended with."""

    shard: Annotated[int, Meta(ge=0, lt=SHARDS)]
    customer_id: Annotated[str, Meta(max_length=CUSTOMER_ID_LENGTH)]


class AlertPlace(Struct, frozen=True, array_like=True, tag="a", forbid_unknown_fields=True):
    """The alert that the page ended with."""

    severity: Annotated[int, Meta(ge=0, lt=len(SEVERITIES))]
    level: _Whole
    effective_at: _At
    id: Annotated[str, Meta(max_length=32)]


class ValuePlace(Struct, frozen=True, array_like=True, tag="v", forbid_unknown_fields=True):
    """The alert that the page ended with, where the largest value at risk comes first."""

    currency: Annotated[str, Meta(max_length=3)]
    value: _Whole
    severity: Annotated[int, Meta(ge=0, lt=len(SEVERITIES))]
    level: _Whole
    effective_at: _At
    id: Annotated[str, Meta(max_length=32)]


class EntryPlace(Struct, frozen=True, array_like=True, tag="t", order=True, forbid_unknown_fields=True):
    """The timeline's entry that the page ended with. Places are in the order of time, events first."""

    at: _At
    rank: Annotated[int, Meta(ge=0, le=2)]
    name: str
    more: str


def urgency(placed: PlacedAlert) -> AlertPlace:
    """Where an alert stands among the others, the most urgent first; an unknown level counts as none."""
    alert = placed.alert
    return AlertPlace(SEVERITIES.index(alert.severity), placed.level or 0, alert.effective_at, placed.id)


def worth(placed: PlacedAlert) -> ValuePlace:
    """Where an alert stands among the others, the largest value at risk first."""
    return ValuePlace(*placed.alert.evidence.at_risk, *astuple(urgency(placed)))


Place = TypeVar("Place", CustomerPlace, AlertPlace, ValuePlace, EntryPlace)


def cursor_of(place: CustomerPlace | AlertPlace | ValuePlace | EntryPlace) -> str:
    """The cursor that stands for a place."""
    return urlsafe_b64encode(json.encode(place)).rstrip(b"=").decode()


def place_of(cursor: str, kind: type[Place]) -> Place:
    """The place that a cursor stands for. Raises BadCursor when this list did not give it out."""
    if not cursor.isascii() or len(cursor) > _LONGEST:
        raise BadCursor
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = json.decode(text, type=kind)
    except (ValueError, DecodeError, ValidationError, RecursionError):
        raise BadCursor from None
    if any("\0" in member for member in astuple(place) if isinstance(member, str)):
        raise BadCursor  # no name holds NUL, and PostgreSQL refuses it
    return place

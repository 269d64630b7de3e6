"""The envelope that every event comes in, and what normalising one means, whatever format it was posted in."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import Meta, Raw, Struct, ValidationError, field, json
from msgspec.structs import asdict

from services.ingest.formats.explain import explained, parse, trouble, unheld
from services.ingest.formats.posted import KINDS, Posted, PostedItem
from services.ingest.formats.refusals import Refused
from services.ingest.formats.values import Head, Line, Name, Time, at_instant
from shared.domain.events import OWN_SOURCE, Event, Other
from shared.domain.instants import LATEST, Instant

LARGEST: Final = 32 * 1024
"""Bytes that the `data` of one event may have; its other members are bounded each."""
RESERVED: Final = frozenset({"tick", "policy", "model", "release"})
RESERVED_PREFIX: Final = "alert_"
_NOTHING: Final = Raw(b"{}")
_RESERVED: Final = "is reserved for the service's own records; accepted is any other"


class Envelope(Stamped, kw_only=True, gc=False):
    """One event as it is posted (DESIGN §3), its data not read yet. Members that it does not name are ignored."""

    type: Annotated[str, Meta(min_length=1, max_length=128)]
    data: Raw = field(default_factory=lambda: _NOTHING)


class Typed(Stamped, kw_only=True, gc=False):
    """One event as it is posted, its data read according to its type."""

    data: Posted


class Receipt(Struct, frozen=True, kw_only=True):
    """When a request came in, and the latest time that its events may claim; a test clock sets no bound."""

    at: Instant
    latest: Instant = LATEST


def _typed(name: str, posted: type[Posted]) -> type[Typed]:
    """The envelope of one type that has a meaning; its data is required where a member of it is."""
    member = ("data", posted) if posted.__struct_config__ and _needs_data(posted) else ("data", posted, field(default_factory=posted))
    return defstruct(f"Typed{posted.__name__}", [member], bases=(Typed,), tag_field="type", tag=name, kw_only=True, gc=False)


def _other(posted: Envelope, head: Head) -> Event:
    name = posted.type
    if name in RESERVED or name.startswith(RESERVED_PREFIX):
        raise Refused("reserved", "type", f"{name!r} {_RESERVED}")
    try:
        members = _members.decode(posted.data)
    except ValidationError as error:
        raise explained(error, Posted, _said(posted.data), within="data") from None
    return Other(**asdict(head), name=name, extra=_extra(members))


def _with_extra(posted: Envelope, head: Head, error: ValidationError) -> Event:
    """Read data again that does not fit: where only members are unknown to us, they are kept beside the others."""
    shape = KINDS[posted.type]
    try:
        known, extra = _sifted(_members.decode(posted.data), shape)
        data = _data[posted.type].decode(known)
    except ValidationError as remaining:
        raise explained(remaining, shape, _said(posted.data), within="data") from error
    return data.event(head, extra)


def _sifted(members: dict[str, Raw], shape: type[Posted]) -> tuple[bytes, dict[str, Any] | None]:
    """The members that a type names, and the others; the same within the items of an order."""
    known = {name: raw for name, raw in members.items() if name in shape.__struct_fields__}
    others = {name: raw for name, raw in members.items() if name not in known}
    items = _items(known.get("items"))
    if items:
        fields = frozenset(PostedItem.__struct_fields__)
        unnamed = [{name: raw for name, raw in item.items() if name not in fields} for item in items]
        if any(unnamed):
            named = [{name: raw for name, raw in item.items() if name in fields} for item in items]
            known["items"], others["items"] = Raw(_encode(named)), Raw(_encode(unnamed))
    return _encode(known), _extra(others)


def _items(raw: Raw | None) -> list[dict[str, Raw]]:
    """The items' members; none where they are no array of objects, which is for the strict reading to say."""
    try:
        return [] if raw is None else _item_members.decode(raw)
    except ValidationError:
        return []


def _extra(members: dict[str, Raw]) -> dict[str, Any] | None:
    """Members without a meaning here, as values that can be stored."""
    extra: dict[str, Any] = {}
    for name, raw in members.items():
        try:
            extra[name] = _value.decode(raw)
        except ValidationError as error:
            raise unheld({"data": {name: _said(raw)}}) from error
    refused = trouble({"data": extra}) if extra else None
    if refused is not None:
        raise refused
    return extra or None


def _said(raw: Raw) -> object:
    return parse(bytes(raw).decode())[0]

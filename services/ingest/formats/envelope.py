"""The envelope that every event comes in, and what normalising one means, whatever format it was posted in."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any, Final, cast

from msgspec import Meta, Raw, Struct, ValidationError, defstruct, field, json

from services.ingest.formats.explain import explained, harmless, parse, trouble, unheld
from services.ingest.formats.kinds import KINDS
from services.ingest.formats.posted import Posted, common
from services.ingest.formats.posted_trade import PostedItem
from services.ingest.formats.refusals import Refused
from services.ingest.formats.values import Stamped, When, at_instant
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
    """One event as it is posted, its data read already, as that of its type."""

    data: Posted


class Receipt(Struct, frozen=True, kw_only=True):
    """When a request came in, and the latest time that its events may claim; a test clock sets no bound."""

    at: Instant
    latest: Instant = LATEST


def _typed(name: str, posted: type[Posted]) -> Any:
    """The envelope of one type that has a meaning here."""
    members = [("data", posted)]
    bases = (Typed,)
    return defstruct(f"Typed{name}", members, bases=bases, tag_field="type", tag=name, kw_only=True, gc=False)


_TYPED: Final[Any] = reduce(or_, [_typed(name, posted) for name, posted in KINDS.items()])
one_typed: Final = cast(json.Decoder[Typed], json.Decoder(_TYPED))
many_typed: Final = cast(json.Decoder[list[Typed]], json.Decoder(GenericAlias(list, (_TYPED,))))
one: Final = json.Decoder(Envelope)
many: Final = json.Decoder(list[Envelope])

_members: Final = json.Decoder(dict[str, Raw])
_item_members: Final = json.Decoder(list[dict[str, Raw]])
_value: Final = json.Decoder()
_data: Final[Mapping[str, json.Decoder[Posted]]] = {name: json.Decoder(posted) for name, posted in KINDS.items()}
_encode: Final = json.Encoder().encode


def normalise(posted: Envelope | Typed, receipt: Receipt) -> Event:
    """The event of ours that an envelope holds. Raises Refused."""
    at = at_instant(posted.occurred_at, "occurred_at")
    when = When(at, receipt.at, None) if at <= receipt.latest else When(receipt.at, receipt.at, at)
    if posted.source == OWN_SOURCE:
        raise Refused("reserved", "source", f"{OWN_SOURCE!r} {_RESERVED}")
    if isinstance(posted, Envelope):
        return _read(posted, when)
    return posted.data.event(posted, when, None)


def _read(posted: Envelope, when: When) -> Event:
    if len(posted.data) > LARGEST:
        raise Refused("too_large", "data", f"it has {len(posted.data)} bytes; accepted are up to {LARGEST}")
    decoder = _data.get(posted.type)
    if decoder is None:
        return _other(posted, when)
    try:
        data = decoder.decode(posted.data)
    except ValidationError as error:
        return _with_extra(posted, when, error)
    return data.event(posted, when, None)


def _other(posted: Envelope, when: When) -> Event:
    name = posted.type
    if name in RESERVED or name.startswith(RESERVED_PREFIX):
        raise Refused("reserved", "type", f"{name!r} {_RESERVED}")
    try:
        members = _members.decode(posted.data)
    except ValidationError as error:
        raise explained(error, Posted, _said(posted.data), within="data") from None
    return Other(**common(posted, when), name=name, extra=_extra(members))


def _with_extra(posted: Envelope, when: When, error: ValidationError) -> Event:
    """Read data again that does not fit: where only members are unknown to us, they are kept beside the others."""
    shape = KINDS[posted.type]
    try:
        known, extra = _sifted(_members.decode(posted.data), shape)
        data = _data[posted.type].decode(known)
    except ValidationError as remaining:
        raise explained(remaining, shape, _said(posted.data), within="data") from error
    return data.event(posted, when, extra)


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
    if not all(harmless(bytes(raw).decode()) for raw in members.values()):
        refused = trouble({"data": extra})
        if refused is not None:
            raise refused
    return extra or None


def _said(raw: Raw) -> object:
    return parse(bytes(raw).decode())[0]

"""Our own format: one event, an array or lines of events as JSON, normalised so that a bad one sinks no neighbour."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import DecodeError, Meta, Raw, Struct, ValidationError, json

from services.ingest.formats.explain import explained, parse, trouble
from services.ingest.formats.posted import KINDS, Head, Line, Name, Posted, PostedItem, Time, at_instant
from services.ingest.formats.refusals import Adjustment, NotEvents, Refused, Rejection
from shared.domain.events import OWN_SOURCE, Event, Other
from shared.domain.instants import Instant, rfc3339

MOST_EVENTS: Final = 2500
LARGEST: Final = 32 * 1024
"""Bytes that the `data` of one event may have; its other members are bounded each."""
RESERVED: Final = frozenset({"tick", "policy", "model", "release"})
RESERVED_PREFIX: Final = "alert_"

_BOM: Final = b"\xef\xbb\xbf"
_OBJECT: Final = ord("{")
_ARRAY: Final = ord("[")


class Envelope(Struct, kw_only=True):
    """One event as it is posted (DESIGN §3). Members that it does not name are ignored."""

    id: Name
    type: Annotated[str, Meta(min_length=1, max_length=128)]
    customer_id: Name
    occurred_at: Time
    source: Annotated[str, Meta(min_length=1, max_length=128)] = "api"
    data: Raw = Raw(b"{}")
    line: Line | None = None
    backfill: bool = False


class Receipt(Struct, frozen=True, kw_only=True):
    """When a request came in, and the latest time that its events may claim; None sets no bound (a test clock)."""

    at: Instant
    latest: Instant | None


class Reading(Struct, kw_only=True):
    """What was read from a body: the events of ours, and what the answer has to tell of the others."""

    events: list[Event] = []
    rejected: list[Rejection] = []
    adjusted: list[Adjustment] = []


_one: Final = json.Decoder(Envelope)
_many: Final = json.Decoder(list[Envelope])
_members: Final = json.Decoder(dict[str, Raw])
_item_members: Final = json.Decoder(list[dict[str, Raw]])
_anything: Final = json.Decoder(dict[str, Any])
_value: Final = json.Decoder()
_data: Final[Mapping[str, json.Decoder[Posted]]] = {name: json.Decoder(posted) for name, posted in KINDS.items()}
_encode: Final = json.Encoder().encode


def read(body: bytes, receipt: Receipt, *, lines: bool = False) -> Reading:
    """The events of a body. Raises NotEvents when the body as a whole is none; a bad event is only `rejected`.

    `lines` says that the sender calls the body NDJSON; without it lines are recognised by their shape.
    """
    body = _checked(body)
    reading = Reading()
    envelopes = _at_once(body)
    if envelopes is not None:
        for index, envelope in enumerate(_bounded(envelopes)):
            _take(reading, index, envelope, receipt)
        return reading
    for index, (said, envelope) in enumerate(_one_by_one(body, lines)):
        if index == MOST_EVENTS:
            raise _too_many()
        if isinstance(envelope, Refused):
            reading.rejected.append(_rejection(index, _id(said), envelope))
        else:
            _take(reading, index, envelope, receipt)
    return reading


def normalise(posted: Envelope, receipt: Receipt) -> Event:
    """The event of ours that an envelope holds. Raises Refused."""
    at = at_instant(posted.occurred_at, "occurred_at")
    claimed = None
    if receipt.latest is not None and at > receipt.latest:
        claimed, at = at, receipt.at
    if posted.source == OWN_SOURCE:
        raise Refused("reserved", "source", f"{OWN_SOURCE!r} is reserved for the service's own records")
    head = {
        "id": posted.id,
        "source": posted.source,
        "customer_id": posted.customer_id,
        "occurred_at": at,
        "received_at": receipt.at,
        "claimed_at": claimed,
        "line": posted.line,
        "backfill": posted.backfill,
    }
    if len(posted.data) > LARGEST:
        raise Refused("too_large", "data", f"it has {len(posted.data)} bytes; accepted are up to {LARGEST}")
    decoder = _data.get(posted.type)
    if decoder is None:
        return _other(posted, head)
    try:
        return decoder.decode(posted.data).event(head)
    except ValidationError as error:
        return _with_more(posted, head, error)


def _take(reading: Reading, index: int, envelope: Envelope, receipt: Receipt) -> None:
    try:
        event = normalise(envelope, receipt)
    except Refused as refused:
        reading.rejected.append(_rejection(index, envelope.id, refused))
        return
    reading.events.append(event)
    if event.claimed_at is not None:
        claimed, given = rfc3339(event.claimed_at), rfc3339(event.occurred_at)
        reading.adjusted.append(Adjustment(index=index, id=event.id, occurred_at=claimed, set_to=given))


def _rejection(index: int, event_id: str | None, refused: Refused) -> Rejection:
    return Rejection(index=index, id=event_id, code=refused.code, message=refused.message, field=refused.field)


def _other(posted: Envelope, head: dict[str, Any]) -> Event:
    name = posted.type
    if name in RESERVED or name.startswith(RESERVED_PREFIX):
        raise Refused("reserved", "type", f"{name!r} is reserved for the service's own records")
    try:
        extra = _anything.decode(posted.data)
    except ValidationError as error:
        raise explained(error, Envelope, parse(bytes(posted.data).decode())[0], "data") from None
    return Other(**head, name=name, extra=_storable(extra) or None)


def _with_more(posted: Envelope, head: dict[str, Any], error: ValidationError) -> Event:
    """Read data again that has members we give no meaning to: they are kept beside."""
    shape = KINDS[posted.type]
    known, extra = posted.data, None
    try:
        members = _members.decode(posted.data)
        known, extra = _sifted(members, shape)
        data = _data[posted.type].decode(known)
    except ValidationError as remaining:
        raise explained(remaining, shape, parse(bytes(known).decode())[0], "data") from error
    return data.event({**head, "extra": _storable(extra)})


def _sifted(members: dict[str, Raw], shape: type[Posted]) -> tuple[Raw, dict[str, Any]]:
    """The members that a type names, and the others; of an order's items too."""
    known = {name: raw for name, raw in members.items() if name in shape.__struct_fields__}
    extra = {name: _value.decode(raw) for name, raw in members.items() if name not in known}
    if "items" in known:
        items = _item_members.decode(known["items"])
        fields = frozenset(PostedItem.__struct_fields__)
        others = [{name: _value.decode(raw) for name, raw in item.items() if name not in fields} for item in items]
        if any(others):
            kept = [{name: raw for name, raw in item.items() if name in fields} for item in items]
            known["items"], extra["items"] = Raw(_encode(kept)), others
    return Raw(_encode(known)), extra


def _storable(extra: dict[str, Any] | None) -> dict[str, Any] | None:
    if extra:
        refused = trouble({"data": extra})
        if refused is not None:
            raise refused
    return extra


def _checked(body: bytes) -> bytes:
    body = body.removeprefix(_BOM).strip()
    if not body:
        raise NotEvents("empty_body", "the body is empty; accepted are an event, an array or lines of events, as JSON")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise NotEvents("bad_encoding", f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    return body


def _at_once(body: bytes) -> list[Envelope] | None:
    """All envelopes in one go, or None when something needs a closer look."""
    if b"\\u0000" in body:
        return None
    try:
        if body[0] == _ARRAY:
            return _many.decode(body)
        if b"\n" not in body:
            return [_one.decode(body)]
        lines = [line for line in body.splitlines() if line.strip()]
        envelopes = _one.decode_lines(body)
        return envelopes if len(envelopes) in (1, len(lines)) else None
    except (DecodeError, RecursionError):
        return None


def _bounded(envelopes: list[Envelope]) -> list[Envelope]:
    if len(envelopes) > MOST_EVENTS:
        raise _too_many()
    return envelopes


def _too_many() -> NotEvents:
    return NotEvents("too_many_events", f"the body has more than {MOST_EVENTS} events; send them in several requests")


def _one_by_one(body: bytes, lines: bool) -> Iterator[tuple[object, Envelope | Refused]]:
    """Each event read leniently, with its envelope or what is wrong with it."""
    text = body.decode()
    try:
        if body[0] == _ARRAY:
            yield from _elements(text)
        elif not (lines or _looks_like_lines(text)):
            said, end = parse(text)
            if end < len(text):
                raise NotEvents("malformed_json", f"the body goes on after its JSON value, at character {end}")
            if not isinstance(said, dict):
                raise NotEvents("not_events", "accepted are a JSON object, an array of objects or lines of objects")
            yield said, _envelope(said, text)
        else:
            yield from _lines(text)
    except RecursionError:
        raise NotEvents("too_deep", "the body is nested too deeply") from None
    except ValueError as error:
        raise NotEvents("malformed_json", f"the body is not JSON: {error}") from None


def _elements(text: str) -> Iterator[tuple[object, Envelope | Refused]]:
    place = _blank(text, 1)
    if text[place : place + 1] == "]":
        place += 1
    else:
        while True:
            said, end = parse(text, place)
            yield said, _envelope(said, text[place:end])
            place = _blank(text, end)
            if text[place : place + 1] == "]":
                place += 1
                break
            if text[place : place + 1] != ",":
                raise ValueError(f"Expecting ',' or ']' at character {place}")
            place = _blank(text, place + 1)
    if place < len(text):
        raise ValueError(f"Extra data after the array, at character {place}")

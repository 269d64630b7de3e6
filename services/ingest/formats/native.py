"""Our own format: one event, an array or lines of events as JSON, read so that a bad one sinks no neighbour."""

from collections.abc import Sequence
from typing import Final, TypeVar

from msgspec import DecodeError, Struct, field
from msgspec.json import Decoder

from services.ingest.formats.envelope import (
    LARGEST,
    Envelope,
    Receipt,
    Typed,
    many,
    many_typed,
    normalise,
    one,
    one_typed,
)
from services.ingest.formats.lenient import ACCEPTED, one_by_one
from services.ingest.formats.refusals import Adjustment, NotEvents, Refused, Rejection, Spoiled
from shared.domain.events import Event
from shared.domain.instants import Instant, rfc3339

MOST_EVENTS: Final = 2500

_BOM: Final = b"\xef\xbb\xbf"
_NUL: Final = b"\\u0000"

T = TypeVar("T")


class Reading(Struct, kw_only=True):
    """What was read from a body: the events of ours, and what the answer has to tell of the others."""

    events: list[Event] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    adjusted: list[Adjustment] = field(default_factory=list)

    def turn_away(self, index: int, event_id: str | None, refused: Refused) -> None:
        """One event is not taken."""
        self.rejected.append(
            Rejection(index=index, id=event_id, code=refused.code, message=refused.message, field=refused.field)
        )

    def adjust(self, index: int, event_id: str, claimed: Instant, given: Instant) -> None:
        """One event's time was set back."""
        self.adjusted.append(Adjustment(index=index, id=event_id, occurred_at=rfc3339(claimed), set_to=rfc3339(given)))


def read(body: bytes, receipt: Receipt, *, lines: bool = False) -> Reading:
    """The events of a body. Raises NotEvents when the body as a whole is nothing of ours; a bad event is `rejected`.

    `lines` says that the sender calls the body NDJSON; without it lines are recognised by their shape.
    """
    body = _checked(body)
    reading = Reading()
    envelopes = _at_once(body)
    if envelopes is None:
        for index, found in enumerate(one_by_one(body.decode(), lines=lines)):
            _bound(index + 1)
            if isinstance(found, Spoiled):
                reading.turn_away(index, found.id, found.refused)
            else:
                _take(reading, [found], receipt, index)
    else:
        _bound(len(envelopes))
        _take(reading, envelopes, receipt, 0)
    return reading


def _take(reading: Reading, envelopes: Sequence[Envelope | Typed], receipt: Receipt, first: int) -> None:
    taken = reading.events.append
    for index, envelope in enumerate(envelopes, start=first):
        try:
            event = normalise(envelope, receipt)
        except Refused as refused:
            reading.turn_away(index, envelope.id, refused)
            continue
        taken(event)
        if event.claimed_at is not None:
            reading.adjust(index, event.id, event.claimed_at, event.occurred_at)


def _checked(body: bytes) -> bytes:
    """The body without what surrounds it. msgspec does not look at the encoding of what it skips, so this does."""
    body = body.removeprefix(_BOM).strip()
    if not body:
        raise NotEvents("empty_body", f"the body is empty; {ACCEPTED}")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise NotEvents("bad_encoding", f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    return body


def _at_once(body: bytes) -> Sequence[Envelope | Typed] | None:
    """All envelopes in one go, or None where something needs a closer look.

    With their data, where each is as its type wants it and the body is so small that no event can be too large.
    """
    if _NUL in body:
        return None
    if len(body) <= LARGEST:
        typed = _decoded(body, one_typed, many_typed)
        if typed is not None:
            return typed
    return _decoded(body, one, many)


def _decoded(body: bytes, single: Decoder[T], several: Decoder[list[T]]) -> list[T] | None:
    try:
        if body.startswith(b"["):
            return several.decode(body)
        if b"\n" not in body:
            return [single.decode(body)]
        envelopes = single.decode_lines(body)
    except (DecodeError, RecursionError):
        return None
    lines = sum(1 for line in body.splitlines() if line.strip())
    return envelopes if len(envelopes) in (1, lines) else None


def _bound(events: int) -> None:
    if events > MOST_EVENTS:
        message = f"the body has more than {MOST_EVENTS} events; send them in several requests"
        raise NotEvents("too_many_events", message)

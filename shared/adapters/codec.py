"""Values to bytes and back: records of the log as JSON, states as MessagePack. The same for every log and store."""

import re
from functools import lru_cache
from typing import Any, Final

from msgspec import DecodeError, ValidationError, convert, json, msgpack, to_builtins

from shared.domain.alerts import Alert
from shared.domain.controls import Control, FeedChange, ModelChange, PolicyChange, Release, Retry, Tick
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.errors import MalformedRecord
from shared.domain.events import Event
from shared.ports.store import Base

Entry = Event | Tick | Control | Retry
"""What a record of the events topic can be."""

# A backslash that is not itself escaped, then u0000.
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_entries: Final = json.Decoder(Event | Tick | PolicyChange | ModelChange | FeedChange | Release | Retry)
_events: Final = json.Decoder(Event)
_controls: Final = json.Decoder(PolicyChange | ModelChange | FeedChange | Release)
_json: Final = json.Encoder()
_customers: Final = msgpack.Decoder(Customer)
_bases: Final = msgpack.Decoder(Base)
_msgpack: Final = msgpack.Encoder()
_transitions: Final = json.Decoder(Transition)
_alerts: Final = json.Decoder(Alert)


def encode(entry: Entry) -> bytes:
    """A record's value: one JSON object whose `type` says what it is."""
    return _json.encode(entry)


def decode(value: bytes) -> Entry:
    """A record's meaning. Raises MalformedRecord naming what is wrong."""
    if b"\\u0000" in value and _NUL.search(value):
        raise MalformedRecord("a NUL character (\\u0000) in a string: no store can hold it")
    try:
        entry: Entry = _entries.decode(value)
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedRecord(str(error) or type(error).__name__) from error
    return entry


def decode_event(body: bytes | str) -> Event:
    """A stored event. Its bytes were decoded before they were stored, so this does not fail on our own data."""
    event: Event = _events.decode(body)
    return event


@lru_cache(maxsize=1 << 10)
def decode_control(body: bytes | str) -> Control:
    """A stored control. Kept, for every question asked of the api begins with those of a partition."""
    control: Control = _controls.decode(body)
    return control


def encode_customer(customer: Customer) -> bytes:
    """A state's canonical bytes: equal states have equal bytes."""
    return _msgpack.encode(customer)


def decode_customer(data: bytes) -> Customer:
    """A state."""
    return _customers.decode(data)


def encode_base(base: Base) -> bytes:
    """A base's bytes."""
    return _msgpack.encode(base)


def decode_base(data: bytes) -> Base:
    """A base."""
    return _bases.decode(data)


def encode_transition(transition: Transition) -> bytes:
    """A transition as JSON."""
    return _json.encode(transition)


def decode_transition(body: bytes | str) -> Transition:
    """A transition."""
    return _transitions.decode(body)


def encode_alert(alert: Alert) -> bytes:
    """An alert as JSON."""
    return _json.encode(alert)


def decode_alert(body: bytes | str) -> Alert:
    """An alert."""
    return _alerts.decode(body)


def same_payload(one: bytes, other: bytes) -> bool:
    """Whether two records under one name say the same: what ingest stamped does not count."""
    return _said(one) == _said(other)


# What the service itself stamps on an event or, with `at`, on what people do with an alert.
_STAMPED: Final = frozenset({"received_at", "claimed_at", "backfill", "at"})


def _said(body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = convert(to_builtins(json.decode(body)), dict[str, Any])
    if said.get("claimed_at") is not None:
        said["occurred_at"] = said["claimed_at"]
    return {name: value for name, value in said.items() if name not in _STAMPED}

"""Records from the log: what is read, and what is refused with a reason."""

import pytest

from shared.adapters.codec import decode, encode
from shared.domain.errors import MalformedRecord
from shared.domain.events import EndIntent
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import Instant


def end_intent(name: str) -> EndIntent:
    return EndIntent(
        id=EventId(name),
        source="shop",
        customer_id=CustomerId("anna"),
        occurred_at=Instant(1),
        received_at=Instant(1),
    )


def test_a_record_reads_back_as_what_was_written() -> None:
    event = end_intent("e-1")

    assert decode(encode(event)) == event


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"not json", "malformed"),
        (b'{"type":"tick","at":99999999999999999999999}', "<="),
        (b'{"type":"tick","at":-5}', ">= 0"),
        (encode(end_intent("nul \x00 in it")), "NUL"),
        (encode(end_intent("")), "length >= 1"),
        (encode(end_intent("x" * 257)), "length <= 256"),
        (b'{"type":"unheard of"}', "unheard of"),
    ],
)
def test_what_no_store_can_hold_is_malformed(value: bytes, reason: str) -> None:
    with pytest.raises(MalformedRecord, match=reason):
        decode(value)


def test_a_backslash_before_u0000_is_not_a_nul() -> None:
    event = end_intent("a\\u0000")

    assert decode(encode(event)) == event

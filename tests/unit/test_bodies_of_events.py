"""Bodies as a whole: an object, an array, lines; what is none of these; and any bytes at all."""

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.formats.native import MOST_EVENTS, read
from services.ingest.formats.refusals import NotEvents
from shared.adapters import codec
from tests.unit.test_native_format import LIVE, posted

ONE = json.dumps(posted()).encode()


def ids(body: bytes, *, lines: bool = False) -> tuple[list[str], list[int]]:
    """The ids that came through, and the places of those that did not."""
    found = read(body, LIVE, lines=lines)
    return [event.id for event in found.events], [rejection.index for rejection in found.rejected]


@pytest.mark.parametrize(
    ("body", "good"),
    [
        (ONE, 1),
        (json.dumps(posted(), indent=2).encode(), 1),
        (b"\xef\xbb\xbf \r\n" + ONE + b"\n", 1),
        (b"[]", 0),
        (b"[" + ONE + b" , " + ONE + b"]", 2),
        (json.dumps([posted(), posted()], indent=2).encode(), 2),
        (ONE + b"\n" + ONE, 2),
        (ONE + b"\r\n\r\n" + ONE + b"\r\n", 2),
    ],
)
def test_events_come_as_an_object_an_array_or_lines(body: bytes, good: int) -> None:
    assert ids(body) == (["e-1"] * good, [])


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\u00a0"])
def test_what_unicode_calls_a_line_break_is_none_between_events(separator: str) -> None:
    event = json.dumps(posted(customer_id=f"a{separator}b"), ensure_ascii=False).encode()

    assert ids(event + b"\n" + event + b"\n{}") == (["e-1", "e-1"], [2])


@pytest.mark.parametrize(
    ("body", "good", "bad"),
    [
        (ONE + b"\n" + ONE[:-9] + b"\n" + ONE, 2, [1]),
        (ONE + b"\nnull\n" + ONE, 2, [1]),
        (ONE + b"\n{}\n", 1, [1]),
        (ONE[:-9] + b"\n" + ONE, 1, [0]),
        (b"{}", 0, [0]),
        (b'{"id": NaN}', 0, [0]),
        (b"[1, " + ONE + b"]", 1, [0]),
        (b"[[], " + ONE + b", null]", 1, [0, 2]),
    ],
)
def test_a_bad_event_in_any_body_is_told_and_the_others_come_through(body: bytes, good: int, bad: list[int]) -> None:
    assert ids(body) == (["e-1"] * good, bad)


def test_lines_are_taken_for_lines_whatever_they_begin_with_when_the_sender_says_so() -> None:
    assert ids(b"what\n" + ONE, lines=True) == (["e-1"], [0])


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"", "empty_body", "the body is empty"),
        (b" \r\n\t", "empty_body", "the body is empty"),
        (b"hello", "malformed_json", "character 0"),
        (b"hello\n" + ONE, "malformed_json", "character 0"),
        (ONE[:-1], "malformed_json", f"character {len(ONE) - 1}"),
        (b"[" + ONE, "malformed_json", f"character {len(ONE) + 1}"),
        (b"[" + ONE + b",]", "malformed_json", "Expecting value"),
        (b"[" + ONE + b" " + ONE + b"]", "malformed_json", "parted by commas"),
        (b"[] []", "malformed_json", "goes on after its end, at character 3"),
        (ONE + ONE, "malformed_json", "goes on after its end"),
        (b'{\n"a":\n{}', "malformed_json", "character 9"),
        (b"5", "not_events", "the body is 5"),
        (b'"text"', "not_events", "the body is 'text'"),
        (b"null", "not_events", "the body is null"),
        (b"\xff\xfe", "bad_encoding", "not UTF-8: invalid start byte at byte 0"),
        (b'{"unnamed": "\xed\xa0\x80"}', "bad_encoding", "not UTF-8"),
        (b"[" * 10_000 + b"]" * 10_000, "too_deep", "nested too deeply"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep", "nested too deeply"),
        (b'[{"data": {"a":' * 10_000, "too_deep", "nested too deeply"),
        (json.dumps([posted()] * (MOST_EVENTS + 1)).encode(), "too_many_events", "more than 2500 events"),
        (b"[" + b"1," * MOST_EVENTS + b"1]", "too_many_events", "more than 2500 events"),
        (b"\n".join([ONE] * (MOST_EVENTS + 1)), "too_many_events", "more than 2500 events"),
    ],
)
def test_a_body_that_is_nothing_of_ours_is_refused_with_place_or_reason(body: bytes, code: str, says: str) -> None:
    with pytest.raises(NotEvents) as refused:
        read(body, LIVE)

    assert refused.value.code == code
    assert says in refused.value.message


def test_lines_without_any_object_are_nothing_of_ours() -> None:
    with pytest.raises(NotEvents, match="none of the lines is an object"):
        read(b"one\ntwo", LIVE, lines=True)


def test_as_many_events_as_are_allowed_come_through() -> None:
    assert len(ids(json.dumps([posted()] * MOST_EVENTS).encode())[0]) == MOST_EVENTS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["id", "type", "customer_id", "occurred_at", "source", "data", "line", "backfill", "extra"])
TYPES = st.sampled_from(["purchase", "refund", "feedback", "contract", "contact", "gift", "tick", "inquiry"])
DATA_MEMBERS = st.sampled_from(
    ["order_id", "amount", "currency", "items", "rating", "ends_at", "cost", "kind", "whatever"]
)


@st.composite
def events(draw: st.DrawFn) -> Any:
    """Something like an event: a good one with members replaced by whatever JSON has."""
    event = posted(draw(TYPES))
    event["data"] = {**event["data"], **draw(st.dictionaries(DATA_MEMBERS, JSON, max_size=2))}
    return {**event, **draw(st.dictionaries(MEMBERS, JSON, max_size=2))}


@given(st.lists(events() | JSON, max_size=4))
@settings(max_examples=300)
def test_whatever_json_is_posted_every_element_is_taken_or_told_and_what_is_taken_can_be_stored(
    batch: list[Any],
) -> None:
    found = read(json.dumps(batch).encode(), LIVE)

    assert len(found.events) + len(found.rejected) == len(batch)
    assert msgspec.json.encode(found.rejected)
    for event in found.events:
        value = codec.encode(event)
        assert codec.decode(value) == event
        assert "\x00" not in json.dumps(json.loads(value), ensure_ascii=False)


@given(st.lists(events(), min_size=1, max_size=4))
def test_one_by_one_array_or_lines_the_same_events_come_through(batch: list[Any]) -> None:
    texts = [json.dumps(event).encode() for event in batch]

    alone = [event for text in texts for event in read(text, LIVE).events]
    together = read(b"[" + b",".join(texts) + b"]", LIVE).events
    lines = read(b"\n".join(texts), LIVE, lines=True).events

    assert alone == together == lines


@given(st.binary(max_size=60) | st.text(alphabet='[]{}":,\\u0d8 \n1.eENaIi-', max_size=60).map(str.encode))
@example(b"[{}" * 400)
@example(b'{"id":"\\ud800"}')
def test_no_bytes_whatever_break_the_door(body: bytes) -> None:
    with suppress(NotEvents):
        assert not read(body, LIVE).events


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id": "a", "x": [' + b"0," * 1_000_000 + b"0]}, NaN]",
        b"{}\n" * 1_000_000,
        b"{}" + b"\n " * 1_000_000 + b"\n{}",
        b"[" + b"[]," * 1_000_000 + b"0]",
        b'{"a":' * 600_000,
    ],
    ids=["one large event", "many lines", "many blank lines", "many elements", "nested"],
)
def test_no_body_takes_many_times_its_size_of_memory(body: bytes) -> None:
    tracemalloc.start()
    with suppress(NotEvents):
        read(body, LIVE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10 * len(body)

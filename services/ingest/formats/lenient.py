"""A body read event by event, for when reading it in one go failed: slower, and able to say what is wrong where."""

import re
from collections.abc import Iterator
from itertools import islice
from json import JSONDecodeError
from typing import Final

from msgspec import DecodeError, ValidationError

from services.ingest.formats.envelope import LARGEST, Envelope, one
from services.ingest.formats.explain import explained, harmless, parse, shown, storable, trouble
from services.ingest.formats.refusals import NotEvents, Refused, Spoiled

ACCEPTED: Final = "accepted are one event as a JSON object, an array of them, or lines of them"

_LOOKED_AT: Final = 100
"""Lines that tell whether a body consists of lines."""

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_LINE: Final = re.compile(r"[^ \t\n\r][^\n]*")

Found = Envelope | Spoiled


def one_by_one(text: str, *, lines: bool) -> Iterator[Found]:
    """The events of a text, in order. Raises NotEvents, perhaps only after some, when the whole is nothing of ours."""
    try:
        if text.startswith("["):
            yield from _elements(text)
        elif lines or _looks_like_lines(text):
            yield from _lines(text)
        else:
            said, end = parse(text)
            _finish(text, end)
            if not isinstance(said, dict):
                raise NotEvents("not_events", f"the body is {shown(said)}; {ACCEPTED}")
            yield _found(said, text)
    except RecursionError:
        raise NotEvents("too_deep", "the body is nested too deeply") from None
    except ValueError as error:
        raise NotEvents("malformed_json", f"the body is not JSON: {_reason(error)}") from None


def _elements(text: str) -> Iterator[Found]:
    place = _skip(text, 1)
    if text.startswith("]", place):
        _finish(text, place + 1)
        return
    while True:
        begin = place
        said, place = parse(text, begin)
        yield _found(said, text[begin:place])
        place = _skip(text, place)
        if text.startswith("]", place):
            _finish(text, place + 1)
            return
        if not text.startswith(",", place):
            raise ValueError(f"an array's values are parted by commas, at character {place}")
        place = _skip(text, place + 1)


def _lines(text: str) -> Iterator[Found]:
    """Each line is read by itself, but one of them at least has to be an object."""
    objects = 0
    for number, line in _split(text):
        try:
            said, end = parse(line, _skip(line, 0))
            _finish(line, end)
        except ValueError as error:
            yield Spoiled(None, Refused("malformed_json", None, f"line {number} is not JSON: {_reason(error)}"))
            continue
        objects += isinstance(said, dict)
        yield _found(said, line)
    if not objects:
        raise NotEvents("not_events", f"none of the lines is an object; {ACCEPTED}")


def _looks_like_lines(text: str) -> bool:
    lines = [line for _, line in islice(_split(text), _LOOKED_AT)]
    if len(lines) < 2:
        return False
    return all(line.lstrip().startswith("{") for line in lines) or _whole_object(lines[0])


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers, one after the other: there may be millions."""
    number, place = 1, 0
    for found in _LINE.finditer(text):
        number += text.count("\n", place, found.start())
        place = found.start()
        yield number, found[0]


def _whole_object(line: str) -> bool:
    try:
        said, end = parse(line)
    except ValueError:
        return False
    return isinstance(said, dict) and _skip(line, end) == len(line)


def _found(said: object, text: str) -> Found:
    if not isinstance(said, dict):
        return Spoiled(None, Refused("not_an_event", None, f"{shown(said)} is not an event; accepted is an object"))
    given = said.get("id")
    name = given[:256] if isinstance(given, str) and storable(given) else None
    refused = _too_large(text) or (None if harmless(text) else trouble(said))
    if refused is not None:
        return Spoiled(name, refused)
    try:
        return one.decode(text)
    except ValidationError as error:
        return Spoiled(name, explained(error, Envelope, said))
    except DecodeError as error:
        return Spoiled(name, Refused("malformed_json", None, str(error)))


def _too_large(text: str) -> Refused | None:
    """Events are bounded by their data; one that is far beyond that is not worth a closer look."""
    most = 2 * LARGEST
    if len(text) <= most:
        return None
    return Refused("too_large", None, f"the event has {len(text)} characters; accepted are up to {most}")


def _reason(error: ValueError) -> str:
    return f"{error.msg} (character {error.pos})" if isinstance(error, JSONDecodeError) else str(error)


def _skip(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    return blank.end() if blank else place


def _finish(text: str, place: int) -> None:
    place = _skip(text, place)
    if place < len(text):
        raise ValueError(f"it goes on after its end, at character {place}")

"""What exactly is wrong with a posted event: reading it leniently, to say which field, which value, what instead."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from msgspec import Struct, ValidationError
from msgspec import inspect as shapes

from services.ingest.formats.refusals import Refused
from services.ingest.formats.values import TIME_ACCEPTED

DEEPEST: Final = 32
"""Levels of nesting that an event may have."""

_SHOWN: Final = 80
_AT: Final = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_MISSING: Final = re.compile(r"missing required field `(.*?)`")
_STEP: Final = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")


class _NotFinite:
    """Stands for a bare NaN, Infinity or -Infinity, which are no JSON."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 1000 else Decimal(digits)


_lenient: Final = json.JSONDecoder(parse_float=Decimal, parse_int=_whole, parse_constant=_NotFinite)


def parse(text: str, start: int = 0) -> tuple[object, int]:
    """The JSON value at a place of a text and where it ends: also with NaN and Infinity, which some senders write.

    Raises ValueError naming the place, and RecursionError.
    """
    value, end = _lenient.raw_decode(text, start)
    return value, end


def trouble(said: object) -> Refused | None:
    """What no store can hold, anywhere in an event: NUL, a lone surrogate, no number, nesting without end."""
    for path, value, depth in _walk(said):
        if depth > DEEPEST:
            return Refused("too_deep", path[:_SHOWN], f"it is nested more than {DEEPEST} levels deep")
        if isinstance(value, _NotFinite):
            return Refused("invalid_number", path, f"{value!r} is not a number that JSON has; accepted is a finite one")
        if isinstance(value, str) and not storable(value):
            wanted = "accepted is text without NUL (\\u0000) and without half of a surrogate pair"
            return Refused("invalid_text", path, f"{shown(value)} cannot be stored; {wanted}")
    return None


def storable(text: str) -> bool:
    """Whether PostgreSQL can hold a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def unheld(said: object) -> Refused:
    """The refusal for a value without a shape that msgspec could not read: some number is out of range."""
    wanted = "accepted are numbers that fit 64-bit floating point, and integers of up to 4300 digits"
    for path, value, _ in _walk(said):
        if isinstance(value, Decimal) and not isfinite(float(value)):
            return Refused("invalid_number", path, f"{shown(value)} is out of range; {wanted}")
    return Refused("invalid_number", "data", f"a number in it is out of range; {wanted}")


def explained(error: ValidationError, shape: type[Struct], said: object, *, within: str = "") -> Refused:
    """The refusal for what msgspec found wrong in a value that should have had a shape.

    `said` is the value as it was posted, `within` the member of the event that holds it.
    """
    message = str(error)
    at = _AT.search(message)
    steps = [int(index) if index else name for index, name in _STEP.findall(at[1] if at else "")]
    missing = _MISSING.search(message)
    if missing:
        steps.append(missing[1])
    field = _named([within, *steps] if within else steps)
    kind = _at(shapes.type_info(shape), steps)
    if missing:
        return Refused("missing_field", field, f"it is missing; accepted is {_accepted(kind)}")
    problem = f"{shown(_value(said, steps))} is not accepted"
    return Refused(_code(kind), field, f"{problem}; accepted is {_accepted(kind)}")


def _walk(said: object) -> Iterator[tuple[str, object, int]]:
    """Every value and every key with its path, without recursion, at most one level deeper than allowed."""
    left: list[tuple[str, object, int]] = [("", said, 0)]
    while left:
        path, value, depth = left.pop()
        yield path, value, depth
        if depth > DEEPEST:
            continue
        if isinstance(value, dict):
            for key, member in value.items():
                name = key[:_SHOWN] if storable(key) else ascii(key[:_SHOWN])
                inner = f"{path}.{name}" if path else name
                yield inner, key, depth
                left.append((inner, member, depth + 1))
        elif isinstance(value, list):
            left.extend((f"{path}[{place}]", member, depth + 1) for place, member in enumerate(value))


def _named(steps: list[Any]) -> str | None:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".") or None


def _value(said: Any, steps: list[Any]) -> object:
    for step in steps:
        try:
            said = said[step]
        except (LookupError, TypeError):
            return None
    return said


def shown(value: object) -> str:
    """A value for a message: short, and encodable whatever it holds."""
    match value:
        case None | bool():
            text = json.dumps(value)
        case str():
            text = ascii(value[:_SHOWN]) if not storable(value) else repr(value[:_SHOWN])
            return text if len(value) <= _SHOWN else f"{text}… ({len(value)} characters)"
        case dict() | list():
            text = "an object" if isinstance(value, dict) else "an array"
        case _:
            text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _at(kind: shapes.Type, steps: list[Any]) -> shapes.Type:
    """The type that is wanted at a path."""
    for step in steps:
        kind = _solid(kind)
        if isinstance(kind, shapes.StructType):
            members = {member.encode_name: member.type for member in kind.fields}
            kind = members.get(step, shapes.AnyType())
        elif isinstance(kind, shapes.ListType):
            kind = kind.item_type
    return kind


def _solid(kind: shapes.Type) -> shapes.Type:
    """Without the null that an optional field may also be, and without annotations."""
    while isinstance(kind, shapes.UnionType | shapes.Metadata):
        if isinstance(kind, shapes.Metadata):
            kind = kind.type
        else:
            kind = next(member for member in kind.types if not isinstance(member, shapes.NoneType))
    return kind


def _code(kind: shapes.Type) -> str:
    match _solid(kind):
        case shapes.DecimalType():
            return "invalid_amount"
        case shapes.DateTimeType():
            return "invalid_time"
        case _:
            return "invalid_field"


def _accepted(kind: shapes.Type) -> str:
    if isinstance(kind, shapes.Metadata) and kind.extra_json_schema:
        return str(kind.extra_json_schema["description"])
    kind = _solid(kind)
    match kind:
        case shapes.StrType(min_length=int(least), max_length=int(most)):
            return f"a string of {least} to {most} characters"
        case shapes.StrType():
            return "a string"
        case shapes.DecimalType():
            return "a decimal number, as a JSON string or number, as in '12.30'"
        case shapes.DateTimeType():
            return TIME_ACCEPTED
        case shapes.BoolType():
            return "true or false"
        case shapes.LiteralType():
            return f"one of {', '.join(str(value) for value in kind.values)}"
        case shapes.FloatType():
            low = f"above {kind.gt:g}" if kind.gt is not None else f"from {kind.ge or 0:g}"
            return f"a number {low}" + ("" if kind.le is None else f" up to {kind.le:g}")
        case shapes.ListType():
            return "an array of objects"
        case shapes.StructType() | shapes.RawType():
            return "an object"
        case _:
            return "a finite JSON value"

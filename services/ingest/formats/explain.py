"""What exactly is wrong with a posted event: reading it leniently, to say which field, which value, what instead."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from msgspec import Struct, ValidationError
from msgspec import inspect as shapes

from services.ingest.formats.refusals import AMOUNT_ACCEPTED, TIME_ACCEPTED, Refused

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
    for steps, value in _walk(said):
        if len(steps) > DEEPEST:
            return Refused("too_deep", _named(steps), f"it is nested more than {DEEPEST} levels deep")
        if isinstance(value, _NotFinite):
            wanted = "is not a number that JSON has; accepted is a finite one"
            return Refused("invalid_number", _named(steps), f"{value!r} {wanted}")
        for text in (value, steps[-1] if steps else None):
            if isinstance(text, str) and not storable(text):
                wanted = "accepted is text without NUL (\\u0000) and without half of a surrogate pair"
                return Refused("invalid_text", _named(steps), f"{shown(text)} cannot be stored; {wanted}")
    return None


def harmless(text: str) -> bool:
    """Whether JSON of this spelling cannot hold any trouble, which is told far sooner than looked for."""
    if text.count("{") + text.count("[") > DEEPEST:
        return False
    return not any(sign in text for sign in ("\\u0000", "\\ud", "\\uD", "NaN", "Infinity"))


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
    for steps, value in _walk(said):
        if isinstance(value, Decimal) and not isfinite(float(value)):
            return Refused("invalid_number", _named(steps), f"{shown(value)} is out of range; {wanted}")
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


def _walk(said: object) -> Iterator[tuple[list[Any], object]]:
    """Every value with the steps that lead to it, down to one level deeper than allowed.

    The list of steps is the same one each time. Neither recursion nor memory grows with what is walked.
    """
    steps: list[Any] = []
    yield steps, said
    levels = [_inside(said)]
    while levels:
        found = next(levels[-1], None)
        if found is None:
            levels.pop()
            del steps[-1:]
            continue
        steps.append(found[0])
        yield steps, found[1]
        levels.append(_inside(found[1] if len(steps) <= DEEPEST else None))


def _inside(value: object) -> Iterator[tuple[Any, object]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


def _named(steps: list[Any]) -> str | None:
    """The steps as people write them, such as `data.items[0].amount`."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step[:_SHOWN] if storable(step) else ascii(step[:_SHOWN])}"
    return path.removeprefix(".")[: 4 * _SHOWN] or None


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
    if isinstance(kind, shapes.Metadata) and kind.extra_json_schema and "description" in kind.extra_json_schema:
        return str(kind.extra_json_schema["description"])
    kind = _solid(kind)
    match kind:
        case shapes.StrType(min_length=int(least), max_length=int(most)):
            return f"a string of {least} to {most} characters"
        case shapes.StrType():
            return "a string"
        case shapes.DecimalType():
            return AMOUNT_ACCEPTED
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

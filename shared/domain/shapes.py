"""What a value may look like: kinds, units and ranges read off a type, and what is wrong with a value that differs."""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final, Literal, NamedTuple, Self

from msgspec import Struct, inspect

Kind = Literal["number", "count", "flag", "text", "table", "list", "any"]

NAME_LENGTH: Final = 256
MOST_MEMBERS: Final = 1_000

FARTHEST: Final[Mapping[str, float]] = {"days": 36_500, "hours": 876_000, "number": 1_000, "count": 1_000_000}
"""Where a number without an end of its own ends, by unit: what dates and states can hold has an end too."""

FARTHEST_AMOUNT: Final = 1e15


class Problem(NamedTuple):
    """Why a field cannot hold a value, and what it could hold."""

    field: str
    message: str


class Ends(NamedTuple):
    """The ends of a range: `least` and `most` may be reached, `above` and `below` may not."""

    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    def hold(self, value: float) -> bool:
        """Whether a value lies between them."""
        return (
            (isinstance(value, int) or isfinite(value))
            and (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
            and (self.below is None or value < self.below)
        )

    @property
    def words(self) -> str:
        """The range, as it follows on the word for a number."""
        ends = (("of at least", self.least), ("above", self.above), ("at most", self.most), ("below", self.below))
        return " and ".join(f"{words} {end:,.12g}" for words, end in ends if end is not None)


class Shape(Struct, frozen=True, kw_only=True):
    """What a value may look like; `member` is what each value of a table or a list may look like."""

    kind: Kind
    unit: str | None = None
    ends: Ends = Ends()
    pattern: str | None = None
    optional: bool = False
    """Whether it may be unknown: null."""
    member: Self | None = None

    @property
    def innermost(self) -> Self:
        """The shape of the members, or this one."""
        return self if self.member is None else self.member.innermost

    @property
    def accepts(self) -> str:
        """What it accepts, in words."""
        words = _UNITS.get(self.unit or "") or _KINDS[self.kind] + self._more()
        return f"{words}, or null" if self.optional else words

    def _more(self) -> str:
        if self.kind in ("table", "list") and self.member is not None:
            return self.member.accepts
        unit = f" ({self.unit})" if self.unit not in (None, "number", "count") else ""
        return f" {self.ends.words}{unit}" if self.kind in ("number", "count") else ""


_KINDS: Final[Mapping[Kind, str]] = {
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
    "text": "a text",
    "table": "an object of names, each with ",
    "list": "a list, each member ",
    "any": "a value",
}
_UNITS: Final[Mapping[str, str]] = {"time of day": "a time of day, as in '22:30'"}


def shape_of(kind: inspect.Type, unit: str | None = None) -> Shape:
    """The shape that a type describes. `unit` is what was said around it."""
    match kind:
        case inspect.Metadata():
            return shape_of(kind.type, (kind.extra or {}).get("unit", unit))
        case inspect.UnionType():
            known = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            shape = shape_of(known[0], unit) if len(known) == 1 else Shape(kind="any")
            return Shape(**{**_parts(shape), "optional": len(known) < len(kind.types)})
        case inspect.FloatType() | inspect.IntType():
            number: Kind = "number" if isinstance(kind, inspect.FloatType) else "count"
            return Shape(kind=number, unit=unit, ends=_ends(kind, unit))
        case inspect.BoolType():
            return Shape(kind="flag")
        case inspect.StrType():
            return Shape(kind="text", unit=unit, pattern=kind.pattern)
        case inspect.DictType():
            return Shape(kind="table", member=shape_of(kind.value_type))
        case inspect.VarTupleType() | inspect.ListType():
            return Shape(kind="list", member=shape_of(kind.item_type))
        case _:
            return Shape(kind="any")


def wrong(shape: Shape, given: object, named: str, accepts: str, hint: str = "") -> Iterator[Problem]:
    """What is wrong with a value, each member under its own name; nothing where it fits."""
    if shape.kind == "table" and isinstance(given, dict):
        yield from _of_members(shape, {f"{named}.{shown(name)}": value for name, value in given.items()}, named)
        yield from (Problem(f"{named}.{shown(name)}", NO_NAME) for name in given if not is_name(name))
    elif shape.kind == "list" and isinstance(given, list | tuple):
        yield from _of_members(shape, {f"{named}.{place}": value for place, value in enumerate(given)}, named)
    elif not (_fits(shape, given) or (given is None and shape.optional)):
        yield Problem(named, f"{given!a:.60} cannot be used: {accepts} is accepted{hint}")


def is_name(text: str) -> bool:
    """Whether a text can name something: printable, and neither empty nor too long."""
    return 0 < len(text) <= NAME_LENGTH and text.isprintable()


NO_NAME: Final = f"is not a name: 1 to {NAME_LENGTH} printable characters are accepted"


def _of_members(shape: Shape, members: Mapping[str, object], named: str) -> Iterator[Problem]:
    if len(members) > MOST_MEMBERS:
        yield Problem(named, f"holds {len(members):,} members: at most {MOST_MEMBERS:,} are accepted")
    elif shape.member is not None:
        for name, value in members.items():
            yield from wrong(shape.member, value, name, shape.member.accepts)


def _fits(shape: Shape, given: object) -> bool:
    match shape.kind:
        case "number":
            return isinstance(given, int | float) and not isinstance(given, bool) and shape.ends.hold(given)
        case "count":
            return isinstance(given, int) and not isinstance(given, bool) and shape.ends.hold(given)
        case "flag":
            return isinstance(given, bool)
        case "text":
            return isinstance(given, str) and is_name(given) and re.search(shape.pattern or "", given) is not None
        case _:
            return shape.kind == "any"


def _ends(kind: inspect.FloatType | inspect.IntType, unit: str | None) -> Ends:
    far = FARTHEST.get(unit or "", FARTHEST_AMOUNT)
    least = -far if kind.ge is None and kind.gt is None else kind.ge
    most = far if kind.le is None and kind.lt is None else kind.le
    return Ends(least=least, above=kind.gt, most=most, below=kind.lt)


def _parts(shape: Shape) -> dict[str, Any]:
    return {name: getattr(shape, name) for name in shape.__struct_fields__}


def shown(name: str) -> str:
    """A name as messages tell it: in ASCII, and not at length."""
    return f"{name!a:.60}".strip("'")

"""The fields of a policy that people set: what each means, its unit, range, default and sources, and who may hold what.

The table is read off the policy itself, so that a threshold says everything about itself where it is declared.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from msgspec import NODEFAULT, Struct, inspect

from shared.domain.instants import zone
from shared.domain.money import DECIMALS
from shared.domain.policy import Policy

Kind = Literal["number", "count", "flag", "text", "table"]


class Problem(NamedTuple):
    """Why a field cannot hold a value, and what it could hold."""

    field: str
    message: str


class Field(Struct, frozen=True, kw_only=True):
    """One field: `least` and `most` may be reached, `above` and `below` may not."""

    name: str
    kind: Kind
    unit: str | None
    default: object
    says: str
    sources: tuple[str, ...]
    threshold: bool
    """Whether it is a number or a switch of the rules, which may differ for a business line or an industry."""
    optional: bool = False
    """Whether it may be unknown: null."""
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    @property
    def accepts(self) -> str:
        """What the field can hold, in words."""
        return _WORDS.get(self.name) or _KINDS[self.kind] + self._range() + (", or null" if self.optional else "")

    def _range(self) -> str:
        ends = (("of at least", self.least), ("above", self.above), ("at most", self.most), ("below", self.below))
        told = " and ".join(f"{words} {end:,.12g}" for words, end in ends if end is not None)
        unit = f" ({self.unit})" if self.unit not in (None, "number", "count") else ""
        return f" {told}{unit}" if told else unit


NOT_SET: Final = frozenset({"version", "model", "population"})
"""What people do not set: versions are counted, and the rest comes from a job."""

OVERRIDES: Final = ("lines", "industries")
MOST_OVERRIDES: Final = 10_000
NAME_LENGTH: Final = 256

_FARTHEST: Final[Mapping[str, float]] = {"days": 36_500, "hours": 876_000, "number": 1_000, "count": 1_000_000}
"""Where a threshold without an end of its own ends, by unit: what dates and states can hold has an end too."""

_FARTHEST_AMOUNT: Final = 1e15

_KINDS: Final[Mapping[str, str]] = {
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
    "text": "a text",
    "table": "an object",
}

# Of members that are no thresholds, and so cannot say it themselves.
_MEANINGS: Final[Mapping[str, str]] = {
    "time_zone": "the time zone in whose days purchase days and gaps are counted",
    "base_currency": "the currency that amounts are converted to; null for the first one of each customer",
    "rates": "units of the base currency for one unit of each other currency",
    "lines": "thresholds that differ for a business line",
    "industries": "thresholds that differ for an industry",
}

_OF_GROUPS: Final = "an object of names, each with an object of thresholds and their values"
_WORDS: Final[Mapping[str, str]] = {
    "time_zone": "an IANA name, as in 'Europe/Berlin'",
    "base_currency": "a currency of ISO 4217, as in 'EUR', or null",
    "rates": "an object of ISO 4217 currencies and numbers above 0",
    "lines": _OF_GROUPS,
    "industries": _OF_GROUPS,
}


def _fields() -> Iterator[Field]:
    told = inspect.type_info(Policy)
    assert isinstance(told, inspect.StructType)
    own = Policy.__annotations__
    return (_field(one, one.name not in own) for one in told.fields if one.name not in NOT_SET)


def _field(told: inspect.Field, threshold: bool) -> Field:
    kind, extra, says, optional = _unwrapped(told.type)
    ends = _ends(kind, extra["unit"]) if isinstance(kind, inspect.FloatType | inspect.IntType) else {}
    return Field(
        name=told.name,
        kind=_kind(kind),
        unit=extra.get("unit"),
        default=told.default_factory() if told.default is NODEFAULT else told.default,
        says=says or _MEANINGS[told.name],
        sources=tuple(extra.get("sources", ("DESIGN",))),
        threshold=threshold,
        optional=optional,
        **ends,
    )


def _unwrapped(kind: inspect.Type) -> tuple[inspect.Type, Mapping[str, Any], str | None, bool]:
    """What lies within `None` and what is said about it: the bare type, unit and sources, meaning, may it be null."""
    optional = isinstance(kind, inspect.UnionType)
    if isinstance(kind, inspect.UnionType):
        [kind] = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
    if not isinstance(kind, inspect.Metadata):
        return kind, {}, None, optional
    return kind.type, kind.extra or {}, (kind.extra_json_schema or {}).get("description"), optional


def _kind(kind: inspect.Type) -> Kind:
    match kind:
        case inspect.FloatType():
            return "number"
        case inspect.IntType():
            return "count"
        case inspect.BoolType():
            return "flag"
        case inspect.StrType():
            return "text"
        case _:
            return "table"


def _ends(kind: inspect.FloatType | inspect.IntType, unit: str) -> dict[str, float | None]:
    far = _FARTHEST.get(unit, _FARTHEST_AMOUNT)
    least = -far if kind.ge is None and kind.gt is None else kind.ge
    most = far if kind.le is None and kind.lt is None else kind.le
    return {"least": least, "above": kind.gt, "most": most, "below": kind.lt}


FIELDS: Final[Mapping[str, Field]] = MappingProxyType({field.name: field for field in _fields()})
"""Every field that people set, in the order of their declaration."""


def problems(field: Field, given: object, named: str | None = None) -> Iterator[Problem]:
    """What is wrong with a value of a field; nothing where the field can hold it. `named` is how messages call it."""
    if field.name == "rates":
        yield from _of_rates(given)
    elif field.name in OVERRIDES:
        yield from _of_groups(field, given)
    elif not (_holds(field, given) or (given is None and field.optional and named is None)):
        shown = f"{given!a:.60}"
        default = f"; the default is {_shown(field.default)}" if field.threshold else ""
        yield Problem(named or field.name, f"{shown} cannot be used: {field.accepts} is accepted{default}")


def _shown(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else f"{value:,.12g}"


def _holds(field: Field, given: object) -> bool:
    match field.kind:
        case "number":
            return isinstance(given, int | float) and not isinstance(given, bool) and _within(field, given)
        case "count":
            return isinstance(given, int) and not isinstance(given, bool) and _within(field, given)
        case "flag":
            return isinstance(given, bool)
        case _:
            return isinstance(given, str) and (_is_zone(given) if field.name == "time_zone" else given in DECIMALS)


def _within(field: Field, given: float) -> bool:
    return (
        (isinstance(given, int) or isfinite(given))
        and (field.least is None or given >= field.least)
        and (field.above is None or given > field.above)
        and (field.most is None or given <= field.most)
        and (field.below is None or given < field.below)
    )


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except (LookupError, ValueError, OSError):  # an unknown name, one that is no name, one of a folder
        return False
    return True


def _of_rates(given: object) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield Problem("rates", f"{given!a:.60} cannot be used: {_WORDS['rates']} is accepted")
        return
    for currency, rate in given.items():
        named = f"rates.{currency!a:.20}".replace("'", "")
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if currency not in DECIMALS:
            yield Problem(named, "is not a currency of ISO 4217, as 'EUR' is one")
        elif not (number and 0 < rate <= _FARTHEST_AMOUNT):
            yield Problem(named, f"{rate!a:.60} cannot be used: a number above 0 is accepted")


def _of_groups(field: Field, given: object) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield Problem(field.name, f"{given!a:.60} cannot be used: {field.accepts} is accepted")
        return
    sizes = 0
    for group, overrides in given.items():
        named = f"{field.name}.{group!a:.60}".replace("'", "")
        if not _is_name(group):
            yield Problem(named, f"is not a name: 1 to {NAME_LENGTH} printable characters are accepted")
        elif not isinstance(overrides, dict):
            yield Problem(named, f"{overrides!a:.60} cannot be used: an object of thresholds is accepted")
        else:
            sizes += len(overrides)
            yield from _of_group(named, overrides)
    if sizes > MOST_OVERRIDES:
        yield Problem(field.name, f"holds {sizes} values: at most {MOST_OVERRIDES} are accepted")


def _of_group(group: str, overrides: Mapping[str, object]) -> Iterator[Problem]:
    for name, given in overrides.items():
        field, named = FIELDS.get(name), f"{group}.{name!a:.60}".replace("'", "")
        if field is None or not field.threshold:
            yield Problem(named, "is not a threshold: only thresholds may differ here")
        else:
            yield from problems(field, given, named)


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_LENGTH and name.isprintable()

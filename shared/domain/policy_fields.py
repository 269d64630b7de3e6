"""The fields of a policy that people set: what each means, its unit, range, default and sources, and what it can hold.

The table is read off the policy itself, so that a threshold says everything about itself where it is declared.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import NODEFAULT, Struct, inspect

from shared.domain.instants import zone
from shared.domain.money import DECIMALS
from shared.domain.policy import Policy
from shared.domain.rhythm.calendar import season_of
from shared.domain.shapes import NO_NAME, Kind, Problem, Shape, is_name, shape_of, shown, wrong

NOT_SET: Final = frozenset({"version", "model", "population", "churn"})
"""What people do not set: versions are counted, and the rest comes from a job."""

OVERRIDES: Final = ("lines", "industries")
MOST_OVERRIDES: Final = 10_000

# Of members that are no thresholds, and so cannot say it themselves.
_MEANINGS: Final[Mapping[str, str]] = {
    "time_zone": "the time zone in whose days purchase days and gaps are counted",
    "base_currency": "the currency that amounts are converted to; null for the first one of each customer",
    "rates": "units of the base currency for one unit of each other currency",
    "calendar": "known pauses and peaks: how many times as much is bought as on ordinary days",
    "lines": "thresholds that differ for a business line",
    "industries": "thresholds that differ for an industry",
}

_OF_GROUPS: Final = "an object of names, each with an object of thresholds and their values"
_WORDS: Final[Mapping[str, str]] = {
    "time_zone": "an IANA name, as in 'Europe/Berlin'",
    "base_currency": "a currency of ISO 4217, as in 'EUR', or null",
    "rates": "an object of currencies of ISO 4217, each with a number above 0",
    "calendar": "an object of names, each with a season as in '12-01..12-20 x1.5' or '2026-08-01..2026-08-21 x0'",
    "lines": _OF_GROUPS,
    "industries": _OF_GROUPS,
}


class Field(Struct, frozen=True, kw_only=True):
    """One field of the policy."""

    name: str
    shape: Shape
    default: object
    says: str
    sources: tuple[str, ...]
    threshold: bool
    """Whether the rules ask for it, and so a part of the policy declares it."""

    @property
    def kind(self) -> Kind:
        """What it holds."""
        return self.shape.kind

    @property
    def unit(self) -> str | None:
        """The unit of its value, or of those of its members."""
        return self.shape.innermost.unit

    @property
    def overridable(self) -> bool:
        """Whether it may differ for a business line or an industry."""
        return self.threshold and self.kind in ("number", "count", "flag")

    @property
    def accepts(self) -> str:
        """What it can hold, in words."""
        return _WORDS.get(self.name) or self.shape.accepts


def _fields() -> Iterator[Field]:
    told = inspect.type_info(Policy)
    assert isinstance(told, inspect.StructType)
    return (_field(one) for one in told.fields if one.name not in NOT_SET)


def _field(told: inspect.Field) -> Field:
    said = told.type
    if isinstance(said, inspect.UnionType):
        said = next(one for one in said.types if not isinstance(one, inspect.NoneType))
    meta = said if isinstance(said, inspect.Metadata) else inspect.Metadata(said)
    extra, schema = meta.extra or {}, meta.extra_json_schema or {}
    return Field(
        name=told.name,
        shape=shape_of(told.type),
        default=told.default_factory() if told.default is NODEFAULT else told.default,
        says=schema.get("description") or _MEANINGS[told.name],
        sources=tuple(extra.get("sources", ("DESIGN",))),
        threshold=told.name not in Policy.__annotations__,
    )


FIELDS: Final[Mapping[str, Field]] = MappingProxyType({field.name: field for field in _fields()})
"""Every field that people set, in the order of their declaration."""


def problems(field: Field, given: object) -> Iterator[Problem]:
    """What is wrong with a value of a field; nothing where the field can hold it."""
    if field.name in OVERRIDES:
        yield from _of_groups(field, given)
        return
    found = list(wrong(field.shape, given, field.name, field.accepts, _default(field)))
    yield from found
    if field.name in _MORE and isinstance(given, dict if field.kind == "table" else str):
        known = {one.field for one in found}
        yield from (one for one in _MORE[field.name](field, given) if one.field not in known)


def _default(field: Field) -> str:
    """The way back; a default that is itself a table, a text or unknown is no help."""
    value = field.default
    if not field.threshold or not isinstance(value, int | float):
        return ""
    return f"; the default is {str(value).lower() if isinstance(value, bool) else f'{value:,.12g}'}"


def _of_zone(field: Field, given: Any) -> Iterator[Problem]:
    try:
        zone(given)
    except (LookupError, ValueError, OSError):  # an unknown name, one that is no name, one of a folder
        yield _unusable(field.name, given, field.accepts)


def _of_base(field: Field, given: Any) -> Iterator[Problem]:
    if given not in DECIMALS:
        yield _unusable(field.name, given, field.accepts)


def _of_rates(field: Field, given: Any) -> Iterator[Problem]:
    for currency, rate in given.items():
        named = f"{field.name}.{shown(currency)}"
        if currency not in DECIMALS:
            yield Problem(named, "is not a currency of ISO 4217, as 'EUR' is one")
        elif isinstance(rate, int | float) and rate <= 0:
            yield _unusable(named, rate, "a number above 0")


def _of_calendar(field: Field, given: Any) -> Iterator[Problem]:
    for name, season in given.items():
        try:
            season_of(str(season))
        except ValueError as error:
            yield Problem(f"{field.name}.{shown(name)}", f"{season!a:.60} {_why(error)}")


def _why(error: ValueError) -> str:
    """What is wrong, where the standard library says it of a day that no month has."""
    told = str(error)
    return told if told.startswith(("is ", "has ", "ends ")) else f"cannot be used: {told}"


_MORE: Final[Mapping[str, Callable[[Field, Any], Iterator[Problem]]]] = {
    "time_zone": _of_zone,
    "base_currency": _of_base,
    "rates": _of_rates,
    "calendar": _of_calendar,
}
"""What a type cannot say."""


def _of_groups(field: Field, given: object) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield _unusable(field.name, given, field.accepts)
        return
    size = 0
    for group, overrides in given.items():
        named = f"{field.name}.{shown(group)}"
        if not is_name(group):
            yield Problem(named, NO_NAME)
        if isinstance(overrides, dict):
            size += len(overrides)
            yield from _of_group(named, overrides)
        else:
            yield _unusable(named, overrides, "an object of thresholds")
    if size > MOST_OVERRIDES:
        yield Problem(field.name, f"holds {size:,} values: at most {MOST_OVERRIDES:,} are accepted")


def _of_group(group: str, overrides: Mapping[str, object]) -> Iterator[Problem]:
    for name, given in overrides.items():
        field, named = FIELDS.get(name), f"{group}.{shown(name)}"
        if field is None or not field.overridable:
            yield Problem(named, "is not a threshold that may differ here: a number or a switch of the rules is")
        else:
            known = Shape(kind=field.kind, unit=field.unit, ends=field.shape.ends)  # unknown is no value to differ by
            yield from wrong(known, given, named, known.accepts, _default(field))


def _unusable(named: str, given: object, accepts: str) -> Problem:
    return Problem(named, f"{given!a:.60} cannot be used: {accepts} is accepted")

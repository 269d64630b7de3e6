"""What a value may look like, read off its type: kinds, units, ranges, and what is said against what differs."""

from typing import Annotated, Any

import pytest
from msgspec import Struct, inspect

from shared.domain.shapes import (
    MOST_MEMBERS,
    NAME_LENGTH,
    Ends,
    Problem,
    Shape,
    is_name,
    shape_of,
    wrong,
)
from shared.domain.thresholds.units import Count, Days, Share, TimeOfDay, says


class Sample(Struct):
    """One member of every kind."""

    days: Annotated[Days, says("days")] = 1.0
    share: Share | None = None
    count: Count = 1
    flag: bool = True
    word: str = "word"
    opens: TimeOfDay | None = None
    amount: float = 0.0
    by_name: Annotated[dict[str, Days], says("days by name")] = {}
    names: tuple[str, ...] = ()
    either: float | str = 0.0


def shape(name: str) -> Shape:
    told = inspect.type_info(Sample)
    assert isinstance(told, inspect.StructType)
    return next(shape_of(one.type) for one in told.fields if one.name == name)


def said(name: str, value: object) -> list[Problem]:
    """What is said against a value."""
    return list(wrong(shape(name), value, name, shape(name).accepts))


@pytest.mark.parametrize(
    ("name", "kind", "unit", "accepts"),
    [
        ("days", "number", "days", "a number above 0 and at most 36,500 (days)"),
        ("share", "number", "share", "a number of at least 0 and at most 1 (share), or null"),
        ("count", "count", "count", "a whole number of at least 1 and at most 1,000,000"),
        ("flag", "flag", None, "true or false"),
        ("word", "text", None, "a text"),
        ("opens", "text", "time of day", "a time of day, as in '22:30', or null"),
        ("by_name", "table", "days", "an object of names, each with a number above 0 and at most 36,500 (days)"),
        ("names", "list", None, "a list, each member a text"),
        ("either", "any", None, "a value"),
    ],
)
def test_a_shape_tells_its_kind_its_unit_and_what_it_accepts(
    name: str, kind: str, unit: str | None, accepts: str
) -> None:
    found = shape(name)

    assert (found.kind, found.innermost.unit, found.accepts) == (kind, unit, accepts)


@pytest.mark.parametrize(
    ("name", "accepted", "rejected"),
    [
        ("days", (0.1, 36_500), (0, 36_500.1, None, True)),
        ("share", (0, 1, None), (-0.1, 1.1)),
        ("amount", (-1e15, 1e15), (-1e15 - 1, 1e15 + 1)),
        ("word", ("a", "x" * NAME_LENGTH), ("", "x" * (NAME_LENGTH + 1), "a\0", 3, None)),
        ("opens", ("00:00", "23:59", None), ("24:00", "1:00", "12:60", "12:00 ", "x12:00")),
        ("by_name", ({}, {"a": 1, "b": 2.5}), ([], None, {"a": 0}, {"": 1}, {"a": "b"})),
        ("names", ([], ["a"], ("a", "b")), ("a", {"a": 1}, ["a", 3], [""])),
        ("either", (1.5, "text"), ()),
    ],
)
def test_a_value_fits_its_shape_or_does_not(name: str, accepted: tuple[Any, ...], rejected: tuple[Any, ...]) -> None:
    assert [value for value in accepted if said(name, value)] == []
    assert [value for value in rejected if not said(name, value)] == []


def test_what_is_wrong_is_told_member_by_member() -> None:
    assert said("by_name", {"tea": 0, "\0": 1, "milk": 2}) == [
        ("by_name.tea", "0 cannot be used: a number above 0 and at most 36,500 (days) is accepted"),
        ("by_name.\\x00", "is not a name: 1 to 256 printable characters are accepted"),
    ]
    assert said("names", ["tea", 4]) == [("names.1", "4 cannot be used: a text is accepted")]
    assert said("by_name", 3) == [
        (
            "by_name",
            "3 cannot be used: an object of names, each with a number above 0 and at most 36,500 (days) is accepted",
        )
    ]


def test_a_table_and_a_list_have_room_for_so_many_members() -> None:
    full = {f"name {one}": 1 for one in range(MOST_MEMBERS)}

    assert said("by_name", full) == []
    assert said("names", list(full)) == []
    assert said("by_name", {**full, "more": 1}) == [("by_name", "holds 1,001 members: at most 1,000 are accepted")]
    assert said("names", [*full, "more"]) == [("names", "holds 1,001 members: at most 1,000 are accepted")]


def test_a_value_is_shown_in_ascii_and_not_at_length() -> None:
    [(_, message)] = said("days", "\ud800" + "x" * 900)

    assert message.isascii()
    assert len(message) < 150


@pytest.mark.parametrize(
    ("ends", "inside", "outside"),
    [
        (Ends(), (-1e300, 0, 10**400), (float("nan"), float("inf"))),
        (Ends(least=1), (1, 2), (0.9,)),
        (Ends(above=1), (1.1,), (1, 0.9)),
        (Ends(most=1), (1, 0.9), (1.1,)),
        (Ends(below=1), (0.9,), (1, 1.1)),
    ],
)
def test_ends_are_reached_or_are_not(ends: Ends, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    assert [value for value in inside if not ends.hold(value)] == []
    assert [value for value in outside if ends.hold(value)] == []


def test_a_name_is_printable_and_neither_empty_nor_too_long() -> None:
    assert is_name("Bücher & mehr")
    assert is_name("x" * NAME_LENGTH)
    assert not any(map(is_name, ("", "x" * (NAME_LENGTH + 1), "a\nb", "\ud800")))

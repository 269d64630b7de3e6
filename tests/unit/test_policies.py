"""Policies as people set them: fields, what a change may hold, what differs, which version governs."""

from math import inf, nan

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from shared.domain.controls import Control, PolicyChange
from shared.domain.policies import (
    LONGEST_GAP_DAYS,
    MOST_GROUPS,
    MOST_TOLD,
    ORDERED,
    BadPolicy,
    Difference,
    again,
    changed,
    differences,
    in_force,
    together,
    versions,
)
from shared.domain.policy import DEFAULT, Policy
from shared.domain.policy_fields import FIELDS, MOST_OVERRIDES, NOT_SET, OVERRIDES, Field, problems
from shared.domain.rhythm.gaps import rhythm
from shared.domain.shapes import Problem
from tests.builders import day, model_from, policy_from


def refused(changes: dict[str, object], base: Policy = DEFAULT) -> list[Problem]:
    """What is said against changes."""
    with pytest.raises(BadPolicy) as refusal:
        changed(base, changes, base.version + 1)
    return list(refusal.value.problems)


def names(found: list[Problem]) -> list[str]:
    return [problem.field for problem in found]


def holds(field: Field, value: object) -> bool:
    return not list(problems(field, value))


def test_every_member_of_the_policy_is_a_field_or_is_not_for_people_to_set() -> None:
    assert {*FIELDS, *NOT_SET} == set(Policy.__struct_fields__)


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_every_field_says_what_it_means_and_holds_its_default(field: Field) -> None:
    assert field.says
    assert field.sources
    assert field.accepts
    assert holds(field, to_builtins(field.default))
    assert field.kind != "any"
    if field.kind in ("number", "count"):
        ends = field.shape.ends
        assert field.unit
        assert (ends.least is None) != (ends.above is None)
        assert (ends.most is None) != (ends.below is None)


def test_a_field_tells_its_unit_range_default_meaning_and_sources() -> None:
    silent, drop, hits = FIELDS["silent_r"], FIELDS["sharp_drop"], FIELDS["volume_hits"]

    assert (silent.kind, silent.unit, silent.default, silent.sources) == ("number", "number", 1.5, ("002-13", "004-11"))
    assert silent.says == "from this r on a customer is silent"
    assert silent.accepts == "a number above 0 and at most 1,000"
    assert drop.accepts == "a number of at least 0 and at most 1 (share)"
    assert hits.accepts == "a whole number of at least 1 and at most 1,000,000"
    assert FIELDS["volume_rules"].accepts == "true or false"
    assert FIELDS["cool_down_days"].accepts == "a number of at least 0 and at most 36,500 (days)"


@pytest.mark.parametrize(
    ("name", "accepted", "rejected"),
    [
        ("silent_r", (1e-9, 1, 1_000), (0, -1, 1_000.5, nan, inf, -inf, True, "1.5", [1])),
        ("mu0", (-1_000, 0, 1_000), (-1_000.5, 1_000.5)),
        ("sharp_drop", (0, 0.5, 1), (-0.01, 1.01)),
        ("dissatisfied_below", (-1, 1), (-1.01, 1.01)),
        ("cool_down_days", (0, 36_500), (-0.5, 36_501)),
        ("answer_hours", (0.5, 876_000), (0, 876_001)),
        ("volume_hits", (1, 1_000_000), (0, 1_000_001, 2.0, True, 10**400)),
        ("volume_rules", (True, False), (0, 1, "true")),
        ("time_zone", ("UTC", "Europe/Berlin"), ("Mars/Olympus", "", "../etc", "\0", "Europe", "\ud800", 3)),
        ("base_currency", ("EUR", "JPY", None), ("XXX", "eur", "", 3, ["EUR"])),
        ("rates", ({}, {"USD": 0.5}), ({"USD": 0}, {"USD": -1}, {"USD": nan}, {"USD": True}, {"Q": 1}, [], "USD")),
    ],
)
def test_a_field_holds_what_lies_in_its_range_and_nothing_else(
    name: str, accepted: tuple[object, ...], rejected: tuple[object, ...]
) -> None:
    assert [value for value in accepted if not holds(FIELDS[name], value)] == []
    assert [value for value in rejected if holds(FIELDS[name], value)] == []


def test_a_change_makes_the_next_version_and_leaves_the_rest() -> None:
    policy = changed(DEFAULT, {"silent_r": 2, "rates": {"USD": 0.5}, "base_currency": "EUR"}, 7)

    assert policy == replace(DEFAULT, version=7, silent_r=2.0, rates={"USD": 0.5}, base_currency="EUR")
    assert isinstance(policy.silent_r, float)


def test_null_puts_the_default_back() -> None:
    base = replace(DEFAULT, version=4, silent_r=2.0, base_currency="EUR", rates={"USD": 0.5})

    policy = changed(base, {"silent_r": None, "base_currency": None, "rates": None}, 5)

    assert policy == replace(DEFAULT, version=5)


def test_every_field_that_is_wrong_is_named_at_once_with_its_value_its_range_and_a_way_out() -> None:
    found = refused({"silent_r": -1, "volume_hits": 1.5, "silent": 3, "version": 9, "volume_rules": 1})

    assert found == [
        ("silent_r", "-1 cannot be used: a number above 0 and at most 1,000 is accepted; the default is 1.5"),
        (
            "volume_hits",
            "1.5 cannot be used: a whole number of at least 1 and at most 1,000,000 is accepted; the default is 2",
        ),
        ("silent", "is not a field of the policy: perhaps 'silent_r' is meant"),
        ("version", "is not set by people: leave it out"),
        ("volume_rules", "1 cannot be used: true or false is accepted; the default is true"),
    ]


def test_the_error_tells_the_first_fifty_and_how_many_more() -> None:
    exact = BadPolicy([Problem(str(one), "is wrong") for one in range(MOST_TOLD)])
    more = BadPolicy([Problem(str(one), "is wrong") for one in range(MOST_TOLD + 2)])

    assert str(exact).startswith("0: is wrong; 1: is wrong; 2")
    assert str(exact).endswith("49: is wrong")
    assert str(more).endswith("49: is wrong; and 2 more")


def test_a_field_of_nowhere_is_named_in_ascii_and_not_at_length() -> None:
    [problem] = refused({"\ud800" + "x" * 900: 1})

    assert problem.field.isascii()
    assert len(problem.field) <= 60
    assert problem.message == "is not a field of the policy"


@pytest.mark.parametrize(("lower", "upper"), ORDERED)
def test_a_later_stage_may_not_ask_for_less_than_an_earlier_one(lower: str, upper: str) -> None:
    limit = getattr(DEFAULT, upper)

    assert names(refused({lower: limit + 1})) == [lower]
    assert names(refused({upper: getattr(DEFAULT, lower) / 2}))[-1] == upper
    assert not list(together(changed(DEFAULT, {lower: limit}, 2)))


def test_what_is_wrong_together_says_how_far_each_may_go() -> None:
    [problem] = refused({"silent_r": 4})

    assert problem == ("silent_r", "silent_r 4 exceeds dormant_r 3: silent_r at most 3 is accepted")
    assert names(refused({"silent_r": 4.0, "dormant_r": 3.5})) == ["silent_r", "dormant_r"]


@pytest.mark.parametrize("changes", [{"mu0": 900}, {"mu0": -900}, {"sigma0": 900.0}, {"long_gap_sigmas": 900}])
def test_a_prior_under_which_nobody_could_be_folded_is_refused(changes: dict[str, object]) -> None:
    found = refused(changes)

    assert names(found) == list(changes)
    assert "longer than time itself" in found[0].message


def test_rates_need_a_base_currency() -> None:
    based = replace(DEFAULT, base_currency="EUR", rates={"USD": 0.5})

    assert names(refused({"rates": {"USD": 0.5}})) == ["rates"]
    assert names(refused({"base_currency": None}, based)) == ["base_currency"]
    assert names(refused({"base_currency": "EUR", "rates": {"USD": 0, "mark": 2}})) == ["rates.USD", "rates.mark"]


def test_quiet_hours_have_two_ends() -> None:
    night = changed(DEFAULT, {"quiet_from": "22:00", "quiet_until": "07:30"}, 2)

    assert (night.quiet_from, night.quiet_until) == ("22:00", "07:30")
    assert names(refused({"quiet_from": "22:00"})) == ["quiet_from"]
    assert names(refused({"quiet_until": None}, night)) == ["quiet_until"]
    assert [refused({"quiet_from": wrong})[0].message for wrong in ("24:00", "7:30", 7)] == [
        f"{wrong!r} cannot be used: a time of day, as in '22:30', or null is accepted" for wrong in ("24:00", "7:30", 7)
    ]


@pytest.mark.parametrize("table", OVERRIDES)
def test_numbers_and_switches_may_differ_for_a_line_or_an_industry_within_their_own_ranges(table: str) -> None:
    policy = changed(DEFAULT, {table: {"books": {"silent_r": 1.2, "volume_rules": False, "volume_hits": 3}}}, 2)

    assert getattr(policy, table) == {"books": {"silent_r": 1.2, "volume_rules": False, "volume_hits": 3}}
    assert differences(DEFAULT, policy)[0] == Difference(field=f"{table}.books.silent_r", before=None, after=1.2)
    wrong = {"a": {"silent_r": 0, "time_zone": "UTC", "quiet_from": "07:00", "nope": 1, "company_outlook": None}}
    assert names(refused({table: {**wrong, "b": 3, "": {}, "c\0": {}}})) == [
        *(f"{table}.a.{name}" for name in ("silent_r", "time_zone", "quiet_from", "nope", "company_outlook")),
        *(f"{table}.b", f"{table}.", f"{table}.c\\x00"),
    ]
    assert names(refused({table: ["books"]})) == [table]


def test_a_group_is_held_against_what_the_policy_says_of_the_rest() -> None:
    books = changed(DEFAULT, {"lines": {"books": {"silent_r": 2.9}}}, 2)

    assert names(refused({"lines": {"books": {"silent_r": 3.5}}})) == ["lines.books.silent_r"]
    assert names(refused({"dormant_r": 2.5}, books)) == ["lines.books.silent_r"]
    assert names(refused({"industries": {"food": {"mu0": 900}}})) == ["industries.food.mu0"]


def test_a_policy_has_room_for_so_many_groups_and_values() -> None:
    lines = {f"line {one}": {"silent_r": 1.2} for one in range(MOST_GROUPS - 1)}
    thresholds = [name for name, field in FIELDS.items() if field.kind == "number" and field.default is not None]
    each = {name: FIELDS[name].default for name in thresholds[:20]}
    full = {f"line {one}": each for one in range(MOST_OVERRIDES // 20)}

    assert MOST_GROUPS == 2_500
    assert len(changed(DEFAULT, {"lines": lines}, 2).lines) == MOST_GROUPS - 1
    assert names(refused({"lines": lines, "industries": {"food": {"silent_r": 1.1}}})) == ["lines", "industries"]
    assert holds(FIELDS["lines"], full)
    assert not holds(FIELDS["lines"], {**full, "one more": {"silent_r": 1.1}})


def test_what_silence_makes_of_the_widest_prior_is_still_a_length_of_time() -> None:
    wide = changed(DEFAULT, {"mu0": 8.0, "sigma0": 3.0}, 2)

    assert rhythm(0, 0.0, 0.0, wide).long_gap < LONGEST_GAP_DAYS


def test_a_change_that_changes_nothing_is_refused() -> None:
    assert refused({"silent_r": 1.5}) == [
        ("changes", "nothing differs from version 1: send another value of a field"),
    ]


def test_differences_are_told_field_by_field_and_tables_member_by_member() -> None:
    old = replace(DEFAULT, base_currency="EUR", rates={"USD": 0.5, "JPY": 0.01})
    new = replace(old, version=2, silent_r=2.0, rates={"USD": 0.5, "GBP": 1.1})

    assert differences(old, new) == [
        Difference(field="silent_r", before=1.5, after=2.0),
        Difference(field="rates.JPY", before=0.01, after=None),
        Difference(field="rates.GBP", before=None, after=1.1),
    ]
    assert differences(old, replace(old, version=9, model="m1")) == []


def test_an_older_version_comes_again_as_a_new_one() -> None:
    older, newest = replace(DEFAULT, version=2, silent_r=2.0), replace(DEFAULT, version=3, silent_r=1.2)

    assert again(older, newest, 4) == replace(older, version=4)
    with pytest.raises(BadPolicy, match="nothing differs from version 3"):
        again(replace(newest, version=1), newest, 4)


def test_versions_are_the_first_policy_and_every_change_by_number() -> None:
    second, third = replace(DEFAULT, version=2, silent_r=2.0), replace(DEFAULT, version=3, silent_r=1.2)
    controls: list[Control] = [policy_from(30, third), model_from(20, 3.0, 1.0), policy_from(10, second)]

    found = versions(controls)

    assert [(one.number, one.effective_at) for one in found.values()] == [(1, None), (2, day(10)), (3, day(30))]
    assert found[2].change == controls[2]
    assert versions([], second).keys() == {2}


def test_the_version_in_force_is_that_of_the_newest_change_that_has_taken_effect() -> None:
    second, third = replace(DEFAULT, version=2, silent_r=2.0), replace(DEFAULT, version=3, silent_r=1.2)
    controls = [policy_from(10, second), policy_from(30, third)]

    assert [in_force(controls, at) for at in (None, day(9), day(10), day(29), day(30))] == [1, 1, 2, 2, 3]
    assert in_force([], day(1), second) == 2


def test_two_changes_of_one_instant_are_ordered_by_their_version() -> None:
    ninth, tenth = (
        PolicyChange(id=f"policy-{number:06d}", effective_at=day(1), policy=replace(DEFAULT, version=number))
        for number in (9, 10)
    )

    assert in_force([tenth, ninth], day(1)) == 10

"""Mutants are small changes of what rules are made of, chosen by chance from all modules, and told with their fate."""

import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.mutants.making import Mutant, mutants_of, mutated, sample
from tests.mutants.noting import COLLECTING, IMPORTING, Notes
from tests.mutants.reasons import REASONS
from tests.mutants.telling import Result, difference, keep, kept, share, source_of
from tests.mutants.trying import Fate, Tell, Verdict, changed_in_place, in_fork

ROOT = Path(__file__).parent.parent.parent
ONE = Mutant("shared/domain/rules.py", "NumberReplacer", 0, 3, 4, 3, 3, True)


def changes(tmp_path: Path, source: str) -> set[str]:
    """The lines that the mutants of a module bring."""
    (tmp_path / "a.py").write_text(source, encoding="utf-8")
    made = [mutated(tmp_path, one) for one in mutants_of(tmp_path, "a.py")]
    return {difference(source, text)[1].strip() for text in made if text is not None}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = a < b\n", {"x = a <= b", "x = a > b"}),
        ("x = a is b\n", {"x = a is not b"}),
        ("x = a and b\n", {"x = a or b"}),
        ("x = not a\n", {"x =  a"}),
        ("x = a + b\n", {"x = a - b"}),
        ("x = True\n", {"x = False"}),
        ("x = 3\n", {"x = 4", "x = 2"}),
        ("for x in y:\n    break\n", {"for x in []:", "continue"}),
        ("if a:\n    b()\n", {"if not a:"}),
    ],
)
def test_a_mutant_is_one_change_that_a_person_could_make_by_mistake(
    tmp_path: Path, source: str, lines: set[str]
) -> None:
    assert changes(tmp_path, source) == lines


@pytest.mark.parametrize(
    "source",
    [
        '"""Says 1 + 1."""\n',
        "x: int | None\n",
        "def f(x: int | None) -> int | None: ...\n",
        "@cached(size=64)\ndef f(): ...\n",
        "class A(Struct, frozen=True): ...\n",
        "assert a < 3\n",
        "def f(a, *, b): ...\n",
        "x = zip(a, b, strict=True)\n",
        'x = "a" == b"c"\n'.replace(" == ", ", "),
        "f(**more)\n",
    ],
)
def test_words_types_options_and_assertions_are_left_alone(tmp_path: Path, source: str) -> None:
    assert changes(tmp_path, source) == set()


def test_places_are_found_behind_letters_of_several_bytes(tmp_path: Path) -> None:
    assert changes(tmp_path, 'def f(x: "客户" = 3, y: int | None = None): ...\n') == {
        'def f(x: "客户" = 4, y: int | None = None): ...',
        'def f(x: "客户" = 2, y: int | None = None): ...',
    }


def test_what_runs_at_import_is_told_from_what_runs_in_a_function(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n\n\ndef f(y=2):\n    return 3\n\n\nz = lambda: 4\n", encoding="utf-8")

    within = {one.line: one.within for one in mutants_of(tmp_path, "a.py")}

    assert within == {1: False, 4: False, 5: True, 8: True}


def test_a_mutant_knows_the_lines_of_its_statement_or_of_its_head(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("if (\n    a\n    and b\n):\n    c = (\n        1,\n    )\n", encoding="utf-8")

    lines = {one.operator: one.lines for one in mutants_of(tmp_path, "a.py")}

    assert lines["ReplaceAndWithOr"] == range(1, 5)
    assert lines["NumberReplacer"] == range(5, 8)


def of(path: str, count: int) -> list[Mutant]:
    """So many mutants of a module, two at each place."""
    return [replace(ONE, path=path, line=place // 2, occurrence=place) for place in range(count)]


def test_every_module_has_its_share_and_three_if_it_has_as_many() -> None:
    found = {"a": of("a", 100), "b": of("b", 300), "c": of("c", 4), "d": of("d", 2), "e": []}

    taken = Counter(one.path for one in sample(found, 45, seed=1))

    assert (taken["a"], taken["b"], taken["c"], taken["d"], taken["e"]) == (10, 30, 3, 2, 0)


def test_a_place_comes_a_second_time_only_when_all_have_come_once() -> None:
    taken = sample({"a": of("a", 20)}, 11, seed=1)

    assert sorted(Counter(one.line for one in taken).values()) == [1] * 9 + [2]


def test_the_same_seed_takes_the_same_and_another_takes_others() -> None:
    found = {"a": of("a", 50)}

    assert sample(found, 10, seed=1) == sample(found, 10, seed=1)
    assert sample(found, 10, seed=1) != sample(found, 10, seed=2)


def test_a_small_sample_is_no_larger_than_asked_for_and_a_large_one_takes_all() -> None:
    found = {name: of(name, 3) for name in "abcdef"}

    assert len(sample(found, 4, seed=1)) == 4
    assert len(sample(found, 999, seed=1)) == 18


def test_what_is_no_program_is_not_taken() -> None:
    assert {
        one.occurrence % 2 for one in sample({"a": of("a", 20)}, 6, 1, sound=lambda one: one.occurrence % 2 > 0)
    } == {1}


NOTES = Notes(
    digest="",
    seconds={"slow": 2.0, "quick": 1.0, "elsewhere": 0.1},
    contexts=[IMPORTING, COLLECTING, "slow", "quick", "failed"],
    lines={"shared/domain/rules.py": {3: [1, 2, 3, 4], 4: [0], 9: [3]}},
)


@pytest.mark.parametrize(
    ("lines", "tests", "at_import"),
    [
        ((3, 3), ["quick", "slow"], False),
        ((9, 9), ["quick"], False),
        ((4, 4), ["quick", "slow", "elsewhere"], True),
        ((7, 7), ["quick", "slow", "elsewhere"], False),
    ],
)
def test_the_tests_that_run_the_changed_lines_are_asked_the_quick_ones_first(
    lines: tuple[int, int], tests: list[str], at_import: bool
) -> None:
    mutant = replace(ONE, first_line=lines[0], last_line=lines[1])

    assert NOTES.tests_for(mutant) == tests
    assert NOTES.runs_at_import(mutant) is at_import


def result(verdict: Verdict, *, occurrence: int = 0, source: str = "s", digest: str = "d") -> Result:
    return Result(
        mutant=replace(ONE, occurrence=occurrence), verdict=verdict, by="", seconds=1.0, tests=1, before="a", after="b",
        source=source, digest=digest,
    )  # fmt: skip


def test_timeouts_are_noticed_and_survivors_are_not() -> None:
    results = [result("killed"), result("timeout"), result("killed"), result("survived")]

    assert share(results) == 0.75
    assert share([]) == 1


@pytest.mark.parametrize(
    ("verdict", "own", "digest", "holds"),
    [
        ("killed", True, "d", True),
        ("killed", True, "other", True),
        ("survived", True, "d", True),
        ("survived", True, "other", False),
        ("timeout", True, "other", False),
        ("killed", False, "d", False),
    ],
)
def test_the_killed_stay_dead_while_their_module_is_the_same_and_survivors_while_everything_is(
    tmp_path: Path, verdict: Verdict, own: bool, digest: str, holds: bool
) -> None:
    source = source_of(ROOT, ONE.path) if own else "before"
    keep(tmp_path / "r", result(verdict, source=source, digest=digest))

    assert (ONE.name in kept(tmp_path / "r", ROOT, "d")) is holds
    assert kept(tmp_path / "nothing", ROOT, "d") == {}


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [("a\nb\nc", "a\nx\nc", ("b", "x")), ("a\nb\nc\nd", "a\nx\nd", ("b\nc", "x")), ("a\na", "a", ("a", ""))],
)
def test_a_difference_is_what_lies_between_what_is_the_same(before: str, after: str, lines: tuple[str, str]) -> None:
    assert difference(before, after) == lines


@pytest.mark.parametrize(("path", "before"), sorted({(path, before) for path, before, _ in REASONS}))
def test_a_reason_is_of_a_line_that_is_there(path: str, before: str) -> None:
    assert before in [line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]


def sleeping(tell: Tell) -> None:
    signal.pause()


def failing(tell: Tell) -> None:
    tell("a test")
    raise AssertionError


@pytest.mark.parametrize(
    ("run", "fate"),
    [
        (lambda tell: None, Fate("survived", "")),
        (failing, Fate("killed", "a test")),
        (sleeping, Fate("timeout", "")),
    ],
)
def test_a_fork_that_ends_well_has_survived_and_one_that_never_ends_has_not(
    run: Callable[[Tell], None], fate: Fate
) -> None:
    assert in_fork(run, 0.5 if fate.verdict == "timeout" else 30) == fate


def test_a_function_is_changed_where_everybody_sees_it(tmp_path: Path) -> None:
    source = "def f(x):\n    return [lambda: y + 1 for y in (x,)]\n\n\ndef g():\n    return 7\n"
    (tmp_path / "a.py").write_text(source, encoding="utf-8")
    living: dict[str, Any] = {"__name__": "a"}
    exec(compile(source, str(tmp_path / "a.py"), "exec"), living)
    f, g = living["f"], living["g"]

    changed_in_place([f, g], "elsewhere", str(tmp_path / "a.py"), source.replace("7", "8"))
    before = g()
    changed_in_place([f, g], "a", str(tmp_path / "a.py"), source.replace("+ 1", "- 1"))

    assert before == 7
    assert (f(5)[0](), g()) == (4, 7)

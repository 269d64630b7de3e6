"""Which tests run which lines of the domain, and how long each takes: noted once for the sources as they are."""

from collections.abc import Iterable
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pytest
from coverage import Coverage, CoverageData
from msgspec import Struct, json

from tests.mutants.calming import calm
from tests.mutants.making import DOMAIN, Mutant, module_of, modules

TESTS: Final = ("tests/unit", "tests/stories")
"""The tests that mutants are tried against."""
PYTEST: Final = (
    "-p", "no:cacheprovider", "-p", "no:terminal", "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
CLOSE: Final = 40
"""Tests of its module that a mutant which must be imported is tried with first: they are sooner imported than all."""
IMPORTING: Final = ""
"""The name of the time in which the domain is imported, before anything else is."""
COLLECTING: Final = "collecting"
"""That in which the tests are."""


class Notes(Struct, frozen=True):
    """What was noted: the seconds of every test that passed, by its id, and by file and line what runs there.

    `lines` are places in `contexts`, which are ids of tests, and two times in which no test ran.
    """

    digest: str
    seconds: dict[str, float]
    contexts: list[str]
    lines: dict[str, dict[int, list[int]]]

    def runs_at_import(self, mutant: Mutant) -> bool:
        """Whether what it changes runs when its module is imported."""
        return IMPORTING in self._run(mutant.path, mutant.lines)

    def tests_for(self, mutant: Mutant) -> list[str]:
        """The tests that may tell it, the quick ones of each kind first: those that run what it changes.

        What runs at import has no tests of its own: some of those that run its module come first, then all others.
        """
        near = self._run(mutant.path, mutant.lines)
        if near and IMPORTING not in near:
            return self._quick_first(near)
        around = self._run(mutant.path, self.lines.get(mutant.path, ()))
        return list(dict.fromkeys((*self._quick_first(near | around)[:CLOSE], *self._quick_first(self.seconds))))

    def _run(self, path: str, lines: Iterable[int]) -> set[str]:
        known = self.lines.get(path, {})
        return {self.contexts[place] for line in lines for place in known.get(line, ())}

    def _quick_first(self, tests: Iterable[str]) -> list[str]:
        return sorted((test for test in tests if test in self.seconds), key=lambda test: (self.seconds[test], test))


class Noting:
    """A pytest plugin that notes which test runs what."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}
        self._failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let Hypothesis be brief, as it will be when mutants are tried."""
        for item in items:
            calm(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Note what runs while a test does."""
        self.coverage.switch_context(item.nodeid)
        begun = perf_counter()
        result = yield
        if item.nodeid not in self._failed:
            self.seconds[item.nodeid] = perf_counter() - begun
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that does not pass by itself can tell nothing of a mutant."""
        if report.outcome != "passed":
            self._failed.add(report.nodeid)
            self.seconds.pop(report.nodeid, None)


def digest_of(root: Path) -> str:
    """What the notes were taken of: every source that tests run."""
    sources = sorted(
        path for folder in ("shared", "services", "tests", "docs") for path in (root / folder).rglob("*.py")
    )
    found = blake2b(digest_size=16)
    for path in sources:
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def read(file: Path, digest: str) -> Notes | None:
    """The notes of a file, if they are of the sources as they are."""
    if not file.exists():
        return None
    notes = json.decode(file.read_bytes(), type=Notes)
    return notes if notes.digest == digest else None


def take(root: Path, file: Path, digest: str) -> None:
    """Run all tests once and write down what they run. Call it in a process that has not imported the domain yet."""
    coverage = Coverage(source=[str(root / DOMAIN)], data_file=None, config_file=False)
    coverage.start()
    for path in modules(root):
        import_module(module_of(path))
    coverage.switch_context(COLLECTING)
    noting = Noting(coverage)
    pytest.main([*PYTEST, *TESTS], plugins=[noting])
    coverage.stop()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(json.encode(_notes(root, digest, noting.seconds, coverage.get_data())))


def _notes(root: Path, digest: str, seconds: dict[str, float], data: CoverageData) -> Notes:
    contexts = sorted(data.measured_contexts())
    places = {context: place for place, context in enumerate(contexts)}
    lines = {
        Path(name).relative_to(root).as_posix(): {
            line: [places[context] for context in tests] for line, tests in data.contexts_by_lineno(name).items()
        }
        for name in data.measured_files()
    }
    return Notes(digest, seconds, contexts, lines)

"""Tries mutants: each in a process of its own that is forked with pytest, the tests and the domain already loaded.

What lies in a function is changed in place, where all that hold the function see it. What runs when its module is
imported is tried in a process that has imported nothing of the project yet, and imports the mutant.
"""

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from select import select
from types import CodeType, FunctionType, ModuleType
from typing import Final, Literal, NamedTuple

import pytest

from tests.mutants.calming import calm
from tests.mutants.making import DOMAIN
from tests.mutants.noting import PYTEST

Verdict = Literal["killed", "survived", "timeout"]

Tell = Callable[[str], None]
"""Takes the test that has failed."""


class Fate(NamedTuple):
    """What became of a mutant, and the test that killed it, if one did."""

    verdict: Verdict
    by: str


MEMORY: Final = 3 << 30
"""Bytes that a mutant may take before it is stopped."""
LONGEST: Final = 40
"""Seconds that a single test may take: the longest takes a quarter of that on a busy machine."""
_KILLED, _SURVIVED = 10, 11


class Chosen:
    """A pytest plugin that runs the chosen tests in their order, and ends the process with the first that fails."""

    def __init__(self, tests: Sequence[str], tell: Tell) -> None:
        self.places = {test: place for place, test in enumerate(tests)}
        self._tell = tell

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the chosen ones."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self.places), key=lambda item: self.places[item.nodeid]
        )
        for item in items:
            calm(item)

    def pytest_runtest_logstart(self) -> None:
        """A test that never ends has noticed something."""
        signal.alarm(LONGEST)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One failure is enough."""
        if report.failed:
            self._tell(report.nodeid)
            os._exit(_KILLED)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """So is a module that cannot be imported any more."""
        if report.failed:
            self._tell(report.nodeid)
            os._exit(_KILLED)


def imported(root: Path, path: str, module: str, source: str, tests: Sequence[str], seconds: float) -> Fate:
    """Try a mutant by importing it, in a fork of this process, which must not have imported the project."""

    def run(tell: Tell) -> None:
        sys.meta_path.insert(0, _Instead(module, root / path, source))
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        pytest.main([*PYTEST, *files], plugins=[Chosen(tests, tell)])

    return in_fork(run, seconds)


def functions_of_the_domain() -> list[FunctionType]:
    """Every living function of the domain, whoever holds it."""
    package = DOMAIN.replace("/", ".")
    found = (one for one in gc.get_objects() if isinstance(one, FunctionType))
    return [one for one in found if (one.__module__ or "").startswith(package)]


def changed_in_place(functions: Iterable[FunctionType], module: str, file: str, source: str) -> None:
    """Give the functions of a module the code that they have in the mutant."""
    before = compile(Path(file).read_text(encoding="utf-8"), file, "exec")
    codes = dict(_pairs(before, compile(source, file, "exec")))
    for one in functions:
        if one.__module__ == module and one.__code__ in codes:
            one.__code__ = codes[one.__code__]


def run_items(items: Sequence[pytest.Item]) -> None:
    """Run collected tests one after the other; `Chosen` ends the process with the first that fails."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def in_fork(run: Callable[[Tell], None], seconds: float) -> Fate:
    """Run something in a fork of this process, for so many seconds at most."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        _alone(run, writing)
    os.close(writing)
    # Something is to be read once a test has failed, and nothing any more once the process has ended.
    ended = bool(select([reading], [], [], seconds)[0])
    by = os.read(reading, 4_096).decode() if ended else ""
    os.close(reading)
    if not ended:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if not ended or code == -signal.SIGALRM:
        return Fate("timeout", by)
    return Fate("survived" if code == _SURVIVED else "killed", by)


def _alone(run: Callable[[Tell], None], writing: int) -> None:
    """Be a process group of its own, silent and within bounds; end without the duties of the process it came from."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        run(lambda test: _write(writing, test))
    except BaseException:
        os._exit(_KILLED)
    os._exit(_SURVIVED)


def _write(writing: int, test: str) -> None:
    os.write(writing, test.encode()[:1_024])


def _pairs(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The codes within a module, each with what it became: a mutant nests them as before."""
    inner, changed = ([one for one in code.co_consts if isinstance(one, CodeType)] for code in (before, after))
    for old, new in zip(inner, changed, strict=True):
        yield old, new
        yield from _pairs(old, new)


class _Instead(MetaPathFinder):
    """Finds a mutant in the place of its module."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        self.module, self.path, self.source = module, path, source

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The mutant for its module, nothing for others."""
        if name != self.module:
            return None
        return spec_from_file_location(name, self.path, loader=_Mutant(name, str(self.path), self.source))


class _Mutant(SourceFileLoader):
    """Loads a source that is in no file."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        """The mutant's code, never what an earlier run has compiled."""
        return compile(self.source, self.path, "exec")

"""Workers that try mutants: processes which were forked before anything of the project was imported."""

import gc
import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from types import FunctionType
from typing import Final

import pytest
from msgspec import Struct

from tests.mutants.calming import calm
from tests.mutants.making import Mutant
from tests.mutants.noting import CLOSE, PYTEST, TESTS
from tests.mutants.trying import (
    Chosen,
    Fate,
    Tell,
    changed_in_place,
    functions_of_the_domain,
    imported,
    in_fork,
    run_items,
)

FORK: Final = get_context("fork")
COMMON: Final = ("fastapi", "httpx", "sqlalchemy.ext.asyncio", "asyncpg", "aiokafka", "structlog", "prometheus_client")
"""What most tests import of other projects: it is loaded once for all mutants that are tried by importing them."""
PATIENCE: Final = 20.0
SLOWER: Final = 5.0
"""A mutant may take so many seconds more, and so many times as long, as its tests have taken before."""


class Task(Struct, frozen=True):
    """A mutant with its source, the tests that may tell it, and whether its module has to be imported anew."""

    mutant: Mutant
    source: str
    tests: list[str]
    expected: float
    anew: bool

    @property
    def seconds(self) -> float:
        """How long to wait for the tests: a busy machine is no mutant's fault."""
        return PATIENCE + SLOWER * self.expected


class Tried(Struct, frozen=True):
    """How it went, and how long it took."""

    task: Task
    fate: Fate
    seconds: float


class Loaded:
    """A pytest plugin that collects all tests, and then waits for mutants to run some of them."""

    def __init__(self, root: Path, asked: Connection) -> None:
        self.root, self.asked = root, asked

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try one mutant after the other, until there are no more."""
        items = {item.nodeid: item for item in session.items}
        for item in session.items:
            calm(item)
        gc.collect()
        functions = functions_of_the_domain()
        gc.freeze()
        while (task := self.asked.recv()) is not None:
            self.asked.send(in_fork(partial(self._run, task, items, functions), task.seconds))
        os._exit(0)

    def _run(self, task: Task, items: Mapping[str, pytest.Item], functions: Sequence[FunctionType], tell: Tell) -> None:
        chosen = [items[test] for test in task.tests if test in items]
        chosen[0].config.pluginmanager.register(Chosen(task.tests, tell))
        changed_in_place(functions, task.mutant.module, str(self.root / task.mutant.path), task.source)
        run_items(chosen)


def try_all(root: Path, tasks: Sequence[Task], workers: int) -> Iterator[Tried]:
    """Try mutants with several workers; each is told of as it is done."""
    waiting = list(reversed(tasks))
    crew = [_hire(root) for _ in range(min(workers, len(tasks)))]
    busy: dict[Connection, Task] = {}
    for line in crew:
        _next(line, waiting, busy)
    while busy:
        ready = wait(list(busy))
        for line in [one for one in busy if one in ready]:
            task = busy.pop(line)
            fate, seconds = line.recv()
            yield Tried(task, fate, seconds)
            _next(line, waiting, busy)


def _anew(root: Path, task: Task) -> Fate:
    """First with a few tests, which are sooner imported than all."""
    mutant, fate = task.mutant, Fate("survived", "")
    for tests in (task.tests[:CLOSE], task.tests[CLOSE:]):
        if tests and fate.verdict == "survived":
            fate = imported(root, mutant.path, mutant.module, task.source, tests, task.seconds)
    return fate


def _next(line: Connection, waiting: list[Task], busy: dict[Connection, Task]) -> None:
    task = waiting.pop() if waiting else None
    line.send(task)
    if task is not None:
        busy[line] = task


def _hire(root: Path) -> Connection:
    ours, theirs = FORK.Pipe()
    FORK.Process(target=_work, args=(root, theirs), daemon=True).start()
    theirs.close()
    return ours


def _work(root: Path, asked: Connection) -> None:
    loaded, theirs = FORK.Pipe()
    if not os.fork():
        pytest.main([*PYTEST, *TESTS], plugins=[Loaded(root, theirs)])
        os._exit(1)
    theirs.close()
    for name in COMMON:
        importlib.import_module(name)
    while (task := asked.recv()) is not None:
        begun = monotonic()
        if task.anew:
            fate = _anew(root, task)
        else:
            loaded.send(task)
            fate = loaded.recv()
        asked.send((fate, monotonic() - begun))
    loaded.send(None)

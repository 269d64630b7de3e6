"""What every command shares: words for people on the terminal, one line for an error, and an event loop."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import asyncpg
import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from shared.domain.errors import LifestageError

P = ParamSpec("P")
T = TypeVar("T")


class Terminal(Console):
    """A console that says when nobody reads on, instead of ending the process from within."""

    def on_broken_pipe(self) -> None:
        """Whoever read our output, `head` perhaps, has had enough."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise BrokenPipeError


out: Final = Terminal(highlight=False, soft_wrap=True)
err: Final = Terminal(stderr=True, highlight=False, soft_wrap=True)

EXPECTED: Final = (LifestageError, OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What can go wrong without a mistake of ours: it is told in one line, without a traceback."""

_PASSWORD: Final = re.compile(r"(://[^:/@\s]+:)[^@\s]+@")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own, in this thread."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def command(function: Callable[P, None]) -> Callable[P, None]:
    """A command whose expected errors end it with one line on stderr and exit code 1."""

    @wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except EXPECTED as error:
            fail(error)
        except BaseExceptionGroup as group:
            first = leaf(group)
            if not isinstance(first, EXPECTED):
                raise
            fail(first)

    return told


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while a block runs, if somebody looks on; what is yielded is told how much is done."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(words, total=total)
        yield lambda done: bar.update(task, completed=done)


def fail(error: BaseException) -> None:
    """Say what went wrong, unless it is only that nobody reads on, and exit with code 1."""
    if not isinstance(error, BrokenPipeError):
        err.print(f"[bold red]lifestage:[/] {escape(said(error))}")
    raise typer.Exit(1)


def leaf(error: BaseException) -> BaseException:
    """The first error of a group of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def said(error: BaseException) -> str:
    """An error in words, without any password."""
    words = str(error)
    if isinstance(error, SQLAlchemyError):
        words = str(getattr(error, "orig", None) or words)
    if not isinstance(error, LifestageError) and (not words or isinstance(error, OSError)):
        words = (error.strerror or words) if isinstance(error, OSError) else type(error).__name__
        words = f"{words}: {error.filename}" if isinstance(error, OSError) and error.filename else words
    return _PASSWORD.sub(r"\1…@", words)

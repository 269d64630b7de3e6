"""A progress display that several steps share, one after the other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


def console() -> Console:
    """Where results go: as wide as the terminal, and wide enough for a table where there is none."""
    found = Console()
    return found if found.is_terminal else Console(width=140)


class Bar:
    """One line of the display for each step; the one begun last is the one that moves."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task: TaskID | None = None

    def begin(self, words: str, total: float) -> None:
        """A new step of so many parts; the one before is done."""
        self._task = self._shown.add_task(words, total=total)

    def add(self, count: float) -> None:
        """So many parts more are done."""
        if self._task is not None:
            self._shown.advance(self._task, count)

    def say(self, words: str) -> None:
        """Something happened that is no step."""
        self._shown.console.print(words, style="dim")


@contextmanager
def progress(console: Console) -> Iterator[Bar]:
    """The display, for as long as the block runs."""
    logging.getLogger().addHandler(logging.NullHandler())  # what clients of servers that come and go have to say
    shown = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
    with shown:
        yield Bar(shown)

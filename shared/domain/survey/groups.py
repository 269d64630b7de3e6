"""Figures by a word that senders choose, as an industry or a channel: a bounded number of groups."""

from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST_GROUPS: Final = 200
OTHERS: Final = "(others)"
"""The group of the words that came after the first two hundred."""

UNKNOWN: Final = "(unknown)"
"""The group of customers of whom the word is not known."""


class Groups(Generic[T]):
    """A figure for each word, made when the word first comes; words beyond the bound share one."""

    def __init__(self, make: Callable[[], T], most: int = MOST_GROUPS) -> None:
        self._make = make
        self._most = most
        self._held: dict[str, T] = {}

    def of(self, word: str | None) -> T:
        """The figure of a word."""
        name = UNKNOWN if word is None else word
        if name not in self._held and len(self._held) >= self._most:
            name = OTHERS
        return self._held.setdefault(name, self._make())

    def items(self) -> Iterator[tuple[str, T]]:
        """All of them, by their words."""
        return iter(sorted(self._held.items()))

    def named(self) -> Iterator[tuple[str, T]]:
        """Those that stand for one known word."""
        return ((name, held) for name, held in self.items() if name not in (UNKNOWN, OTHERS))

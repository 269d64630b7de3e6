"""Rows of whole numbers packed into bytes, the oldest first: carried along for the price of one object.

A state is read, copied and written with every event, and most of what it remembers is looked at by few of them. As
objects it would take ten times the memory, and more time to make and throw away than the event itself.
"""

from collections.abc import Callable, Iterable
from struct import Struct, unpack
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")
UNKNOWN: Final = -(1 << 63)
"""What stands for an unknown amount."""
_NUMBER: Final = Struct("<q")


class Packed(Generic[Row]):
    """A kind of row: its layout (as `struct` has it), and how a row becomes numbers and is made of them again."""

    def __init__(self, layout: str, numbers: Callable[[Row], tuple[int, ...]], made: Callable[..., Row]) -> None:
        self._layout = Struct(f"<{layout}")
        self._numbers, self._made = numbers, made

    def add(self, packed: bytes, row: Row, most: int) -> bytes:
        """The rows with a newer one, at most so many."""
        return (packed + self._layout.pack(*self._numbers(row)))[-most * self._layout.size :]

    def pack(self, rows: Iterable[Row]) -> bytes:
        """The rows as bytes."""
        return b"".join(self._layout.pack(*self._numbers(row)) for row in rows)

    def rows(self, packed: bytes) -> tuple[Row, ...]:
        """The rows."""
        return tuple(self._made(*numbers) for numbers in self._layout.iter_unpack(packed))


def add_number(packed: bytes, number: int, most: int) -> bytes:
    """Numbers of eight bytes each with a newer one, at most so many."""
    return (packed + _NUMBER.pack(number))[-most * _NUMBER.size :]


def replace_number(packed: bytes, number: int) -> bytes:
    """The numbers with another one in the place of the newest."""
    return packed[: -_NUMBER.size] + _NUMBER.pack(number)


def numbers(packed: bytes) -> tuple[int, ...]:
    """The numbers, the oldest first."""
    return unpack(f"<{len(packed) // _NUMBER.size}q", packed)


def pack_numbers(given: Iterable[int]) -> bytes:
    """The numbers as bytes."""
    return b"".join(map(_NUMBER.pack, given))


def known(amount: int) -> int | None:
    """An amount as it was before it was packed."""
    return None if amount == UNKNOWN else amount


def packable(amount: int | None) -> int:
    """An amount as it can be packed."""
    return UNKNOWN if amount is None else amount

"""Whole numbers packed into bytes, eight for each, the oldest first: carried along for the price of one object.

A state is read, copied and written with every event, and most of what it remembers is looked at by few of them. As
objects it would take ten times the memory, and more time to make and throw away than the event itself.
"""

from collections.abc import Iterable
from struct import Struct, unpack
from typing import Final

UNKNOWN: Final = -(1 << 63)
"""What stands for an unknown amount."""
_NUMBER: Final = Struct("<q")


def add_number(packed: bytes, number: int, most: int) -> bytes:
    """The numbers with a newer one, at most so many."""
    return (packed + _NUMBER.pack(number))[-most * _NUMBER.size :]


def replace_number(packed: bytes, number: int) -> bytes:
    """The numbers with another one in the place of the newest."""
    return packed[: -_NUMBER.size] + _NUMBER.pack(number)


def numbers(packed: bytes) -> tuple[int, ...]:
    """The numbers."""
    return unpack(f"<{len(packed) // _NUMBER.size}q", packed)


def pack_numbers(given: Iterable[int]) -> bytes:
    """The numbers as bytes."""
    return b"".join(map(_NUMBER.pack, given))


def amount_of(number: int) -> int | None:
    """The amount that a packed number stands for."""
    return None if number == UNKNOWN else number


def number_of(amount: int | None) -> int:
    """The number that stands for an amount."""
    return UNKNOWN if amount is None else amount

"""How values are spread, in bounded memory: buckets that are one percent wide, with counts and exact sums."""

from collections.abc import Iterator
from math import ceil, log
from typing import Final

from msgspec import Struct

_WIDTH: Final = log(1.01)


class Slice(Struct, kw_only=True):
    """Some of the values: how many, their sum, and the sum of what was noted beside them."""

    count: float = 0.0
    total: float = 0.0
    weight: float = 0.0


class _Bucket(Struct):
    count: int
    total: float
    weight: float
    least: float


class Sketch:
    """Values of one kind, fed one after another in any order; at most some thousand buckets, whatever comes.

    Counts and sums are exact. A quantile is right to one percent, and exact where the values lie further apart.
    Beside each value a second number may be noted, which is added up with it.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self.count = 0
        self.total = 0.0
        self.weight = 0.0

    def add(self, value: float, weight: float = 0.0) -> None:
        """Count a value."""
        self.count += 1
        self.total += value
        self.weight += weight
        key = _key(value)
        held = self._buckets.get(key)
        if held is None:
            self._buckets[key] = _Bucket(1, value, weight, value)
            return
        held.count += 1
        held.total += value
        held.weight += weight
        held.least = min(held.least, value)

    def quantile(self, share: float) -> float | None:
        """The value below which a share of the values lies, between the two nearest ones; None without any."""
        if not self.count:
            return None
        rank = share * (self.count - 1)
        low = int(rank)
        lower, upper = self._at(low), self._at(min(low + 1, self.count - 1))
        return lower + (rank - low) * (upper - lower)

    def median(self) -> float | None:
        """The middle value, or the mean of the two in the middle; None without any."""
        return self.quantile(0.5)

    def border(self, rank: int) -> float | None:
        """The smallest value that so many are below; all values of one bucket lie on the same side of it."""
        if not 0 <= rank < self.count:
            return None
        return self._bucket(rank).least

    def between(self, low: float | None, high: float | None) -> Slice:
        """The values from a border up to, and without, another one; None leaves a side open."""
        found = Slice()
        for bucket in self._buckets.values():
            if (low is None or bucket.least >= low) and (high is None or bucket.least < high):
                found.count += bucket.count
                found.total += bucket.total
                found.weight += bucket.weight
        return found

    def top(self, share: float) -> Slice:
        """The highest values, a share of them all; the bucket that the share ends in is taken in part."""
        left, found = share * self.count, Slice()
        for bucket in reversed(list(self._ascending())):
            part = min(1.0, left / bucket.count)
            found.count += part * bucket.count
            found.total += part * bucket.total
            found.weight += part * bucket.weight
            left -= part * bucket.count
            if left <= 0:
                break
        return found

    def _at(self, rank: int) -> float:
        bucket = self._bucket(rank)
        return bucket.total / bucket.count

    def _bucket(self, rank: int) -> _Bucket:
        """The bucket that holds the value which so many are below."""
        for bucket in self._ascending():
            if rank < bucket.count:
                return bucket
            rank -= bucket.count
        raise IndexError(rank)

    def _ascending(self) -> Iterator[_Bucket]:
        return (self._buckets[key] for key in sorted(self._buckets))


def _key(value: float) -> int:
    """The bucket of a value: 0 for less than one either way, else by the logarithm."""
    if -1 < value < 1:
        return 0
    far = 1 + ceil(log(abs(value)) / _WIDTH)
    return far if value > 0 else -far

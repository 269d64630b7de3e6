"""The rows of customers that this process wrote last, as bytes: what it has committed need not be read back."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from shared.domain.instants import Instant
from shared.ports.store import Known

MOST_BYTES: Final = 64 * 1024 * 1024
"""For all partitions together."""
ROW_BYTES: Final = 400
"""What a row takes beside its states: the key, the tuple, its numbers and its place in the dictionary."""


class HotRow(NamedTuple):
    """A customer's row, in the order in which it is loaded."""

    customer_id: str
    state: bytes
    base: bytes | None
    version: int
    numbered: int
    armed_at: Instant | None
    parked: bool

    @classmethod
    def of(cls, known: Known, state: bytes, base: bytes | None) -> "HotRow":
        """The row that stands for a customer, with its states as they were written."""
        return cls(known.customer_id, state, base, known.version, known.numbered, known.armed_at, known.parked)


class Hot:
    """One partition's rows as of one version of its position. Those written longest ago go first.

    They are the truth only under the fence: as long as the position is advanced from the version that they were
    committed with, nobody else has written to the partition. Whoever finds another version there rolls back, and
    forgets everything.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: dict[str, HotRow] = {}
        self._size = 0
        self.version: int | None = None
        """The version that the rows were committed with; None while there are none."""

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, customer_id: str) -> HotRow | None:
        """The customer's row, if it is here."""
        return self._rows.get(customer_id)

    def commit(self, version: int, rows: Iterable[HotRow], timers: Mapping[str, Instant | None]) -> None:
        """Take over what a transaction has written, once it is committed."""
        self.version = version
        for name, armed_at in timers.items():
            kept = self._rows.get(name)
            if kept is not None:
                self._rows[name] = kept._replace(armed_at=armed_at)
        for row in rows:
            self._drop(row.customer_id)
            self._rows[row.customer_id] = row
            self._size += _size(row)
        while self._size > self._most:
            self._drop(next(iter(self._rows)))

    def clear(self) -> None:
        """Nothing is known any more: the partition was taken over, or a transaction did not end well."""
        self._rows.clear()
        self._size, self.version = 0, None

    def _drop(self, customer_id: str) -> None:
        row = self._rows.pop(customer_id, None)
        if row is not None:
            self._size -= _size(row)


def _size(row: HotRow) -> int:
    """About how many bytes it takes."""
    return ROW_BYTES + len(row.state) + (0 if row.base is None else len(row.base))

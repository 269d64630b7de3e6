"""The customers' rows that this process wrote last: what it has committed need not be read back."""

from collections.abc import Iterable, Mapping
from typing import Final

from shared.adapters.codec import decode_base, decode_customer
from shared.adapters.postgres.rows import BASE, NUMBERED, PARKED, STATE, VERSION, Row
from shared.adapters.postgres.tallies import Counted, counted
from shared.domain.instants import Instant
from shared.ports.store import Known

MOST_BYTES: Final = 64 * 1024 * 1024
"""For all partitions together."""
ROW_BYTES: Final = 600
"""What a row takes beside its states: its other columns, and its place in the dictionaries."""

Timers = Mapping[str, Instant | None]


class Hot:
    """One partition's rows as of one version of its position. Those written longest ago go first.

    They are the truth only under the fence: as long as the position is advanced from the version that they were
    committed with, nobody else has written to the partition. Whoever finds another version there rolls back, and
    forgets everything.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: dict[str, Row] = {}
        self._armed: dict[str, Instant | None] = {}
        self._size = 0
        self.version: int | None = None
        """The version that the rows were committed with; None while there are none."""

    def __len__(self) -> int:
        return len(self._rows)

    def known(self, customer_id: str) -> Known | None:
        """The customer, if its row is here."""
        row = self._rows.get(customer_id)
        if row is None:
            return None
        state, base = row[STATE], row[BASE]
        return Known(
            customer_id=customer_id,
            customer=decode_customer(state),
            state=state,
            base=None if base is None else decode_base(base),
            version=row[VERSION],
            numbered=row[NUMBERED],
            armed_at=self._armed.get(customer_id),
            parked=row[PARKED],
        )

    def counted(self, customer_id: str) -> Counted:
        """What the tallies hold of a customer whose row is here."""
        return counted(self._rows[customer_id])

    def commit(self, version: int, rows: Iterable[Row], found: Timers, changed: Timers) -> None:
        """Take over what a committed transaction has written, the timers that it `found`, and those that it changed."""
        self.version = version
        kept = self._rows
        for row in rows:
            name = row[1]
            old = kept.pop(name, None)
            kept[name] = row
            self._size += _size(row) - (0 if old is None else _size(old))
        for timers in (found, changed):
            self._armed.update((name, armed_at) for name, armed_at in timers.items() if name in kept)
        while self._size > self._most:
            name = next(iter(kept))
            self._size -= _size(kept.pop(name))
            self._armed.pop(name, None)

    def clear(self) -> None:
        """Nothing is known any more: the partition was taken over, or a transaction did not end well."""
        self._rows.clear()
        self._armed.clear()
        self._size, self.version = 0, None


def _size(row: Row) -> int:
    """About how many bytes it takes."""
    return ROW_BYTES + len(row[STATE]) + (0 if row[BASE] is None else len(row[BASE]))

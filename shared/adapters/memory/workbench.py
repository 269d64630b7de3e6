"""What an operator looks at and puts right, in memory."""

from collections.abc import Sequence

from msgspec import structs

from shared.adapters.memory.tables import Tables
from shared.domain.ids import shard_of
from shared.ports.store import DeadLetter, Parked


class MemoryWorkbench:
    """A workbench of a store in memory."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def dead_letters(self, after: tuple[int, int] | None, most: int) -> Sequence[DeadLetter]:
        """Dead letters that were not retried."""
        found = [
            letter
            for partition, ledger in sorted(self._tables.ledgers.items())
            for offset, letter in sorted(ledger.dead_letters.items())
            if not letter.retried and (after is None or (partition, offset) > after)
        ]
        return found[:most]

    async def mark_retried(self, letters: Sequence[tuple[int, int]]) -> None:
        """Those records were appended again."""
        for partition, offset in letters:
            kept = self._tables.ledger(partition).dead_letters
            if offset in kept:
                kept[offset] = structs.replace(kept[offset], retried=True)

    async def parked(self, after: tuple[int, str] | None, most: int) -> Sequence[Parked]:
        """Parked customers."""
        dossiers = sorted((shard_of(name), name, each) for name, each in self._tables.dossiers.items() if each.parked)
        found = [
            each.parked
            for shard, name, each in dossiers
            if each.parked is not None
            and (each.row is None or each.row.parked)
            and (after is None or (shard, name) > after)
        ]
        return found[:most]

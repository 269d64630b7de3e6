"""What an operator looks at and puts right: dead letters and parked customers."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.rows import columns
from shared.ports.store import DeadLetter, Parked

DEAD_LETTERS: Final = """
    SELECT partition, log_offset, key, value, reason, appended_at, retried FROM dead_letter
    WHERE (partition, log_offset) > ($1::smallint, $2::bigint) AND NOT retried
    ORDER BY partition, log_offset LIMIT $3
"""

MARK_RETRIED: Final = """
    UPDATE dead_letter SET retried = true FROM unnest($1::smallint[], $2::bigint[]) AS again (partition, log_offset)
    WHERE dead_letter.partition = again.partition AND dead_letter.log_offset = again.log_offset
"""

# Whether a customer is parked is told by its own row; a row in `parked` without one is told as well.
PARKED: Final = """
    SELECT parked.customer_id, parked.error, parked.parked_at, parked.event_id FROM parked
    LEFT JOIN customer ON customer.shard = parked.shard AND customer.customer_id = parked.customer_id
    WHERE (parked.shard, parked.customer_id) > ($1::smallint, $2::text) AND customer.parked IS NOT FALSE
    ORDER BY parked.shard, parked.customer_id LIMIT $3
"""


class PostgresWorkbench:
    """A workbench over a pool of connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def dead_letters(self, after: tuple[int, int] | None, most: int) -> Sequence[DeadLetter]:
        """Dead letters that were not retried."""
        async with connected(self._engine) as raw:
            found = await raw.fetch(DEAD_LETTERS, *(after or (-1, -1)), most)
        return [
            DeadLetter(
                partition=partition,
                offset=offset,
                key=key,
                value=value,
                reason=reason,
                appended_at=appended_at,
                retried=retried,
            )
            for partition, offset, key, value, reason, appended_at, retried in found
        ]

    async def mark_retried(self, letters: Sequence[tuple[int, int]]) -> None:
        """Those records were appended again."""
        if letters:
            async with connected(self._engine) as raw:
                await raw.execute(MARK_RETRIED, *columns(sorted(letters)))

    async def parked(self, after: tuple[int, str] | None, most: int) -> Sequence[Parked]:
        """Parked customers."""
        async with connected(self._engine) as raw:
            found = await raw.fetch(PARKED, *(after or (-1, "")), most)
        return [
            Parked(customer_id=name, error=error, parked_at=parked_at, event_id=event_id)
            for name, error, parked_at, event_id in found
        ]

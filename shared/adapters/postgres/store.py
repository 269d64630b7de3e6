"""The store on PostgreSQL: position and result commit in one transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters import codec
from shared.adapters.postgres import values
from shared.adapters.postgres.engine import connected, transaction
from shared.adapters.postgres.hot import MOST_BYTES, Hot
from shared.adapters.postgres.unit import PostgresUnit
from shared.domain.controls import Control
from shared.ports.store import Message, Position

POSITION_COLUMNS: Final = """
    partition, next_offset, version, epoch, stream_time, outbox, walk_effective_at, walk_shard, walk_customer_id,
    walk_from_shard, walk_from_customer_id, walk_turn, live
"""

CLAIM: Final = f"""
    INSERT INTO position (partition, next_offset, version, epoch, outbox) VALUES ($1, 0, 0, 1, 0)
    ON CONFLICT (partition) DO UPDATE SET epoch = position.epoch + 1
    RETURNING {POSITION_COLUMNS}
"""

POSITION: Final = f"SELECT {POSITION_COLUMNS} FROM position WHERE partition = $1"

CONTROLS: Final = "SELECT body FROM control WHERE partition = $1 ORDER BY effective_at, id"

PARKED: Final = "SELECT count(*) FROM parked"

UNPUBLISHED: Final = """
    SELECT number, topic, customer_id, payload FROM outbox
    WHERE partition = $1 AND number > coalesce((SELECT published FROM relay WHERE partition = $1), 0)
    ORDER BY number LIMIT $2
"""

PUBLISHED: Final = """
    INSERT INTO relay (partition, published) VALUES ($1, $2)
    ON CONFLICT (partition) DO UPDATE SET published = greatest(relay.published, excluded.published)
"""


class PostgresStore:
    """A store over a pool of connections; `partitions` is how many the log has.

    The rows that it wrote last, up to `hot_bytes` of them, are kept as well: they need not be read back.
    """

    def __init__(self, engine: AsyncEngine, partitions: int, hot_bytes: int = MOST_BYTES) -> None:
        self._engine = engine
        self._partitions = partitions
        self._hot = [Hot(hot_bytes // partitions) for _ in range(partitions)]

    async def claim(self, partition: int) -> Position:
        """Take a partition over: waits for the open transaction of an earlier owner, and fences it out."""
        self._hot[partition].clear()
        async with connected(self._engine) as raw:
            claimed = await raw.fetchrow(CLAIM, partition)
            assert claimed is not None
            return values.position(claimed)

    async def position(self, partition: int) -> Position | None:
        """The committed position."""
        async with connected(self._engine) as raw:
            found = await raw.fetchrow(POSITION, partition)
            return None if found is None else values.position(found)

    async def controls(self, partition: int) -> Sequence[Control]:
        """The controls that the partition has processed."""
        async with connected(self._engine) as raw:
            return [codec.decode_control(row[0]) for row in await raw.fetch(CONTROLS, partition)]

    async def parked_count(self) -> int:
        """How many customers are parked: a small table."""
        async with connected(self._engine) as raw:
            return int(await raw.fetchval(PARKED))

    @asynccontextmanager
    async def begin(self, partition: int) -> AsyncIterator[PostgresUnit]:
        """A transaction of one partition, on one connection."""
        hot = self._hot[partition]
        try:
            async with transaction(self._engine) as raw:
                unit = PostgresUnit(raw, partition, self._partitions, hot)
                yield unit
        except BaseException:
            hot.clear()
            raise
        unit.committed()

    async def unpublished(self, partition: int, most: int) -> Sequence[Message]:
        """Outbox messages after the relay's cursor."""
        async with connected(self._engine) as raw:
            found = await raw.fetch(UNPUBLISHED, partition, most)
        return [Message(number=row[0], topic=row[1], customer_id=row[2], payload=row[3]) for row in found]

    async def published(self, partition: int, number: int) -> None:
        """Move the relay's cursor, never backwards."""
        async with connected(self._engine) as raw:
            await raw.execute(PUBLISHED, partition, number)

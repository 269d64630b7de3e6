"""What was fixed when the instance was made, kept in a table of one row."""

from typing import Final

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.postgres.engine import connected

# Where there is a row already, it is returned as it is.
SETTLE: Final = """
    WITH made AS (
        INSERT INTO instance (id, partitions, log, clock, fold_version) VALUES (1, $1, $2, $3, $4)
        ON CONFLICT (id) DO NOTHING
        RETURNING partitions, log, clock, fold_version
    )
    SELECT partitions, log, clock, fold_version FROM made
    UNION ALL SELECT partitions, log, clock, fold_version FROM instance
"""


class Instance(Struct, frozen=True, kw_only=True):
    """Facts that a start must agree with: partitions, kind of log, kind of clock, and whose fold made the states."""

    partitions: int
    log: str
    clock: str
    fold_version: int


async def settle(engine: AsyncEngine, wanted: Instance) -> Instance:
    """The facts of the instance: those that are stored or, where it is new, those that are wanted."""
    async with connected(engine) as raw:
        while True:
            found = await raw.fetchrow(SETTLE, wanted.partitions, wanted.log, wanted.clock, wanted.fold_version)
            if found is not None:  # none: somebody else has stored them after our statement began
                return Instance(partitions=found[0], log=found[1], clock=found[2], fold_version=found[3])

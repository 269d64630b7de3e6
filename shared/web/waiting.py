"""Waiting until appended records have been processed, with little delay and without pestering the store."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from shared.domain.instants import Instant
from shared.ports.store import Position

FIRST_PAUSE: Final = 0.002
LONGEST_PAUSE: Final = 0.05
_GROWTH: Final = 1.4

Positions = Callable[[], Awaitable[Sequence[Position]]]
"""Every partition's committed position: `Queries.positions`."""


async def behind(positions: Positions, offsets: Mapping[int, int], seconds: float) -> list[int]:
    """Wait until every partition's position lies beyond its offset; the partitions that are not so far in the end."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause = FIRST_PAUSE
    while True:
        reached = {position.partition: position.next_offset for position in await positions()}
        left = [partition for partition, offset in offsets.items() if reached.get(partition, 0) <= offset]
        if not left or loop.time() > deadline:
            return left
        await asyncio.sleep(pause)
        pause = min(pause * _GROWTH, LONGEST_PAUSE)


def reached(positions: Sequence[Position], partitions: int) -> Instant | None:
    """The time that all partitions have reached; None before each has had a tick."""
    times = [position.stream_time for position in positions if position.stream_time is not None]
    return min(times) if times and len(times) >= partitions else None

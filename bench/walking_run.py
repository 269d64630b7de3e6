"""A scorer process on a full store that is live: events at a steady rate, ticks, and a control that sets off a walk."""

import asyncio
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from time import monotonic
from typing import Final

from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.feed import append
from bench.growth_run import PARTITIONS, Ground, event_of
from bench.growth_seed import customer_names
from bench.places import writing
from services.ingest.accept import record
from services.ingest.ticker import ticks
from shared.adapters import codec
from shared.adapters.postgres.engine import connected
from shared.domain.controls import Control, Tick
from shared.ports.clock import now
from shared.ports.log import Appending, LogWriter
from shared.ports.store import Position

POSTS_A_SECOND: Final = 10
LOOK_SECONDS: Final = 0.01
SETTLE_SECONDS: Final = 10.0
PATIENCE: Final = 3_600.0
MOVED: Final = "SELECT count(*) FROM transition WHERE body::jsonb ->> 'cause' IN ('policy', 'model')"


class Load(Struct, frozen=True, kw_only=True):
    """What comes in while it is measured."""

    customers: int
    rate: int
    """Events a second, over all partitions."""
    tick_seconds: float


class Waits(Struct, kw_only=True):
    """How long events waited for their commit, those that still wait, and where the partitions stand."""

    seconds: list[float] = field(default_factory=list)
    open: list[tuple[int, int, float]] = field(default_factory=list)
    """(partition, the offset after it, when it was posted)."""
    positions: Mapping[int, Position] = field(default_factory=dict)

    def look(self, positions: Mapping[int, Position]) -> None:
        """Whatever is committed waits no longer."""
        at, self.positions = monotonic(), positions
        done = [one for one in self.open if positions[one[0]].next_offset >= one[1]]
        self.seconds += [at - posted for _, _, posted in done]
        self.open = [one for one in self.open if positions[one[0]].next_offset < one[1]]

    @property
    def walking(self) -> bool:
        """Whether a walk is open anywhere."""
        return any(position.walk is not None for position in self.positions.values())


class Walked(Struct, frozen=True, kw_only=True):
    """What was found."""

    seconds: float
    """From the control in the log to the end of the last partition's walk."""
    customers: int
    moved: int
    """Stages that the control has moved, of lines too."""
    alone: list[float]
    meanwhile: list[float]
    """How long each event waited, without a walk and during one."""
    rebalanced: bool


async def walk(
    there: Ground, load: Load, control: Callable[[], Control], alone_seconds: float, random: Random
) -> Walked:
    """The load for a while, then the same while a control takes everybody's customers through."""
    there.fleet.add("scorer", "scorer")
    async with _under(there, load, random) as waits, writing(there.place) as writer:
        await asyncio.sleep(SETTLE_SECONDS)
        epochs, waits.seconds = _epochs(waits), []
        await asyncio.sleep(alone_seconds)
        alone, waits.seconds = waits.seconds, []
        issued, begun = control(), monotonic()
        value = codec.encode(issued)
        ends = await append(writer, [Appending(partition, None, value) for partition in range(PARTITIONS)])
        await _reached(waits, ends, issued)
        seconds, meanwhile = monotonic() - begun, waits.seconds
        rebalanced = _epochs(waits) != epochs
    return Walked(
        seconds=seconds,
        customers=load.customers,
        moved=await _moved(there.engine),
        alone=alone,
        meanwhile=meanwhile,
        rebalanced=rebalanced,
    )


async def _moved(engine: AsyncEngine) -> int:
    async with connected(engine) as raw:
        return int(await raw.fetchval(MOVED))


async def _reached(waits: Waits, ends: Mapping[int, int], control: Control) -> None:
    """Until every partition has reached the control and is through with its walk."""
    async with asyncio.timeout(PATIENCE):
        while waits.walking or any(
            position.next_offset < ends[partition] or (position.stream_time or 0) < control.effective_at
            for partition, position in waits.positions.items()
        ):
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def _under(there: Ground, load: Load, random: Random) -> AsyncIterator[Waits]:
    """For as long as the block runs, ticks and events come in, and somebody looks when they are committed."""
    waits = Waits()
    async with writing(there.place) as writer, TaskGroup() as group:
        tasks = [
            group.create_task(_tick(writer, load.tick_seconds)),
            group.create_task(_post(writer, load, waits, random)),
            group.create_task(_look(there, waits)),
        ]
        try:
            yield waits
        finally:
            for task in tasks:
                task.cancel()


async def _tick(writer: LogWriter, every: float) -> None:
    while True:
        await append(writer, ticks(Tick(), PARTITIONS))
        await asyncio.sleep(every)


async def _post(writer: LogWriter, load: Load, waits: Waits, random: Random) -> None:
    names, started, number = customer_names(load.customers), monotonic(), 0
    for post in range(1, 1_000_000_000):
        await asyncio.sleep(max(0.0, started + post / POSTS_A_SECOND - monotonic()))
        some = []
        for _ in range(load.rate // POSTS_A_SECOND):
            number += 1
            some.append(record(event_of(random.choice(names), number, random, now()), PARTITIONS))
        posted = monotonic()
        ends = await append(writer, some)
        waits.open += [(partition, end, posted) for partition, end in ends.items() if end]


async def _look(there: Ground, waits: Waits) -> None:
    while True:
        waits.look({position.partition: position for position in await there.place.queries.positions()})
        await asyncio.sleep(LOOK_SECONDS)


def _epochs(waits: Waits) -> list[int]:
    return [position.epoch for _, position in sorted(waits.positions.items())]

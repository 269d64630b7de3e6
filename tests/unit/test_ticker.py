"""Ticks on a live clock: into every partition, every few seconds, and not before senders had time after an outage."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from services.ingest.ticker import Ticker
from shared.adapters import codec
from shared.adapters.memory.log import MemoryLog
from shared.domain.controls import Tick
from shared.domain.errors import LogTimeout
from shared.domain.instants import SECOND, Instant
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.ports.store import Position
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import IngestMetrics
from shared.web.waiting import Positions

START = Instant(1_767_225_600 * SECOND)


class World:
    """Time that passes only while the ticker sleeps, and ends after so many sleeps."""

    def __init__(self, sleeps: int) -> None:
        self.log = MemoryLog(3)
        self.now = START
        self.slept: list[float] = []
        self.at_sleep: Callable[[int], None] = lambda number: None
        self._left = sleeps

    def clock(self) -> Instant:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if len(self.slept) == self._left:
            raise asyncio.CancelledError
        self.at_sleep(len(self.slept))
        self.slept.append(seconds)
        self.now = Instant(self.now + round(seconds * SECOND))

    async def run(self, positions: Positions, writer: LogWriter | None = None) -> Catalogue:
        catalogue = Catalogue("ingest")
        metrics, writer = IngestMetrics(catalogue), writer or self.log.writer()

        async def ends() -> dict[int, int]:
            await writer.append(EVENTS, [])
            return {}

        ticker = Ticker(writer, metrics, positions, ends, clock=self.clock, sleep=self.sleep)
        with pytest.raises(asyncio.CancelledError):
            await ticker.run()
        return catalogue

    def ticks(self, partition: int = 0) -> list[object]:
        return [codec.decode(record.value) for record in self.log.partition(EVENTS, partition).read(0, 1000)]


def told(*times: Instant | None) -> Positions:
    """Partitions that have come to these times."""

    async def positions() -> list[Position]:
        return [Position(partition=number, stream_time=at) for number, at in enumerate(times)]

    return positions


def seconds_ago(seconds: int) -> Instant:
    return Instant(START - seconds * SECOND)


class Moody:
    """A log that takes no ticks while it is told not to."""

    def __init__(self, writer: LogWriter, error: Exception) -> None:
        self._writer = writer
        self._error = error
        self.away = False

    @property
    def partitions(self) -> int:
        return self._writer.partitions

    async def start(self) -> None: ...

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        if self.away:
            raise self._error
        return await self._writer.append(topic, records)

    async def stop(self) -> None: ...


async def test_every_partition_gets_a_tick_without_a_time_of_its_own_every_two_seconds() -> None:
    world = World(sleeps=3)

    catalogue = await world.run(told(None))

    assert world.slept == [2.0, 2.0, 2.0]
    assert [world.ticks(partition) for partition in range(3)] == [[Tick()] * 4] * 3
    assert "lifestage_ingest_ticks_total 12.0" in catalogue.exposition().decode()


@pytest.mark.parametrize("gap", [0, 30, 60])
async def test_after_a_short_pause_ticks_go_on_at_once(gap: int) -> None:
    world = World(sleeps=1)

    await world.run(told(seconds_ago(gap)))

    assert world.slept == [2.0]


async def test_after_an_outage_ticks_wait_the_settling_time_once(caplog: pytest.LogCaptureFixture) -> None:
    world = World(sleeps=3)
    counts: list[int] = []
    world.at_sleep = lambda number: counts.append(len(world.ticks()))

    await world.run(told(None, seconds_ago(9000), seconds_ago(7200)))

    assert world.slept == [600.0, 2.0, 2.0]
    assert counts == [0, 1, 2]
    [record] = caplog.records
    assert record.getMessage() == "ticks wait after an outage"
    assert record.__dict__["gap_seconds"] == 7200


async def test_while_they_wait_the_metrics_say_so() -> None:
    world = World(sleeps=0)

    catalogue = await world.run(told(None, seconds_ago(9000), seconds_ago(7200)))

    assert "lifestage_ingest_settling 1.0" in catalogue.exposition().decode()


@pytest.mark.parametrize("error", [LogTimeout("away"), ConnectionError("away")])
async def test_a_log_that_was_away_for_long_is_an_outage_too(error: Exception) -> None:
    world = World(sleeps=40)
    moody = Moody(world.log.writer(), error)

    def mood(number: int) -> None:
        moody.away = 2 <= number < 35

    world.at_sleep = mood
    await world.run(told(None), moody)

    assert world.slept.count(600.0) == 1
    assert world.slept.index(600.0) == 36  # once it is back, so that what could not be posted comes first


async def test_a_log_that_was_away_briefly_is_not() -> None:
    world = World(sleeps=40)
    moody = Moody(world.log.writer(), LogTimeout("away"))

    def mood(number: int) -> None:
        moody.away = 2 <= number < 30

    world.at_sleep = mood
    await world.run(told(None), moody)

    assert set(world.slept) == {2.0}


async def test_another_process_that_ticked_meanwhile_makes_it_no_outage() -> None:
    world = World(sleeps=40)
    moody = Moody(world.log.writer(), LogTimeout("away"))

    def mood(number: int) -> None:
        moody.away = 2 <= number < 35

    async def positions() -> list[Position]:
        return [Position(partition=0, stream_time=world.now)]

    world.at_sleep = mood
    await world.run(positions, moody)

    assert set(world.slept) == {2.0}


async def test_a_store_that_cannot_tell_the_last_tick_is_asked_again() -> None:
    world = World(sleeps=3)
    asked = 0

    async def positions() -> list[Position]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ConnectionError("away")
        return []

    await world.run(positions)

    assert asked == 2
    assert world.slept == [2.0, 2.0, 2.0]
    assert len(world.ticks()) == 3

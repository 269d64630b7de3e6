"""How the readers of every log take partitions over, hold them and hand them on."""

import asyncio
import time

from shared.ports.log import EVENTS, Appending, LogReader, LogWriter
from tests.contract.log.beds import ABSENCE, PARTITIONS, Bed
from tests.contract.log.worker import Worker, numbered, working


async def test_a_held_partition_waits_until_it_is_released(bed: Bed, writer: LogWriter) -> None:
    async with working(bed.reader()) as worker:
        await worker.until_it_owns(PARTITIONS)

        worker.reader.hold(1)
        await writer.append(EVENTS, numbered(0, range(5)) + numbered(1, range(5)))
        await worker.until(lambda: worker.total() == 5)
        await worker.polls(3)
        held = worker.values(1)
        worker.reader.release(1)
        await worker.until(lambda: worker.total() == 10)

    assert held == []
    assert worker.reader.owned() == frozenset()
    assert worker.values(1) == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_forgotten_partition_is_claimed_and_read_anew(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(3, range(10)))
    async with working(bed.reader(batch=4)) as worker:
        await worker.until(lambda: len(worker.values(3)) == 10)

        worker.positions[3] = 6
        worker.reader.hold(3)  # a claim begins afresh
        worker.reader.forget(3)
        still_owned = 3 in worker.reader.owned()
        await worker.until(lambda: len(worker.values(3)) == 14)

    assert not still_owned
    assert worker.values(3)[10:] == [b"6", b"7", b"8", b"9"]
    assert worker.claims.count(3) == 2


async def test_a_partition_forgotten_again_and_again_is_not_claimed_in_a_rush(bed: Bed, writer: LogWriter) -> None:
    async with working(bed.reader()) as worker:
        await worker.until_it_owns(PARTITIONS)
        for _ in range(30):
            worker.reader.forget(2)
            await worker.polls(1)

        assert 3 <= worker.claims.count(2) <= 10


async def test_a_claim_that_fails_is_tried_again_while_the_others_are_served(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(0, range(3)) + numbered(1, range(3)))
    failures = 3

    class Troubled(Worker):
        async def claim(self, partition: int) -> int:
            offset = await super().claim(partition)
            if partition == 1 and self.claims.count(1) <= failures:
                raise ConnectionError("the store is away")
            return offset

    worker = Troubled(bed.reader(), {})
    await worker.start()
    await worker.until(lambda: worker.total() == 3)
    first = worker.values(0)
    await worker.until(lambda: worker.total() == 6)
    await worker.stop()

    assert first == [b"0", b"1", b"2"]
    assert worker.claims.count(1) == failures + 1


async def test_two_readers_share_and_hand_over_when_one_joins_and_when_one_leaves(bed: Bed, writer: LogWriter) -> None:
    positions: dict[int, int] = {}
    async with working(bed.reader(), positions) as first:
        await first.until_it_owns(PARTITIONS)
        async with working(bed.reader(), positions) as second:
            await second.until_it_owns(PARTITIONS // 2)
            await first.until_it_owns(PARTITIONS // 2)
            shared = first.reader.owned() | second.reader.owned()
            for partition in range(PARTITIONS):
                await writer.append(EVENTS, numbered(partition, range(10)))
            await second.until(lambda: first.total() + second.total() == 10 * PARTITIONS)
            read_by_both = bool(first.total()) and bool(second.total())
        await first.until_it_owns(PARTITIONS)
        for partition in range(PARTITIONS):
            await writer.append(EVENTS, numbered(partition, range(10, 20)))
        await first.until(lambda: first.total() + second.total() == 20 * PARTITIONS)

    assert shared == frozenset(range(PARTITIONS))
    assert read_by_both
    for partition in range(PARTITIONS):
        assert sorted(first.values(partition) + second.values(partition)) == sorted(b"%d" % n for n in range(20))


async def test_more_readers_than_partitions_do_no_harm(bed: Bed, writer: LogWriter) -> None:
    positions: dict[int, int] = {}
    workers = [Worker(bed.reader(), positions) for _ in range(PARTITIONS + 1)]
    await asyncio.gather(*(worker.start() for worker in workers))
    try:
        await workers[0].until(lambda: sorted(len(w.reader.owned()) for w in workers) == [0, 1, 1, 1, 1])
        for partition in range(PARTITIONS):
            await writer.append(EVENTS, numbered(partition, range(10)))
        await workers[0].until(lambda: sum(worker.total() for worker in workers) == 10 * PARTITIONS)
    finally:
        await asyncio.gather(*(worker.stop() for worker in workers))


async def test_the_partitions_of_a_reader_that_died_are_taken_over(bed: Bed, writer: LogWriter) -> None:
    victim = await bed.victim()
    await victim.until_it_owns(PARTITIONS)
    async with working(bed.reader()) as heir:
        await victim.until_it_owns(PARTITIONS // 2)
        await heir.until_it_owns(PARTITIONS // 2)

        await victim.kill()
        killed = time.monotonic()
        await writer.append(EVENTS, [Appending(partition, None, b"x") for partition in range(PARTITIONS)])
        await heir.until(lambda: {partition for partition in heir.records if heir.records[partition]} == {0, 1, 2, 3})

    assert time.monotonic() - killed < ABSENCE + 4  # by default an absence is 5 or 6 s, which leaves it below 10


async def test_a_reader_may_stop_before_it_owns_anything(bed: Bed) -> None:
    async def never(partition: int) -> int:
        await asyncio.Event().wait()
        return 0

    reader: LogReader = bed.reader()
    await reader.start(never)
    await reader.poll()
    async with asyncio.timeout(5):
        await reader.stop()

    assert reader.owned() == frozenset()

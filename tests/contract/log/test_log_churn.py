"""Workers that come, go, fail and are fenced, over every log: nothing is skipped, nothing is committed twice."""

import asyncio
import random
from collections.abc import Sequence
from typing import Final

from shared.ports.log import EVENTS, Appending, LogReader, LogWriter, Record
from tests.contract.log.beds import PARTITIONS, Bed

SECONDS: Final = 2.0
PAUSE: Final = 0.01


class Fencing:
    """A store as the port describes it: who claimed a partition last can commit, from where the partition stands."""

    def __init__(self) -> None:
        self.epochs = dict.fromkeys(range(PARTITIONS), 0)
        self.committed: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
        self.wrong: list[tuple[int, int]] = []

    def claim(self, partition: int) -> tuple[int, int]:
        """The new epoch, and the first offset wanted."""
        self.epochs[partition] += 1
        return self.epochs[partition], len(self.committed[partition])

    def commit(self, partition: int, epoch: int, records: Sequence[Record]) -> bool:
        """Whether the worker still is the owner; then the records have to be those that come next."""
        if epoch != self.epochs[partition]:
            return False
        expected = len(self.committed[partition])
        if [record.offset for record in records] != list(range(expected, expected + len(records))):
            self.wrong.append((partition, expected))
        self.committed[partition] += [record.value for record in records]
        return True


class Scorer:
    """A worker that is slow, fails to claim and to commit now and then, and holds what it has enough of."""

    def __init__(self, reader: LogReader, store: Fencing, luck: random.Random) -> None:
        self._reader = reader
        self._store = store
        self._luck = luck
        self._epochs: dict[int, int] = {}
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._reader.stop()

    async def _claim(self, partition: int) -> int:
        await asyncio.sleep(self._luck.random() * PAUSE)
        if self._luck.random() < 0.1:
            raise ConnectionError("the store is away")
        self._epochs[partition], offset = self._store.claim(partition)
        return offset

    async def _run(self) -> None:
        await self._reader.start(self._claim)
        while True:
            found = await self._reader.poll()
            epochs = dict(self._epochs)
            for partition, records in found.items():
                await asyncio.sleep(self._luck.random() * PAUSE)
                failed = self._luck.random() < 0.02
                if failed or not self._store.commit(partition, epochs[partition], records):
                    self._reader.forget(partition)
                elif self._luck.random() < 0.1:
                    self._reader.hold(partition)
                    asyncio.get_running_loop().call_later(PAUSE, self._reader.release, partition)


async def append_for_a_while(writer: LogWriter, luck: random.Random) -> dict[int, list[bytes]]:
    """Append numbers to random partitions; returns them."""
    appended: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
    end = asyncio.get_running_loop().time() + SECONDS
    while asyncio.get_running_loop().time() < end:
        records = [Appending(luck.randrange(PARTITIONS), None, b"%d" % number) for number in range(luck.randint(1, 50))]
        await writer.append(EVENTS, records)
        for record in records:
            appended[record.partition].append(record.value)
        await asyncio.sleep(luck.random() * PAUSE)
    return appended


async def test_workers_that_come_and_go_commit_every_record_once_and_in_order(bed: Bed, writer: LogWriter) -> None:
    luck = random.Random(17)
    store = Fencing()
    scorers = [Scorer(bed.reader(batch=50), store, luck)]
    appending = asyncio.create_task(append_for_a_while(writer, luck))

    while not appending.done():
        await asyncio.sleep(luck.random() * SECONDS / 4)
        if len(scorers) < 3:
            scorers.append(Scorer(bed.reader(batch=luck.choice([20, 2000])), store, luck))
        else:
            await scorers.pop(luck.randrange(3)).stop()
    async with asyncio.timeout(20):
        while store.committed != appending.result():
            await asyncio.sleep(PAUSE)
    for scorer in scorers:
        await scorer.stop()

    assert store.wrong == []

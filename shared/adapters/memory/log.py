"""The log in memory: for tests and for programs that live and die in one process."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from shared.adapters.holdings import Holdings, patient
from shared.adapters.sharing import shared_out
from shared.domain.errors import LogMismatch, PositionLost
from shared.domain.instants import EARLIEST, Instant
from shared.ports.clock import now
from shared.ports.log import EVENTS, Appending, Claim, LogReader, LogWriter, Record

BATCH: Final = 2000
PATIENCE: Final = 0.03  # seconds that a poll waits for records


class MemoryLog:
    """A log whose writers and readers live in this process. Appending needs no waiting; time never goes back."""

    def __init__(self, partitions: int = 4, clock: Callable[[], Instant] = now) -> None:
        self.partitions = partitions
        self._clock = clock
        self._logs: dict[tuple[str, int], _Partition] = {}
        self._readers: dict[str, MemoryLogReader] = {}
        self._owners: dict[int, str] = {}
        self._numbered = 0

    def writer(self) -> LogWriter:
        """A new writer."""
        return MemoryLogWriter(self, self.partitions)

    def reader(self, *, batch: int = BATCH) -> LogReader:
        """A new reader, which shares the partitions with the others."""
        return MemoryLogReader(self, batch)

    def partition(self, topic: str, partition: int) -> "_Partition":
        """One partition of a topic."""
        if not 0 <= partition < self.partitions:
            raise ValueError(f"partition {partition} is not one of {self.partitions}")
        return self._logs.setdefault((topic, partition), _Partition(partition))

    def append(self, topic: str, records: Sequence[Appending]) -> list[int]:
        """Append records and tell everyone who waits for them."""
        at = self._clock()
        offsets = [self.partition(topic, record.partition).append(record, at) for record in records]
        for reader in self._readers.values():
            reader.ring()
        return offsets

    def trim(self, partition: int, below: int, topic: str = EVENTS) -> None:
        """Forget the records below an offset, as retention does."""
        self.partition(topic, partition).trim(below)

    def join(self, reader: "MemoryLogReader") -> str:
        """A reader is there from now on; returns its name."""
        self._numbered += 1
        name = f"{self._numbered:06d}"
        self._readers[name] = reader
        self._share()
        return name

    def leave(self, name: str) -> None:
        """A reader is gone, by its own will or because it died."""
        if self._readers.pop(name, None) is not None:
            self._share()

    def _share(self) -> None:
        self._owners = shared_out(self.partitions, self._readers, self._owners)
        for name, reader in self._readers.items():
            reader.keep({partition for partition, owner in self._owners.items() if owner == name})


class _Partition:
    """One partition's records. Headers are kept beside, as readers of the events topic do not see them."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._records: list[Record] = []
        self.headers: dict[int, tuple[tuple[str, bytes], ...]] = {}
        self._at = EARLIEST
        self.first = 0

    @property
    def end(self) -> int:
        return self.first + len(self._records)

    def append(self, record: Appending, at: Instant) -> int:
        offset = self.end
        self._at = max(self._at, at)
        self._records.append(Record(self._number, offset, self._at, record.key, record.value))
        self.headers[offset] = record.headers
        return offset

    def read(self, offset: int, most: int) -> list[Record]:
        return self._records[offset - self.first : offset - self.first + most]

    def trim(self, below: int) -> None:
        below = min(below, self.end)
        for offset in range(self.first, below):
            del self.headers[offset]
        del self._records[: max(0, below - self.first)]
        self.first = max(self.first, below)

    def check(self, wanted: int) -> None:
        if wanted < self.first:
            raise PositionLost(self._number, wanted, self.first)
        if wanted > self.end:
            raise LogMismatch(f"partition {self._number}: offset {wanted} is wanted, but the log ends at {self.end}")


class MemoryLogWriter:
    """Appends to a MemoryLog."""

    def __init__(self, log: MemoryLog, partitions: int) -> None:
        self._log = log
        self._partitions = partitions

    @property
    def partitions(self) -> int:
        return self._partitions

    async def start(self) -> None:
        if self._partitions != self._log.partitions:
            raise LogMismatch(f"the log has {self._log.partitions} partitions, not {self._partitions}")

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        await asyncio.sleep(0)  # as with a real log others may go first
        return self._log.append(topic, records)

    async def stop(self) -> None:
        """Nothing is left open."""


class MemoryLogReader:
    """Reads a MemoryLog."""

    def __init__(self, log: MemoryLog, batch: int) -> None:
        self._log = log
        self._batch = batch
        self._bell = asyncio.Event()
        self._claim: Claim
        self._holdings = Holdings(self._claimed)
        self._name = ""

    async def start(self, claim: Claim) -> None:
        self._claim = claim
        self._name = self._log.join(self)

    async def poll(self) -> Mapping[int, Sequence[Record]]:
        self._bell.clear()
        found = self._read()
        if found:
            await asyncio.sleep(0)
            return found
        await patient(self._bell, PATIENCE)
        return self._read()

    def owned(self) -> frozenset[int]:
        return self._holdings.owned()

    def hold(self, partition: int) -> None:
        self._holdings.hold(partition)

    def release(self, partition: int) -> None:
        self._holdings.release(partition)
        self.ring()

    def forget(self, partition: int) -> None:
        self._holdings.renew(partition)

    async def ends(self) -> Mapping[int, int]:
        return {partition: self._log.partition(EVENTS, partition).end for partition in range(self._log.partitions)}

    async def stop(self) -> None:
        self.die()
        await self._holdings.stop()

    def die(self) -> None:
        """Be gone without a word, as a process that is killed: the others take over."""
        self._log.leave(self._name)
        self._holdings.keep(())

    def keep(self, partitions: set[int]) -> None:
        """The partitions that are this reader's from now on."""
        self._holdings.keep(partitions)

    def ring(self) -> None:
        """There may be something new."""
        self._bell.set()

    async def _claimed(self, partition: int) -> int:
        offset = await self._claim(partition)
        self.ring()
        return offset

    def _read(self) -> dict[int, Sequence[Record]]:
        self._holdings.raise_error()
        found: dict[int, Sequence[Record]] = {}
        for partition, offset in self._holdings.wanted().items():
            log = self._log.partition(EVENTS, partition)
            try:
                log.check(offset)
            except (PositionLost, LogMismatch) as error:
                self._holdings.lose(partition, error)
            else:
                found[partition] = log.read(offset, self._batch)
        self._holdings.raise_error()
        found = {partition: records for partition, records in found.items() if records}
        for partition, records in found.items():
            self._holdings.advance(partition, records[-1].offset + 1)
        return found

"""Reading the log in Kafka."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import ConsumerRecord
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from shared.adapters.holdings import Holdings, patient
from shared.adapters.kafka.cluster import TROUBLE, KafkaCluster
from shared.adapters.kafka.membership import PATIENCE, Fetched, Membership
from shared.adapters.kafka.topics import prepare
from shared.domain.errors import LogMismatch, LogTimeout, PositionLost
from shared.domain.instants import Instant
from shared.ports.log import Claim, Record

BEAT: Final = 0.2
SHORTEST_ROUND: Final = 0.01
LONGEST_ROUND: Final = 0.25  # seconds that a poll waits while there is a rebalance
LONGEST_REBALANCE: Final = 30.0
FAILURES: Final = 5  # in a row, until the consumer is given up
LONGEST_PAUSE: Final = 10.0

logger: Final = logging.getLogger(__name__)


class KafkaLogReader:
    """A reader whose consumer is thrown away for a new one when it has been away for too long or does not deliver."""

    def __init__(
        self, cluster: KafkaCluster, *, group: str, batch: int, session: float, stall: float, idle: float
    ) -> None:
        self._cluster = cluster
        self._group = group
        self._batch = batch
        self._session = session
        self._stall = stall
        self._idle = idle
        self._claim: Claim
        self._holdings = Holdings(self._claimed)
        self._membership: Membership | None = None
        self._asked: Mapping[int, int] = {}
        self._asked_at = 0.0
        self._reading: asyncio.Task[Fetched] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._doubt = asyncio.Event()
        self._failures = 0
        self._pause = BEAT
        self._beat = time.monotonic()  # when the event loop was last seen to run
        self._polled = time.monotonic()
        self._silent: dict[int, float] = {}  # for how many seconds a partition has been asked in vain
        self._missing: dict[int, float] = {}  # how long that may go on once it is known to have records

    async def start(self, claim: Claim) -> None:
        self._claim = claim
        await prepare(self._cluster)
        try:
            await self._join()
        except TROUBLE as error:
            raise LogTimeout(f"Kafka at {self._cluster.bootstrap} is out of reach: {error!r}") from error
        self._keeping = asyncio.create_task(self._keep())

    async def poll(self) -> Mapping[int, Sequence[Record]]:
        self._polled = time.monotonic()
        self._holdings.raise_error()
        if self._membership is None:
            await asyncio.sleep(PATIENCE)
            return {}
        if self._reading is None:
            self._asked, self._asked_at = self._holdings.wanted(), time.monotonic()
            self._reading = asyncio.create_task(self._read(self._membership, self._asked))
        # Never cancelled: what it had taken would be lost, and aiokafka would count the member as busy for ever.
        await asyncio.wait({self._reading}, timeout=LONGEST_ROUND)
        self._holdings.raise_error()
        if self._frozen():
            self._doubt.set()
            self._holdings.keep(())
        if self._reading is None or not self._reading.done():
            return {}
        fetched, self._reading = self._reading.result(), None
        return self._handed_out(fetched)

    def owned(self) -> frozenset[int]:
        return self._holdings.owned()

    def hold(self, partition: int) -> None:
        self._holdings.hold(partition)
        self._hear(partition)

    def release(self, partition: int) -> None:
        self._holdings.release(partition)

    def forget(self, partition: int) -> None:
        if not self._frozen():
            self._holdings.renew(partition)

    async def ends(self) -> Mapping[int, int]:
        if self._membership is None:
            raise LogTimeout("Kafka is out of reach at the moment")
        try:
            return await self._membership.ends(within=self._cluster.deadline)
        except TROUBLE as error:
            raise LogTimeout(f"Kafka does not tell the log's ends: {error!r}") from error

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        await self._leave()
        if self._leaving:
            await asyncio.wait(self._leaving)
        await self._holdings.stop()

    async def _claimed(self, partition: int) -> int:
        offset = await self._claim(partition)
        if self._membership is not None:
            self._membership.seek(partition, offset)
        self._hear(partition)
        return offset

    def _handed_out(self, fetched: Fetched) -> dict[int, list[Record]]:
        """What was asked for and is still wanted from there; the rest is fetched again when it is wanted."""
        wanted = self._holdings.wanted()
        found: dict[int, list[Record]] = {}
        for place, records in fetched.items():
            partition, asked = place.partition, self._asked[place.partition]
            if wanted.get(partition) == asked:
                found[partition] = [_record(record) for record in records if record.offset >= asked]
                self._holdings.advance(partition, records[-1].offset + 1)
            else:
                self._seek(partition)
        # Only the time spent asking counts: while the worker is busy elsewhere, nothing can come.
        seconds = max(SHORTEST_ROUND, min(time.monotonic() - self._asked_at, LONGEST_ROUND))
        for partition in self._asked:
            if partition in found:
                self._hear(partition)
            else:
                self._silent[partition] = self._silent.get(partition, 0.0) + seconds
        return {partition: records for partition, records in found.items() if records}

    async def _read(self, membership: Membership, wanted: Mapping[int, int]) -> Fetched:
        try:
            fetched = await membership.fetch(wanted, self._batch)
        except OffsetOutOfRangeError as error:
            for place in error.args[0]:
                await self._examine(membership, place.partition)
        except NoOffsetForPartitionError:
            pass  # a rebalance came between
        except Exception as error:  # whatever it is, reading has to go on
            logger.warning("records could not be fetched", extra={"error": repr(error)})
            self._failures += 1
            if self._failures >= FAILURES:
                self._doubt.set()
            await asyncio.sleep(PATIENCE)
        else:
            self._failures = 0
            return fetched
        for partition in self._holdings.owned():  # what had been taken from the others is lost (FACTS 3)
            self._seek(partition)
        return {}

    async def _examine(self, membership: Membership, partition: int) -> None:
        """Kafka has nothing at the place that is wanted: find out why, and hold the partition."""
        wanted = self._holdings.next(partition)
        try:
            first, end = await membership.bounds(partition)
        except TROUBLE:
            return  # it will be asked for again
        if wanted is not None and wanted < first:
            self._holdings.lose(partition, PositionLost(partition, wanted, first))
        elif wanted is not None and wanted > end:
            mismatch = f"partition {partition}: offset {wanted} is wanted, but the log ends at {end}"
            self._holdings.lose(partition, LogMismatch(mismatch))

    def _seek(self, partition: int) -> None:
        wanted = self._holdings.next(partition)
        if self._membership is not None and wanted is not None:
            self._membership.seek(partition, wanted)

    def _hear(self, partition: int) -> None:
        """It is not silent, or for a good reason."""
        self._silent.pop(partition, None)
        self._missing.pop(partition, None)

    def _frozen(self) -> bool:
        """Whether this process stood still for so long that others have taken over."""
        return time.monotonic() - self._beat > self._session

    def _unused(self) -> bool:
        """Whether nobody polls: then others shall have the partitions until somebody does again."""
        return time.monotonic() - self._polled > self._idle

    async def _keep(self) -> None:
        """Watch over the consumer."""
        while True:
            await patient(self._doubt, BEAT)
            try:
                await self._look_after()
            except Exception as error:  # whatever it is, somebody has to go on watching
                logger.warning("the consumer of Kafka could not be replaced", extra={"error": repr(error)})
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
            self._beat = time.monotonic()

    async def _look_after(self) -> None:
        """Replace the consumer when it is in doubt; do without while nobody polls."""
        if self._unused():
            await self._leave()
        elif self._doubt.is_set() or await self._stuck() or self._frozen():
            await self._leave()
            await self._join()

    async def _stuck(self) -> bool:
        """Whether a rebalance does not end, or records that are there do not come (FACTS 7)."""
        if self._membership is None or self._membership.unsettled > LONGEST_REBALANCE:
            return True
        limits = {partition: self._missing.get(partition, self._stall) for partition in self._silent}
        silent = [partition for partition, seconds in self._silent.items() if seconds > limits[partition]]
        ends = await self._ends_within(self._session / 3) if silent else {}
        wanted = self._holdings.wanted()
        for partition in silent:
            if partition not in wanted or ends.get(partition, 0) <= wanted[partition]:
                self._hear(partition)
            elif partition in self._missing:
                return True
            else:  # they may have come this moment
                self._missing[partition] = limits[partition] + self._stall / 4
        return False

    async def _ends_within(self, seconds: float) -> Mapping[int, int]:
        """The ends; none when Kafka does not tell, for then it is no wonder that nothing comes."""
        try:
            return {} if self._membership is None else await self._membership.ends(within=seconds)
        except TROUBLE:
            return {}

    async def _join(self) -> None:
        membership = Membership(self._cluster, group=self._group, session=self._session, changed=self._holdings.keep)
        try:
            await membership.open()
        except BaseException:
            await membership.close()
            raise
        self._membership = membership
        self._beat = time.monotonic()
        self._failures = 0
        self._pause = BEAT

    async def _leave(self) -> None:
        """Give the consumer up with all that it has; nothing is handed out until there is a new one."""
        membership, self._membership = self._membership, None
        reading, self._reading = self._reading, None
        self._holdings.keep(())
        self._silent.clear()
        self._missing.clear()
        self._doubt.clear()
        if reading is not None:
            reading.cancel()
        if membership is not None:
            leaving = asyncio.create_task(membership.close())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            await asyncio.shield(leaving)


def _record(fetched: ConsumerRecord[bytes, bytes]) -> Record:
    at = Instant(fetched.timestamp * 1000)
    return Record(fetched.partition, fetched.offset, at, fetched.key, fetched.value or b"")

"""Appending to the log in Kafka."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from shared.adapters.kafka.cluster import TROUBLE, KafkaCluster, close_producer, milliseconds
from shared.adapters.kafka.topics import TOPICS, prepare
from shared.domain.errors import LogTimeout
from shared.ports.log import Appending

BATCH_BYTES: Final = 512 * 1024  # below what a broker accepts by default


class _Request:
    """The part of an append that goes to one partition."""

    __slots__ = ("done", "offsets", "records")

    def __init__(self, records: Sequence[Appending]) -> None:
        self.records = records
        self.offsets: list[int] = []
        self.done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()

    def fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(LogTimeout(why))


class _Lane:
    """One partition's requests: gathered while a batch is under way, and sent as the next.

    One batch at a time, and none after a failed one of the same request: what was kept of a request is always its
    beginning. aiokafka's own `send` would go on with the rest.
    """

    def __init__(self, send: Callable[[BatchBuilder], Awaitable[int]], batch: Callable[[], Awaitable[BatchBuilder]]):
        self._send = send
        self._batch = batch
        self._waiting: deque[_Request] = deque()
        self.working: asyncio.Task[None] | None = None

    def put(self, request: _Request) -> None:
        self._waiting.append(request)
        if self.working is None:
            self.working = asyncio.create_task(self._work())

    def fail(self, why: str) -> None:
        """Nobody will send what waits."""
        while self._waiting:
            self._waiting.popleft().fail(why)

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._step()
        finally:
            self.working = None

    async def _step(self) -> None:
        taken: list[tuple[_Request, int]] = []
        try:
            batch = await self._batch()
            taken = self._fill(batch)
            first = await self._send(batch) if taken else 0
        except Exception as error:  # whatever it is, it must not be the end of appending
            why = f"the log did not acknowledge: {error!r}"
            for request, _ in taken:
                request.fail(why)
            if taken and self._waiting and self._waiting[0] is taken[-1][0]:
                self._waiting.popleft()
            if not taken:
                self.fail(why)
            return
        for request, count in taken:
            request.offsets.extend(range(first, first + count))
            first += count
            if len(request.offsets) == len(request.records) and not request.done.done():
                request.done.set_result(request.offsets)

    def _fill(self, batch: BatchBuilder) -> list[tuple[_Request, int]]:
        """Put in as much as there is room for; tells how many records of which requests."""
        taken: list[tuple[_Request, int]] = []
        while self._waiting:
            request = self._waiting[0]
            if request.done.done():  # nobody waits for it any more
                self._waiting.popleft()
                continue
            count = _add(batch, request)
            if count:
                taken.append((request, count))
            if len(request.offsets) + count < len(request.records):
                break
            self._waiting.popleft()
        return taken


def _add(batch: BatchBuilder, request: _Request) -> int:
    sent = len(request.offsets)
    for place in range(sent, len(request.records)):
        record = request.records[place]
        if batch.append(timestamp=None, key=record.key, value=record.value, headers=[*record.headers]) is None:
            return place - sent
    return len(request.records) - sent


def _noticed(sent: "asyncio.Future[RecordMetadata]") -> None:
    """An error that comes when nobody waits any more is not to be reported as overlooked."""
    if not sent.cancelled():
        sent.exception()


class KafkaLogWriter:
    """Appends to Kafka with `acks=all` and without idempotence: what is read is de-duplicated by event id (FACTS 4)."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def partitions(self) -> int:
        return self._cluster.partitions

    async def start(self) -> None:
        await prepare(self._cluster)
        try:
            await self._started()
        except TROUBLE as error:
            raise LogTimeout(f"Kafka at {self._cluster.bootstrap} cannot be reached: {error!r}") from error

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        places: dict[int, list[int]] = {}
        for place, record in enumerate(records):
            places.setdefault(record.partition, []).append(place)
        self._check(topic, places)
        requests = {partition: _Request([records[place] for place in its]) for partition, its in places.items()}
        for partition, request in requests.items():
            self._lane(topic, partition).put(request)
        await self._acknowledged([request.done for request in requests.values()])
        offsets = [0] * len(records)
        for partition, its in places.items():
            for place, offset in zip(its, requests[partition].offsets, strict=True):
                offsets[place] = offset
        return offsets

    async def stop(self) -> None:
        working = {lane.working for lane in self._lanes.values() if lane.working is not None}
        if working:
            await asyncio.wait(working, timeout=self._cluster.deadline)
        for lane in self._lanes.values():
            lane.fail("the writer was stopped")
        if self._producer is not None:
            self._retire(self._producer)
        if self._retiring:
            await asyncio.wait(self._retiring)

    def _check(self, topic: str, partitions: Iterable[int]) -> None:
        if topic not in TOPICS:
            raise ValueError(f"{topic!r} is not a topic of the log: {', '.join(TOPICS)}")
        for partition in partitions:
            if not 0 <= partition < self.partitions:
                raise ValueError(f"partition {partition} is not one of {self.partitions}")

    async def _acknowledged(self, requests: "list[asyncio.Future[list[int]]]") -> None:
        deadline = self._cluster.deadline
        waiting = (await asyncio.wait(requests, timeout=deadline))[1] if requests else ()
        for request in waiting:
            request.cancel()
        for error in [request.exception() for request in requests if not request.cancelled()]:
            if error is not None:
                raise error
        if waiting:
            raise LogTimeout(f"the log did not acknowledge within {deadline:g} s")

    def _lane(self, topic: str, partition: int) -> _Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:

            async def send(batch: BatchBuilder) -> int:
                return await self._send(batch, self._cluster.prefix + topic, partition)

            lane = self._lanes[topic, partition] = _Lane(send, self._batch)
        return lane

    async def _batch(self) -> BatchBuilder:
        batch: BatchBuilder = (await self._started()).create_batch()
        return batch

    async def _send(self, batch: BatchBuilder, topic: str, partition: int) -> int:
        producer = await self._started()
        try:
            async with asyncio.timeout(self._cluster.deadline):
                sent: asyncio.Future[RecordMetadata] = await producer.send_batch(batch, topic, partition=partition)
                sent.add_done_callback(_noticed)
                await asyncio.wait({sent})  # unlike an await, this does not cancel it, which would hide its error
                return sent.result().offset
        except BaseException:
            self._retire(producer)
            raise

    async def _started(self) -> AIOKafkaProducer:
        """The producer; after a failure a new one, as the old one may be stuck."""
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    acks="all",
                    enable_idempotence=False,
                    compression_type="lz4",
                    linger_ms=0,
                    max_batch_size=BATCH_BYTES,
                    request_timeout_ms=milliseconds(self._cluster.deadline),
                    **self._cluster.client("writer"),
                )
                try:
                    async with asyncio.timeout(self._cluster.deadline):
                        await producer.start()
                except BaseException:
                    self._retire(producer)
                    raise
                self._producer = producer
            return self._producer

    def _retire(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        if not producer._closed:
            task = asyncio.create_task(close_producer(producer))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

"""Reading the log in Kafka."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from shared.adapters.holdings import Holdings, patient
from shared.adapters.kafka.cluster import TROUBLE, KafkaCluster, close_consumer
from shared.adapters.kafka.membership import joined
from shared.adapters.kafka.topics import prepare
from shared.domain.errors import LogMismatch, LogTimeout, PositionLost
from shared.domain.instants import Instant
from shared.ports.log import EVENTS, Claim, Record

PATIENCE: Final = 0.03  # seconds that a poll waits for records
BEAT: Final = 0.2
REBALANCE: Final = 30.0  # a rebalance that takes longer will never end
FAILURES: Final = 5  # in a row, until the consumer is thought to be broken
LONGEST_PAUSE: Final = 10.0

Fetched = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]

logger: Final = logging.getLogger(__name__)


class KafkaLogReader:
    """A member of a consumer group. Its consumer is thrown away for a new one whenever it seems to be stuck."""

    def __init__(self, cluster: KafkaCluster, *, group: str, batch: int, session: float, stall: float) -> None:
        self._cluster = cluster
        self._group = group
        self._batch = batch
        self._session = session
        self._stall = stall
        self._topic = cluster.prefix + EVENTS
        self._holdings: Holdings
        self._consumer: AIOKafkaConsumer | None = None
        self._reading: asyncio.Task[Fetched] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._broken = asyncio.Event()
        self._failures = 0
        self._beat = 0.0  # when the event loop was last seen to run
        self._settled: float | None = None  # when the latest rebalance ended, None during one
        self._unsettled = 0.0  # when the latest rebalance began
        self._heard: dict[int, float] = {}  # when each partition last had a record or was begun
"""
"""

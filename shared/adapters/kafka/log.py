"""The log in Apache Kafka, on aiokafka."""

from typing import Final

from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log_reader import KafkaLogReader
from shared.adapters.kafka.log_writer import KafkaLogWriter
from shared.ports.log import LogReader, LogWriter

BATCH: Final = 2000
SESSION: Final = 6.0  # seconds; a real broker's minimum
STALL: Final = 10.0
IDLE: Final = 60.0


class KafkaLog:
    """The log in a cluster's topics. Offsets are never committed to Kafka: the store has them."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster

    def writer(self) -> LogWriter:
        """A new writer."""
        return KafkaLogWriter(self._cluster)

    def reader(
        self,
        *,
        group: str = "scorer",
        batch: int = BATCH,
        session: float = SESSION,
        stall: float = STALL,
        idle: float = IDLE,
    ) -> LogReader:
        """A new reader, which shares the partitions with others of its group.

        A dead one's are free after `session` seconds, those of one that is not polled after `idle` seconds. One that
        has not got the records that are there for `stall` seconds begins anew.
        """
        return KafkaLogReader(self._cluster, group=group, batch=batch, session=session, stall=stall, idle=idle)

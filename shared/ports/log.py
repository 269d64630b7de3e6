"""The log as services see it: partitions of records, appended with acknowledgement and read in order."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from shared.domain.instants import Instant

EVENTS: Final = "lifecycle.events"
TRANSITIONS_TOPIC: Final = "lifecycle.transitions"
ALERTS_TOPIC: Final = "lifecycle.alerts"


class Appending(Struct, frozen=True, gc=False):
    """A record to be appended. `partition` is chosen by us, never by the client's partitioner."""

    partition: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Record(NamedTuple):
    """A record of the events topic as read. `appended_at` is the log's own append time."""

    partition: int
    offset: int
    appended_at: Instant
    key: bytes | None
    value: bytes


class LogWriter(Protocol):
    """Appends records and tells their offsets once the log has acknowledged them."""

    @property
    def partitions(self) -> int:
        """How many partitions each topic has; fixed when the topics are made."""

    async def start(self) -> None:
        """Connect, make missing topics. Raises LogMismatch when a topic has another number of partitions, and
        LogTimeout when the log cannot be reached."""

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        """The records' offsets, in the order given, after all are acknowledged (Kafka `acks=all`).

        Records of one partition keep their order. Raises LogTimeout when that takes longer than the writer's
        deadline: then any of them may or may not have been kept.
        """

    async def stop(self) -> None:
        """Flush and close, within a deadline."""


Claim = Callable[[int], Awaitable[int]]
"""Called when a partition becomes this worker's: takes it over in the store and returns the first offset wanted.

It is called one at a time for each partition, and again whenever the partition has to be begun anew."""


class LogReader(Protocol):
    """Hands out the events topic's records of the partitions that are this worker's, in order.

    Group membership (Kafka) or leases (PostgreSQL) only say who should work; the authority is the store's
    compare-and-set. A partition is handed out only after `claim` has returned for it; a claim that raises is tried
    again with a growing pause. Several readers share the partitions. When a partition is claimed again, what was
    handed out before may be handed out once more: whoever commits it is stopped by the store.
    """

    async def start(self, claim: Claim) -> None:
        """Join, and begin to take partitions over through `claim`. Raises LogTimeout or LogMismatch."""

    async def poll(self) -> Mapping[int, Sequence[Record]]:
        """New records by partition, at most `batch` each; waits a short while (20 to 50 ms) when there are none.

        Must be called often, also while every partition is held: it keeps the membership alive. An unreachable log
        is not an error here, there are just no records; the reader logs it and goes on trying.
        Raises PositionLost for a partition whose claimed offset is no longer kept, and LogMismatch for one whose
        claimed offset the log has not reached, each once; the partition is then held.
        """

    def owned(self) -> frozenset[int]:
        """The partitions that are this worker's and claimed."""

    def hold(self, partition: int) -> None:
        """Hand out nothing of this partition until it is released or claimed anew: the worker has enough to do."""

    def release(self, partition: int) -> None:
        """Hand out its records again."""

    def forget(self, partition: int) -> None:
        """Its commit failed or was fenced: drop what was read ahead and claim it anew, if it is still ours.

        The first time this happens at once; when it happens again soon after, with a growing pause.
        """

    async def ends(self) -> Mapping[int, int]:
        """The end offset (next to be written) of every partition of the events topic, for lag. Raises LogTimeout."""

    async def stop(self) -> None:
        """Leave, so that others take over at once; within a deadline."""

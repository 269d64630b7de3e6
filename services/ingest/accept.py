"""Append, then answer: events become records of their customers' partitions, and count once the log has them."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from time import perf_counter
from typing import Final

from shared.adapters import codec
from shared.domain.errors import LifestageError, LogTimeout
from shared.domain.events import Event, Other
from shared.domain.ids import partition_of, shard_of
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.telemetry.metrics import IngestMetrics

_SPECVERSION: Final = ("ce_specversion", b"1.0")
_CONTENT: Final = ("content-type", b"application/json")


class Full(LifestageError):
    """Too many events wait for the log already."""

    code = "busy"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} events wait for the log already; nothing was taken, send them again in a moment")


class Door:
    """Lets events in. Nothing is kept here once `take` has returned."""

    def __init__(
        self, writer: LogWriter, metrics: IngestMetrics, *, most: int = 20_000, patience: float = 12.0
    ) -> None:
        self._writer = writer
        self._metrics = metrics
        self._most = most
        self._patience = patience
        self._waiting = 0

    def check(self) -> None:
        """Raise Full when there is no room for a single event more."""
        if self._waiting >= self._most:
            raise Full(self._waiting)

    async def take(self, events: Sequence[Event], adjusted: int = 0) -> None:
        """Append events, in order; returns once the log has acknowledged all of them.

        Raises Full when so many would be too many at once, and LogTimeout when the outcome is unknown. However many
        one request brings, they are taken when no others wait.
        """
        if self._waiting and self._waiting + len(events) > self._most:
            raise Full(self._waiting)
        partitions = self._writer.partitions
        records = [record(event, partitions) for event in events]
        begun = perf_counter()
        self._wait_for(len(records))
        try:
            async with asyncio.timeout(self._patience):
                await self._writer.append(EVENTS, records)
        except (LogTimeout, TimeoutError) as error:
            self._metrics.timed_out()
            raise LogTimeout(f"{len(records)} events were not acknowledged in time") from error
        finally:
            self._wait_for(-len(records))
        self._metrics.accepted(len(records), adjusted, perf_counter() - begun)

    def _wait_for(self, more: int) -> None:
        self._waiting += more
        self._metrics.in_flight(self._waiting)


def record(event: Event, partitions: int) -> Appending:
    """An event as a record: CloudEvents binary mode, in the partition of its customer."""
    customer = event.customer_id
    kind = event.name if isinstance(event, Other) else type(event)
    headers = (_SPECVERSION, ("ce_id", event.id.encode()), *_shared(event.source, kind))
    return Appending(partition_of(shard_of(customer), partitions), customer.encode(), codec.encode(event), headers)


@lru_cache(maxsize=1024)
def _shared(source: str, kind: str | type[Event]) -> tuple[tuple[str, bytes], ...]:
    """The headers that many records have in common; what a type is called is asked once."""
    name = kind if isinstance(kind, str) else str(kind.__struct_config__.tag)
    return ("ce_source", source.encode()), ("ce_type", name.encode()), _CONTENT

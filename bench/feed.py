"""A history as the log gets it: the door's own records in the order of time, and a tick at the end of each day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from bench.histories import Row, by_customer, purchases, refunds
from services.ingest.accept import record
from services.ingest.ticker import ticks
from shared.adapters import codec
from shared.domain.controls import Control, Tick
from shared.domain.events import Event
from shared.domain.instants import DAY, Instant
from shared.ports.log import EVENTS, Appending, LogWriter

APPENDED_AT_ONCE = 5_000


class Day(NamedTuple):
    """What happened on a day, and the tick that ends it."""

    events: Sequence[Event]
    ends_at: Instant


def events_of(rows: Iterable[Row], given_back: Iterable[Row] = (), currency: str = "USD") -> list[Event]:
    """Purchases, and refunds where there are any, in the order of time."""
    found: list[Event] = []
    for history in by_customer(rows).values():
        found += purchases(history, currency)
    for history in by_customer(given_back).values():
        found += refunds(history, currency)
    return sorted(found, key=lambda event: event.occurred_at)


def days(events: Sequence[Event]) -> list[Day]:
    """Every day from the first event to the last, quiet ones too; the events are in the order of time."""
    by_day = {day: list(group) for day, group in groupby(events, lambda event: event.occurred_at // DAY)}
    return [Day(by_day.get(day, []), Instant((day + 1) * DAY)) for day in range(min(by_day), max(by_day) + 1)]


def in_order(history: Sequence[Day], partitions: int, controls: Iterable[Control] = ()) -> list[Appending]:
    """The records of a whole history, each day's tick after its events; a control comes on the day of its effect."""
    found: list[Appending] = []
    coming = sorted(controls, key=lambda control: control.effective_at)
    for day in history:
        found += [record(event, partitions) for event in day.events]
        while coming and coming[0].effective_at <= day.ends_at:
            found += spread(coming.pop(0), partitions)
        found += ticks(Tick(at=day.ends_at), partitions)
    return found


def spread(control: Control, partitions: int) -> list[Appending]:
    """The same control for every partition."""
    value = codec.encode(control)
    return [Appending(partition, None, value) for partition in range(partitions)]


async def append(
    writer: LogWriter, records: Sequence[Appending], told: Callable[[int], None] | None = None
) -> Mapping[int, int]:
    """Append records; the end of each partition, which whoever has processed all of them has reached."""
    ends = dict.fromkeys(range(writer.partitions), 0)
    for first in range(0, len(records), APPENDED_AT_ONCE):
        some = records[first : first + APPENDED_AT_ONCE]
        for one, offset in zip(some, await writer.append(EVENTS, some), strict=True):
            ends[one.partition] = max(ends[one.partition], offset + 1)
        if told is not None:
            told(len(some))
    return ends

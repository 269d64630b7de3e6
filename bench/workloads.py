"""What benchmarks feed the scorer: purchase histories as records of the log, with a tick a day."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

from bench.histories import Row, by_customer, cdnow, purchases, read_rows
from shared.adapters import codec
from shared.domain.controls import Tick
from shared.domain.events import Event
from shared.domain.ids import partition_of, shard_of
from shared.domain.instants import DAY, Instant
from shared.ports.log import Appending

START: Final = 10_000
"""The first day of a made-up history."""


def steady(customers: int, each: int, seed: int = 7) -> list[Event]:
    """Customers who buy `each` times at gaps of one to 35 days: the job that FACTS 34 gives to stream processors."""
    random = Random(seed)
    events: list[Event] = []
    for number in range(customers):
        name, day, rows = f"customer-{number:07d}", START + random.random() * 60, []
        for _ in range(each):
            rows.append(Row(name, Instant(int(day * DAY)), random.randint(500, 20_000)))
            day += 1 + random.random() * 34
        events += purchases(rows)
    return in_time(events)


def recorded(file: Path | None = None, copies: int = 1) -> list[Event]:
    """A real history from a file (CDNOW where none is given), repeated under new customer ids."""
    events: list[Event] = []
    for history in by_customer(read_rows(file) if file else cdnow()).values():
        for copy in range(copies):
            events += purchases([row._replace(customer_id=f"{row.customer_id}-{copy}") for row in history])
    return in_time(events)


def in_time(events: list[Event]) -> list[Event]:
    """The events as they happened."""
    return sorted(events, key=lambda event: event.occurred_at)


def as_records(events: list[Event], partitions: int) -> Iterator[Appending]:
    """The events in their partitions, with a tick in every partition at each midnight between them."""
    day = events[0].occurred_at // DAY
    for event in events:
        while event.occurred_at // DAY > day:
            day += 1
            tick = codec.encode(Tick(at=Instant(day * DAY)))
            yield from (Appending(partition, None, tick) for partition in range(partitions))
        partition = partition_of(shard_of(event.customer_id), partitions)
        yield Appending(partition, event.customer_id.encode(), codec.encode(event))

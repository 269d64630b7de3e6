"""A store, a log and a shop whose customers buy by rhythms of their own, for tests of refits."""

from collections.abc import Iterator
from random import Random
from typing import Final

from services.scorer.refit import Refitting
from shared.adapters import codec
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Control
from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.ports.log import EVENTS
from tests.builders import day, purchase
from tests.scoring import score, tick

UNTIL: Final = 400


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = day(UNTIL)

    def __call__(self) -> Instant:
        return self.at


class Bed:
    """The parts. The log is not read by anybody: what was appended is looked at."""

    def __init__(self, *, live: bool = False) -> None:
        self.store, self.log, self.clock = MemoryStore(1), MemoryLog(1), Clock()
        self.models = self.store.models
        self._entries: list[codec.Entry] = []
        self.writer = self.log.writer()
        self.refitting = Refitting(
            audit=self.store, queries=self.store, models=self.models, partitions=1, live=live, clock=self.clock
        )

    async def told(self, *entries: Event | Control, until: float = UNTIL) -> None:
        """Events and controls come, and time passes."""
        self._entries += [*entries, tick(day(until))]
        await score(self.store, self._entries)

    def appended(self) -> list[codec.Entry]:
        """What is in the log."""
        return [codec.decode(record.value) for record in self.log.partition(EVENTS, 0).read(0, 100)]


def shop(customers: int = 150, until: float = UNTIL, seed: int = 7) -> list[Event]:
    """What customers bought: each has a mean gap of its own, and one purchase in eight is the last."""
    random = Random(seed)
    found: list[Event] = []
    for number in range(customers):
        gap = random.uniform(8, 40)
        found += [purchase(at, customer=f"c{number:03d}") for at in _days(random, gap, until)]
    return found


def _days(random: Random, gap: float, until: float) -> Iterator[float]:
    at = random.uniform(0, until / 2)
    while at < until:
        yield int(at)
        if random.random() < 1 / 8:
            break
        at += max(1.0, random.expovariate(1 / gap))

"""The watch: it says through the log, to every partition, that a source fell silent, and that it is back."""

from msgspec.structs import replace

from services.scorer.batch import score
from services.scorer.intake import heard
from services.scorer.watch import Watch
from shared.adapters import codec
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.domain.alerts import AlertKind
from shared.domain.controls import FeedChange, Governance
from shared.domain.events import Event
from shared.domain.feeds import HOUR, Heard
from shared.domain.instants import Instant
from shared.ports.log import EVENTS, Record
from shared.ports.store import Changes
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from tests.builders import BEGIN, acknowledged, alert_of, complaint, fold_story, purchase

PARTITIONS = 2
FIRST = BEGIN // HOUR


class House:
    """Two partitions in memory, whose scorers take in what the watch appends."""

    def __init__(self) -> None:
        self.store, self.log = MemoryStore(PARTITIONS), MemoryLog(PARTITIONS)
        self.hour = FIRST
        catalogue = Catalogue("scorer")
        self.exposition = catalogue.exposition
        self.watch = Watch(self.store, self.log.writer(), ScorerMetrics(catalogue), clock=self.now)

    def now(self) -> Instant:
        return Instant(self.hour * HOUR)

    async def hear(self, hours: int, per_hour: int) -> None:
        """So many hours pass, in which the shop tells so much."""
        for _ in range(hours):
            if per_hour:
                for partition in range(PARTITIONS):
                    await self._add(partition, Heard(source="shop", hour=self.hour, events=per_hour // PARTITIONS))
            self.hour += 1

    async def _add(self, partition: int, one: Heard) -> None:
        position = await self.store.claim(partition)
        async with self.store.begin(partition) as unit:
            await unit.advance(position, replace(position, version=position.version + 1))
            await unit.save(Changes(heard=[one]))

    async def take_in(self, *partitions: int) -> None:
        """The scorers of these partitions read on."""
        for partition in partitions:
            position = await self.store.claim(partition)
            governance = Governance.of(await self.store.controls(partition))
            records = [one for one in self.records(partition) if one.offset >= position.next_offset]
            await score(self.store, position, governance, PARTITIONS, records)

    def records(self, partition: int) -> list[Record]:
        return self.log.partition(EVENTS, partition).read(0, 1_000)

    def said(self, partition: int) -> list[tuple[str, bool]]:
        """What the partition's log says of sources."""
        entries = [codec.decode(record.value) for record in self.records(partition)]
        return [(entry.source, entry.silent) for entry in entries if isinstance(entry, FeedChange)]


async def test_a_source_that_stops_is_said_to_be_silent_in_every_partition_and_once() -> None:
    house = House()
    await house.hear(24 * 10, per_hour=20)
    nothing = await house.watch.once()

    await house.hear(8, per_hour=0)
    await house.watch.once()
    await house.take_in(0, 1)
    again = await house.watch.once()

    assert (nothing, again) == ([], [])
    assert [house.said(partition) for partition in range(PARTITIONS)] == [[("shop", True)]] * PARTITIONS
    assert b"lifestage_scorer_silent_sources 1.0" in house.exposition()


async def test_it_is_said_to_be_back_when_it_tells_something_again() -> None:
    house = House()
    await house.hear(24 * 10, per_hour=20)
    await house.hear(8, per_hour=0)
    await house.watch.once()
    await house.take_in(0, 1)

    await house.hear(1, per_hour=20)
    await house.watch.once()

    assert house.said(0) == [("shop", True), ("shop", False)]
    assert b"lifestage_scorer_silent_sources 0.0" in house.exposition()


async def test_a_partition_that_missed_a_change_gets_it_from_the_next_look() -> None:
    house = House()
    await house.hear(24 * 10, per_hour=20)
    await house.hear(8, per_hour=0)
    await house.watch.once()
    await house.take_in(0)

    await house.watch.once()

    assert house.said(0) == [("shop", True)]
    assert house.said(1) == [("shop", True)] * 2


async def test_a_change_takes_effect_later_than_what_any_partition_has_reached() -> None:
    house = House()
    await house.hear(24 * 10, per_hour=20)
    await house.hear(8, per_hour=0)

    [change] = await house.watch.once()

    assert house.now() < change.effective_at <= house.now() + 2 * 60_000_000


def test_imports_and_what_people_do_with_alerts_tell_nothing_of_a_source() -> None:
    told = [purchase(0), purchase(0.01), purchase(1), purchase(2, backfill=True), purchase(3, source="crm")]
    alert = alert_of(fold_story(purchase(0), complaint(1)), AlertKind.DISSATISFACTION)
    events: list[Event] = [*told, acknowledged(2, alert)]

    assert heard(events) == [
        Heard(source="shop", hour=FIRST, events=2),
        Heard(source="shop", hour=FIRST + 24, events=1),
        Heard(source="crm", hour=FIRST + 72, events=1),
    ]

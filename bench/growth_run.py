"""A scorer process on a store that is full already: its speed, its memory, and a tick on which much is due."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.feed import append
from bench.fleet import Fleet, Member
from bench.growth_seed import SEEDED_UNTIL, customer_names
from bench.places import Place, on_kafka, writing
from services.ingest.accept import record
from services.ingest.ticker import ticks
from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.engine import OPERATOR, connected, make_engine
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.process import proc
from shared.domain.controls import Tick
from shared.domain.events import Complaint, Event, Feedback, Inquiry, Purchase
from shared.domain.ids import CustomerId, EventId, partition_of, shard_of
from shared.domain.instants import SECOND, Instant
from shared.ports.log import LogWriter

PARTITIONS: Final = 4
LOOK_SECONDS: Final = 0.02
PATIENCE: Final = 900.0

HOT: Final = """
    SELECT n_tup_upd, n_tup_hot_upd, (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'transition')
    FROM pg_stat_user_tables WHERE relname = 'customer'
"""
NTH_DUE: Final = "SELECT due_at FROM timer WHERE partition = $1 ORDER BY due_at OFFSET $2 LIMIT 1"
DUE: Final = "SELECT count(*) FROM timer WHERE partition = $1 AND due_at <= $2"


class Pace(Struct, frozen=True, kw_only=True):
    """What a scorer reached."""

    events: int
    seconds: float
    hot: float
    """The share of updates of customers that stayed in place."""
    hot_unmoved: float
    """The same of the updates that left the stage as it was: a stage is in an index."""


class Surge(Struct, frozen=True, kw_only=True):
    """What came of a tick on which many timers were due in one partition."""

    timers: int
    seconds: float
    transactions: int
    left: int
    rebalanced: bool
    others: int
    """Events of the other partitions that came meanwhile, and how long they waited at most."""
    longest_wait: float


class Ground(Struct, frozen=True, kw_only=True):
    """One size's servers, empty store and log."""

    place: Place
    engine: AsyncEngine
    fleet: Fleet


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """Servers of its own in a folder; call it from the main thread."""
    kafka = await KafkaServer.start(folder / "kafka")
    postgres = await PostgresServer.start(folder / "postgres")
    environment = {
        "LIFESTAGE_DATABASE_URL": postgres.url,
        "LIFESTAGE_LOG": "kafka",
        "LIFESTAGE_KAFKA": kafka.bootstrap,
        "LIFESTAGE_PARTITIONS": str(PARTITIONS),
        "LIFESTAGE_METRICS_PORT": "0",
    }
    fleet = Fleet(folder, environment)
    engine = make_engine(postgres.url, OPERATOR)
    cluster = KafkaCluster(bootstrap=kafka.bootstrap, partitions=PARTITIONS, replication=1)
    try:
        async with on_kafka(postgres.url, cluster) as place:
            yield Ground(place=place, engine=engine, fleet=fleet)
    finally:
        await fleet.end()
        await engine.dispose()
        await postgres.stop()
        await kafka.stop()


def mix(customers: int, count: int, random: Random) -> list[Event]:
    """A fixed mix over customers chosen at random: 70 of 100 buy, 15 ask, 10 rate, 5 complain."""
    names = customer_names(customers)
    return [_event(random.choice(names), number, random) for number in range(count)]


async def pace(there: Ground, scorer: Callable[[], Member], events: list[Event], told: Callable[[float], None]) -> Pace:
    """Events appended first, then scored; measured from the first commit that was seen to the last."""
    async with writing(there.place) as writer:
        ends = await append(writer, [record(event, PARTITIONS) for event in events])
    before = await _updates(there.engine)
    scorer()
    total, seen, seen_at = sum(ends.values()), 0, 0.0
    first: tuple[int, float] | None = None
    async with asyncio.timeout(PATIENCE):
        while seen < total:
            await asyncio.sleep(LOOK_SECONDS)
            reached = sum(position.next_offset for position in await there.place.queries.positions())
            if reached > seen:
                told(reached - seen)
                seen, seen_at = reached, monotonic()
                first = first or (seen, seen_at)
    assert first is not None, "something was scored"
    await asyncio.sleep(2)  # PostgreSQL counts updates with a delay
    after = await _updates(there.engine)
    done, hot, moves = (now - then for now, then in zip(after, before, strict=True))
    return Pace(
        events=total - first[0],
        seconds=seen_at - first[1],
        hot=hot / max(1, done),
        hot_unmoved=min(1.0, hot / max(1, done - moves)),
    )


async def surge(there: Ground, customers: int, timers: int, random: Random) -> Surge:
    """One tick in one partition on which so many timers are due, while events go to the others."""
    async with connected(there.engine) as raw:
        at: Instant | None = await raw.fetchval(NTH_DUE, 0, timers - 1)
        if at is None:
            raise SystemExit(
                f"partition 0 of this store has fewer than {timers:,} timers: choose fewer or a larger size"
            )
        due = int(await raw.fetchval(DUE, 0, at))
    epochs = await _epochs(there.place)
    version = (await _positions(there.place))[0].version
    async with writing(there.place) as writer:
        begun = monotonic()
        end = (await append(writer, ticks(Tick(at=at), PARTITIONS)[:1]))[0]
        waits = await _others(there.place, writer, customers, random, end)
        seconds = monotonic() - begun
    after = (await _positions(there.place))[0]
    async with connected(there.engine) as raw:
        left = int(await raw.fetchval(DUE, 0, at))
    return Surge(
        timers=due,
        seconds=seconds,
        transactions=after.version - version,
        left=left,
        rebalanced=await _epochs(there.place) != epochs,
        others=len(waits),
        longest_wait=max(waits, default=0.0),
    )


def memory(member: Member) -> tuple[float, float]:
    """Resident memory of a process in MB: now, and the most it ever had."""
    told = dict(line.split(":", 1) for line in proc(member.pid, "status").decode().splitlines() if ":" in line)
    now, most = (int(told[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


async def _others(place: Place, writer: LogWriter, customers: int, random: Random, end: int) -> list[float]:
    """Post single events to the other partitions until partition 0 is through; how long each waited for its commit."""
    names = [name for name in customer_names(customers) if partition_of(shard_of(name), PARTITIONS)]
    waits: list[float] = []
    number = 10_000_000
    async with asyncio.timeout(PATIENCE):
        while (await _positions(place))[0].next_offset < end:
            number += 1
            sent = record(_event(random.choice(names), number, random), PARTITIONS)
            begun = monotonic()
            wanted = (await append(writer, [sent]))[sent.partition]
            while (await _positions(place))[sent.partition].next_offset < wanted:
                await asyncio.sleep(LOOK_SECONDS / 4)
            waits.append(monotonic() - begun)
            await asyncio.sleep(random.uniform(0, 0.1))
    return waits


async def _positions(place: Place) -> Mapping[int, Any]:
    return {position.partition: position for position in await place.queries.positions()}


async def _epochs(place: Place) -> list[int]:
    return [position.epoch for _, position in sorted((await _positions(place)).items())]


async def _updates(engine: AsyncEngine) -> tuple[int, int, int]:
    """Updates of customers, those that stayed in place, and transitions made."""
    async with connected(engine) as raw:
        row = await raw.fetchrow(HOT)
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])


def _event(name: str, number: int, random: Random) -> Event:
    return event_of(name, number, random, Instant(SEEDED_UNTIL + (number % 3_600) * SECOND))


def event_of(name: str, number: int, random: Random, at: Instant) -> Event:
    """One event of the mix."""
    head: dict[str, Any] = {
        "id": EventId(f"growth-{number}"),
        "source": "growth",
        "customer_id": CustomerId(name),
        "occurred_at": at,
        "received_at": at,
    }
    chance = random.random()
    if chance < 0.70:
        amount = random.randint(500, 20_000)
        return Purchase(**head, order_id=f"order-{number}", amount=amount, currency="USD")
    if chance < 0.85:
        return Inquiry(**head, channel="web", kind="ask")
    if chance < 0.95:
        return Feedback(**head, rating=float(random.randint(1, 5)))
    return Complaint(**head, severity="low")

"""How fast one scorer process is, against asyncpg writing the same rows in the same batches with nothing in between.

The log is filled first; then one scorer works it off from a real Kafka broker into a real, durable PostgreSQL. The same
batches are then scored in memory, and what that gives is written again, bare, into a fresh database, with `unnest` and
with COPY. Row counts and bytes per table must be equal.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from cProfile import Profile
from itertools import product
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated, Final, NamedTuple

import asyncpg
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from bench.bare import TARGETS, Batch, captured, write
from bench.machine import database, plain, postgres_cpu
from bench.watched import Cut, WatchedStore, Written
from bench.workloads import as_records, recorded, steady
from services.scorer.batch import score
from services.scorer.loop import Scorer
from shared.adapters import codec
from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.log import KafkaLog
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.memory.store import MemoryStore
from shared.adapters.postgres.engine import SCORER, connected, make_engine
from shared.adapters.postgres.server import PostgresServer
from shared.adapters.postgres.store import PostgresStore
from shared.domain.controls import Governance, Tick
from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from shared.ports.log import EVENTS, Appending, Record
from shared.ports.store import Store
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ScorerMetrics
from shared.web.server import spare_collector

APPENDED_AT: Final = Instant(0)
"""No row has a byte more for it: every instant takes eight."""

Sizes = dict[str, tuple[int, int]]
"""Rows and bytes of each table."""

SIZES: Final = "SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0) FROM {table} t"


class Run(NamedTuple):
    """One timed run."""

    name: str
    connections: int
    seconds: float
    client_cpu: float
    database_cpu: float


def main(
    file: Annotated[Path | None, typer.Option(help="A purchase history instead of made-up steady customers.")] = None,
    copies: Annotated[int, typer.Option(help="Repeat the file's customers so often, under new ids.")] = 1,
    customers: Annotated[int, typer.Option(help="Made-up customers.")] = 20_000,
    each: Annotated[int, typer.Option(help="Purchases of each.")] = 10,
    partitions: Annotated[int, typer.Option(help="Partitions of the log.")] = 4,
    profile: Annotated[Path | None, typer.Option(help="Write a cProfile of the scorer's run here.")] = None,
) -> None:
    """Compare the scorer with bare asyncpg: events per second, and per CPU-second of client and database."""
    events = recorded(file, copies) if file else steady(customers, each)
    uvloop.run(_compare(events, partitions, profile))


async def _compare(events: list[Event], partitions: int, profile: Path | None) -> None:
    console = Console()
    with TemporaryDirectory(prefix="lifestage-bench-") as folder:
        Path(folder).chmod(0o755)
        kafka = await KafkaServer.start(Path(folder) / "kafka")
        postgres = await PostgresServer.start(Path(folder) / "postgres")
        try:
            cluster = KafkaCluster(bootstrap=kafka.bootstrap, partitions=partitions, replication=1)
            records = list(as_records(events, partitions))
            scored, cuts, sizes = await worked_off(cluster, postgres, records, partitions, profile=profile)
            runs = [scored]
            batches = [captured(*one) for one in await _written(records, cuts, partitions)]
            for copy, connections in product((False, True), (1, partitions)):
                run, bare_sizes = await _bare(postgres, batches, copy, connections)
                runs.append(run)
                assert bare_sizes == sizes, f"the bare run wrote other rows:\n{bare_sizes}\n{sizes}"
        finally:
            await kafka.stop()
            await postgres.stop()
    console.print(_table(runs, len(events)))
    console.print(
        "rows and bytes, equal in all runs: " + ", ".join(f"{t} {n:,} ({b:,} B)" for t, (n, b) in sizes.items())
    )


async def worked_off(
    cluster: KafkaCluster,
    postgres: PostgresServer,
    records: list[Appending],
    partitions: int,
    *,
    policy: Policy | None = None,
    profile: Path | None = None,
) -> tuple[Run, list[Cut], Sizes]:
    """Fill the log with records, and time one scorer that works them off into an empty database."""
    log = KafkaLog(cluster)
    writer = log.writer()
    await writer.start()
    for start in range(0, len(records), 5_000):
        await writer.append(EVENTS, records[start : start + 5_000])
    async with database(postgres) as url:
        engine = make_engine(url, SCORER, size=2 * partitions + 2)
        store = WatchedStore(PostgresStore(engine, partitions))
        reader, stop = log.reader(), asyncio.Event()
        scorer = Scorer(store, reader, writer, ScorerMetrics(Catalogue("scorer")), policy)
        spare_collector()  # as every service does when it starts
        with _profiled(profile):
            cpu, database_cpu, started = _cpu(), postgres_cpu(postgres.pid), perf_counter()
            task = asyncio.create_task(scorer.run(stop))
            await _until_done(store, Counter(record.partition for record in records))
            run = Run(
                "scorer", partitions, perf_counter() - started, _cpu() - cpu, postgres_cpu(postgres.pid) - database_cpu
            )
        stop.set()
        await task
        await writer.stop()
        sizes = await _sizes(url)
        await engine.dispose()
    return run, store.cuts, sizes


async def _written(records: list[Appending], cuts: list[Cut], partitions: int) -> list[Written]:
    """What the same transactions write, scored once more in memory."""
    store = WatchedStore(MemoryStore(partitions), keep=True)
    lanes: dict[int, list[Record]] = {partition: [] for partition in range(partitions)}
    for one in records:
        lane = lanes[one.partition]
        lane.append(Record(one.partition, len(lane), APPENDED_AT, one.key, one.value))
    positions = {partition: await store.claim(partition) for partition in lanes}
    governance = dict.fromkeys(lanes, Governance())
    for cut in cuts:
        batch = _given(lanes[cut.partition], cut)
        scored = await score(store, positions[cut.partition], governance[cut.partition], partitions, batch)
        positions[cut.partition], governance[cut.partition] = scored.position, scored.governance
        assert scored.position.next_offset == cut.next, "the same batch went another way in memory"
    return store.written


def _given(lane: Sequence[Record], cut: Cut) -> Sequence[Record]:
    """The records that a transaction was given: those that it took, and those up to a tick that it could not finish."""
    reached = max((_tick_at(one) for one in lane[cut.first : cut.next] if one.key is None), default=0)
    end = cut.next
    while cut.until is not None and reached < cut.until:
        reached = max(reached, 0 if lane[end].key is not None else _tick_at(lane[end]))
        end += 1
    return lane[cut.first : end]


def _tick_at(record: Record) -> int:
    tick = codec.decode(record.value)
    assert isinstance(tick, Tick), "only ticks have no key here"
    assert tick.at is not None, "the ticks of a recorded history say their time"
    return tick.at


async def _bare(
    postgres: PostgresServer, batches: Sequence[Batch], copy: bool, lanes: int
) -> tuple[Run, dict[str, tuple[int, int]]]:
    async with database(postgres) as url:
        engine = make_engine(url, SCORER, size=lanes)
        async with AsyncExitStack() as stack:
            connections = [await stack.enter_async_context(connected(engine)) for _ in range(lanes)]
            cpu, database_cpu = _cpu(), postgres_cpu(postgres.pid)
            seconds = await write(connections, batches, copy=copy)
            name = f"bare, {'COPY' if copy else 'unnest'}, {lanes} connection{'s' * (lanes > 1)}"
            run = Run(name, lanes, seconds, _cpu() - cpu, postgres_cpu(postgres.pid) - database_cpu)
        await engine.dispose()
        return run, await _sizes(url)


async def _until_done(store: Store, wanted: Mapping[int, int]) -> None:
    """Wait until every partition's position has reached its end."""
    for partition, end in wanted.items():
        while True:
            position = await store.position(partition)
            if position is not None and position.next_offset >= end:
                break
            await asyncio.sleep(0.02)


async def _sizes(url: str) -> Sizes:
    connection = await asyncpg.connect(plain(url))
    try:
        found = {table: await connection.fetchrow(SIZES.format(table=table)) for table in TARGETS}
        return {table: (row[0], row[1]) for table, row in found.items() if row is not None}
    finally:
        await connection.close()


def _cpu() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def _profiled(file: Path | None) -> Iterator[None]:
    if file is None:
        yield
        return
    with Profile() as profile:
        yield
    profile.dump_stats(file)


def _table(runs: Sequence[Run], events: int) -> Table:
    # A plain loop over the batches is the reference; one that writes the partitions side by side is told as well.
    alone = min(run.seconds for run in runs[1:] if run.connections == 1)
    beside = min(run.seconds for run in runs[1:] if run.connections > 1) if len(runs) > 3 else alone
    thrifty = min(runs[1:], key=lambda run: run.client_cpu + run.database_cpu)
    table = Table(title=f"{events:,} events")
    for heading in (
        "",
        "seconds",
        "events/s",
        "of bare",
        "of bare side by side",
        "CPU client",
        "CPU database",
        "of bare per CPU-second",
    ):
        table.add_column(heading, justify="right")
    for run in runs:
        cpu = run.client_cpu + run.database_cpu
        table.add_row(
            run.name,
            f"{run.seconds:.2f}",
            f"{events / run.seconds:,.0f}",
            f"{alone / run.seconds:.2f}",
            f"{beside / run.seconds:.2f}",
            f"{run.client_cpu:.2f}",
            f"{run.database_cpu:.2f}",
            f"{(thrifty.client_cpu + thrifty.database_cpu) / cpu:.2f}",
        )
    return table


if __name__ == "__main__":
    typer.run(main)

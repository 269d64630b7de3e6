"""Any crash: a history over HTTP while processes and servers are killed, and the same truth in the end.

A real Kafka and a durable PostgreSQL, `lifestage ingest`, `lifestage api` and two `lifestage scorer` as processes of
their own, on a test clock with a tick a day. Senders insist until each event is acknowledged; meanwhile scorers and
ingest are killed with -9 at random moments, PostgreSQL is stopped as by a crash, brokers are killed, scorers join and
leave, and one is frozen past its session and thawed.
"""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic
from typing import Annotated, Final

import typer
from msgspec import Struct
from rich.markup import escape
from rich.table import Table

from bench import chaos_judge as judge
from bench.chaos_faults import Counts, Faults, Servers
from bench.chaos_judge import Verdict
from bench.chaos_load import KEY, Load, through_the_door
from bench.chaos_watch import Asker, Subscriber, Versions
from bench.feed import Day, append, days, events_of, in_order
from bench.fleet import Fleet
from bench.histories import cdnow, every
from bench.places import in_memory, processed, relayed, scorer_at, scoring, server_folder, stored, writing
from bench.showing import Bar, progress
from bench.showing import console as terminal
from services.scorer.digest import digest
from shared.adapters import process
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.migrate import migrate
from shared.adapters.postgres.server import PostgresServer

PARTITIONS: Final = 4
SCORERS: Final = 2
PATIENCE: Final = 1_800.0

console = terminal()


class Plan(Struct, frozen=True, kw_only=True):
    """What to do."""

    counts: Counts
    seed: int = 1
    sample: int = 1
    """Every so-manieth customer of the CDNOW sample."""
    days: int | None = None
    """So many of its first days; None takes all."""
    brokers: int = 1


class Report(Struct, kw_only=True):
    """What came of it."""

    seconds: float
    verdicts: list[Verdict]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return all(verdict.kept for verdict in self.verdicts)


async def storm(plan: Plan, folder: Path, bar: Bar) -> Report:
    """One run in a folder of its own; call it from the main thread."""
    random = Random(plan.seed)
    history = days(through_the_door(events_of(every(cdnow(sample=True), plan.sample))))[: plan.days]
    undisturbed = await _undisturbed(history, bar)
    key = secrets.token_urlsafe(24)
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(_servers(folder, plan.brokers))
        await migrate(servers.postgres.url)
        place = await stack.enter_async_context(stored(servers.postgres.url, PARTITIONS))
        fleet, ingest, api = _fleet(folder, servers, key)
        stack.push_async_callback(fleet.end)
        schedule = plan.counts.schedule(random)
        bar.begin(f"{len(history)} days under {len(schedule)} faults", len(history))
        load = Load(ingest, key, history, random, bar.add)
        versions = Versions(place.queries, PARTITIONS)
        asker, subscriber = Asker(api, key), Subscriber(servers.kafka.bootstrap, PARTITIONS)
        faults = Faults(fleet, servers, versions, random, lambda kind: bar.say(f"struck: {kind}"))
        load.until = lambda: faults.next_day
        started = monotonic()
        async with asyncio.timeout(PATIENCE):
            await _together(fleet, load, [versions, asker, subscriber], faults, schedule)
        bar.begin("judging", 5)
        await relayed(place, within=60)
        seconds = monotonic() - started
        for member in fleet.members.values():
            if member.running and await member.leave() != 0:
                faults.odd.append(f"{member.name} did not leave in order:\n{member.tail()}")
        bar.add(1)
        await subscriber.everything()
        bar.add(1)
        sent: set[KEY] = {(event.customer_id, event.source, event.id) for day in history for event in day.events}
        outboxes = {partition: await place.audit.outbox(partition) for partition in range(PARTITIONS)}
        verdicts = [await judge.of_events(place.audit, load, sent)]
        bar.add(1)
        verdicts += await judge.of_commands(fleet, undisturbed)
        bar.add(1)
        verdicts.append(judge.of_topics(outboxes, subscriber))
        verdicts += judge.of_recovery(faults)
        verdicts += judge.of_readers(faults, asker, subscriber)
        verdicts.append(judge.of_behaviour(fleet, faults, load, asker))
        bar.add(1)
    return Report(seconds=seconds, verdicts=verdicts)


async def _together(
    fleet: Fleet, load: Load, watchers: Sequence[Versions | Asker | Subscriber], faults: Faults, schedule: list[str]
) -> None:
    """Load and faults until both are through, with those who look on."""
    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(watcher.run()) for watcher in watchers]
        watching.append(group.create_task(fleet.supervise()))
        sending = group.create_task(load.run())
        await _started(load)
        await faults.run(schedule, load.days, lambda: load.day)
        load.enough.set()
        await sending
        for watcher in watching:
            watcher.cancel()


async def _started(load: Load) -> None:
    """The services are up when the first day has been processed."""
    async with asyncio.timeout(120):
        while not load.day:
            await asyncio.sleep(0.05)


async def _undisturbed(history: Sequence[Day], bar: Bar) -> str:
    """The current digest of the same events and ticks, in memory, with nobody in the way."""
    place = in_memory(PARTITIONS)
    async with writing(place) as writer:
        records = in_order(history, PARTITIONS)
        bar.begin("undisturbed, in memory", len(records))
        ends = await append(writer, records)
        async with scoring([scorer_at(place, writer)]):
            await processed(place, ends, told=bar.add)
    return await digest(place.audit, current=True)


@asynccontextmanager
async def _servers(folder: Path, brokers: int) -> AsyncIterator[Servers]:
    kafka = await KafkaServer.start(folder / "kafka", nodes=brokers)
    postgres = await PostgresServer.start(folder / "postgres")
    servers = Servers(folder=folder / "postgres", postgres=postgres, kafka=kafka, nodes=brokers)
    try:
        yield servers
    finally:
        await servers.postgres.stop()
        await kafka.stop()


def _fleet(folder: Path, servers: Servers, key: str) -> tuple[Fleet, str, str]:
    """The services as docker-compose.yml starts them, and the addresses of ingest and api."""
    ingest, api = process.free_ports(2)
    environment = {
        "LIFESTAGE_DATABASE_URL": servers.postgres.url,
        "LIFESTAGE_LOG": "kafka",
        "LIFESTAGE_KAFKA": servers.kafka.bootstrap,
        "LIFESTAGE_PARTITIONS": str(PARTITIONS),
        "LIFESTAGE_REPLICATION": str(servers.nodes),
        "LIFESTAGE_CLOCK": "test",
        "LIFESTAGE_ADMIN_KEY": key,
    }
    fleet = Fleet(folder, environment)
    fleet.add("ingest", "ingest", LIFESTAGE_PORT=str(ingest))
    fleet.add("api", "api", LIFESTAGE_PORT=str(api))
    for number in range(1, SCORERS + 1):
        fleet.add(f"scorer-{number}", "scorer", LIFESTAGE_METRICS_PORT="0")
    return fleet, f"http://{process.LOOPBACK}:{ingest}", f"http://{process.LOOPBACK}:{api}"


def main(
    seed: Annotated[int, typer.Option(help="Another seed is another schedule, and another order of posts.")] = 1,
    kills: Annotated[int, typer.Option(help="kill -9 of scorers and ingest.", min=0)] = 30,
    brokers: Annotated[int, typer.Option(help="1, or 3 with three copies of everything.", min=1, max=9)] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Few faults on a tenth of the history.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Where to leave everybody's log if a promise is broken.")] = None,
) -> None:
    """Break things under load and see whether every promise is kept; exit code 1 when one is not.

    Examples:

      python -m bench.chaos
      python -m bench.chaos --quick --seed 7
      python -m bench.chaos --brokers 3 --kills 10 --keep chaos-logs
    """
    broker = 1 if quick or brokers > 1 else 3
    counts = (
        Counts(kills=min(kills, 6), postgres=1, broker=broker, visits=2)
        if quick
        else Counts(kills=kills, broker=broker)
    )
    plan = Plan(counts=counts, seed=seed, sample=10 if quick else 1, brokers=brokers)
    with server_folder() as folder:
        kept = False
        try:
            with progress(console) as bar:
                report = asyncio.run(storm(plan, folder, bar))
            kept = report.kept
        finally:
            if not kept and keep is not None:
                _leave_logs(folder, keep)
    _show(report, plan)
    if not report.kept:
        raise typer.Exit(1)


def _leave_logs(folder: Path, keep: Path) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    for log in [*folder.glob("*.log"), *folder.glob("*/server.log"), *folder.glob("*/*/server.log")]:
        shutil.copy(log, keep / "-".join(log.relative_to(folder).parts))


def _show(report: Report, plan: Plan) -> None:
    counts = plan.counts
    struck = f"{counts.kills} kills of scorers and ingest, {counts.postgres} of PostgreSQL, {counts.broker} of a broker"
    title = f"{struck}, {counts.visits} joins and leaves, {counts.freezes} freeze, in {report.seconds:.0f} s"
    table = Table(title=f"{title} (seed {plan.seed})", title_justify="left")
    for heading in ("promise", "kept", "found"):
        table.add_column(heading, overflow="fold")
    for verdict in report.verdicts:
        kept = "[green]yes[/]" if verdict.kept else "[bold red]NO[/]"
        table.add_row(verdict.promise, kept, escape(verdict.found))
    console.print(table)


if __name__ == "__main__":
    typer.run(main)

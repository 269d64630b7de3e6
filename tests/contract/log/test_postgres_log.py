"""The log in PostgreSQL keeps what it acknowledged and goes on reading, whatever breaks."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.server import PostgresServer
from shared.domain.errors import LogTimeout
from shared.domain.instants import LATEST, Instant
from shared.ports.clock import now
from shared.ports.log import ALERTS_TOPIC, EVENTS, LogWriter
from tests.contract.log.beds import PARTITIONS, PostgresBed, postgres_bed
from tests.contract.log.worker import Load, appended_in_the_end, everywhere, working
from tests.servers import server_folder

CUT: str = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def bed(postgres: PostgresBed) -> PostgresBed:
    return postgres


async def test_a_server_killed_under_load_loses_nothing_acknowledged() -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(server_folder()) / "postgres"
        server = await PostgresServer.start(folder, durable=False)
        stack.push_async_callback(server.stop)
        bed = await stack.enter_async_context(postgres_bed(server.url))
        writer = bed.writer()
        await writer.start()
        stack.push_async_callback(writer.stop)
        worker = await stack.enter_async_context(working(bed.reader()))
        loads = [Load(writer, partition) for partition in range(PARTITIONS)]
        await loads[0].until(acknowledged=200)

        await server.kill()
        revived = await PostgresServer.start(folder, port=server.port, durable=False)
        stack.push_async_callback(revived.stop)

        for load in loads:
            await load.until(acknowledged=len(load.acknowledged) + 200)
            await load.end()
        await appended_in_the_end(writer, everywhere(b"end"))
        await worker.until(lambda: all(worker.values(p)[-1:] == [b"end"] for p in range(PARTITIONS)))

    for partition, load in enumerate(loads):
        read = {record.offset: record.value for record in worker.records[partition]}
        assert load.acknowledged.items() <= read.items()
        assert sorted(read) == list(range(len(read)))


async def test_cut_connections_are_made_anew(bed: PostgresBed, writer: LogWriter) -> None:
    async with working(bed.reader()) as worker:
        await worker.until_it_owns(PARTITIONS)
        await writer.append(EVENTS, everywhere(b"before"))

        async with connected(bed.engine) as raw:
            await raw.fetch(CUT)
        await appended_in_the_end(writer, everywhere(b"after"))
        await worker.until(lambda: b"after" in worker.values(0))

    assert worker.values(0)[0] == b"before"
    assert len(worker.claims) == PARTITIONS


async def test_a_locked_partition_is_a_timeout_and_not_the_end(bed: PostgresBed) -> None:
    writer = bed.log(deadline=0.3).writer()
    await writer.start()
    async with connected(bed.engine) as raw:
        await raw.execute("BEGIN")
        await raw.execute("SELECT FROM log_partition FOR UPDATE")
        appends = [writer.append(EVENTS, everywhere(b"?")) for _ in range(5)]
        results = await asyncio.gather(*appends, return_exceptions=True)
        await raw.execute("ROLLBACK")

    offsets = await writer.append(EVENTS, everywhere(b"after"))
    await writer.stop()

    assert {type(result) for result in results} == {LogTimeout}
    assert len(set(offsets)) == 1


async def test_a_worker_that_was_frozen_loses_its_partitions_and_rejoins_without_stealing(bed: PostgresBed) -> None:
    victim = await bed.victim()
    await victim.until_it_owns(PARTITIONS)
    async with working(bed.reader()) as heir:
        await victim.until_it_owns(PARTITIONS // 2)
        await heir.until_it_owns(PARTITIONS // 2)

        victim.freeze()
        await heir.until_it_owns(PARTITIONS)
        claimed = len(victim.claims)
        victim.thaw()
        await heir.until_it_owns(PARTITIONS // 2)
        await victim.until_it_owns(PARTITIONS // 2)

        assert victim.owned.isdisjoint(heir.reader.owned())
        assert set(victim.claims[claimed:]) == victim.owned


async def test_a_worker_that_polls_no_more_loses_its_partitions_until_it_does(bed: PostgresBed) -> None:
    async with working(bed.reader(idle=0.4)) as stuck, working(bed.reader()) as heir:
        await stuck.until_it_owns(PARTITIONS // 2)
        await heir.until_it_owns(PARTITIONS // 2)

        stuck.rest()
        await heir.until_it_owns(PARTITIONS)
        lost = not stuck.reader.owned()
        stuck.work()
        await stuck.until_it_owns(PARTITIONS // 2)

    assert lost


async def test_groups_read_the_whole_log_each(bed: PostgresBed, writer: LogWriter) -> None:
    await writer.append(EVENTS, everywhere(b"x"))

    async with working(bed.log().reader(group="one")) as one, working(bed.log().reader(group="two")) as two:
        await one.until(lambda: one.total() == PARTITIONS)
        await two.until(lambda: two.total() == PARTITIONS)


async def test_trimming_is_bounded_and_spares_what_is_wanted_or_young(bed: PostgresBed, writer: LogWriter) -> None:
    for _ in range(10):
        await writer.append(EVENTS, everywhere(b"old"))
    await writer.append(ALERTS_TOPIC, everywhere(b"another topic"))
    middle = Instant(await newest(bed) + 1)
    await writer.append(EVENTS, everywhere(b"young"))

    bounded = await bed.log().trim(before=middle, below={0: 4}, most=3)
    rest = await bed.log().trim(before=middle, below={0: 4})
    again = await bed.log().trim(before=middle, below={0: 4})
    everything = await bed.log().trim(before=LATEST)
    async with working(bed.reader(), {0: 11, 1: 11, 2: 11, 3: 11}) as worker:
        await worker.until_it_owns(PARTITIONS)
        ends = await worker.reader.ends()

    assert (bounded, rest, again) == (4 * 3, 1 + 3 * 7, 0)
    assert everything == 7 + 3
    assert ends == {0: 11, 1: 11, 2: 11, 3: 11}
    assert not worker.errors


async def newest(bed: PostgresBed) -> int:
    async with connected(bed.engine) as raw:
        return int(await raw.fetchval("SELECT max(appended_at) FROM log_partition WHERE topic = $1", EVENTS))


async def test_a_clock_that_goes_back_does_not_turn_time_in_the_log(bed: PostgresBed, writer: LogWriter) -> None:
    ahead = now() + 3_600_000_000
    async with connected(bed.engine) as raw:
        await raw.execute("UPDATE log_partition SET appended_at = $1", ahead)

    await writer.append(EVENTS, everywhere(b"x"))
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == PARTITIONS)

    assert {record.appended_at for partition in range(PARTITIONS) for record in worker.records[partition]} == {ahead}

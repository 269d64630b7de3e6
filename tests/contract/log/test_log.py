"""What every log does, whatever it is made of."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from shared.domain.errors import LogMismatch, PositionLost
from shared.domain.instants import SECOND
from shared.ports.clock import now
from shared.ports.log import ALERTS_TOPIC, EVENTS, TRANSITIONS_TOPIC, Appending, LogWriter
from tests.contract.log.beds import PARTITIONS, Bed
from tests.contract.log.worker import numbered, values_of, working


async def test_records_are_read_in_the_order_and_at_the_offsets_they_were_appended(bed: Bed, writer: LogWriter) -> None:
    records = [Appending(number % PARTITIONS, None, b"%d" % number) for number in range(200)]

    offsets = [*await writer.append(EVENTS, records[:120]), *await writer.append(EVENTS, records[120:])]
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == 200)

    assert offsets == [number // PARTITIONS for number in range(200)]
    for partition in range(PARTITIONS):
        assert worker.values(partition) == values_of(records[partition::PARTITIONS])
        assert [record.offset for record in worker.records[partition]] == list(range(50))


async def test_keys_values_and_headers_come_through_as_they_are(bed: Bed, writer: LogWriter) -> None:
    every_byte = bytes(range(256))
    headers = (("ce_id", b"1"), ("ce_id", every_byte), ("content-type", b""))

    offsets = await writer.append(
        EVENTS,
        [
            Appending(1, every_byte, every_byte, headers),
            Appending(1, None, b"x"),
            Appending(1, b"", "顾客".encode()),
            Appending(1, b"big", every_byte * 2000),
        ],
    )
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == 4)

    read = [(record.key, record.value) for record in worker.records[1]]
    assert read == [(every_byte, every_byte), (None, b"x"), (b"", "顾客".encode()), (b"big", every_byte * 2000)]
    assert await bed.headers(1, offsets[0]) == headers
    assert await bed.headers(1, offsets[1]) == ()


async def test_reading_begins_where_the_claim_says(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(0, range(10)) + numbered(2, range(10)))

    async with working(bed.reader(), {0: 7, 2: 10}) as worker:
        await worker.until(lambda: worker.total() == 3 and len(worker.reader.owned()) == PARTITIONS)
        await writer.append(EVENTS, numbered(2, range(10, 12)))
        await worker.until(lambda: worker.total() == 5)

    assert worker.values(0) == [b"7", b"8", b"9"]
    assert worker.values(2) == [b"10", b"11"]
    assert sorted(worker.claims) == list(range(PARTITIONS))


async def test_a_reader_sees_what_is_appended_while_it_waits(bed: Bed, writer: LogWriter) -> None:
    async with working(bed.reader()) as worker:
        await worker.until_it_owns(PARTITIONS)
        for number in range(20):
            await writer.append(EVENTS, numbered(number % PARTITIONS, range(number, number + 1)))
            await worker.until(partial(worker.has_read, number + 1), within=2)


async def test_a_poll_without_news_returns_after_a_short_while(bed: Bed, writer: LogWriter) -> None:
    async with working(bed.reader()) as worker:
        await worker.until_it_owns(PARTITIONS)
        async with asyncio.timeout(2):
            await worker.polls(5)

    assert worker.total() == 0


async def test_a_poll_hands_out_at_most_a_batch_of_each_partition_and_loses_none(bed: Bed, writer: LogWriter) -> None:
    for partition in range(PARTITIONS):
        await writer.append(EVENTS, numbered(partition, range(1000)))

    async with working(bed.reader(batch=64)) as worker:
        await worker.until(lambda: worker.total() == 1000 * PARTITIONS)

    assert max(worker.most.values()) <= 64
    for partition in range(PARTITIONS):
        assert worker.values(partition) == [b"%d" % number for number in range(1000)]


async def test_the_log_tells_its_ends(bed: Bed, writer: LogWriter) -> None:
    async with working(bed.reader()) as worker:
        before = await worker.reader.ends()
        await writer.append(EVENTS, numbered(0, range(3)) + numbered(2, range(5)))
        await writer.append(ALERTS_TOPIC, numbered(0, range(7)))
        after = await worker.reader.ends()

    assert before == {0: 0, 1: 0, 2: 0, 3: 0}
    assert after == {0: 3, 1: 0, 2: 5, 3: 0}


async def test_readers_see_the_events_topic_only_and_topics_count_by_themselves(bed: Bed, writer: LogWriter) -> None:
    alerts = await writer.append(ALERTS_TOPIC, numbered(0, range(3), "alert "))
    transitions = await writer.append(TRANSITIONS_TOPIC, numbered(0, range(2), "transition "))
    events = await writer.append(EVENTS, numbered(0, range(2)))
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == 2)
        await worker.polls(2)

    assert (alerts, transitions, events) == ([0, 1, 2], [0, 1], [0, 1])
    assert worker.values(0) == [b"0", b"1"]


async def test_nothing_appended_is_nothing_acknowledged(writer: LogWriter) -> None:
    assert list(await writer.append(EVENTS, [])) == []


async def test_a_partition_that_does_not_exist_is_refused(writer: LogWriter) -> None:
    with pytest.raises(ValueError, match="partition 4 is not one of 4"):
        await writer.append(EVENTS, [Appending(PARTITIONS, None, b"x")])


async def test_time_in_the_log_is_the_present_and_never_goes_back(bed: Bed, writer: LogWriter) -> None:
    before = now()
    for number in range(20):
        await writer.append(EVENTS, numbered(0, range(number, number + 1)))
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == 20)

    times = [record.appended_at for record in worker.records[0]]
    assert times == sorted(times)
    assert before - SECOND <= times[0] <= times[-1] <= now() + SECOND


async def test_many_appends_at_once_lose_and_reorder_nothing(bed: Bed, writer: LogWriter) -> None:
    others = bed.writer()
    await others.start()

    async def append(number: int) -> tuple[Sequence[Appending], Sequence[int]]:
        records = [Appending(place % PARTITIONS, None, b"%d/%d" % (number, place)) for place in range(number % 8 + 1)]
        return records, await (writer, others)[number % 2].append(EVENTS, records)

    appended = await asyncio.gather(*(append(number) for number in range(300)))
    async with working(bed.reader()) as worker:
        await worker.until(lambda: worker.total() == sum(len(records) for records, _ in appended))
    await others.stop()

    for partition in range(PARTITIONS):
        assert [record.offset for record in worker.records[partition]] == list(range(len(worker.records[partition])))
    for records, offsets in appended:
        for record, offset in zip(records, offsets, strict=True):
            assert worker.records[record.partition][offset].value == record.value
        for partition in range(PARTITIONS):
            in_partition = [
                offset for record, offset in zip(records, offsets, strict=True) if record.partition == partition
            ]
            assert in_partition == sorted(in_partition)


async def test_another_number_of_partitions_is_refused(bed: Bed, writer: LogWriter) -> None:
    with pytest.raises(LogMismatch, match="4 partitions, not 8"):
        await bed.writer(partitions=8).start()


async def test_a_writer_finds_what_another_has_made(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(0, range(3)))
    other = bed.writer()
    await other.start()

    offsets = await other.append(EVENTS, numbered(0, range(1)))
    await other.stop()

    assert list(offsets) == [3]
    assert other.partitions == PARTITIONS


async def test_writers_that_start_at_once_make_the_topics_once(bed: Bed) -> None:
    writers = [bed.writer() for _ in range(4)]

    await asyncio.gather(*(writer.start() for writer in writers))
    offsets = [list(await writer.append(EVENTS, numbered(1, range(1)))) for writer in writers]
    await asyncio.gather(*(writer.stop() for writer in writers))

    assert offsets == [[0], [1], [2], [3]]


async def test_a_position_below_retention_is_told_once_and_the_partition_held(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(0, range(10)) + numbered(1, range(10)))
    await bed.trim(0, below=6)

    async with working(bed.reader(), {0: 4, 1: 4}) as worker:
        await worker.until(lambda: bool(worker.errors) and worker.total() == 6)
        await worker.polls(5)
        told = list(worker.errors)
        worker.positions[0] = 6
        worker.reader.forget(0)
        await worker.until(lambda: worker.total() == 10)

    assert [type(error) for error in told] == [PositionLost]
    assert "stored position 4 is below 6" in str(told[0])
    assert worker.values(0) == [b"6", b"7", b"8", b"9"]


async def test_a_position_that_the_log_has_not_reached_is_told(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(0, range(3)))

    async with working(bed.reader(), {0: 9}) as worker:
        await worker.until(lambda: bool(worker.errors))
        await worker.polls(5)

    assert [type(error) for error in worker.errors] == [LogMismatch]
    assert "offset 9 is wanted, but the log ends at 3" in str(worker.errors[0])


async def test_retention_leaves_the_newer_records_and_their_offsets(bed: Bed, writer: LogWriter) -> None:
    await writer.append(EVENTS, numbered(0, range(10)))
    await bed.trim(0, below=10)
    offsets = await writer.append(EVENTS, numbered(0, range(10, 13)))

    async with working(bed.reader(), {0: 10}) as worker:
        await worker.until(lambda: worker.total() == 3)

    assert list(offsets) == [10, 11, 12]
    assert worker.values(0) == [b"10", b"11", b"12"]

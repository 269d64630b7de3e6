"""The clock over HTTP: a test clock that is told the time and answers when it has been processed; a live one."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.domain.controls import Tick
from shared.domain.instants import SECOND, Instant
from shared.ports.log import EVENTS
from shared.web.auth import Scope
from tests.e2e.door import PROBLEM, Ingest, event, ingest

DAY = "2026-03-01T00:00:00Z"
NEXT = "2026-03-02T00:00:00Z"


async def tell(door: Ingest, at: Any) -> httpx.Response:
    key = await door.key(Scope.ADMIN)
    return await door.client.post("/v1/clock", json={"at": at}, headers=key)


async def shown(door: Ingest) -> Any:
    return (await door.client.get("/v1/clock", headers=await door.key(Scope.READ))).json()


async def test_a_tick_reaches_every_partition_and_the_answer_tells_the_time() -> None:
    async with ingest(kind="test") as door:
        answer = await tell(door, DAY)

        assert answer.status_code == 200
        assert answer.json() == {"kind": "test", "at": DAY, "lag": 0}
        assert door.entries() == [Tick(at=Instant(1_772_323_200 * SECOND))] * 4


async def test_the_answer_comes_only_when_every_partition_has_processed_the_tick() -> None:
    async with ingest(kind="test") as door:
        door.progress.at_once = False
        asking = asyncio.create_task(tell(door, DAY))
        await asyncio.sleep(0.02)
        door.progress.catch_up(0, 1, 3)
        await asyncio.sleep(0.02)
        early = asking.done()
        door.progress.catch_up(2)

        assert (await asking).status_code == 200
        assert not early


async def test_waiting_looks_soon_and_then_less_often() -> None:
    async with ingest(kind="test") as door:
        door.progress.at_once = False
        asking = asyncio.create_task(tell(door, DAY))
        await asyncio.sleep(0.3)
        looks = door.progress.looks
        door.progress.catch_up()
        await asking

        assert 8 <= looks <= 25


async def test_a_scorer_that_does_not_come_by_gets_503_and_the_partitions_named() -> None:
    async with ingest(kind="test", patience=0.05) as door:
        door.progress.at_once = False
        door.progress.catch_up()
        asking = asyncio.create_task(tell(door, DAY))
        await asyncio.sleep(0.01)
        door.progress.catch_up(0, 3)
        answer = await asking

        assert (answer.status_code, answer.json()["code"]) == (503, "clock_stalled")
        assert "partitions 1, 2 have not processed it" in answer.json()["message"]
        assert answer.headers["content-type"] == PROBLEM


async def test_the_time_already_reached_is_appended_again_and_an_earlier_one_is_409() -> None:
    async with ingest(kind="test") as door:
        await tell(door, NEXT)
        again = await tell(door, NEXT)
        earlier = await tell(door, DAY)

        assert (again.status_code, again.json()["at"]) == (200, NEXT)
        assert len(door.entries()) == 8
        assert (earlier.status_code, earlier.json()["code"]) == (409, "clock_behind")
        assert earlier.json()["message"] == f"{DAY} lies before {NEXT}, the time already reached"


async def test_a_time_that_was_appended_but_not_processed_counts_as_reached() -> None:
    async with ingest(kind="test", patience=0.02) as door:
        door.progress.at_once = False
        stalled = await tell(door, NEXT)
        earlier = await tell(door, DAY)
        again = asyncio.create_task(tell(door, NEXT))
        await asyncio.sleep(0.01)
        door.progress.catch_up()

        assert (stalled.status_code, earlier.status_code, (await again).status_code) == (503, 409, 200)


async def test_times_that_are_told_at_once_are_taken_one_after_the_other() -> None:
    async with ingest(kind="test") as door:
        answers = await asyncio.gather(*(tell(door, f"2026-03-{day:02d}T00:00:00Z") for day in range(1, 9)))

        assert {answer.status_code for answer in answers} <= {200, 409}
        reached = [tick.at or 0 for tick in door.entries()[: len(door.entries()) // 4] if isinstance(tick, Tick)]
        assert reached == sorted(reached)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"junk", b"[]", b"{}", b'{"at": 5}', b'{"at": "2026-03-01"}', b'{"at": "2026-03-01T00:00:00"}',
        b'{"at": "1969-01-01T00:00:00Z"}', b'{"at": "9999-01-01T00:00:00Z"}', b'{"at": "\xff"}', b"[" * 9999,
    ],
)  # fmt: skip
async def test_what_is_no_time_gets_400(body: bytes) -> None:
    async with ingest(kind="test") as door:
        answer = await door.client.post("/v1/clock", content=body, headers=await door.key(Scope.ADMIN))

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_time")
        assert "RFC 3339 with an offset" in answer.json()["message"]
        assert not door.records()


async def test_a_live_clock_cannot_be_told_the_time() -> None:
    async with ingest() as door:
        answer = await tell(door, DAY)

        assert (answer.status_code, answer.json()["code"]) == (409, "live_clock")
        assert not door.records()


async def test_a_store_that_is_away_gets_503_and_no_details() -> None:
    async with ingest(kind="test") as door:
        door.progress.broken = True
        answers = [
            await tell(door, DAY),
            await door.client.get("/v1/clock", headers=await door.key(Scope.READ)),
        ]

        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "unavailable")] * 2
        assert "password" not in answers[0].text


async def test_the_clock_shows_what_every_partition_has_reached_and_what_waits() -> None:
    async with ingest(kind="test") as door:
        door.progress.at_once = False
        before = await shown(door)
        await door.post([event(f"e-{number}", f"customer-{number}") for number in range(50)])
        waiting = await shown(door)
        door.progress.catch_up()
        done = await shown(door)

        assert before == {"kind": "test", "at": None, "lag": 0}
        assert waiting == {"kind": "test", "at": None, "lag": 50}
        assert done == {"kind": "test", "at": None, "lag": 0}


async def test_a_live_clock_shows_the_time_of_the_partition_that_is_furthest_behind() -> None:
    async with ingest() as door:
        door.progress.at_once = False
        door.progress.catch_up()
        for partition, at in enumerate((5, 3, 4, 9)):
            door.progress.reach(partition, Instant(at * SECOND))

        assert (await shown(door))["at"] == "1970-01-01T00:00:03Z"
        assert door.log.partition(EVENTS, 0).end == 0


@pytest.mark.parametrize(("scope", "method"), [(Scope.INGEST, "GET"), (Scope.MANAGE, "POST")])
async def test_reading_the_clock_needs_read_and_setting_it_admin(scope: Scope, method: str) -> None:
    async with ingest(kind="test") as door:
        answer = await door.client.request(method, "/v1/clock", json={"at": DAY}, headers=await door.key(scope))

        assert answer.status_code == 403
        assert not door.records()

"""A new policy reaches every partition of the log, whoever is slow, dies or is faster."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from services.api.policies import Policies, Wanted, completed
from services.api.times import instant_of
from shared.adapters.memory.log import MemoryLogWriter
from shared.adapters.spread import complete, records_of
from shared.domain.controls import PolicyChange
from shared.domain.errors import LogTimeout
from shared.domain.instants import Instant
from shared.domain.policies import changed
from shared.domain.policy import DEFAULT
from shared.ports.log import EVENTS, Appending
from shared.web.auth import Scope
from tests.e2e.api_house import PARTITIONS, House, answered
from tests.e2e.governing import SOON, governed_house, held


@pytest.fixture
async def house() -> House:
    return await governed_house()


@pytest.fixture
async def manager(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.MANAGE) as client:
        yield client


async def test_while_nobody_processes_the_log_the_answer_says_which_partitions_are_pending(
    house: House, manager: httpx.AsyncClient
) -> None:
    response = await manager.post("/v1/policies", json={"changes": {"silent_r": 1.4}, "based_on": 1})
    await house.work()
    half = await answered(manager, "/v1/policies/2")
    await complete(house.store, house.log.writer(), {})
    await house.work()
    whole = await answered(manager, "/v1/policies/2")

    assert (response.status_code, response.json()["pending"]) == (202, [0, 1, 2, 3])
    assert (half["state"], half["pending"]) == ("scheduled", [1, 2, 3])
    assert whole["pending"] == []


async def test_a_control_that_one_partition_has_is_appended_to_the_others_once(house: House) -> None:
    issued = PolicyChange(id="policy-000002", effective_at=instant_of(SOON), policy=changed(DEFAULT, {"mu0": 3}, 2))
    house.log.append(EVENTS, records_of(issued, [2]))
    await house.work()
    appended: dict[tuple[str, int], int] = {}
    for _ in range(3):  # nobody processes what was appended the first time
        await complete(house.store, house.log.writer(), appended)
    await house.work()

    assert await held(house) == [["policy-000002"]] * PARTITIONS
    assert {partition for _, partition in appended} == {0, 1, 3}


class Forgetful(MemoryLogWriter):
    """A writer of which the log forgets what it has acknowledged, as long as the test wants it to."""

    forgets = True

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        if self.forgets:
            raise LogTimeout("the log does not answer")
        return await super().append(topic, records)


async def test_completing_goes_on_through_a_log_that_does_not_answer_until_all_partitions_have_it(house: House) -> None:
    issued = PolicyChange(id="policy-000002", effective_at=instant_of(SOON), policy=changed(DEFAULT, {"mu0": 3}, 2))
    house.log.append(EVENTS, records_of(issued, [0]))
    await house.work()
    writer = Forgetful(house.log, PARTITIONS)

    async with completed(house.store, writer, every=0.001), house.working():
        await asyncio.sleep(0.02)
        lagging = await held(house)
        writer.forgets = False
        async with asyncio.timeout(5):
            while await held(house) != [["policy-000002"]] * PARTITIONS:
                await asyncio.sleep(0.001)

    assert lagging == [["policy-000002"], [], [], []]


async def test_on_a_live_clock_a_version_takes_effect_a_moment_from_now(house: House) -> None:
    now = instant_of("2026-06-01T12:00:00Z")
    live = Policies(house.store, house.log.writer(), 0.01, live=True, clock=lambda: now)
    behind = Policies(house.store, house.log.writer(), 0.01, live=True, clock=lambda: Instant(0))
    wanted = Wanted(changes={"silent_r": 1.4})

    soon = [one.draft(await one.register(), wanted).effective_at for one in (live, behind)]

    assert soon == [now + 10_000_000, instant_of(SOON)]


async def test_of_two_people_who_change_one_version_at_once_one_is_told_and_all_partitions_agree(
    house: House, manager: httpx.AsyncClient
) -> None:
    bodies: list[dict[str, Any]] = [{"changes": {"silent_r": one}, "based_on": 1} for one in (1.3, 1.4)]
    async with house.working():
        answers = await asyncio.gather(*(manager.post("/v1/policies", json=body) for body in bodies))

    assert sorted(one.status_code for one in answers) == [200, 409]
    [won] = [one.json() for one in answers if one.status_code == 200]
    kept = [await house.store.controls(partition) for partition in range(PARTITIONS)]
    assert all(controls == kept[0] for controls in kept)
    assert (await answered(manager, "/v1/policies/newest"))["values"]["silent_r"] == won["values"]["silent_r"]

"""A preview through HTTP: what it says, in which language, and who has to wait."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.web.auth import Scope
from tests.e2e.api_house import House, answered
from tests.e2e.governing import SOON, change, governed_house, problem


@pytest.fixture
async def house() -> House:
    return await governed_house()


@pytest.fixture
async def manager(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.MANAGE) as client:
        yield client


async def test_a_preview_says_what_the_change_then_does_and_changes_nothing(
    house: House, manager: httpx.AsyncClient
) -> None:
    changes = {"silent_r": 1.0, "dormant_r": 2.0}
    before = await answered(manager, "/v1/customers/anna")
    response = await manager.post("/v1/policies/preview", json={"changes": changes, "horizon_days": 0})
    untouched = await answered(manager, "/v1/customers/anna")
    async with house.working():
        await change(manager, silent_r=1.0, dormant_r=2.0)
    await house.passed(SOON)
    after, alerts = await answered(manager, "/v1/customers/anna"), await answered(manager, "/v1/alerts")

    told = response.json()
    assert (response.status_code, untouched) == (200, before)
    [move] = told["moves"]
    assert (move["customer_id"], move["source"]) == ("anna", before["stage"])
    assert (move["target"], move["at"]) == (after["stage"], after["since"])
    assert [(one["kind"], one["at"]) for one in told["alerts_raised"]] == [
        (one["kind"], one["effective_at"]) for one in alerts["items"]
    ]
    assert (told["based_on"], told["effective_at"], told["horizon"]) == (1, SOON, SOON)
    assert (told["customers"], told["moved"], told["moved_at_once"], told["raised"], told["withdrawn"]) == (
        *(1, 1, 1, 1),
        0,
    )
    assert told["text"] == (
        f"Would move 1 of 1 customers (1 at once), raise 1 alerts (1 at once) and withdraw 0, by {SOON}."
    )


async def test_a_preview_of_an_older_version_and_in_chinese(house: House, manager: httpx.AsyncClient) -> None:
    async with house.working():
        await change(manager, silent_r=1.0, dormant_r=2.0)
    await house.passed("2026-04-19T00:00:00Z")
    body = {"version": 1, "horizon_days": 30, "limit": 0}
    told = (await manager.post("/v1/policies/preview", json=body, headers={"Accept-Language": "zh"})).json()
    both = await manager.post("/v1/policies/preview", json={"version": 1, "changes": {"silent_r": 1.4}})
    neither = await manager.post("/v1/policies/preview", json={})

    assert told["based_on"] == 2
    assert [one["field"] for one in told["changes"]] == ["silent_r", "dormant_r"]
    assert "位客户中将有" in told["text"]
    assert [problem(one)[:2] for one in (both, neither)] == [(400, "invalid_request")] * 2


async def test_a_preview_beside_another_one_is_asked_to_come_again(house: House, manager: httpx.AsyncClient) -> None:
    context = house.app.state.context
    async with context.previews._turn:
        busy = await manager.post("/v1/policies/preview", json={"changes": {"silent_r": 1.4}})

    assert problem(busy)[:2] == (429, "busy")
    assert int(busy.headers["Retry-After"]) > 0

"""A customer's timeline and explanation through HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.times import instant_of
from shared.domain.controls import PolicyChange
from shared.domain.policy import Policy
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, House, answered, asked, bought, complained, noted, walked

LATER = "2026-05-31T00:00:00Z"


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def reader(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.READ) as client:
        yield client


@pytest.fixture
async def anna(house: House) -> None:
    """A customer that asked, bought three times, and then fell silent."""
    await house.told(asked("anna", "2026-01-04T12:00:00Z"), *(bought("anna", day, 12_50) for day in DAYS))
    await house.passed(LATER)


@pytest.mark.usefixtures("anna")
async def test_the_timeline_tells_events_decisions_and_alerts_the_newest_first(reader: httpx.AsyncClient) -> None:
    entries = (await answered(reader, "/v1/customers/anna/timeline"))["items"]

    assert [entry["kind"] for entry in entries] == [
        "alert", "transition", "transition", "event", "event", "transition", "event", "transition", "event",
    ]  # fmt: skip
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    assert (entries[0]["alert"], entries[0]["status"]) == ("silence", "open")
    assert (entries[1]["source"], entries[1]["target"], entries[1]["why"]["signal"]) == (
        "formation",
        "decline",
        "silent",
    )
    assert (entries[3]["type"], entries[3]["text"]) == ("purchase", "Bought: 12.50 USD, order 2026-02-02")
    assert entries[3]["data"] == {"order_id": "2026-02-02", "amount": "12.50", "currency": "USD"}
    assert not any(entry["retracted"] for entry in entries if entry["kind"] == "transition")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50, 500])
async def test_paging_through_a_timeline_gives_every_entry_once(
    house: House, reader: httpx.AsyncClient, limit: int
) -> None:
    alike = [noted("anna", DAYS[1], id="same", source=source) for source in ("a", "b", "c", "d")]
    await house.told(asked("anna", DAYS[0], id="ask"), *alike, *(bought("anna", day) for day in DAYS))
    await house.told(complained("anna", DAYS[2]), noted("anna", DAYS[2], id="same"))
    await house.passed(LATER)

    whole = (await answered(reader, "/v1/customers/anna/timeline", limit=500))["items"]
    paged = await walked(reader, "/v1/customers/anna/timeline", limit=limit)

    assert paged == whole
    assert sum(entry["kind"] == "event" for entry in whole) == 10


async def test_a_decision_disproved_by_a_late_purchase_is_told_as_retracted(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed(LATER)
    await house.told(bought("anna", "2026-04-10T10:00:00Z"))

    entries = (await answered(reader, "/v1/customers/anna/timeline"))["items"]
    explanation = await answered(reader, "/v1/customers/anna/explain")

    taken_back = [entry for entry in entries if entry["kind"] == "transition" and entry["retracted"]]
    assert [entry["target"] for entry in taken_back] == ["decline"]
    assert taken_back[0]["retracted_at"] is not None
    assert [entry["status"] for entry in entries if entry["kind"] == "alert"] == ["withdrawn"]
    assert [one["target"] for one in explanation["transitions"]] == ["exploration", "formation"]
    assert explanation["reproduced"] is True
    number = taken_back[0]["number"]
    [retracted] = (await answered(reader, "/v1/customers/anna/explain", transition=number))["transitions"]
    assert (retracted["number"], retracted["retracted"], retracted["reproduced"]) == (number, True, False)


@pytest.mark.usefixtures("anna")
async def test_the_explanation_runs_every_decision_again(reader: httpx.AsyncClient) -> None:
    explanation = await answered(reader, "/v1/customers/anna/explain")

    assert explanation["reproduced"] is True
    assert [one["reproduced"] for one in explanation["transitions"]] == [True] * 4
    assert [one["text"].partition(". ")[0] for one in explanation["transitions"]] == [
        "From target to prospect on 2026-01-04T12:00:00Z",
        f"From prospect to exploration on {DAYS[0]}",
        f"From exploration to formation on {DAYS[2]}",
        f"From formation to decline on {explanation['since']}",
    ]
    assert explanation["next"]["stage"] == "dormant"
    assert [change["by"] for change in explanation["changes"]] == ["purchase", "two_purchases"]


@pytest.mark.usefixtures("anna")
async def test_the_explanation_speaks_chinese(reader: httpx.AsyncClient) -> None:
    response = await reader.get("/v1/customers/anna/explain", headers={"Accept-Language": "zh"})

    explanation = response.json()
    assert explanation["label"] == "退化期"
    assert explanation["transitions"][0]["text"] == "2026-01-04T12:00:00Z由目标客户进入潜在客户。客户提出询问。"


@pytest.mark.usefixtures("anna")
async def test_one_decision_can_be_explained_alone(reader: httpx.AsyncClient) -> None:
    explanation = await answered(reader, "/v1/customers/anna/explain", transition=3)

    assert [(one["number"], one["target"]) for one in explanation["transitions"]] == [(3, "formation")]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("transition", "status", "code"),
    [
        ("9", 404, "unknown_transition"),
        ("0", 400, "invalid_request"),
        ("first", 400, "invalid_request"),
        ("99999999999999999999", 404, "unknown_transition"),
    ],
)
async def test_a_decision_that_is_not_there_cannot_be_explained(
    reader: httpx.AsyncClient, transition: str, status: int, code: str
) -> None:
    response = await reader.get("/v1/customers/anna/explain", params={"transition": transition})

    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_stage_that_a_policy_moved_says_so_and_is_reproduced(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed("2026-03-20T00:00:00Z")
    at = instant_of("2026-03-21T00:00:00Z")
    policy = Policy(version=2, mu0=0.0, sigma0=0.1)
    await house.governed(PolicyChange(id="p2", effective_at=at, policy=policy))
    await house.passed("2026-03-22T00:00:00Z")

    explanation = await answered(reader, "/v1/customers/anna/explain")

    moved = explanation["transitions"][-1]
    assert (moved["target"], moved["why"]["cause"], moved["why"]["policy"]) == ("decline", "policy", 2)
    assert "by a change of the policy, not by the customer" in moved["text"]
    assert explanation["reproduced"] is True


async def test_a_target_has_nothing_to_explain_yet(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(noted("tom", DAYS[0], extra={"screen": "home", "amount": 3}))

    explanation = await answered(reader, "/v1/customers/tom/explain")
    timeline = await answered(reader, "/v1/customers/tom/timeline")

    assert (explanation["stage"], explanation["transitions"], explanation["reproduced"]) == (None, [], True)
    assert [entry["type"] for entry in timeline["items"]] == ["app.opened"]
    assert timeline["items"][0]["data"] == {"screen": "home", "amount": 3}
    assert timeline["next"] is None

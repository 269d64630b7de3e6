"""Alerts through HTTP: the list, and one of them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, Answer, House, answered, asked, bought, complained, walked

AS_OF = "2026-05-14T00:00:00Z"
UNKNOWN = "b7" + "0" * 30


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def manager(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.MANAGE) as client:
        yield client


@pytest.fixture
async def silent(house: House, manager: httpx.AsyncClient) -> Answer:
    """The open alert of a customer that fell silent."""
    await house.told(*(bought("anna", day, 12_50) for day in DAYS))
    await house.passed(AS_OF)
    [alert] = (await answered(manager, "/v1/alerts"))["items"]
    found: Answer = alert
    return found


async def test_an_alert_tells_what_became_true_with_the_evidence(manager: httpx.AsyncClient, silent: Answer) -> None:
    alert = await answered(manager, f"/v1/alerts/{silent['id']}")

    assert alert == silent
    assert (alert["customer_id"], alert["kind"], alert["severity"], alert["status"]) == (
        "anna",
        "silence",
        "medium",
        "open",
    )
    assert (alert["reason"], alert["stage"], alert["as_of"]) == ("unknown", "formation", AS_OF)
    assert alert["label"] == "Silent beyond its own rhythm"
    assert alert["text"].startswith("Silent beyond its own rhythm: silent for ")
    assert alert["evidence"]["level"] == "25.00"
    assert alert["evidence"]["currency"] == "USD"
    assert alert["evidence"]["silence_days"] == pytest.approx(alert["evidence"]["long_gap_days"], abs=0.001)
    assert alert["level"] == {"amount": "25.00", "currency": "USD"}
    assert alert["effective_at"] < alert["deadline"]


async def test_an_alert_speaks_chinese(manager: httpx.AsyncClient, silent: Answer) -> None:
    response = await manager.get(f"/v1/alerts/{silent['id']}", headers={"Accept-Language": "zh"})

    alert = response.json()
    assert (alert["label"], alert["severity_label"], alert["status_label"]) == ("沉默超出自身节奏", "中", "待处理")


async def test_alerts_are_listed_with_the_most_urgent_first_and_filtered(
    house: House, manager: httpx.AsyncClient
) -> None:
    await house.told(*(bought("anna", day) for day in DAYS), bought("eve", DAYS[0], 99_00), complained("eve", DAYS[1]))
    await house.told(asked("pia", DAYS[0]), bought("rich", DAYS[0], 5_000_00), bought("poor", DAYS[0], 1_00))
    await house.passed("2026-09-01T00:00:00Z")

    async def listed(**query: str | int | list[str]) -> list[tuple[str, str]]:
        items = (await answered(manager, "/v1/alerts", **query))["items"]
        return [(one["customer_id"], one["kind"]) for one in items]

    everything = (await answered(manager, "/v1/alerts"))["items"]
    ranks = [("low", "medium", "high", "critical").index(one["severity"]) for one in everything]
    assert ranks == sorted(ranks, reverse=True)
    assert ("eve", "dissatisfaction") in await listed()
    assert await listed(customer_id="pia") == [("pia", "unanswered_inquiry")]
    assert [name for name, _ in await listed(kind="silence") if name in ("rich", "poor")] == ["rich", "poor"]
    assert {one["severity"] for one in (await answered(manager, "/v1/alerts", severity="high"))["items"]} <= {"high"}
    assert await listed(status="resolved") == [("anna", "silence")]
    assert await listed(status="open,acknowledged") == await listed(status=["open", "acknowledged"]) == await listed()
    assert await listed(customer_id="nobody") == []


@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_paging_gives_every_alert_once(house: House, manager: httpx.AsyncClient, limit: int) -> None:
    for number in range(12):
        await house.told(bought(f"c{number}", DAYS[0], 10_00 * (number % 3)), complained(f"c{number}", DAYS[1]))

    whole = (await answered(manager, "/v1/alerts", limit=500))["items"]
    paged = await walked(manager, "/v1/alerts", limit=limit)

    assert paged == whole
    assert len({one["id"] for one in paged}) == 12


@pytest.mark.parametrize(
    "query",
    ["status=held", "status=", "status=open,burning", "kind=fire", "severity=huge", "customer_id=", "customer_id=%00",
     f"customer_id={'x' * 257}", "status=%00"],
)  # fmt: skip
async def test_a_bad_filter_is_refused(manager: httpx.AsyncClient, query: str) -> None:
    response = await manager.get(f"/v1/alerts?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", [UNKNOWN, "00", "x" * 32, "٠" * 32, "-" + "0" * 31, "_" * 32, "b7%00", "%ED%A0%80"])
async def test_an_unknown_alert_is_not_found(manager: httpx.AsyncClient, name: str) -> None:
    found = await manager.get(f"/v1/alerts/{name}")
    acted = await manager.post(f"/v1/alerts/{name}/acknowledge")

    assert {found.status_code, acted.status_code} <= {400, 404}
    assert {found.json()["code"], acted.json()["code"]} <= {"unknown_alert", "invalid_request"}

"""Alerts by what is at risk, through HTTP: the first ten are the ten to call."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.domain.alerts import AlertStatus, Evidence, Severity
from shared.ports.store import Changes
from shared.web.auth import Scope
from tests.builders import day
from tests.contract.stores import HOME, commit, names, raised
from tests.e2e.api_house import DAYS, House, answered, bought, walked

ANNA, BO, CHEN, DORA, EVE = names(5)


def risk(value: int | None, currency: str = "EUR") -> Evidence:
    return Evidence(currency=currency, p_no_purchase=0.825, horizon_days=90.0, value_at_risk=value)


@pytest.fixture
async def house() -> House:
    """An api with alerts that a model has spoken of, and one of before there was a model."""
    house = House()
    alerts = [
        raised(ANNA, day(1), reason="unknown", evidence=risk(10_00), severity=Severity.CRITICAL),
        raised(BO, day(1), reason="unknown", evidence=risk(250_50), severity=Severity.LOW),
        raised(CHEN, day(1), reason="unknown", evidence=risk(9_000, "JPY")),
        raised(DORA, day(1), reason="unknown", evidence=Evidence(currency="EUR"), severity=Severity.HIGH),
        raised(EVE, day(1), reason="unknown", evidence=risk(900_00), status=AlertStatus.RESOLVED),
    ]
    await commit(house.store, await house.store.claim(HOME), Changes(alerts=alerts))
    return house


@pytest.fixture
async def reader(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.READ) as client:
        yield client


async def listed(reader: httpx.AsyncClient, **query: Any) -> list[tuple[str, int | None]]:
    items = (await answered(reader, "/v1/alerts", **query))["items"]
    return [(one["customer_id"], one["rank"]) for one in items]


async def test_alerts_come_by_value_with_ranks_in_each_currency(reader: httpx.AsyncClient) -> None:
    assert await listed(reader, sort="value") == [(CHEN, 1), (BO, 1), (ANNA, 2), (DORA, None)]
    assert await listed(reader, sort="value", currency="EUR") == [(BO, 1), (ANNA, 2)]
    assert await listed(reader, sort="value", currency="EUR", severity="critical") == [(ANNA, 2)]
    assert await listed(reader, sort="value", status="resolved") == [(EVE, None)]
    assert await listed(reader, sort="value", currency="GBP") == []


async def test_without_asking_the_most_urgent_comes_first_and_tells_its_rank_all_the_same(
    reader: httpx.AsyncClient,
) -> None:
    urgent = await listed(reader)

    assert urgent == await listed(reader, sort="urgency")
    assert urgent == [(ANNA, 2), (DORA, None), (CHEN, 1), (BO, 1)]


async def test_an_alert_tells_its_odds_and_what_is_at_risk(reader: httpx.AsyncClient) -> None:
    first, second, _, last = (await answered(reader, "/v1/alerts", sort="value"))["items"]

    assert second == await answered(reader, f"/v1/alerts/{second['id']}")
    evidence = second["evidence"]
    assert (evidence["p_no_purchase"], evidence["horizon_days"]) == (0.825, 90.0)
    assert evidence["value_at_risk"] == {"amount": "250.50", "currency": "EUR"}
    assert first["evidence"]["value_at_risk"] == {"amount": "9000", "currency": "JPY"}
    assert second["text"].endswith(
        "with 82.5 % probability it buys nothing in the next 90 days, value at risk: 250.50 EUR."
    )
    told = last["evidence"]
    assert (told["p_no_purchase"], told["horizon_days"], told["value_at_risk"]) == (None, None, None)


async def test_a_probability_alone_puts_no_value_at_risk(house: House, reader: httpx.AsyncClient) -> None:
    other = HOME + 1
    [name] = names(1, other)
    alert = raised(name, day(2), reason="unknown", evidence=risk(None))
    await commit(house.store, await house.store.claim(other), Changes(alerts=[alert]))

    [told] = (await answered(reader, "/v1/alerts", customer_id=name))["items"]

    assert (told["evidence"]["p_no_purchase"], told["evidence"]["value_at_risk"], told["rank"]) == (0.825, None, None)


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("query", [{}, {"currency": "EUR"}, {"status": "open,resolved"}])
async def test_paging_by_value_gives_every_alert_once_and_in_order(
    reader: httpx.AsyncClient, limit: int, query: dict[str, str]
) -> None:
    whole = (await answered(reader, "/v1/alerts", sort="value", limit=500, **query))["items"]

    assert await walked(reader, "/v1/alerts", limit=limit, sort="value", **query) == whole
    assert len(whole) >= 2


async def test_a_cursor_of_one_order_is_refused_by_the_other(reader: httpx.AsyncClient) -> None:
    cursors = {
        sort: (await answered(reader, "/v1/alerts", sort=sort, limit=1))["next"] for sort in ("urgency", "value")
    }

    for sort, other in (("urgency", "value"), ("value", "urgency")):
        response = await reader.get("/v1/alerts", params={"sort": sort, "cursor": cursors[other]})
        assert (response.status_code, response.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize(
    "query", ["sort=newest", "sort=", "currency=eur", "currency=", "currency=EURO", "currency=%00"]
)
async def test_an_order_or_a_currency_that_there_is_not_is_refused(reader: httpx.AsyncClient, query: str) -> None:
    response = await reader.get(f"/v1/alerts?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


async def test_an_alert_that_no_model_spoke_of_is_served_as_before(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(*(bought("zoe", at) for at in DAYS))
    await house.passed("2026-05-14T00:00:00Z")

    [alert] = (await answered(reader, "/v1/alerts", customer_id="zoe"))["items"]

    assert (alert["rank"], alert["evidence"]["p_no_purchase"]) == (None, None)
    assert alert["text"].endswith(" days.")
    assert (alert["customer_id"], None) in await listed(reader, sort="value")

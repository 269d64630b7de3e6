"""The reports over HTTP: read from the newest survey, in both languages; and the ledger, read live."""

import csv
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any, Final

import httpx
import pytest
from msgspec.structs import replace

from services.api.report_labels import CHECKS
from services.api.schemas import money_reports as money_schemas
from services.api.schemas import reports as schemas
from shared.domain.events import Event, Item, Profile, Purchase
from shared.domain.ids import shard_of
from shared.web.auth import Scope
from tests import builders
from tests.e2e.api_house import DAYS, House, answered, asked, bought, complained, walked

REPORTS: Final[dict[str, type[schemas.Report]]] = {
    "transitions": schemas.TransitionsReport,
    "retention": schemas.RetentionReport,
    "conversion": schemas.ConversionReport,
    "value": money_schemas.ValueReport,
    "word-of-mouth": schemas.WordOfMouthReport,
    "investment": money_schemas.InvestmentReport,
    "checks": money_schemas.ChecksReport,
    "alerts": schemas.AlertsReport,
    "ledger": schemas.LedgerReport,
}

AS_OF: Final = "2026-05-12T12:00:00Z"


def known(customer: str, at: str, **more: Any) -> Event:
    """What is known of a customer."""
    purchase = bought(customer, at)
    return Profile(
        id=purchase.id, source="crm", customer_id=purchase.customer_id, occurred_at=purchase.occurred_at,
        received_at=purchase.received_at, **more,
    )  # fmt: skip


def sold(customer: str, at: str, amount: int, cost: int, product: str = "tea") -> Event:
    """A purchase whose cost is known."""
    purchase = bought(customer, at, amount)
    assert isinstance(purchase, Purchase)
    return replace(purchase, cost=cost, items=(Item(product=product),))


def lives() -> list[Event]:
    """What happened before the survey."""
    return [
        known("anna", "2026-01-01T10:00:00Z", industry="food", region="north", level="gold", owner="eva"),
        asked("anna", "2026-01-02T10:00:00Z", channel="ad"),
        *(sold("anna", at, 50_00, 20_00) for at in DAYS),
        sold("anna", "2026-05-01T10:00:00Z", 50_00, 20_00, "pot"),
        sold("bo", "2026-01-05T10:00:00Z", 30_00, 25_00),
        complained("bo", "2026-01-09T10:00:00Z"),
        asked("chen", "2026-05-10T10:00:00Z", channel="ad"),
    ]


@pytest.fixture
async def house() -> House:
    house = House()
    await house.told(*lives())
    await house.passed(AS_OF)
    return house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    await house.surveyed()
    async with await house.client(Scope.READ) as client:
        yield client


@pytest.mark.parametrize("name", REPORTS)
async def test_without_a_survey_a_report_says_how_to_make_one(house: House, name: str) -> None:
    async with await house.client(Scope.READ) as client:
        response = await client.get(f"/v1/reports/{name}")

    assert (response.status_code, response.json()["code"]) == (404, "no_survey")
    assert "lifestage survey" in response.json()["message"]


@pytest.mark.parametrize("name", REPORTS)
async def test_every_report_says_what_it_speaks_of_and_is_read_with_a_key(
    client: httpx.AsyncClient, house: House, name: str
) -> None:
    answer = await answered(client, f"/v1/reports/{name}")
    async with await house.client() as stranger:
        refused = await stranger.get(f"/v1/reports/{name}")

    assert REPORTS[name].model_validate(answer).model_dump(mode="json") == answer
    assert (answer["as_of"], answer["made_at"], answer["policy"], answer["surveyed"]) == (
        AS_OF, "2026-06-01T12:00:00Z", 1, 3
    )  # fmt: skip
    assert refused.status_code == 401


async def test_a_report_is_of_the_newest_survey(client: httpx.AsyncClient, house: House) -> None:
    await house.told(asked("dora", "2026-05-12T11:00:00Z"))
    before = await answered(client, "/v1/reports/checks")

    await house.surveyed()

    assert (before["surveyed"], (await answered(client, "/v1/reports/checks"))["surveyed"]) == (3, 4)


async def test_the_matrix_is_told_in_heads_and_margin(client: httpx.AsyncClient) -> None:
    """001-7: the transition matrix, and the courses of relationships."""
    answer = await answered(client, "/v1/reports/transitions")

    moves = {(move["source"], move["target"]): (move["heads"], move["margin"]) for move in answer["moves"]}
    assert moves["target", "prospect"] == (2, [{"amount": "120.00", "currency": "USD"}])
    assert moves["target", "exploration"] == (1, [{"amount": "5.00", "currency": "USD"}])
    assert moves["exploration", "decline"][0] == 1
    assert {part["path"]: part["heads"] for part in answer["paths"]} == {
        "still_climbing": 1,
        "never_past_exploration": 1,
        "not_bought": 1,
    }


async def test_retention_splits_each_period(client: httpx.AsyncClient) -> None:
    """001-17, 004-24: acquired, retained, reactivated, lost, in heads and money; retention comes first."""
    answer = await answered(client, "/v1/reports/retention")

    first, second = answer["periods"]
    assert (first["period"], first["acquired"]["heads"], first["acquired"]["money"]) == (
        "2026-01", 2, [{"amount": "180.00", "currency": "USD"}]
    )  # fmt: skip
    assert (second["retained"]["heads"], second["lost"]["heads"], second["rate"]) == (1, 1, 0.5)
    assert (first["complete"], second["complete"], answer["months"]) == (True, False, 3)
    assert (answer["retention_rate"]["reached"], answer["retention_rate"]["customers"]) == (1, 2)
    assert [one["said"] for one in answer["second_purchase"]["by_said"]] == ["content", "discontent", "unknown"]


async def test_conversion_is_told_by_channel(client: httpx.AsyncClient) -> None:
    """002-7, 002-19."""
    answer = await answered(client, "/v1/reports/conversion")

    by = {one["dimension"]: one["groups"] for one in answer["by"]}
    assert (answer["everybody"]["targets"], answer["everybody"]["won_rate"]) == (3, 0.6667)
    assert [(one["value"], one["targets"], one["customers"]) for one in by["channel"]] == [(None, 1, 1), ("ad", 2, 1)]


async def test_the_value_report_tells_where_margins_are_known(client: httpx.AsyncClient) -> None:
    """004-4: too few customers for tiers, but their profit is told."""
    answer = await answered(client, "/v1/reports/value")

    assert (answer["buyers"], answer["unknown"]) == (2, 0)
    [pareto] = answer["pareto"]
    assert (pareto["profit"], pareto["tier_a"]) == ({"amount": "125.00", "currency": "USD"}, None)


async def test_labels_and_sentences_are_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    english = await answered(client, "/v1/reports/checks")
    chinese = (await client.get("/v1/reports/checks", headers={"Accept-Language": "zh"})).json()

    assert {check["label"] for check in english["checks"]} <= {label.en for label in CHECKS.values()}
    assert {check["label"] for check in chinese["checks"]} <= {label.zh for label in CHECKS.values()}
    assert {check["text"] for check in chinese["checks"]} == {"客户数量不足，尚无法判断。"}


async def test_alerts_are_told_by_their_kinds(client: httpx.AsyncClient) -> None:
    answer = await answered(client, "/v1/reports/alerts")

    rules = {rule["kind"]: rule for rule in answer["rules"]}
    assert (rules["dissatisfaction"]["raised"], rules["dissatisfaction"]["precision"]) == (1, 1.0)
    assert rules["dissatisfaction"]["label"] == "Dissatisfied"


async def test_the_ledger_lists_who_bought_what_and_when(client: httpx.AsyncClient) -> None:
    """004-14: industry, region, what was bought last and when, receivables."""
    items = await walked(client, "/v1/ledger", limit=1)

    by = {one["customer_id"]: one for one in items}
    assert [one["customer_id"] for one in items] == sorted(by, key=lambda name: (shard_of(name), name))
    anna = by["anna"]
    assert (anna["industry"], anna["region"], anna["level"], anna["owner"]) == ("food", "north", "gold", "eva")
    assert (anna["last_product"], anna["last_bought_at"]) == ("pot", "2026-05-01T10:00:00Z")
    assert (anna["purchases"], anna["occasions"], anna["amount"]) == (4, 4, {"amount": "200.00", "currency": "USD"})
    assert (by["chen"]["last_bought_at"], by["chen"]["amount"], by["chen"]["receivables"]) == (None, None, [])


async def test_the_ledger_tells_what_is_owed(client: httpx.AsyncClient, house: House) -> None:
    """004-14 and 004-9: receivables, live."""
    since = builders.days_in(bought("bo", AS_OF).occurred_at)
    assert since is not None
    await house.told(builders.invoice(since, 12_50, "USD", customer="bo"))

    [bo] = [one for one in await walked(client, "/v1/ledger", limit=500) if one["customer_id"] == "bo"]

    assert bo["receivables"] == [{"amount": "12.50", "currency": "USD"}]


async def test_the_ledger_can_be_filtered_by_stage_and_type(client: httpx.AsyncClient) -> None:
    prospects = await walked(client, "/v1/ledger", limit=9, stage="prospect")
    potential = await walked(client, "/v1/ledger", limit=9, type="potential")

    assert [one["customer_id"] for one in prospects] == ["chen"]
    assert potential == prospects


@pytest.mark.parametrize("how", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
async def test_the_whole_ledger_can_be_had_as_a_table(
    client: httpx.AsyncClient, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """004-14: CSV, page after page."""
    monkeypatch.setattr("services.api.ledger.CSV_PAGE", 1)
    monkeypatch.setattr("services.api.routes.reports.CSV_PAGE", 1)

    response = await client.get("/v1/ledger", **how)

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(response.text)))
    listed = await walked(client, "/v1/ledger", limit=9)
    assert [row["customer_id"] for row in rows] == [one["customer_id"] for one in listed]
    [anna] = [row for row in rows if row["customer_id"] == "anna"]
    assert (anna["stage"], anna["region"], anna["amount"], anna["currency"]) == ("formation", "north", "200.00", "USD")
    assert (anna["last_product"], anna["receivables"]) == ("pot", "")


async def test_a_list_is_answered_where_a_list_is_asked_for_whatever_is_accepted(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/ledger", params={"format": "json"}, headers={"Accept": "text/csv"})

    assert response.headers["content-type"] == "application/json"


async def test_a_cursor_of_another_list_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/ledger", params={"cursor": "x"})

    assert (response.status_code, response.json()["code"]) == (400, "bad_cursor")


async def test_a_store_that_does_not_answer_makes_a_report_unavailable(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise OSError("gone")

    monkeypatch.setattr(house.memory.surveys, "newest", away)
    async with await house.client(Scope.READ) as client:
        response = await client.get("/v1/reports/value")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")

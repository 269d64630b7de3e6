"""The api as a whole through HTTP: keys, errors, health, metrics and the funnel."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from shared.adapters.memory.store import MemoryStore
from shared.ports.queries import CustomerView
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, PARTITIONS, House, answered, bought, noted

AS_OF = "2026-03-01T00:00:00Z"


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def reader(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.READ) as client:
        yield client


@pytest.fixture
async def anna(house: House) -> None:
    """A customer in formation, and the time a month later."""
    await house.told(*(bought("anna", day, 12_50) for day in DAYS))
    await house.passed(AS_OF)


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("path", ["/v1/customers", "/v1/customers/anna/timeline", "/v1/alerts"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_request"),
        ("limit=501", "invalid_request"),
        ("limit=many", "invalid_request"),
        ("limit=1e2", "invalid_request"),
        ("limit=99999999999999999999999", "invalid_request"),
        ("cursor=", "bad_cursor"),
        ("cursor=next", "bad_cursor"),
        ("cursor=%00", "bad_cursor"),
        ("cursor=%ED%A0%80", "bad_cursor"),
        ("cursor=WyJ4IiwxXQ", "bad_cursor"),
        ("cursor=客", "bad_cursor"),
        ("kursor=x", "invalid_request"),
    ],
)
async def test_a_bad_page_is_refused(reader: httpx.AsyncClient, path: str, query: str, code: str) -> None:
    response = await reader.get(f"{path}?{query}")

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["stage=asleep", "type=old", "alert=fire", "stage=", "stage=%00", "stage=%ED%A0%80"])
async def test_a_bad_filter_is_refused_and_named(reader: httpx.AsyncClient, query: str) -> None:
    response = await reader.get(f"/v1/customers?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert query.partition("=")[0] in response.json()["message"]


async def test_the_funnel_counts_heads_money_and_moves(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(noted("tom", DAYS[0]), *(bought("anna", day, 12_50) for day in DAYS))
    await house.told(bought("eve", DAYS[0], 10_00), bought("yuki", DAYS[0], 900, currency="JPY"))
    before = await answered(reader, "/v1/funnel")
    await house.passed(AS_OF)

    funnel = await answered(reader, "/v1/funnel")

    stages = {one["stage"]: one for one in funnel["stages"]}
    assert (before["as_of"], funnel["as_of"], funnel["heads"]) == (None, AS_OF, 4)
    assert list(stages) == [
        "target", "prospect", "exploration", "formation", "stability", "decline", "dormant", "ended",
    ]  # fmt: skip
    assert {stage: one["heads"] for stage, one in stages.items() if one["heads"]} == {
        "target": 1, "exploration": 2, "formation": 1,
    }  # fmt: skip
    assert stages["formation"]["level"] == [{"amount": "25.00", "currency": "USD"}]
    assert stages["exploration"]["level"] == [
        {"amount": "900", "currency": "JPY"},
        {"amount": "10.00", "currency": "USD"},
    ]
    assert {one["type"]: one["heads"] for one in funnel["types"]} == {
        "target": 1, "potential": 0, "new": 3, "established": 0, "new_line": 0,
    }  # fmt: skip
    assert funnel["transitions"] == [
        {"source": "target", "target": "exploration", "count": 3},
        {"source": "exploration", "target": "formation", "count": 1},
    ]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    "path",
    ["/v1/customers", "/v1/customers/anna", "/v1/customers/anna/timeline", "/v1/customers/anna/explain", "/v1/alerts",
     "/v1/alerts/00", "/v1/funnel", "/openapi.json"],
)  # fmt: skip
async def test_reading_takes_a_key_with_the_scope(house: House, path: str) -> None:
    async with await house.client() as nobody, await house.client(Scope.INGEST) as sender:
        without, wrong = await nobody.get(path), await nobody.get(path, headers={"Authorization": "Bearer guess"})
        forbidden = await sender.get(path)

    assert [one.status_code for one in (without, wrong, forbidden)] == [401, 401, 403]
    assert [one.json()["code"] for one in (without, wrong, forbidden)] == ["unauthorized", "unauthorized", "forbidden"]
    assert all(one.headers["content-type"] == "application/problem+json" for one in (without, wrong, forbidden))
    assert "anna" not in without.text + wrong.text + forbidden.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v2/customers", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/redoc", 404, "not_found"),
        ("GET", "/v1/alerts/", 404, "not_found"),
        ("POST", "/v1/customers", 405, "method_not_allowed"),
        ("DELETE", "/v1/customers/anna", 405, "method_not_allowed"),
        ("PUT", "/v1/customers/anna/timeline", 405, "method_not_allowed"),
        ("GET", "/v1/alerts/00/snooze", 405, "method_not_allowed"),
        ("POST", "/v1/funnel", 405, "method_not_allowed"),
        ("POST", "/livez", 405, "method_not_allowed"),
    ],
)
async def test_every_error_is_a_problem(
    reader: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await reader.request(method, path)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"type", "title", "status", "code", "message"}


async def test_health_and_metrics_take_no_key(house: House) -> None:
    async with await house.client() as nobody:
        ready = await nobody.get("/readyz")
        house.not_ready = "the database does not answer"
        not_ready = await nobody.get("/readyz")
        alive, metrics = await nobody.get("/livez"), await nobody.get("/metrics")

    assert [one.status_code for one in (ready, not_ready, alive, metrics)] == [200, 503, 200, 200]
    assert not_ready.json()["message"] == "the database does not answer"
    assert 'route="/readyz"' in metrics.text


@pytest.mark.usefixtures("anna")
async def test_requests_are_counted_under_their_template_never_under_an_id(
    house: House, reader: httpx.AsyncClient
) -> None:
    await reader.get("/v1/customers/anna")
    await reader.get("/v1/customers/anna/explain")

    metrics = (await reader.get("/metrics")).text

    assert 'route="/v1/customers/{customer_id}"' in metrics
    assert 'route="/v1/customers/{customer_id}/explain"' in metrics
    assert "anna" not in metrics


class FailingStore(MemoryStore):
    """A store that does not answer, in one way or another."""

    def __init__(self, fail: Callable[[], Awaitable[None]]) -> None:
        super().__init__(PARTITIONS)
        self._fail = fail

    async def customer(self, customer_id: str) -> CustomerView | None:
        await self._fail()
        return await super().customer(customer_id)


async def broken() -> None:
    raise ConnectionResetError("the server closed the connection")


async def frozen() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(("fail", "error"), [(broken, "ConnectionResetError"), (frozen, "TimeoutError")])
@pytest.mark.parametrize("more", ["", "/timeline", "/explain"])
async def test_a_store_that_does_not_answer_makes_the_api_unavailable(
    fail: Callable[[], Awaitable[None]], error: str, more: str
) -> None:
    house = House(store=FailingStore(fail))
    async with await house.client(Scope.READ) as reader:
        response = await reader.get(f"/v1/customers/anna{more}")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["retry-after"] == "1"
    assert f'lifestage_api_store_errors_total{{error="{error}"}} 1.0' in house.catalogue.exposition().decode()

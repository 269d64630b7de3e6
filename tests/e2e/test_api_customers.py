"""Customers through HTTP: the list, and one of them now or at a past instant."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest

from services.api.times import instant_of
from shared.domain.controls import PolicyChange
from shared.domain.ids import shard_of
from shared.domain.policy import Policy
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, House, answered, asked, bought, complained, noted, rated, walked

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
async def test_a_customer_tells_where_it_stands_why_what_comes_next_and_what_would_change_it(
    reader: httpx.AsyncClient,
) -> None:
    response = await reader.get("/v1/customers/anna")

    customer = response.json()
    assert customer["stage"] == "formation"
    assert customer["label"] == "Formation"
    assert customer["since"] == DAYS[-1]
    assert (customer["cycle"], customer["type"], customer["occasions"]) == (1, "new", 3)
    assert customer["why"]["signal"] == "confirmed"
    assert customer["why"]["event_ids"] == ["order 2026-02-02"]
    assert customer["why"]["text"].startswith("Repeat purchases confirmed the first trust: ")
    assert {"occasions", "satisfaction", "open_complaints", "gap_r"} == {
        one["name"] for one in customer["why"]["guards"]
    }
    assert customer["next"]["stage"] == "decline"
    assert customer["next"]["because"] == "silent"
    assert customer["level"] == {"amount": "25.00", "currency": "USD"}
    assert customer["rhythm"]["silence_days"] == pytest.approx(26.583, abs=0.001)
    assert [change["stage"] for change in customer["changes"]] == ["stability", "formation"]
    assert customer["changes"][1]["text"] == f"Stays in formation with a purchase before {customer['next']['at']}."
    assert (customer["as_of"], customer["parked"], customer["alerts"]) == (AS_OF, False, [])
    assert response.headers["etag"] == f'W/"{customer["version"]}"'


@pytest.mark.usefixtures("anna")
async def test_labels_and_texts_are_chinese_where_that_is_preferred(reader: httpx.AsyncClient) -> None:
    response = await reader.get("/v1/customers/anna", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})

    customer = response.json()
    assert (customer["label"], customer["type_label"], customer["next"]["label"]) == ("形成期", "新客户", "退化期")
    assert customer["why"]["text"].startswith("重复购买证实了初步的信任")
    assert (response.headers["content-language"], response.headers["vary"]) == ("zh", "Accept-Language")


async def test_somebody_of_whom_only_unknown_events_tell_is_a_target_without_a_stage(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.told(noted("tom", "2026-01-05T10:00:00Z"))

    customer = await answered(reader, "/v1/customers/tom")

    assert (customer["stage"], customer["since"], customer["why"], customer["next"]) == (None, None, None, None)
    assert (customer["label"], customer["type"], customer["cycle"]) == ("Target", "target", 0)
    assert [change["stage"] for change in customer["changes"]] == ["prospect", "exploration"]


async def test_a_silent_customer_declines_with_an_alert_and_a_way_back(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(*(bought("anna", day, 12_50) for day in DAYS))
    await house.passed("2026-05-31T00:00:00Z")

    customer = await answered(reader, "/v1/customers/anna")

    assert (customer["stage"], customer["origin"], customer["why"]["signal"]) == ("decline", "formation", "silent")
    assert customer["why"]["cause"] == "silence"
    assert [alert["kind"] for alert in customer["alerts"]] == ["silence"]
    back = customer["changes"][0]
    assert (back["stage"], back["by"], back["at_least"], back["currency"]) == ("formation", "purchase", "12.50", "USD")
    assert back["text"] == (f"Back to formation with purchases of at least 12.50 USD before {customer['next']['at']}.")


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("as_of", "stage"),
    [
        (DAYS[0], "exploration"),
        ("2026-02-02T09:59:59.999999Z", "exploration"),
        (DAYS[2], "formation"),
        ("2026-02-02T11:00:00+01:00", "formation"),
        ("2026-02-02T11:00:00 01:00", "formation"),
        (AS_OF, "formation"),
    ],
)
async def test_a_customer_is_told_as_of_a_past_instant(reader: httpx.AsyncClient, as_of: str, stage: str) -> None:
    customer = await answered(reader, "/v1/customers/anna", as_of=as_of)

    assert customer["stage"] == stage
    assert instant_of(customer["as_of"]) == instant_of(as_of)


async def test_the_present_as_of_now_is_the_same_as_the_present(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(*(bought("anna", day) for day in DAYS), complained("anna", "2026-02-10T08:00:00Z"))
    await house.passed("2026-02-20T00:00:00Z")

    now = await answered(reader, "/v1/customers/anna")
    then = await answered(reader, "/v1/customers/anna", as_of=now["as_of"])

    assert then == now


async def test_a_past_answer_follows_the_policy_that_was_in_force(house: House, reader: httpx.AsyncClient) -> None:
    policy = Policy(version=2, formation_occasions=2)
    await house.governed(PolicyChange(id="p2", effective_at=instant_of("2026-01-25T00:00:00Z"), policy=policy))
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed(AS_OF)

    before = await answered(reader, "/v1/customers/anna", as_of="2026-01-24T00:00:00Z")
    after = await answered(reader, "/v1/customers/anna", as_of=DAYS[2])

    assert (before["stage"], before["why"]["policy"]) == ("exploration", 1)
    assert (after["stage"], after["why"]["policy"]) == ("formation", 2)
    assert [guard["threshold"] for guard in before["changes"][0]["missing"]] == [3]
    assert [guard["threshold"] for guard in after["why"]["guards"] if guard["name"] == "occasions"] == [2]


async def test_a_parked_customer_is_told_as_it_was_known_last(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(bought("anna", DAYS[0]), rated("anna", DAYS[1], scale=1.0), bought("anna", DAYS[2]))

    customer = await answered(reader, "/v1/customers/anna")
    explanation = await answered(reader, "/v1/customers/anna/explain")
    timeline = await answered(reader, "/v1/customers/anna/timeline")
    then = await reader.get("/v1/customers/anna", params={"as_of": DAYS[0]})

    assert (customer["stage"], customer["occasions"], customer["parked"]) == ("exploration", 1, True)
    assert (explanation["reproduced"], explanation["transitions"][0]["reproduced"]) == (None, None)
    assert [entry["kind"] for entry in timeline["items"]] == ["event", "event", "transition", "event"]
    assert (then.status_code, then.json()["code"]) == (409, "parked_customer")


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("as_of=2026-03-01T00:00:01Z", 400, "bad_as_of"),
        ("as_of=9999-12-31T23:59:59-14:00", 400, "bad_as_of"),
        ("as_of=yesterday", 400, "bad_as_of"),
        ("as_of=2026-02-02T10:00:00", 400, "bad_as_of"),
        ("as_of=2026-02-30T10:00:00Z", 400, "bad_as_of"),
        ("as_of=1767607200", 400, "bad_as_of"),
        ("as_of=", 400, "bad_as_of"),
        ("as_of=%00", 400, "bad_as_of"),
        ("as_of=%ED%A0%80", 400, "bad_as_of"),
        ("as-of=2026-02-02T10:00:00Z", 400, "invalid_request"),
        ("as_of=2026-01-05T09:59:59Z", 404, "not_yet_known"),
        ("as_of=0001-01-01T00:00:00%2B14:00", 404, "not_yet_known"),
    ],
)
async def test_an_instant_that_cannot_be_told_of_is_an_error(
    reader: httpx.AsyncClient, query: str, status: int, code: str
) -> None:
    response = await reader.get(f"/v1/customers/anna?{query}")

    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "name",
    [
        "a/b",
        "a/timeline",
        "timeline",
        "explain",
        "/",
        "a b",
        "ä/客户?#%",
        "..",
        ".",
        "%2F",
        "\x01",
        "x" * 256,
        "客" * 256,
        "'; --",
    ],
)
async def test_an_id_may_hold_any_character(house: House, reader: httpx.AsyncClient, name: str) -> None:
    await house.told(bought(name, DAYS[0], id="1"), bought("a", DAYS[0]))
    path = f"/v1/customers/{quote(name, safe='').replace('.', '%2E')}"

    customer = await answered(reader, path)
    timeline = await answered(reader, f"{path}/timeline")
    explanation = await answered(reader, f"{path}/explain")

    assert customer["customer_id"] == explanation["customer_id"] == name
    assert [entry["kind"] for entry in timeline["items"]] == ["transition", "event"]


async def test_a_slash_in_an_id_may_be_left_as_it_is(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(bought("eu/anna", DAYS[0]))

    assert (await answered(reader, "/v1/customers/eu/anna"))["customer_id"] == "eu/anna"
    assert len((await answered(reader, "/v1/customers/eu/anna/timeline"))["items"]) == 2


@pytest.mark.parametrize("name", ["bob", "x" * 257, "x" * 5_000, "%00", "a%00b", "%ED%A0%80", "%FF", ""])
@pytest.mark.parametrize("more", ["", "/timeline", "/explain", "?as_of=2026-01-01T00:00:00Z"])
async def test_who_is_unknown_is_not_found(house: House, reader: httpx.AsyncClient, name: str, more: str) -> None:
    response = await reader.get(f"/v1/customers/{name}{more}")

    assert response.status_code in (400, 404)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] in ("unknown_customer", "invalid_request")


async def test_customers_are_listed_by_stage_type_and_alert(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(noted("tom", DAYS[0]), asked("pia", DAYS[0]), *(bought("anna", day) for day in DAYS))
    await house.told(bought("eve", DAYS[0]), complained("eve", DAYS[1]))

    async def listed(**query: str) -> set[str]:
        return {one["customer_id"] for one in (await answered(reader, "/v1/customers", **query))["items"]}

    assert await listed() == {"tom", "pia", "anna", "eve"}
    assert await listed(stage="target") == {"tom"}
    assert await listed(stage="prospect") == await listed(type="potential") == {"pia"}
    assert await listed(stage="formation") == {"anna"}
    assert await listed(alert="dissatisfaction") == await listed(stage="decline") == {"eve"}
    assert await listed(alert="dissatisfaction", stage="formation") == set()
    assert await listed(type="target", alert="silence") == set()


async def test_a_listed_customer_is_told_as_by_itself_but_without_measures_and_details(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.told(bought("eve", DAYS[0]), complained("eve", DAYS[1]))

    [listed] = (await answered(reader, "/v1/customers"))["items"]

    alone = await answered(reader, "/v1/customers/eve")
    assert listed == {**alone, "measures": None, "risk": {**alone["risk"], "details": None}}


@pytest.mark.parametrize("limit", [1, 2, 7, 30, 500])
async def test_paging_gives_every_customer_once(house: House, reader: httpx.AsyncClient, limit: int) -> None:
    names = {f"客户/{number}" for number in range(30)}
    await house.told(*(bought(name, DAYS[0]) for name in sorted(names)))

    listed = await walked(reader, "/v1/customers", limit=limit, stage="exploration")

    assert [one["customer_id"] for one in listed] == sorted(names, key=lambda name: (shard_of(name), name))

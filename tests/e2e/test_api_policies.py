"""Policies through HTTP: what can be set, which versions there are, and how a new one is made."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.web.auth import Scope
from tests.e2e.api_house import PARTITIONS, House, answered
from tests.e2e.governing import AS_OF, SOON, change, governed_house, held, problem


@pytest.fixture
async def house() -> House:
    return await governed_house()


@pytest.fixture
async def manager(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.MANAGE) as client:
        yield client


async def test_the_first_version_governs_from_the_start(manager: httpx.AsyncClient) -> None:
    listed = await answered(manager, "/v1/policies")
    current = await manager.get("/v1/policies/current")

    first = {
        "version": 1,
        "state": "in_force",
        "effective_at": None,
        "changes": [],
        "pending": [],
        "actor": None,
        "note": None,
    }
    assert listed == {"as_of": AS_OF, "in_force": 1, "newest": 1, "items": [first], "next": None}
    assert current.headers["ETag"] == '"1"'
    assert current.json()["values"]["silent_r"] == 1.5
    assert not {"version", "model", "population"} & current.json()["values"].keys()


async def test_every_field_says_what_it_means_and_what_it_holds_now(house: House, manager: httpx.AsyncClient) -> None:
    async with house.working():
        await change(manager, silent_r=1.4)
    await house.passed(SOON)
    told = await answered(manager, "/v1/policies/fields")

    [silent] = [field for field in told["fields"] if field["name"] == "silent_r"]
    assert told["in_force"] == 2
    assert silent == {
        "name": "silent_r",
        "type": "number",
        "unit": "number",
        "nullable": False,
        "overridable": True,
        "minimum": None,
        "exclusive_minimum": 0,
        "maximum": 1_000,
        "exclusive_maximum": None,
        "accepts": "a number above 0 and at most 1,000",
        "default": 1.5,
        "value": 1.4,
        "meaning": "from this r on a customer is silent",
        "sources": ["002-13", "004-11"],
    }


async def test_a_change_takes_effect_in_every_partition_at_one_instant_and_what_it_moves_says_so(
    house: House, manager: httpx.AsyncClient
) -> None:
    async with house.working():
        issued = await change(manager, silent_r=1.0, dormant_r=2.0)
    before = await answered(manager, "/v1/customers/anna")
    await house.passed(SOON)
    after, listed = await answered(manager, "/v1/customers/anna"), await answered(manager, "/v1/policies")

    assert (issued["version"], issued["state"], issued["effective_at"], issued["pending"]) == (2, "scheduled", SOON, [])
    assert [(one["field"], one["before"], one["after"]) for one in issued["changes"]] == [
        ("silent_r", 1.5, 1.0),
        ("dormant_r", 3.0, 2.0),
    ]
    assert await held(house) == [["policy-000002"]] * PARTITIONS
    assert (before["stage"], after["stage"], after["since"]) == ("formation", "decline", SOON)
    assert (after["why"]["cause"], after["why"]["policy"]) == ("policy", 2)
    assert [(one["version"], one["state"]) for one in listed["items"]] == [(2, "in_force"), (1, "past")]


async def test_every_field_that_is_wrong_is_named_in_one_answer_and_nothing_is_appended(
    house: House, manager: httpx.AsyncClient
) -> None:
    changes = {"silent_r": 0, "volume_hits": "two", "nope": 1}
    refused = await manager.post("/v1/policies", json={"changes": changes, "based_on": 1})

    status, code, message = problem(refused)
    assert (status, code) == (400, "bad_policy")
    assert "silent_r: 0 cannot be used: a number above 0 and at most 1,000 is accepted; the default is 1.5" in message
    assert "volume_hits: 'two' cannot be used" in message
    assert "nope: is not a field of the policy" in message
    assert await held(house) == [[]] * PARTITIONS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ('{"silent_r": NaN}', "silent_r: nan cannot be used"),
        ('{"silent_r": 1e999}', "silent_r: inf cannot be used"),
        ('{"time_zone": "\\ud800"}', "time_zone: '\\ud800' cannot be used"),
        ('{"lines": {"a\\u0000b": {"silent_r": 1}}}', "lines.a\\x00b: is not a name"),
    ],
)
async def test_what_json_can_spell_and_no_policy_can_hold_is_refused(
    manager: httpx.AsyncClient, changes: str, message: str
) -> None:
    body = f'{{"changes": {changes}, "based_on": 1}}'
    refused = await manager.post("/v1/policies", content=body, headers={"Content-Type": "application/json"})

    assert problem(refused)[:2] == (400, "bad_policy")
    assert message in problem(refused)[2]


async def test_a_line_and_an_industry_may_have_thresholds_of_their_own(
    house: House, manager: httpx.AsyncClient
) -> None:
    async with house.working():
        issued = await change(manager, lines={"books": {"silent_r": 1.2}}, industries={"food": {"volume_rules": False}})
        wrong = {"lines": {"books": {"silent_r": 4.0, "time_zone": "UTC"}}, "industries": {"": {}, "food": 3}}
        refused = await manager.post("/v1/policies", json={"changes": wrong, "based_on": 2})

    assert [(one["field"], one["after"]) for one in issued["changes"]] == [
        ("lines.books.silent_r", 1.2),
        ("industries.food.volume_rules", False),
    ]
    assert issued["changes"][0]["meaning"] == "from this r on a customer is silent"
    for named in ("lines.books.time_zone: is not a threshold", "industries.: is not a name", "industries.food: 3"):
        assert named in problem(refused)[2]


async def test_a_change_says_which_version_it_builds_on_and_that_must_be_the_newest(
    house: House, manager: httpx.AsyncClient
) -> None:
    async with house.working():
        await change(manager, silent_r=1.4)
        body = {"changes": {"silent_r": 1.3}}
        silent = await manager.post("/v1/policies", json=body)
        stale = await manager.post("/v1/policies", json={**body, "based_on": 1})
        tagged = await manager.post("/v1/policies", json=body, headers={"If-Match": '"1"'})
        wild = await manager.post("/v1/policies", json=body, headers={"If-Match": "*"})
        fresh = await manager.post("/v1/policies", json=body, headers={"If-Match": '"2"'})

    assert [one.status_code for one in (silent, stale, tagged, wild, fresh)] == [409, 409, 409, 409, 200]
    assert problem(stale)[1] == "stale_policy"
    assert "builds on version 1, and the newest version is 2" in problem(stale)[2]
    assert "does not say which version it builds on" in problem(silent)[2]
    assert (fresh.json()["version"], fresh.headers["ETag"]) == (3, '"3"')


async def test_an_older_version_comes_back_in_one_call(house: House, manager: httpx.AsyncClient) -> None:
    async with house.working():
        await change(manager, silent_r=1.4)
        back = await manager.post("/v1/policies/back", json={"version": 1})
        again = await manager.post("/v1/policies/back", json={"version": 1})
        unknown = await manager.post("/v1/policies/back", json={"version": 9})
        stale = await manager.post("/v1/policies/back", json={"version": 2, "based_on": 2})

    assert (back.status_code, back.json()["version"], back.json()["values"]["silent_r"]) == (200, 3, 1.5)
    assert problem(again)[:2] == (400, "bad_policy")
    assert problem(unknown) == (404, "unknown_policy", "there is no policy version 9: the newest is 3")
    assert problem(stale)[:2] == (409, "stale_policy")


async def test_versions_are_compared_with_the_one_before_or_with_any(house: House, manager: httpx.AsyncClient) -> None:
    async with house.working():
        await change(manager, silent_r=1.4)
        await change(manager, 2, answer_hours=8.0)
    before = await answered(manager, "/v1/policies/3/diff")
    first = await answered(manager, "/v1/policies/newest/diff", against=1)
    unknown = await manager.get("/v1/policies/3/diff", params={"against": 9})

    hours = {"field": "answer_hours", "before": 24.0, "after": 8.0, "unit": "hours"}
    assert (before["version"], before["against"]) == (3, 2)
    assert [{**one, "meaning": ""} for one in before["changes"]] == [{**hours, "meaning": ""}]
    assert [one["field"] for one in first["changes"]] == ["silent_r", "answer_hours"]
    assert problem(unknown)[:2] == (404, "unknown_policy")


async def test_a_version_says_who_made_it_and_what_was_said_about_it(house: House, manager: httpx.AsyncClient) -> None:
    body = {"changes": {"silent_r": 1.4}, "based_on": 1, "note": "Reach them sooner: 早点联系。"}
    async with house.working():
        await manager.post("/v1/policies", json=body)
        await manager.post("/v1/policies/back", json={"version": 1, "note": "Too soon."})
    listed = await answered(manager, "/v1/policies")

    assert [(one["version"], one["actor"], one["note"]) for one in listed["items"]] == [
        (3, "anne", "Too soon."),
        (2, "anne", "Reach them sooner: 早点联系。"),
        (1, None, None),
    ]


async def test_the_list_comes_in_pages(house: House, manager: httpx.AsyncClient) -> None:
    async with house.working():
        await change(manager, silent_r=1.4)
        await change(manager, 2, answer_hours=8.0)
    first = await answered(manager, "/v1/policies", limit=2)
    second = await answered(manager, "/v1/policies", limit=2, cursor=first["next"])

    assert [one["version"] for one in first["items"]] == [3, 2]
    assert ([one["version"] for one in second["items"]], second["next"]) == ([1], None)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("2026-04-20T00:00:00Z", "must be later than 2026-04-20T00:00:00Z"),
        ("1969-12-31T00:00:00Z", "lies beyond"),
        ("9999-01-01T00:00:00Z", "lies beyond"),
        ("tomorrow", "is not an instant"),
    ],
)
async def test_a_policy_takes_effect_after_the_time_that_the_log_has_reached(
    manager: httpx.AsyncClient, at: str, message: str
) -> None:
    body = {"changes": {"silent_r": 1.4}, "based_on": 1, "effective_at": at}
    refused = await manager.post("/v1/policies", json=body)

    assert problem(refused)[:2] == (400, "bad_effective_at")
    assert message in problem(refused)[2]


async def test_policies_are_for_those_who_manage(house: House) -> None:
    async with await house.client(Scope.READ) as reader:
        answers = [
            await reader.get("/v1/policies"),
            await reader.get("/v1/policies/fields"),
            await reader.post("/v1/policies", json={"changes": {"silent_r": 1.4}, "based_on": 1}),
            await reader.post("/v1/policies/preview", json={"changes": {"silent_r": 1.4}}),
        ]

    assert [problem(one)[:2] for one in answers] == [(403, "forbidden")] * 4


async def test_an_address_tells_all_that_it_can_do(manager: httpx.AsyncClient) -> None:
    both, back, word = (
        await manager.delete("/v1/policies"),
        await manager.get("/v1/policies/back"),
        await manager.get("/v1/policies/latest"),
    )

    assert (both.status_code, both.headers["Allow"]) == (405, "GET, POST")
    assert (back.status_code, back.headers["Allow"]) == (405, "POST")
    assert word.status_code == 404

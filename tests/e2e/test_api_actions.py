"""What people do with alerts, through HTTP."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from shared.adapters import codec
from shared.adapters.memory.log import MemoryLog, MemoryLogWriter
from shared.domain.errors import LogTimeout
from shared.domain.events import OWN_SOURCE, Resolve
from shared.ports.log import EVENTS, Appending
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, PARTITIONS, Answer, House, answered, bought

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


def records(house: House) -> list[codec.Entry]:
    """What lies in the events topic."""
    logs = (house.log.partition(EVENTS, partition) for partition in range(PARTITIONS))
    return [codec.decode(record.value) for log in logs for record in log.read(0, 1_000)]


async def test_acknowledging_answers_the_alert_as_it_is_then(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    async with house.working():
        response = await manager.post(f"/v1/alerts/{silent['id']}/acknowledge")

    alert = response.json()
    assert response.status_code == 200
    assert (alert["id"], alert["status"], alert["actor"]) == (silent["id"], "acknowledged", "anne")
    assert alert["acted_at"] == "2026-06-01T12:00:00Z"
    assert [one["id"] for one in (await answered(manager, "/v1/alerts"))["items"]] == [silent["id"]]
    assert (
        'lifestage_api_actions_total{action="acknowledge",outcome="done"} 1.0' in house.catalogue.exposition().decode()
    )


async def test_a_snoozed_alert_opens_again_at_its_time(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    async with house.working():
        response = await manager.post(f"/v1/alerts/{silent['id']}/snooze", json={"until": "2026-05-17T08:00:00Z"})
    snoozed = response.json()
    await house.passed("2026-05-17T08:00:00Z")
    awake = await answered(manager, f"/v1/alerts/{silent['id']}")

    assert (snoozed["status"], snoozed["until"]) == ("snoozed", "2026-05-17T08:00:00Z")
    assert (awake["status"], awake["until"]) == ("open", None)


async def test_resolving_closes_the_alert_with_its_outcome_and_keeps_the_note(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    body = {"outcome": "retained", "note": "Called: 下个月再订。"}
    async with house.working():
        response = await manager.post(f"/v1/alerts/{silent['id']}/resolve", json=body)

    alert = response.json()
    assert (alert["status"], alert["outcome"], alert["outcome_label"]) == ("resolved", "retained", "Retained")
    assert alert["closed_at"] == AS_OF
    assert (await answered(manager, "/v1/alerts"))["items"] == []
    assert [one["id"] for one in (await answered(manager, "/v1/alerts", status="resolved"))["items"]] == [silent["id"]]
    timeline = (await answered(manager, "/v1/customers/anna/timeline"))["items"]
    [action] = [entry for entry in timeline if entry.get("type") == "alert_resolved"]
    assert (action["source"], action["data"]["outcome"], action["data"]["note"]) == (
        OWN_SOURCE,
        "retained",
        body["note"],
    )
    assert (await answered(manager, "/v1/customers/anna/explain"))["reproduced"] is True


async def test_an_action_neither_moves_the_customer_nor_its_time(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    before = await answered(manager, "/v1/customers/anna")
    async with house.working():
        await manager.post(f"/v1/alerts/{silent['id']}/acknowledge")

    after = await answered(manager, "/v1/customers/anna")

    assert (after["stage"], after["since"], after["as_of"]) == (before["stage"], before["since"], before["as_of"])
    assert after["version"] > before["version"]
    assert after["alerts"][0]["status"] == "acknowledged"


async def test_the_record_of_an_action_says_who_when_and_on_what(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    async with house.working():
        await manager.post(
            f"/v1/alerts/{silent['id']}/resolve", json={"outcome": "lost"}, headers={"Idempotency-Key": "call 7"}
        )

    [record] = [one for one in records(house) if isinstance(one, Resolve)]
    assert (record.id, record.source, record.customer_id, record.actor) == ("call 7", OWN_SOURCE, "anna", "anne")
    assert (record.alert_id, record.outcome) == (silent["id"], "lost")


async def test_sending_an_action_again_under_its_key_does_it_once(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    path, headers = f"/v1/alerts/{silent['id']}/resolve", {"Idempotency-Key": "call-7"}
    async with house.working():
        first = await manager.post(path, json={"outcome": "retained"}, headers=headers)
        again = await manager.post(path, json={"outcome": "retained"}, headers=headers)
        other = await manager.post(path, json={"outcome": "lost"}, headers=headers)
        different = await manager.post(f"/v1/alerts/{silent['id']}/acknowledge", headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert [(one.status_code, one.json()["code"]) for one in (other, different)] == [
        (409, "idempotency_key_reused")
    ] * 2
    assert sum(isinstance(one, Resolve) for one in records(house)) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "ÿ"])
async def test_a_bad_idempotency_key_is_refused(manager: httpx.AsyncClient, silent: Answer, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode("latin-1"))]

    response = await manager.post(f"/v1/alerts/{silent['id']}/acknowledge", headers=headers)

    assert (response.status_code, response.json()["code"]) == (400, "bad_idempotency_key")


async def test_a_closed_alert_cannot_be_acted_on(house: House, manager: httpx.AsyncClient, silent: Answer) -> None:
    await house.told(bought("anna", "2026-05-14T09:00:00Z"))

    responses = [
        await manager.post(f"/v1/alerts/{silent['id']}/acknowledge"),
        await manager.post(f"/v1/alerts/{silent['id']}/snooze", json={"until": "2026-05-17T08:00:00Z"}),
        await manager.post(f"/v1/alerts/{silent['id']}/resolve", json={"outcome": "lost"}),
    ]

    assert [(one.status_code, one.json()["code"]) for one in responses] == [(409, "closed_alert")] * 3
    assert (await answered(manager, f"/v1/alerts/{silent['id']}"))["outcome"] == "returned"


@pytest.mark.parametrize(
    ("action", "body", "code"),
    [
        ("snooze", '{"until": "2026-05-14T00:00:00Z"}', "bad_until"),
        ("snooze", '{"until": "2020-01-01T00:00:00Z"}', "bad_until"),
        ("snooze", '{"until": "0001-01-01T00:00:00+14:00"}', "bad_until"),
        ("snooze", '{"until": "2027-05-15T00:00:01Z"}', "bad_until"),
        ("snooze", '{"until": "9999-12-31T23:59:59Z"}', "bad_until"),
        ("snooze", '{"until": "tomorrow"}', "bad_until"),
        ("snooze", '{"until": 1780000000}', "invalid_request"),
        ("snooze", "{}", "invalid_request"),
        ("snooze", "", "invalid_request"),
        ("snooze", "[]", "invalid_request"),
        ("snooze", '{"until": "2026-05-17T08:00:00Z", "hours": 3}', "invalid_request"),
        ("resolve", '{"outcome": "won"}', "invalid_request"),
        ("resolve", '{"outcome": "lost", "note": "\\u0000"}', "invalid_request"),
        ("resolve", '{"outcome": "lost", "note": "\\ud800"}', "invalid_request"),
        ("resolve", '{"outcome": "lost", "note": 7}', "invalid_request"),
        ("resolve", "not json", "invalid_request"),
        ("resolve", "[" * 100_000, "bad_request"),
        ("resolve", b'{"outcome": "\xff"}', "bad_request"),
    ],
)
async def test_a_bad_body_is_refused_and_nothing_is_recorded(
    house: House, manager: httpx.AsyncClient, silent: Answer, action: str, body: str | bytes, code: str
) -> None:
    before = len(records(house))

    response = await manager.post(
        f"/v1/alerts/{silent['id']}/{action}", content=body, headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert len(records(house)) == before


async def test_acting_takes_the_scope_manage(house: House, silent: Answer) -> None:
    path = f"/v1/alerts/{silent['id']}/acknowledge"
    async with await house.client() as nobody, await house.client(Scope.READ, Scope.INGEST) as reader:
        responses = [await nobody.post(path), await reader.post(path)]

    assert [(one.status_code, one.json()["code"]) for one in responses] == [(401, "unauthorized"), (403, "forbidden")]


async def test_an_action_that_nobody_processes_has_an_unknown_outcome(
    house: House, manager: httpx.AsyncClient, silent: Answer
) -> None:
    response = await manager.post(f"/v1/alerts/{silent['id']}/acknowledge")

    assert (response.status_code, response.json()["code"]) == (503, "outcome_unknown")
    assert (await answered(manager, f"/v1/alerts/{silent['id']}"))["status"] == "open"
    await house.work()
    assert (await answered(manager, f"/v1/alerts/{silent['id']}"))["status"] == "acknowledged"


class DeafWriter(MemoryLogWriter):
    """A writer whose log does not acknowledge: at once, or for ever."""

    def __init__(self, log: MemoryLog, *, frozen: bool) -> None:
        super().__init__(log, PARTITIONS)
        self._frozen = frozen

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        if self._frozen:
            await asyncio.Event().wait()
        raise LogTimeout("not acknowledged")


@pytest.mark.parametrize("frozen", [False, True])
async def test_an_action_that_the_log_does_not_acknowledge_has_an_unknown_outcome(frozen: bool) -> None:
    house = House(writer=DeafWriter(MemoryLog(PARTITIONS), frozen=frozen))
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed(AS_OF)
    async with await house.client(Scope.MANAGE) as manager:
        [alert] = (await answered(manager, "/v1/alerts"))["items"]
        response = await manager.post(f"/v1/alerts/{alert['id']}/acknowledge")

    assert (response.status_code, response.json()["code"]) == (503, "outcome_unknown")
    assert response.headers["retry-after"] == "1"
    metric = 'lifestage_api_actions_total{action="acknowledge",outcome="timeout"} 1.0'
    assert metric in house.catalogue.exposition().decode()

"""The OpenAPI document: valid, true to what is answered, and held against thousands of made-up requests."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from jsonschema_rs import validator_for
from openapi_spec_validator import validate

from services.api import examples
from services.api.openapi import merged
from services.ingest.openapi import DOCUMENT
from shared.web.auth import Scope, make_key
from tests.e2e.api_house import NOW, House

SECRET: Final = "only for tests, and long enough"
AUTHORIZED: Final = {"Authorization": f"Bearer {SECRET}"}

# What a cursor or an instant has to be no schema can say: one that it allows may be refused.
CARDS: Final = ("loyalty", "value", "satisfaction", "advice")
OF_A_CUSTOMER: Final = ("one_customer", *(f"{card}_card" for card in CARDS))
OF_POLICIES: Final = ("change_policy", "go_back", "preview_policy")
MAY_REFUSE: Final = ("list_customers", "timeline", *OF_A_CUSTOMER, "list_alerts", "snooze", "ledger", *OF_POLICIES)
ACCEPTED: Final = ["2xx", "400", "404", "409"]


FIELDS_OF_THE_MOMENT: Final = ("version", "decided_at")


def open_house() -> House:
    """An api on the history of the document's examples, in which every action is processed at once."""
    house = House(prompt=True)

    async def fill() -> None:
        await house.keys.add(make_key("crm", [Scope.MANAGE], NOW, SECRET)[0])
        await house.governed(examples.MODEL)
        await house.told(*examples.history())
        await house.passed("2026-05-12T12:00:00Z")
        await house.surveyed()

    asyncio.run(fill())
    return house


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return House().app.openapi()


def described() -> schemathesis.BaseSchema:
    """The document and the app behind it, as schemathesis sees them."""
    operations = [
        {"include-operation-id": name, "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}
        for name in MAY_REFUSE
    ]
    config = schemathesis.Config.from_dict({"operations": operations})
    return schemathesis.openapi.from_asgi("/openapi.json", open_house().app, config=config, headers=AUTHORIZED)


schema = described()


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_gets_an_answer_that_the_document_does_not_foresee(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers=AUTHORIZED)


def test_the_document_is_valid_alone_and_with_ingest(document: dict[str, Any]) -> None:
    whole = merged(document, DOCUMENT)

    validate(document)
    validate(whole)
    assert {"/v1/events", "/v1/clock", "/v1/customers", "/livez"} <= whole["paths"].keys()


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_operation_is_named_described_and_lists_its_errors(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        responses = operation["responses"].keys()
        assert operation["summary"]
        assert "405" in responses
        assert "422" not in responses
        if operation.get("security") != []:
            assert operation["security"] == [{"key": []}]
            assert {"401", "403", "503"} <= responses
        if "{" in path:
            assert {"400", "404"} <= responses
        if method == "post":
            assert {"408", "409", "413"} <= responses


def test_errors_are_problems_with_an_example(document: dict[str, Any]) -> None:
    for response in document["components"]["responses"].values():
        [(media_type, content)] = response["content"].items()
        assert media_type == "application/problem+json"
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert set(content["example"]) == {"type", "title", "status", "code", "message"}


def examples_in(document: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Every example of a body, with its place and its schema."""
    contents = [
        (f"{operation['operationId']} {status}", media)
        for _, _, operation in operations(document)
        for status, part in [*operation["responses"].items(), ("body", operation.get("requestBody", {}))]
        for media in part.get("content", {}).values()
    ]
    contents += [
        (name, media)
        for name, part in document["components"]["responses"].items()
        for media in part["content"].values()
    ]
    return ((place, media["example"], media["schema"]) for place, media in contents if "example" in media)


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    checked = 0
    for place, example, expected in examples_in(document):
        validator = validator_for({**expected, "components": document["components"]})
        assert [error.message for error in validator.iter_errors(example)] == [], place
        checked += 1

    assert checked >= 20


def test_every_answer_and_body_has_an_example(document: dict[str, Any]) -> None:
    places = {place for place, _, _ in examples_in(document)}
    wanted = {
        f"{operation['operationId']} 200" for path, _, operation in operations(document) if path.startswith("/v1/")
    }

    wanted |= {f"{name} body" for name in ("snooze", "resolve", *OF_POLICIES)}
    wanted |= {"change_policy 202", "go_back 202"}

    assert wanted <= places


def settled(answer: Any) -> Any:
    """An answer without what depends on how the records lay in the log."""
    match answer:
        case dict():
            return {name: settled(value) for name, value in answer.items() if name not in FIELDS_OF_THE_MOMENT}
        case list():
            return [settled(value) for value in answer]
        case _:
            return answer


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("one_customer", "/v1/customers/{customer_id}"),
        ("one_customer", "/v1/customers/{customer_id}?as_of={as_of}"),
        *((f"{card}_card", f"/v1/customers/{{customer_id}}/{card}") for card in CARDS),
        ("value_card", "/v1/customers/{customer_id}/value?as_of={as_of}"),
        ("explain", "/v1/customers/{customer_id}/explain"),
        ("one_alert", "/v1/alerts/{alert_id}"),
    ],
)
async def test_an_example_is_what_the_api_answers_for_that_history(name: str, path: str) -> None:
    house = House()
    await house.governed(examples.MODEL)
    await house.told(*examples.history())
    await house.passed("2026-05-12T12:00:00Z")
    async with await house.client(Scope.READ) as client:
        answer = (await client.get(path.format(**examples.parameters()))).json()

    assert settled(answer) == settled(examples.answers()[name])


async def test_the_document_is_served_with_a_key_and_no_page_loads_programs_from_elsewhere() -> None:
    async with await House().client(Scope.READ) as client:
        served = await client.get("/openapi.json")
        pages = [await client.get(path) for path in ("/docs", "/redoc", "/docs/oauth2-redirect")]

    assert served.json()["info"]["title"] == "Lifestage"
    assert [page.status_code for page in pages] == [404] * 3

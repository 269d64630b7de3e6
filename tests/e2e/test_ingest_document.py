"""What the OpenAPI document says of ingest is true: its examples work, and a fuzzer finds no other answers."""

import asyncio
import json
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from jsonschema_rs import validator_for
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.ingest.clock import TEST
from services.ingest.formats.kinds import KINDS
from services.ingest.openapi import DOCUMENT
from shared.web.auth import Scope, make_key
from tests.e2e.door import AT, House, ingest

SECRET: Final = "only for tests, and long enough"
AUTHORIZED: Final = {"Authorization": f"Bearer {SECRET}"}
COMPLETE: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "Ingest", "version": "1"},
    **DOCUMENT,
    "components": {**DOCUMENT["components"], "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
}


def described() -> schemathesis.BaseSchema:
    """The document and the app behind it, on a test clock whose ticks are processed at once."""
    house = House(kind=TEST)
    asyncio.run(house.ring.add(make_key("fuzzer", [Scope.ADMIN], AT, SECRET)[0]))

    async def document(request: Request) -> JSONResponse:
        return JSONResponse(COMPLETE)

    house.app.router.routes.append(Route("/openapi.json", document))
    return schemathesis.openapi.from_asgi("/openapi.json", house.app, headers=AUTHORIZED)


schema = described()


@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_gets_an_answer_that_the_document_does_not_foresee(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers=AUTHORIZED)


def body_of(path: str) -> dict[str, Any]:
    content: dict[str, Any] = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return content


@pytest.mark.parametrize("name", ["one", "many"])
async def test_the_examples_of_events_fit_the_schema_and_are_accepted(name: str) -> None:
    content = body_of("/v1/events")
    example = content["examples"][name]["value"]

    validator_for({**content["schema"], "components": COMPLETE["components"]}).validate(example)
    async with ingest(kind=TEST) as door:
        answer = await door.post(example)

    assert answer.json() == {"accepted": len(example) if name == "many" else 1, "rejected": [], "adjusted": []}


async def test_the_answers_to_events_are_as_described() -> None:
    described = DOCUMENT["paths"]["/v1/events"]["post"]["responses"]["202"]["content"]["application/json"]
    validator = validator_for({**described["schema"], "components": COMPLETE["components"]})
    async with ingest() as door:
        answer = await door.post([*body_of("/v1/events")["examples"]["many"]["value"], {"id": "e"}, 5])

    validator.validate(answer.json())
    for example in described["examples"].values():
        validator.validate(example["value"])


def test_every_type_with_a_meaning_is_described_and_its_amounts_may_be_strings_or_numbers() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert {alternative.get("title") for alternative in schemas["PostedEvent"]["anyOf"]} == {*KINDS, None}
    assert {posted.__name__ for posted in KINDS.values()} <= schemas.keys()
    assert schemas["PostedPurchase"]["properties"]["amount"]["type"] == ["string", "number"]
    assert "additionalProperties" not in json.dumps(schemas)

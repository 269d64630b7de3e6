"""What the OpenAPI document says about the ingest routes, to be merged with that of the api."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import json

from services.ingest.clock import ClockState
from services.ingest.formats.envelope import Envelope
from services.ingest.formats.kinds import KINDS
from services.ingest.formats.native import MOST_EVENTS
from services.ingest.routes import Taken
from shared.web.describe import FORBIDDEN, PROBLEM, UNAUTHORIZED, problem_answer

_REF: Final = "#/components/schemas/"

PURCHASE: Final = {
    "id": "order-1001",
    "source": "shop",
    "type": "purchase",
    "customer_id": "anna",
    "occurred_at": "2026-03-04T05:06:07Z",
    "data": {
        "order_id": "1001",
        "amount": "59.90",
        "currency": "EUR",
        "items": [{"product": "tea-250", "quantity": 2, "amount": "59.90"}],
    },
}
COMPLAINT: Final = {
    "id": "ticket-77",
    "source": "helpdesk",
    "type": "complaint",
    "customer_id": "anna",
    "occurred_at": "2026-03-09T10:15:00+01:00",
    "data": {"severity": "high", "claim": "compensation"},
}
_TAKEN: Final = {"accepted": 2, "rejected": [], "adjusted": []}
_MIXED: Final = {
    "accepted": 1,
    "rejected": [
        {
            "index": 1,
            "id": "order-1002",
            "code": "unknown_currency",
            "message": "data.currency: 'EURO' is not a currency: three capital letters of ISO 4217 are accepted,"
            " as in 'EUR'",
            "field": "data.currency",
        }
    ],
    "adjusted": [
        {
            "index": 0,
            "id": "order-1001",
            "occurred_at": "2031-01-01T00:00:00Z",
            "set_to": "2026-03-04T05:06:07Z",
        }
    ],
}
_CLOCK: Final = {"kind": "test", "at": "2026-03-04T00:00:00Z", "lag": 0}

_EVENTS: Final = f"""\
One event, an array of up to {MOST_EVENTS}, or lines of events (NDJSON), also gzipped (`Content-Encoding: gzip`), up to
5 MB once decoded; `Content-Type` is not looked at. The answer comes once the log has acknowledged the events: they
survive the loss of any process. `(source, id)` and the customer name an event: sending it again changes nothing.

A bad event is told in `rejected` and does not keep its neighbours out; `adjusted` lists events whose time lay so far in
the future that it was set to the receipt. Another type than the listed ones is stored, shown in the timeline and
changes no stage; members of `data` without a meaning here are kept. Amounts are decimal strings or numbers in major
units.
"""

_REFUSALS: Final = {
    "401": UNAUTHORIZED,
    "403": FORBIDDEN,
    "405": problem_answer(405, "method_not_allowed", "PUT is not possible at /v1/events; possible is POST"),
}
_AWAY: Final = problem_answer(503, "unavailable", "keys cannot be checked at the moment; try again", retry=True)
_SECURED: Final[list[dict[str, list[str]]]] = [{"key": []}]


def _post_events() -> dict[str, Any]:
    event = {"anyOf": [{"$ref": f"{_REF}PostedEvent"}, {"type": "object", "description": "Told in `rejected`."}]}
    many = {"type": "array", "maxItems": MOST_EVENTS, "items": {"anyOf": [{"$ref": f"{_REF}PostedEvent"}, {}]}}
    examples = {
        "one": {"summary": "One event", "value": PURCHASE},
        "many": {"summary": "Several events", "value": [PURCHASE, COMPLAINT]},
    }
    return {
        "tags": ["Events"],
        "operationId": "post_events",
        "summary": "Post events",
        "description": _EVENTS,
        "security": _SECURED,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"anyOf": [event, many]}, "examples": examples}},
        },
        "responses": {
            "202": {
                "description": "The log has the accepted events.",
                "content": {
                    "application/json": {
                        "schema": {"$ref": f"{_REF}Taken"},
                        "examples": {"all": {"value": _TAKEN}, "some": {"value": _MIXED}},
                    }
                },
            },
            "400": problem_answer(400, "malformed_json", "the body is not JSON: Expecting value (character 0)"),
            **_REFUSALS,
            "408": problem_answer(408, "body_timeout", "the body was not complete after 15 seconds"),
            "413": problem_answer(413, "too_large", "a body may hold at most 5242880 bytes; send several requests"),
            "415": problem_answer(415, "unsupported_encoding", "Content-Encoding 'br' is not understood"),
            "429": problem_answer(429, "busy", "20000 events wait for the log already; nothing was taken", retry=True),
            "503": problem_answer(
                503, "outcome_unknown", "outcome unknown, send again with the same id: the log did not acknowledge"
            ),
        },
    }


def _clock_answer() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"{_REF}ClockState"}, "example": _CLOCK}}
    return {"description": "What the clock shows.", "content": content}


def _get_clock() -> dict[str, Any]:
    return {
        "tags": ["Clock"],
        "operationId": "get_clock",
        "summary": "What time it is",
        "description": "The kind of clock, the time that every partition has reached, and how many records wait.",
        "security": _SECURED,
        "responses": {"200": _clock_answer(), **_REFUSALS, "503": _AWAY},
    }


def _post_clock() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["at"],
        "properties": {"at": {"type": "string", "format": "date-time", "pattern": _SETTABLE}},
    }
    return {
        "tags": ["Clock"],
        "operationId": "post_clock",
        "summary": "Let time pass on a test clock",
        "description": "Answers when every partition has processed everything that was due until then. The time already"
        " reached may be sent again, an earlier one may not.",
        "security": _SECURED,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": {"at": _CLOCK["at"]}}},
        },
        "responses": {
            "200": _clock_answer(),
            "400": problem_answer(400, "invalid_time", "at: '1066' is not accepted"),
            **_REFUSALS,
            "408": problem_answer(408, "body_timeout", "the body was not complete after 15 seconds"),
            "409": problem_answer(409, "clock_behind", "2026-03-03T00:00:00Z lies before 2026-03-04T00:00:00Z"),
            "413": problem_answer(413, "too_large", "a body may hold at most 5242880 bytes"),
            "503": problem_answer(503, "clock_stalled", "partitions 2 have not processed it", retry=True),
        },
    }


_SETTABLE: Final = r"^(19[789]\d|[2-8]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d"


def _schemas() -> dict[str, Any]:
    made = json.schema_components([Envelope, *KINDS.values(), Taken, ClockState], ref_template=f"{_REF}{{name}}")[1]
    schemas: dict[str, Any] = _in_both_spellings(made)
    envelope = schemas.pop("Envelope")
    envelope["properties"]["data"] = {"type": "object", "default": {}}
    envelope["properties"]["type"]["examples"] = sorted(KINDS)
    typed = [_typed(name, posted.__name__) for name, posted in KINDS.items()]
    return {**schemas, "Problem": PROBLEM, "PostedEvent": {**envelope, "title": "PostedEvent", "anyOf": [*typed, {}]}}


def _typed(name: str, data: str) -> dict[str, Any]:
    return {"properties": {"type": {"const": name}, "data": {"$ref": f"{_REF}{data}"}}, "title": name}


def _in_both_spellings(schema: Any) -> Any:
    """Decimal numbers are read as strings and as numbers; members without a meaning are kept, not refused."""
    match schema:
        case {"type": "string", "format": "decimal"}:
            return {**schema, "type": ["string", "number"], "examples": ["59.90"]}
        case dict():
            kept = {name: value for name, value in schema.items() if name != "additionalProperties"}
            return {name: _in_both_spellings(value) for name, value in kept.items()}
        case list():
            return [_in_both_spellings(value) for value in schema]
        case _:
            return schema


DOCUMENT: Final[Mapping[str, Any]] = {
    "tags": [{"name": "Events", "description": "What happened."}, {"name": "Clock", "description": "What time it is."}],
    "paths": {
        "/v1/events": {"post": _post_events()},
        "/v1/clock": {"get": _get_clock(), "post": _post_clock()},
    },
    "components": {"schemas": _schemas()},
}
"""`tags`, `paths` and `components` to merge. The security scheme that they name is called `key`."""

"""The OpenAPI document: what FastAPI finds out by itself, completed by errors, examples and the open routes."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from services.api import examples, model_examples, policy_examples
from services.api.context import may_read
from services.api.measuring import CARDS
from shared.web.describe import PROBLEM, problem_answer

VERSION: Final = "1.0.0"

DESCRIPTION: Final = """\
Where each customer stands in its lifecycle, why, what happens next, and who is about to leave.

- **Keys.** Every route but `/livez`, `/readyz` and `/metrics` takes a bearer key: reading needs the scope `read`,
  acting on alerts and setting policies `manage`, which also reads.
- **Time.** Every answer speaks of its `as_of`: the instant that the log has reached. Nothing is guessed ahead of it.
- **Lists** are `{"items": [...], "next": cursor}`; send `next` back as `cursor` until it is null.
- **Errors** are `application/problem+json` with a stable `code` and a `message`; an address that does not exist is a
  404, another method a 405 of the same form.
- **Money** is a decimal string in major units beside its ISO 4217 currency; currencies are never added up.
- **Language.** Labels and texts are in English, or in Chinese with `Accept-Language: zh`.
"""

router = APIRouter()


@router.get("/openapi.json", tags=["Document"], dependencies=[may_read], response_model=dict[str, Any])
async def openapi_document(request: Request) -> JSONResponse:
    """This document."""
    return JSONResponse(request.app.openapi())


class DescribedApi(FastAPI):
    """A FastAPI app whose document is complete. Its pages, which would load programs from elsewhere, are not served."""

    def __init__(self, extra: Mapping[str, Any], **options: Any) -> None:
        super().__init__(
            title="Lifestage",
            version=VERSION,
            description=DESCRIPTION,
            openapi_url=None,
            openapi_tags=TAGS,
            generate_unique_id_function=lambda route: route.name,
            **options,
        )
        self._extra = extra

    def openapi(self) -> dict[str, Any]:
        """The document, made when it is first asked for."""
        if not self.openapi_schema:
            document = super().openapi()
            _complete(document)
            self.openapi_schema = merged(document, self._extra)
        return self.openapi_schema


def merged(document: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Two documents as one: paths, components and tags of both; the first one's word counts for the rest."""
    components = {
        kind: {**extra.get("components", {}).get(kind, {}), **document.get("components", {}).get(kind, {})}
        for kind in {**extra.get("components", {}), **document.get("components", {})}
    }
    paths = deepcopy(dict(document.get("paths", {})))
    for path, item in extra.get("paths", {}).items():
        paths[path] = {**paths.get(path, {}), **item}
    tags = {tag["name"]: tag for tag in [*extra.get("tags", []), *document.get("tags", [])]}
    return {**extra, **document, "paths": paths, "components": components, "tags": list(tags.values())}


TAGS: Final[list[dict[str, Any]]] = [
    {"name": "Customers", "description": "Where customers stand, why, what comes next, and how it came about."},
    {"name": "Alerts", "description": "Who is about to leave, and what has been done about it."},
    {"name": "Funnel", "description": "All customers at a glance."},
    {"name": "Reports", "description": "What all customers tell together, as of the newest survey; and the ledger."},
    {"name": "Models", "description": "The churn model: refits with their back-tests, and what judges silence now."},
    {"name": "Policies", "description": "The numbers that govern, their versions, and what a change would do."},
    {"name": "Operations", "description": "For whoever runs the service; these take no key."},
    {"name": "Document", "description": "This document."},
]


class _Error(NamedTuple):
    name: str
    description: str
    code: str
    message: str


_ERRORS: Final[Mapping[int, _Error]] = {
    400: _Error(
        "BadRequest",
        "What was asked cannot be understood: `invalid_request`, `bad_cursor`, `bad_as_of`, `bad_policy` …",
        "bad_as_of",
        "as_of 2030-01-01T00:00:00Z lies in the future: the log has reached 2026-05-12T12:00:00Z; leave as_of out to"
        " ask for the present",
    ),
    401: _Error(
        "Unauthorized",
        "No valid key.",
        "unauthorized",
        "a key is needed: send the header 'Authorization: Bearer <key>'",
    ),
    403: _Error("Forbidden", "The key lacks the scope.", "forbidden", "the key lacks the scope 'manage'"),
    404: _Error(
        "NotFound",
        "There is no such thing: `unknown_customer`, `not_yet_known`, `unknown_alert`, `unknown_transition`,"
        " `unknown_policy`, `no_survey`.",
        "unknown_customer",
        "customer 'bob' is unknown: no event mentions it",
    ),
    405: _Error(
        "MethodNotAllowed",
        "Another method than the address has; `Allow` tells which.",
        "method_not_allowed",
        "DELETE is not possible at /v1/funnel; possible is GET",
    ),
    408: _Error("BodyTimeout", "The body took too long.", "body_timeout", "the body was not complete after 15 seconds"),
    409: _Error(
        "Conflict",
        "It cannot be done as things stand: `closed_alert`, `idempotency_key_reused`, `parked_customer`,"
        " `stale_policy`.",
        "closed_alert",
        "alert '94d0c76eb04a41bdd3b0a0d9dcd4a9c8' is resolved: only an open, acknowledged or snoozed alert can be"
        " acted on",
    ),
    413: _Error("TooLarge", "The body is too large.", "too_large", "a body may hold at most 5242880 bytes"),
    429: _Error(
        "Busy",
        "Not now, because others are being served: `busy`.",
        "busy",
        "another preview is being worked out, and they come one at a time: ask again in a moment",
    ),
    503: _Error(
        "Unavailable",
        "Not now, try again: `unavailable`; `outcome_unknown` where an action may have been taken.",
        "unavailable",
        "the store did not answer; try again",
    ),
}

OF_ONE_CUSTOMER: Final = ("one_customer", *(f"{card}_card" for card in CARDS))
"""The operations that a parked customer is refused by."""

_ALWAYS: Final = (401, 403, 405, 503)
_OF_BODIES: Final = (408, 413)


_QUESTIONS: Final = {**examples.QUESTIONS, **policy_examples.QUESTIONS}


def _complete(document: dict[str, Any]) -> None:
    """Put in what FastAPI cannot know: errors of every kind, examples, headers, routes that take no key."""
    answers = {**examples.answers(), **policy_examples.answers(), **model_examples.answers()}
    parameters = {**examples.parameters(), **policy_examples.PARAMETERS}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _complete_operation(path, method, operation, answers)
            for parameter in operation.get("parameters", []):
                if parameter["name"] in parameters and parameter["in"] in ("path", "query"):
                    parameter["example"] = parameters[parameter["name"]]
    components = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["schemas"]["Problem"] = dict(PROBLEM)
    components["responses"] = {
        error.name: {
            **problem_answer(status, error.code, error.message, retry=status in (429, 503)),
            "description": error.description,
        }
        for status, error in _ERRORS.items()
    }
    document["paths"].update(_open_paths())


def _complete_operation(path: str, method: str, operation: dict[str, Any], answers: Mapping[str, Any]) -> None:
    name, responses = operation["operationId"], operation["responses"]
    responses.pop("422", None)
    for status in _errors_of(path, method, name):
        responses[str(status)] = {"$ref": f"#/components/responses/{_ERRORS[status].name}"}
    if name in answers:
        responses["200"]["content"]["application/json"]["example"] = answers[name]
        responses["200"]["headers"] = _headers(name)
    if "202" in responses:
        responses["202"]["content"]["application/json"]["example"] = answers[f"{name} 202"]
        responses["202"]["headers"] = _headers(name)
    if name in _QUESTIONS:
        operation["requestBody"]["content"]["application/json"]["example"] = _QUESTIONS[name]


def _errors_of(path: str, method: str, name: str) -> Sequence[int]:
    found = {*_ALWAYS}
    if path.startswith("/v1/"):
        found.add(400)
    if "{" in path or path.startswith("/v1/reports/") or name in ("go_back", "preview_policy"):
        found.add(404)
    if method == "post":
        found.update({409, *_OF_BODIES})
    if name in OF_ONE_CUSTOMER:
        found.add(409)
    if name == "preview_policy":
        found.add(429)
    return sorted(found)


def _headers(name: str) -> dict[str, Any]:
    headers = {"Content-Language": {"description": "`en` or `zh`.", "schema": {"type": "string", "enum": ["en", "zh"]}}}
    if name in (*OF_ONE_CUSTOMER, "explain"):
        headers["ETag"] = {
            "description": 'The customer\'s `version`, as in `W/"5"`.',
            "schema": {"type": "string", "pattern": r'^W/"\d+"$'},
        }
    if name in ("one_policy", "change_policy", "go_back"):
        headers["ETag"] = {
            "description": 'The version\'s number, as in `"3"`.',
            "schema": {"type": "string", "pattern": r'^"\d+"$'},
        }
    return headers


def _open_paths() -> dict[str, Any]:
    alive = {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}}
    fine = {"description": "Yes.", "content": {"application/json": {"schema": alive, "example": {"status": "ok"}}}}
    text = {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    refused = {"405": {"$ref": f"#/components/responses/{_ERRORS[405].name}"}}
    not_ready = {"503": {"$ref": f"#/components/responses/{_ERRORS[503].name}"}}
    return {
        path: {"get": {"tags": ["Operations"], "operationId": path[1:], "summary": summary, "security": [], **rest}}
        for path, summary, rest in (
            ("/livez", "Is the process alive?", {"responses": {"200": fine, **refused}}),
            ("/readyz", "Can it serve?", {"responses": {"200": fine, **refused, **not_ready}}),
            ("/metrics", "What Prometheus scrapes.", {"responses": {"200": text, **refused}}),
        )
    }

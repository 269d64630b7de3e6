"""What OpenAPI documents say about errors, the same for every service."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from shared.web.problems import MEDIA_TYPE

PROBLEM: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "description": "What went wrong: `code` is stable and for programs, `message` is for people (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "code", "message"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Unauthorized"]},
        "status": {"type": "integer", "examples": [401]},
        "code": {"type": "string", "examples": ["unauthorized"]},
        "message": {"type": "string", "examples": ["the key is not valid"]},
    },
}
"""The component schema `Problem`."""


def problem_answer(status: int, code: str, message: str, *, retry: bool = False) -> dict[str, Any]:
    """The response object of one error, with an example of it."""
    title = HTTPStatus(status).phrase
    example = {"type": "about:blank", "title": title, "status": status, "code": code, "message": message}
    answer: dict[str, Any] = {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if retry:
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return answer


UNAUTHORIZED: Final = problem_answer(401, "unauthorized", "the key is not valid")
FORBIDDEN: Final = problem_answer(403, "forbidden", "the key lacks the scope 'manage'")
"""Shared by every route that asks for a key."""

"""Addresses that hold a customer id, which may hold any character, slashes too."""

from collections.abc import MutableMapping
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import Path
from fastapi.routing import APIRoute
from starlette.routing import Match

IdInPath = Annotated[
    str,
    Path(
        description="The customer's id as events name it, percent-encoded (a slash as `%2F`).",
        json_schema_extra={"minLength": 1, "maxLength": 256},
    ),
]


class RawPathRoute(APIRoute):
    """A route that is matched before the address is decoded: `a%2Ftimeline` is an id and `a/timeline` is not."""

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, MutableMapping[str, Any]]:
        """Whether this route serves an address; decodes what stands in it."""
        raw = scope.get("raw_path") or scope["path"].encode()
        match, child = super().matches({**scope, "path": raw.decode("latin-1")})
        params = child.get("path_params", {})
        child["path_params"] = {name: _decoded(value) for name, value in params.items()}
        return match, child


def _decoded(value: str) -> str:
    # Bytes that are no UTF-8 become lone surrogates, which no id holds: an unknown customer.
    return unquote_to_bytes(value.encode("latin-1")).decode(errors="surrogateescape")

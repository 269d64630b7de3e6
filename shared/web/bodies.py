"""Request bodies: limits on their size and on the time they take to arrive, and gzip without bombs."""

import asyncio
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import CLOSE, Problem, problem_response

MOST: Final = 5 * 1024 * 1024
"""Bytes of a body, as sent and as decoded."""

TOGETHER: Final = 256 * 1024 * 1024
"""Bytes of the bodies of all requests at once."""

_DRAINED: Final = 64 * 1024 * 1024
_DRAIN_SECONDS: Final = 5.0
_MEMBERS: Final = 100


class BodyLimit:
    """Middleware: a body that is too large is answered with 413, one that is too slow with 408, whatever reads it, and
    one for which there is no room beside the others with 429.

    Of a body that is too large some is read and dropped, so that the sender gets to see the answer.
    """

    def __init__(self, app: ASGIApp, *, most: int = MOST, seconds: float = 15.0, together: int = TOGETHER) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._room = together

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._most:
            if "expect" not in headers:  # the sender waits for our answer before it sends the body
                await _drain(receive)
            await problem_response(413, "too_large", _too_large(self._most), CLOSE)(scope, receive, send)
            return
        metered = _Metered(receive, self._most, self._seconds, self._take)
        try:
            await self._app(scope, metered.receive, send)
        finally:
            self._room += metered.size

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise Problem(429, "busy", "too many bodies are being read; send it again", {**CLOSE, "Retry-After": "1"})


class _Metered:
    """A request's messages, counted and timed until the body is complete."""

    def __init__(self, receive: Receive, most: int, seconds: float, take: Callable[[int], None]) -> None:
        self._receive = receive
        self._most = most
        self._seconds = seconds
        self._take = take
        self._deadline: float | None = None
        self._complete = False
        self.size = 0

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        message = await self._in_time()
        size = len(message.get("body", b""))
        self.size += size
        self._take(size)
        self._complete = not message.get("more_body", False)
        if self.size > self._most:
            if not self._complete:
                await _drain(self._receive)
            raise Problem(413, "too_large", _too_large(self._most), CLOSE)
        return message

    async def _in_time(self) -> Message:
        now = asyncio.get_running_loop().time()
        self._deadline = self._deadline or now + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            message = f"the body was not complete after {self._seconds:g} seconds"
            raise Problem(408, "body_timeout", message, CLOSE) from None


def decoded(body: bytes, encoding: str | None, most: int = MOST) -> bytes:
    """The body with its Content-Encoding undone. Raises Problem: 415, 413 or 400."""
    match (encoding or "identity").strip().lower():
        case "identity" | "":
            return body
        case "gzip" | "x-gzip":
            return _gunzip(body, most)
        case other:
            message = f"Content-Encoding {other[:40]!r} is not understood: gzip, or none, is accepted"
            raise Problem(415, "unsupported_encoding", message, {"Accept-Encoding": "gzip"})


def _gunzip(body: bytes, most: int) -> bytes:
    """At most `most` bytes are ever made of a body, however small it was packed."""
    parts: list[bytes] = []
    left = most
    while body:
        if len(parts) == _MEMBERS:
            raise Problem(400, "bad_gzip", f"the gzip body has more than {_MEMBERS} members")
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            part = member.decompress(body, left + 1)
        except zlib.error as error:
            raise Problem(400, "bad_gzip", f"the body is not gzip: {error}") from None
        left -= len(part)
        if left < 0:
            raise Problem(413, "too_large", f"the decoded body: {_too_large(most)}")
        if not member.eof:
            raise Problem(400, "bad_gzip", "the gzip body is cut short")
        parts.append(part)
        body = member.unused_data
    return b"".join(parts)


def _too_large(most: int) -> str:
    return f"a body may hold at most {most} bytes; send the events in several requests"


async def _drain(receive: Receive) -> None:
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while dropped < _DRAINED:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return

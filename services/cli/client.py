"""Talking to an instance over HTTP: what is safe to send again is sent until it is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
from msgspec import DecodeError, json

from shared.domain.errors import LifestageError

AGAIN: Final = frozenset({408, 429, 502, 503, 504})
PATIENCE_SECONDS: Final = 300.0
ANSWER_SECONDS: Final = 90.0
FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 5.0


class Refused(LifestageError):
    """The instance answered with an error that sending again does not mend."""

    code = "refused"

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"the instance answered {status} {code}: {message}")
        self.status = status


class Unreachable(LifestageError):
    """The instance did not answer for too long."""

    code = "unreachable"


class Client:
    """An instance at a url, with a key. Everything that it sends may be sent twice without harm."""

    def __init__(self, http: httpx.AsyncClient, url: str, patience: float) -> None:
        self._http = http
        self._url = url
        self._patience = patience

    async def get(self, path: str, **asked: str | int) -> Any:
        """The answer to a question."""
        return await self._answered("GET", path, asked, None)

    async def post(self, path: str, body: object) -> Any:
        """The answer to something posted, encoded as JSON."""
        return await self._answered("POST", path, {}, json.encode(body))

    async def _answered(self, method: str, path: str, asked: dict[str, str | int], body: bytes | None) -> Any:
        deadline = asyncio.get_running_loop().time() + self._patience
        pause = FIRST_PAUSE
        trouble: LifestageError
        while True:
            wait = 0.0
            try:
                answer = await self._http.request(method, self._url + path, params=asked, content=body)
                if answer.is_success:
                    return json.decode(answer.content)
                trouble = _problem(answer)
                if answer.status_code not in AGAIN:
                    raise trouble
                wait = _seconds(answer.headers.get("retry-after"))
            except (httpx.TransportError, DecodeError) as error:
                trouble = Unreachable(f"{self._url} does not answer: {error or type(error).__name__}")
            wait = max(wait, pause)
            if asyncio.get_running_loop().time() + wait > deadline:
                raise Unreachable(f"{trouble}; given up after {self._patience:g} s, it is safe to start again")
            await asyncio.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


@asynccontextmanager
async def connected(
    url: str, key: str, *, connections: int = 8, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[Client]:
    """A client of the instance at a url."""
    url = url.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"{url!r} is no address: http://host:port is accepted")
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=ANSWER_SECONDS) as http:
        yield Client(http, url, patience)


def _problem(answer: httpx.Response) -> Refused:
    try:
        told = json.decode(answer.content)
        return Refused(answer.status_code, str(told["code"]), str(told["message"]))
    except (DecodeError, LookupError, TypeError):
        return Refused(answer.status_code, answer.reason_phrase, answer.text[:200])


def _seconds(retry_after: str | None) -> float:
    """How long to wait as the instance says; a date, which proxies may send, counts as unsaid."""
    return min(float(retry_after), 60.0) if retry_after and retry_after.isdecimal() else 0.0

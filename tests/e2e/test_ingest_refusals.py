"""What is refused over HTTP, and how: every error is problem+json, and nothing is stored."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator, Sequence

import pytest

from shared.domain.errors import LogTimeout
from shared.ports.log import Appending
from shared.web.auth import Scope
from tests.e2e.door import PROBLEM, event, ingest

MEGABYTE = 1024 * 1024


class StuckWriter:
    """A log that takes its time: until it is let go, or for ever."""

    partitions = 4

    def __init__(self, error: Exception | None = None) -> None:
        self.asked = asyncio.Event()
        self.going = asyncio.Event()
        self.error = error

    async def start(self) -> None: ...

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        self.asked.set()
        if self.error is not None:
            raise self.error
        await self.going.wait()
        return range(len(records))

    async def stop(self) -> None: ...


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b"hello", "malformed_json"),
        (b'[{"id": "e-1"}, {"id"', "malformed_json"),
        (b'{"id": "\xff"}', "bad_encoding"),
        (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
        (b"3", "not_events"),
        (json.dumps([event()] * 2501).encode(), "too_many_events"),
    ],
)
async def test_a_body_that_is_nothing_of_ours_gets_400_and_nothing_is_stored(body: bytes, code: str) -> None:
    async with ingest() as door:
        answer = await door.post(body)

        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert answer.headers["content-type"] == PROBLEM
        assert not door.records()
        assert f'lifestage_ingest_refused_requests_total{{code="{code}"}} 1.0' in await door.metrics()


async def test_a_body_of_six_megabytes_gets_413_by_its_length() -> None:
    async with ingest() as door:
        answer = await door.post(b" " * (6 * MEGABYTE))

        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
        assert answer.json()["code"] == "too_large"
        assert 'route="unmatched",status="4xx"' in await door.metrics()


async def test_a_body_of_six_megabytes_in_chunks_gets_413_and_is_not_kept() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield bytes(100 * 1024)

    async with ingest() as door:
        answer = await door.post(chunks())

        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
        assert answer.headers["connection"] == "close"
        assert not door.records()


async def test_a_gzip_bomb_gets_413_and_memory_does_not_grow() -> None:
    bomb = gzip.compress(bytes(1000 * MEGABYTE), compresslevel=1)
    assert len(bomb) < 5 * MEGABYTE

    async with ingest() as door:
        await door.post(event())
        tracemalloc.start()
        answer = await door.post(bomb, **{"Content-Encoding": "gzip"})
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert peak < 30 * MEGABYTE


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(json.dumps(event()).encode())[:-9], gzip.compress(b" ") * 101]
)
async def test_what_is_no_good_gzip_gets_400(body: bytes) -> None:
    async with ingest() as door:
        answer = await door.post(body, **{"Content-Encoding": "gzip"})

        assert (answer.status_code, answer.json()["code"]) == (400, "bad_gzip")


async def test_another_encoding_gets_415() -> None:
    async with ingest() as door:
        answer = await door.post(b"x", **{"Content-Encoding": "br"})

        assert (answer.status_code, answer.headers["content-type"]) == (415, PROBLEM)
        assert answer.headers["accept-encoding"] == "gzip"


async def test_a_slow_body_gets_408() -> None:
    async def dripping() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.sleep(0.5)
        yield b"]"

    async with ingest(body_seconds=0.05) as door:
        answer = await door.post(dripping())

        assert (answer.status_code, answer.headers["content-type"]) == (408, PROBLEM)
        assert answer.json()["message"] == "the body was not complete after 0.05 seconds"


async def test_when_too_many_events_wait_for_the_log_others_get_429_and_no_wait() -> None:
    stuck = StuckWriter()
    async with ingest(writer=stuck, most=3) as door:
        first = asyncio.create_task(door.post([event(), event("e-2"), event("e-3"), event("e-4")]))
        await stuck.asked.wait()
        second = await door.post(event())
        stuck.going.set()

        assert (second.status_code, second.headers["retry-after"]) == (429, "1")
        assert second.headers["content-type"] == PROBLEM
        assert (await first).json()["accepted"] == 4
        assert (await door.post(event())).status_code == 202


@pytest.mark.parametrize("error", [LogTimeout("no answer"), None])
async def test_a_log_that_does_not_answer_gets_503_and_the_advice_to_send_again(error: Exception | None) -> None:
    async with ingest(writer=StuckWriter(error), patience=0.05) as door:
        answer = await door.post(event())

        assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
        assert answer.json()["message"].startswith("outcome unknown, send again with the same id")
        assert answer.headers["retry-after"] == "1"
        assert "lifestage_ingest_log_timeouts_total 1.0" in await door.metrics()
        assert "lifestage_ingest_in_flight_events 0.0" in await door.metrics()


async def test_a_fault_of_ours_gets_500_without_telling_its_insides() -> None:
    async with ingest(writer=StuckWriter(RuntimeError("secret"))) as door:
        answer = await door.post(event())

        assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
        assert answer.json()["code"] == "internal"
        assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/v1/events/", 404, "not_found"),
        ("GET", "/v1/events", 405, "method_not_allowed"),
        ("DELETE", "/v1/clock", 405, "method_not_allowed"),
        ("POST", "/metrics", 405, "method_not_allowed"),
    ],
)
async def test_a_wrong_address_or_method_is_a_problem_too(method: str, path: str, status: int, code: str) -> None:
    async with ingest() as door:
        answer = await door.client.request(method, path)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["status"] == status
        assert path in answer.json()["message"]
        assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic bHNfeDo=", "Bearer ls_wrong", "Bearer \udcff", "ls_wrong"],
)
async def test_without_a_valid_key_the_answer_is_401_whatever_is_posted(authorization: str | None) -> None:
    async with ingest() as door:
        sent = [] if authorization is None else [authorization.encode(errors="surrogateescape")]
        headers = [(b"authorization", value) for value in sent]
        answer = await door.client.post("/v1/events", content=b"junk", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == PROBLEM


async def test_a_key_without_the_scope_gets_403_and_learns_nothing_else() -> None:
    async with ingest() as door:
        headers = await door.key(Scope.READ, Scope.MANAGE)
        answer = await door.client.post("/v1/events", content=b"junk", headers=headers)

        assert (answer.status_code, answer.json()["message"]) == (403, "the key lacks the scope 'ingest'")
        assert answer.headers["content-type"] == PROBLEM

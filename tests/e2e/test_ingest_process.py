"""Ingest as a process of its own: ticks reach a real Kafka, and one that is told to stop finishes what it began."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest

from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.migrate import migrate
from shared.adapters.process import free_ports
from tests.e2e.door import event

KEY: Final = "ls_only_for_this_test_and_long_enough"
AUTHORIZED: Final = {"Authorization": f"Bearer {KEY}"}


@contextlib.asynccontextmanager
async def started(**settings: str) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """`lifestage ingest` with settings, once it serves; it is killed in the end if it still runs."""
    [port] = free_ports(1)
    given = {"LIFESTAGE_PORT": str(port), "LIFESTAGE_ADMIN_KEY": KEY, "LIFESTAGE_LOG": "kafka", **settings}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.cli.main", "ingest", env={**os.environ, **given},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=AUTHORIZED, timeout=30) as client:
        try:
            async with asyncio.timeout(30):
                while not await serves(client):
                    await asyncio.sleep(0.05)
            yield process, client
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def serves(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture
async def settings(database_url: str, kafka_server: KafkaServer) -> dict[str, str]:
    """A database with tables, and a Kafka."""
    await migrate(database_url)
    return {"LIFESTAGE_DATABASE_URL": database_url, "LIFESTAGE_KAFKA": kafka_server.bootstrap}


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/v1/clock")).json()
    return answer


async def test_a_live_ingest_ticks_into_the_log_and_tells_the_lag(settings: dict[str, str]) -> None:
    async with started(**settings, LIFESTAGE_TICK_SECONDS="0.1") as (_, client):
        before = await told(client)
        answer = await client.post("/v1/events", json=[event(), event("e-2", "bert")])
        async with asyncio.timeout(20):
            while (await told(client))["lag"] < before["lag"] + 2 + 4 * 3:
                await asyncio.sleep(0.1)

    assert answer.json() == {"accepted": 2, "rejected": [], "adjusted": []}
    assert (before["kind"], before["at"]) == ("live", None)


async def test_what_is_in_flight_when_it_is_told_to_stop_is_finished(settings: dict[str, str]) -> None:
    body = json.dumps([event(f"e-{number}") for number in range(2000)]).encode()
    halves = [body[: len(body) // 2], body[len(body) // 2 :]]

    async with started(**settings, LIFESTAGE_CLOCK="test") as (process, client):

        async def sent_slowly() -> AsyncIterator[bytes]:
            yield halves[0]
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            yield halves[1]

        answer = await client.post("/v1/events", content=sent_slowly())
        code = await asyncio.wait_for(process.wait(), 30)

    assert answer.json()["accepted"] == 2000
    assert code == 0

"""From a posted event to a stage that can be read: how long it takes while a thousand events a second come in.

Starts `lifestage up` as a process of its own, posts at a steady rate through the HTTP door, and for one event of each
request asks the api until the customer is there. Prints the median and the 99th percentile.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated, Final

import httpx
import typer
import uvloop
from rich.console import Console
from rich.progress import track

from shared.adapters.process import free_ports

REQUESTS_A_SECOND: Final = 10
POLL_SECONDS: Final = 0.01
GIVE_UP_SECONDS: Final = 30.0


def main(
    log: Annotated[str, typer.Option(help="postgres or kafka.")] = "kafka",
    rate: Annotated[int, typer.Option(help="Events a second.")] = 1_000,
    seconds: Annotated[int, typer.Option(help="How long to post.")] = 30,
) -> None:
    """Measure post to readable stage at a steady rate; fails when the 99th percentile is a second or more."""
    waits = uvloop.run(_measure(log, rate, seconds))
    cuts = quantiles(waits, n=100)
    Console().print(
        f"post to readable stage at {rate:,} events/s through {log}: median {cuts[49] * 1000:.0f} ms,"
        f" p99 {cuts[98] * 1000:.0f} ms, longest {max(waits) * 1000:.0f} ms ({len(waits)} sampled)"
    )
    if cuts[98] >= 1:
        raise typer.Exit(1)


async def _measure(log: str, rate: int, seconds: int) -> list[float]:
    with TemporaryDirectory(prefix="lifestage-bench-") as folder:
        Path(folder).chmod(0o755)
        async with _running(Path(folder) / "data", log) as client:
            await _post(client, 0, rate // REQUESTS_A_SECOND)
            started, samples = perf_counter(), []
            for number in track(range(1, seconds * REQUESTS_A_SECOND + 1), description="posting"):
                await asyncio.sleep(max(0.0, started + number / REQUESTS_A_SECOND - perf_counter()))
                samples.append(asyncio.create_task(_sample(client, number, rate // REQUESTS_A_SECOND)))
            return list(await asyncio.gather(*samples))


async def _sample(client: httpx.AsyncClient, number: int, events: int) -> float:
    """Post a request, and wait until its last event's customer can be read."""
    started = perf_counter()
    await _post(client, number, events)
    async with asyncio.timeout(GIVE_UP_SECONDS):
        while (await client.get(f"/v1/customers/c-{number}-{events - 1}")).status_code != httpx.codes.OK:
            await asyncio.sleep(POLL_SECONDS)
    return perf_counter() - started


async def _post(client: httpx.AsyncClient, number: int, events: int) -> None:
    at = datetime.now(UTC).isoformat()
    body = [
        {
            "id": f"{number}-{place}",
            "source": "bench",
            "type": "purchase",
            "customer_id": f"c-{number}-{place}",
            "occurred_at": at,
            "data": {"order_id": f"{number}-{place}", "amount": "19.90", "currency": "EUR"},
        }
        for place in range(events)
    ]
    answer = await client.post("/v1/events", json=body)
    answer.raise_for_status()
    assert answer.json()["accepted"] == events


@asynccontextmanager
async def _running(data: Path, log: str) -> AsyncIterator[httpx.AsyncClient]:
    """A `lifestage up` of its own, and a client with its admin key."""
    (port,), key = free_ports(1), f"ls_{secrets.token_urlsafe(32)}"
    command = [sys.executable, "-m", "services.cli.main", "up", "--data", str(data), "--port", str(port), "--log", log]
    with (data.parent / "up.log").open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, "LIFESTAGE_ADMIN_KEY": key}, stdout=output, stderr=subprocess.STDOUT
        )
    headers = {"authorization": f"Bearer {key}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
            async with asyncio.timeout(120):
                while not await _ready(client, process):
                    await asyncio.sleep(0.1)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


async def _ready(client: httpx.AsyncClient, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"lifestage up ended with {process.returncode}")
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    typer.run(main)

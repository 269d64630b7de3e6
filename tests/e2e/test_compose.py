"""docker-compose.yml without containers: its commands, environments and health checks, on what its image contains."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from msgspec import Struct

from deploy.documents import metrics
from shared.adapters import process
from shared.adapters.kafka.distribution import jars
from shared.adapters.kafka.server import KafkaServer
from tests import deployment, servers
from tests.unit.test_deploy import image_sources

PATIENCE = 60.0
ENTRYPOINT = "from services.cli.main import app; app()"
KEY = {"Authorization": f"Bearer {deployment.FILLED_IN['LIFESTAGE_ADMIN_KEY']}"}


class Machine(Struct, frozen=True, kw_only=True):
    """What stands in for the containers' network and image."""

    image: Path
    database_url: str
    kafka: str
    port: int

    def environment(self, name: str) -> dict[str, str]:
        """A service's environment, its addresses replaced by those of this machine."""
        here = {
            "LIFESTAGE_DATABASE_URL": self.database_url,
            "LIFESTAGE_KAFKA": self.kafka,
            "LIFESTAGE_HOST": process.LOOPBACK,
            "LIFESTAGE_PORT": str(self.port),
            "LIFESTAGE_METRICS_PORT": str(self.port),
        }
        given = deployment.services()[name].environment
        image = {"PATH": os.defpath, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
        return image | given | {key: value for key, value in here.items() if key in given}

    async def start(self, name: str) -> asyncio.subprocess.Process:
        """Start a service's command in the image."""
        command = deployment.services()[name].command
        program = [sys.executable, "-c", ENTRYPOINT, *command]
        return await asyncio.create_subprocess_exec(*program, cwd=self.image, env=self.environment(name))

    async def well(self, name: str) -> bool:
        """Run a service's health check."""
        service = deployment.services()[name]
        assert service.healthcheck is not None
        kind, interpreter, *arguments = service.healthcheck.test
        assert (kind, interpreter) == ("CMD", "python")
        for port, _ in deployment.asked(service):
            arguments = [argument.replace(f":{port}/", f":{self.port}/") for argument in arguments]
        quiet = asyncio.subprocess.DEVNULL
        asking = await asyncio.create_subprocess_exec(sys.executable, *arguments, stderr=quiet, env={})
        return await asking.wait() == 0


@pytest.fixture(scope="module")
async def kafka() -> AsyncIterator[KafkaServer]:
    """A Kafka of this module's own: the topics' names are fixed."""
    async with servers.running_kafka() as server:
        yield server


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """What the Dockerfile copies, and nothing else; nobody may write into it."""
    for source in image_sources():
        target = tmp_path / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (deployment.ROOT / source).is_dir():
            shutil.copytree(deployment.ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(deployment.ROOT / source, target)
    before = sorted(tmp_path.rglob("*"))
    yield tmp_path
    assert sorted(tmp_path.rglob("*")) == before


async def test_the_services_bring_a_purchase_to_its_stage_and_end_when_they_are_told_to(
    image: Path, empty_database_url: str, kafka: KafkaServer
) -> None:
    names = ["ingest", "scorer", "scorer", "api"]
    machines = [
        Machine(image=image, database_url=empty_database_url, kafka=kafka.bootstrap, port=port)
        for port in process.free_ports(len(names))
    ]

    for _ in range(2):  # safe to repeat
        migrating = await machines[0].start("migrate")
        assert await asyncio.wait_for(migrating.wait(), PATIENCE) == 0
    started = [await machine.start(name) for machine, name in zip(machines, names, strict=True)]
    try:
        for machine, name in zip(machines, names, strict=True):
            await until_well(machine, name)
        ingest, first, second, api = (f"http://{process.LOOPBACK}:{machine.port}" for machine in machines)
        async with httpx.AsyncClient(headers=KEY, timeout=10) as client:
            posted = await client.post(f"{ingest}/v1/events", json=purchase_now())
            customer = await customer_known(client, api, "anna")
            scraped = [(await client.get(f"{base}/metrics")).text for base in (ingest, first, second, api)]

        assert posted.status_code == 202, posted.text
        assert customer["stage"] == "exploration"
        assert [role(text) for text in scraped] == names
        assert families("\n".join(scraped)) == families(metrics())
        assert sum(owned(text) for text in scraped) == 4
    finally:
        codes = [await ended(running, name) for running, name in zip(started, names, strict=True)]
    assert codes == [0, 0, 0, 0]


async def test_the_servers_that_tests_start_are_those_that_compose_starts(empty_database_url: str) -> None:
    services = deployment.services()

    async with servers.connected(empty_database_url) as connection:
        postgres = await shown(connection)
    brokers = [path.name for path in (await jars()).glob("kafka_2.13-*.jar")]

    major = services["postgres"].image.partition(":")[2]
    assert postgres["server_version"].split(".")[0] == major
    arguments = services["postgres"].environment["POSTGRES_INITDB_ARGS"]
    assert (
        arguments
        == "--encoding={server_encoding} --locale=C --locale-provider={provider} --builtin-locale={locale}".format(
            **postgres
        )
    )
    assert brokers == [f"kafka_2.13-{services['kafka'].image.partition(':')[2]}.jar"]


async def shown(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    """What a PostgreSQL says of itself."""
    locale = await connection.fetchrow(
        "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = current_database()"
    )
    assert locale is not None
    asked = {name: await connection.fetchval(f"SHOW {name}") for name in ("server_version", "server_encoding")}
    return {**asked, "provider": {"b": "builtin"}[locale["datlocprovider"]], "locale": locale["datlocale"]}


def purchase_now() -> dict[str, object]:
    """A first purchase that was made a moment ago."""
    at = datetime.now(UTC).isoformat()
    data = {"order_id": "o-1", "amount": "12.50", "currency": "EUR"}
    return {"id": "1", "source": "test", "type": "purchase", "customer_id": "anna", "occurred_at": at, "data": data}


async def until_well(machine: Machine, name: str) -> None:
    """Wait until the health check succeeds."""
    deadline = time.monotonic() + PATIENCE
    while not await machine.well(name):
        assert time.monotonic() < deadline, f"{name} is not well after {PATIENCE:.0f} s"
        await asyncio.sleep(0.2)


async def customer_known(client: httpx.AsyncClient, api: str, customer_id: str) -> dict[str, object]:
    """The customer, once the scorer has got to it."""
    deadline = time.monotonic() + PATIENCE
    while (answer := await client.get(f"{api}/v1/customers/{customer_id}")).status_code == 404:
        assert time.monotonic() < deadline, "the purchase does not reach the customer"
        await asyncio.sleep(0.1)
    answer.raise_for_status()
    found: dict[str, object] = answer.json()
    return found


async def ended(running: asyncio.subprocess.Process, name: str) -> int | None:
    """How a process ends that is told to, within the time that Compose gives it; a slower one is killed."""
    patience = float(deployment.services()[name].stop_grace_period.removesuffix("s"))
    with contextlib.suppress(ProcessLookupError):
        running.send_signal(signal.SIGTERM)
    try:
        return await asyncio.wait_for(running.wait(), patience)
    except TimeoutError:
        running.kill()
        await running.wait()
        return None


def families(text: str) -> set[str]:
    """The metrics of Lifestage in what a process exposes."""
    return set(re.findall(r"^# TYPE (lifestage_\S+) ", text, re.MULTILINE))


def role(text: str) -> str:
    """What a process says it is."""
    return "".join(re.findall(r'^lifestage_process_info\{role="(\w+)"\} 1', text, re.MULTILINE))


def owned(text: str) -> int:
    """How many partitions a process works on."""
    return sum(
        int(float(value)) for value in re.findall(r"^lifestage_scorer_owned_partitions (\S+)", text, re.MULTILINE)
    )

"""Dead letters and parked customers: what an operator sees of them, and giving them another try."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from msgspec import json, structs

from services.ingest.accept import record
from shared.adapters.compose import opened_log, started_writer
from shared.adapters.postgres.server import PostgresServer
from shared.config import Settings
from shared.domain.ids import partition_of, shard_of
from shared.ports.log import EVENTS, Appending
from tests import builders, servers
from tests.e2e import program
from tests.e2e.program import Running, customer, lifestage, post, purchase, running, until

PARTITIONS = 4


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    with program.folder() as place, running(place, "--clock", "test") as started:
        yield started


async def database(instance: Running) -> str:
    url = await PostgresServer.attach(instance.folder / "postgres")
    assert url is not None
    return url


async def append(instance: Running, *records: Appending) -> None:
    """Put records into the log as somebody else would, past the door."""
    settings = Settings(database_url=await database(instance))
    async with opened_log(settings) as log, started_writer(log) as writer:
        await writer.append(EVENTS, records)


def letters(instance: Running) -> list[dict[str, Any]]:
    told = lifestage("dead-letters", "list", "--json", "--data", instance.folder)
    assert told.returncode == 0, told.stderr
    return [json.decode(line) for line in told.stdout.splitlines()]


async def test_a_record_that_cannot_be_read_is_listed_with_the_reason_and_comes_back_when_retried(
    instance: Running,
) -> None:
    await append(instance, Appending(2, b"who", b"not json at all"))
    first = until(lambda: next((one for one in letters(instance) if one["value"] == "not json at all"), None))
    shown = lifestage("dead-letters", "list", "--data", instance.folder)

    retried = lifestage("dead-letters", "retry", first["partition"], first["offset"], "--data", instance.folder)
    again = until(lambda: next((one for one in letters(instance) if one["value"] == "not json at all"), None))
    unknown = lifestage("dead-letters", "retry", first["partition"], first["offset"], "--data", instance.folder)

    assert (first["partition"], first["key"]) == (2, "who")
    assert first["reason"]
    assert "not json at all" in shown.stdout
    assert (retried.returncode, retried.stdout) == (0, "1 appended again\n")
    assert again["offset"] > first["offset"]
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)


async def test_an_event_in_the_wrong_partition_reaches_its_customer_when_retried(instance: Running) -> None:
    lost = record(builders.purchase(0, 12_00, customer="lost", id="lost-1"), PARTITIONS)
    right = partition_of(shard_of("lost"), PARTITIONS)
    await append(instance, structs.replace(lost, partition=(right + 1) % PARTITIONS))
    until(lambda: [one for one in letters(instance) if one["key"] == "lost"] or None)

    retried = lifestage("dead-letters", "retry", "--all", "--data", instance.folder)

    assert retried.returncode == 0, retried.stderr
    with instance.client() as client:
        assert customer(client, "lost")["stage"] == "exploration"
    assert [one for one in letters(instance) if one["key"] == "lost"] == []


async def test_a_parked_customer_is_listed_and_folded_again_when_retried(instance: Running) -> None:
    with instance.client() as client:
        post(client, purchase("p1", "2026-01-01T00:00:00Z", "paul"))
        customer(client, "paul")
        async with servers.connected(await database(instance)) as connection:
            await park(connection, "paul", "a mistake of ours that is mended by now")
        listed = lifestage("parked", "list", "--data", instance.folder)

        retried = lifestage("parked", "retry", "paul", "--data", instance.folder)
        until(lambda: not customer(client, "paul")["parked"] or None)
        post(client, purchase("p2", "2026-01-11T00:00:00Z", "paul"))
        known = until(lambda: told if (told := customer(client, "paul"))["occasions"] == 2 else None)

    assert "paul" in listed.stdout
    assert "a mistake of ours that is mended by now" in listed.stdout
    assert retried.returncode == 0, retried.stderr
    assert known["stage"] == "exploration"
    assert lifestage("parked", "list", "--data", instance.folder).stdout == "nobody is parked\n"


def test_a_customer_who_is_not_parked_cannot_be_retried(instance: Running) -> None:
    failed = lifestage("parked", "retry", "nobody", "--data", instance.folder)

    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert "'nobody' is not parked" in failed.stderr


async def park(connection: "asyncpg.Connection[asyncpg.Record]", customer_id: str, error: str) -> None:
    """Make of a customer what a fold that raises makes of it, as a scorer does that takes the partition over."""
    shard = shard_of(customer_id)
    async with connection.transaction():
        await connection.execute("UPDATE position SET epoch = epoch + 1")
        await connection.execute("UPDATE customer SET parked = true WHERE customer_id = $1", customer_id)
        await connection.execute(
            "INSERT INTO parked (shard, customer_id, error, parked_at) VALUES ($1, $2, $3, now())",
            shard,
            customer_id,
            error,
        )

"""One truth on every log, in any order, after any crash: small versions of `bench.truth`, `disorder` and `chaos`."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random

import pytest
from rich.console import Console

from bench.chaos import Plan, storm
from bench.chaos_faults import Counts
from bench.disorder import RandomCuts, shuffled
from bench.feed import Day, append, days, events_of, in_order
from bench.histories import cdnow, every
from bench.models import model_changes
from bench.places import (
    Place,
    in_memory,
    on_kafka,
    on_postgres,
    processed,
    scorer_at,
    scoring,
    server_folder,
    writing,
)
from bench.showing import progress
from services.scorer.digest import digest
from services.scorer.verify import verify
from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.server import KafkaServer
from shared.domain.controls import Control
from shared.domain.events import Event
from shared.ports.log import Appending

EVENTS: Sequence[Event] = events_of(every(cdnow(sample=True), 50))
HISTORY: Sequence[Day] = days(EVENTS)
MODELS: Sequence[Control] = model_changes(HISTORY)
"""Churn models that take effect under way."""
OpenPlace = Callable[[], AbstractAsyncContextManager[Place]]


@asynccontextmanager
async def memory_place() -> AsyncIterator[Place]:
    yield in_memory()


@pytest.fixture(params=["memory", "postgres", "kafka1", "kafka4"])
def open_place(request: pytest.FixtureRequest) -> OpenPlace:
    name: str = request.param
    if name == "memory":
        return memory_place
    url: str = request.getfixturevalue("database_url")
    if name == "postgres":
        return lambda: on_postgres(url)
    kafka: KafkaServer = request.getfixturevalue("kafka_server")
    cluster = KafkaCluster(
        bootstrap=kafka.bootstrap,
        partitions=int(name.removeprefix("kafka")),
        replication=1,
        prefix=f"{uuid.uuid4().hex}.",
    )
    return lambda: on_kafka(url, cluster)


async def digested(place: Place, records: Sequence[Appending], *, current: bool, cuts: Random | None = None) -> str:
    """The digest after two scorers have shared the work; `cuts` makes their batches random."""
    async with writing(place) as writer:
        ends = await append(writer, records)
        readers = [place.reader(), place.reader()]
        cut = readers if cuts is None else [RandomCuts(reader, cuts, 40) for reader in readers]
        async with scoring([scorer_at(place, writer, reader) for reader in cut]):
            await processed(place, ends, within=60)
    report = await verify(place.audit)
    assert report.problems == []
    assert report.events == len(EVENTS)
    return await digest(place.audit, current=current)


async def test_every_log_and_store_ends_in_the_same_full_digest(open_place: OpenPlace) -> None:
    plain = in_memory(partitions=1)
    expected = await digested(plain, in_order(HISTORY, 1, MODELS), current=False)

    async with open_place() as place:
        found = await digested(place, in_order(HISTORY, place.partitions, MODELS), current=False)

    assert found == expected


async def test_shuffled_three_times_and_cut_at_random_the_same_is_true_in_the_end(open_place: OpenPlace) -> None:
    random = Random(7)
    plain = in_memory(partitions=1)
    expected = await digested(plain, in_order(HISTORY, 1, MODELS), current=True)

    async with open_place() as place:
        records = shuffled(EVENTS, place.partitions, 3, random, MODELS)
        found = await digested(place, records, current=True, cuts=random)

    assert found == expected


async def test_kills_of_a_scorer_of_ingest_and_of_postgresql_change_nothing() -> None:
    plan = Plan(counts=Counts(kills=2, postgres=1, broker=0, visits=0, freezes=0), sample=40, days=150)

    with server_folder() as folder, progress(Console(quiet=True)) as bar:
        report = await storm(plan, folder, bar)

    assert [verdict for verdict in report.verdicts if not verdict.kept] == []

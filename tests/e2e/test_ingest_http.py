"""Posting events over HTTP: what reaches the log, and what the sender is told."""

import gzip
import json

import pytest

from shared.domain.events import Other, Purchase
from shared.domain.ids import partition_of, shard_of
from shared.ports.log import EVENTS
from tests.e2e.door import AT, event, ingest


async def test_an_event_is_in_its_customers_partition_when_it_is_answered() -> None:
    async with ingest() as door:
        answer = await door.post(event())

        assert answer.status_code == 202
        assert answer.json() == {"accepted": 1, "rejected": [], "adjusted": []}
        [record] = door.records()
        assert (record.partition, record.key) == (partition_of(shard_of("anna"), 4), b"anna")
        [entry] = door.entries()
        assert isinstance(entry, Purchase)
        assert (entry.amount, entry.received_at) == (1230, AT)


async def test_a_record_is_a_cloud_event_in_binary_mode() -> None:
    async with ingest() as door:
        await door.post(event(source="磨坊"))

        partition = door.log.partition(EVENTS, partition_of(shard_of("anna"), 4))
        assert dict(partition.headers[0]) == {
            "ce_specversion": b"1.0",
            "ce_id": b"e-1",
            "ce_source": "磨坊".encode(),
            "ce_type": b"purchase",
            "content-type": b"application/json",
        }


async def test_one_customers_events_keep_their_order() -> None:
    async with ingest() as door:
        await door.post([event(f"e-{number}") for number in range(100)])

        assert [entry.id for entry in door.entries() if isinstance(entry, Purchase)] == [f"e-{n}" for n in range(100)]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/x-ndjson", ""])
async def test_the_content_type_is_no_condition(kind: str) -> None:
    async with ingest() as door:
        answer = await door.post([event(), event("e-2")], **{"Content-Type": kind})

        assert answer.json()["accepted"] == 2


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
async def test_a_gzipped_body_is_read_like_any_other(encoding: str) -> None:
    lines = "\n".join(json.dumps(event(f"e-{number}")) for number in range(3)).encode()
    half = len(lines) // 2

    async with ingest() as door:
        packed = gzip.compress(lines[:half]) + gzip.compress(lines[half:])
        answer = await door.post(packed, **{"Content-Encoding": encoding})

        assert answer.json()["accepted"] == 3


async def test_good_neighbours_of_bad_events_are_stored_and_the_bad_ones_told() -> None:
    async with ingest() as door:
        bad = event("bad", data={"order_id": "o", "amount": "1", "currency": "EURO"})
        answer = await door.post([event("one"), bad, event("two"), 7])

        assert answer.status_code == 202
        said = answer.json()
        assert said["accepted"] == 2
        assert [(one["index"], one["id"], one["code"], one["field"]) for one in said["rejected"]] == [
            (1, "bad", "unknown_currency", "data.currency"), (3, None, "not_an_event", None),
        ]  # fmt: skip
        assert "'EURO' is not a currency" in said["rejected"][0]["message"]
        assert {entry.id for entry in door.entries() if isinstance(entry, Purchase)} == {"one", "two"}
        assert 'lifestage_ingest_rejected_events_total{code="unknown_currency"} 1.0' in await door.metrics()


async def test_a_single_bad_event_is_answered_like_one_of_many() -> None:
    async with ingest() as door:
        answer = await door.post({"id": "e-1"})

        assert answer.status_code == 202
        assert answer.json()["accepted"] == 0
        assert not door.records()


async def test_a_future_time_is_set_to_the_receipt_and_told() -> None:
    async with ingest() as door:
        answer = await door.post([event(), event("late", occurred_at="2031-01-01T00:00:00Z")])

        assert answer.json()["adjusted"] == [
            {"index": 1, "id": "late", "occurred_at": "2031-01-01T00:00:00Z", "set_to": "2026-01-01T00:00:00Z"}
        ]
        assert "lifestage_ingest_adjusted_events_total 1.0" in await door.metrics()


async def test_on_a_test_clock_any_time_is_taken() -> None:
    async with ingest(kind="test") as door:
        answer = await door.post(event(occurred_at="2031-01-01T00:00:00Z"))

        assert answer.json() == {"accepted": 1, "rejected": [], "adjusted": []}


async def test_an_unknown_type_is_stored_as_it_is() -> None:
    async with ingest() as door:
        await door.post(event(type="gift", data={"wrapped": True}))

        [entry] = door.entries()
        assert isinstance(entry, Other)
        assert (entry.name, entry.extra) == ("gift", {"wrapped": True})


async def test_health_and_metrics_are_open() -> None:
    async with ingest() as door:
        answers = [await door.client.get(path) for path in ("/livez", "/readyz", "/metrics")]

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert answers[2].headers["content-type"].startswith("text/plain")


async def test_a_process_that_is_not_ready_says_why() -> None:
    async with ingest(not_ready="the log is away") as door:
        answer = await door.client.get("/readyz")

        assert (answer.status_code, answer.json()["message"]) == (503, "the log is away")


async def test_requests_are_counted_by_route_method_and_class_of_status() -> None:
    async with ingest() as door:
        await door.post(event())
        await door.post(b"junk")

        metrics = await door.metrics()
        assert 'lifestage_http_requests_total{method="POST",route="/v1/events",status="2xx"} 1.0' in metrics
        assert 'lifestage_http_requests_total{method="POST",route="/v1/events",status="4xx"} 1.0' in metrics

"""`lifestage import` against a running instance: what gets in, what does not, and that repeating changes nothing."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import json

from services.cli.client import Client, Refused, Unreachable
from tests.e2e import program
from tests.e2e.program import KEY, Running, lifestage, running, until

HEADER = "customer_id,date,amount\n"


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    with program.folder() as place, running(place, "--clock", "test", LIFESTAGE_ADMIN_KEY=KEY) as started:
        yield started


def imported(instance: Running, path: Path, *options: str) -> Any:
    return lifestage("import", path, "--to", instance.url, *options, LIFESTAGE_KEY=KEY)


def settled(instance: Running) -> None:
    """Wait until everything posted has been processed."""
    with instance.client(KEY) as client:
        until(lambda: client.get("/v1/clock").json()["lag"] == 0 or None)


def digest(instance: Running) -> str:
    settled(instance)
    return str(lifestage("digest", "--data", instance.folder).stdout)


def test_a_file_gets_in_and_importing_it_again_changes_nothing(instance: Running, tmp_path: Path) -> None:
    rows = [
        f"c{number % 97},1997-{1 + number % 12:02d}-0{1 + number % 7},{number % 50}.25\n" for number in range(3_000)
    ]
    path = tmp_path / "purchases.csv.gz"
    path.write_bytes(gzip.compress((HEADER + "".join(rows)).encode()))

    first = imported(instance, path, "--batch", "100")
    before = digest(instance)
    again = imported(instance, path, "--batch", "77", "--parallel", "2")

    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert first.stdout.startswith("3,000 accepted, 0 rejected in ")
    assert digest(instance) == before
    with instance.client(KEY) as client:
        assert client.get("/v1/funnel").json()["heads"] >= 97


def test_rows_that_are_not_taken_are_told_and_kept_and_their_neighbours_get_in(
    instance: Running, tmp_path: Path
) -> None:
    bad = ["dan,never,5\n", "dan,2024-01-03,-5\n", "dan,2024-01-04,1.234\n", ",2024-01-05,1\n", "dan,2024-01-06\n"]
    path, kept = tmp_path / "mixed.csv", tmp_path / "rejected.ndjson"
    path.write_text(HEADER + "dan,2024-01-01,5\n" + "".join(bad) + "dan,2024-01-07,5\n" + "dan,never,5\n" * 30)

    done = imported(instance, path, "--rejected", str(kept))

    assert done.returncode == 1
    assert done.stdout.startswith("2 accepted, 35 rejected in ")
    assert "line 3: " in done.stdout
    assert "… and 15 more" in done.stdout
    lines = [json.decode(line) for line in kept.read_bytes().splitlines()]
    assert len(lines) == 35
    assert sorted(line["row"] for line in lines)[:5] == [3, 4, 5, 6, 7]
    assert {line["code"] for line in lines} == {"bad_row", "invalid_amount"}
    settled(instance)
    with instance.client(KEY) as client:
        assert client.get("/v1/customers/dan").json()["occasions"] == 2


def test_events_of_every_type_get_in_from_ndjson(instance: Running, tmp_path: Path) -> None:
    told = [
        {"type": "inquiry", "customer_id": "nora", "occurred_at": "2024-01-01T00:00:00Z"},
        {"customer_id": "nora", "date": "2024-01-02", "amount": 5},
        {"type": "complaint", "customer_id": "nora", "occurred_at": "2024-01-03T00:00:00Z", "data": {"claim": "legal"}},
    ]
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(json.encode(one) for one in told))

    done = imported(instance, path)
    settled(instance)

    assert done.returncode == 0, done.stdout
    with instance.client(KEY) as client:
        assert client.get("/v1/customers/nora").json()["stage"] == "decline"


def test_a_batch_that_is_too_large_is_sent_in_parts(instance: Running, tmp_path: Path) -> None:
    event = {
        "type": "note",
        "customer_id": "big",
        "occurred_at": "2024-01-01T00:00:00Z",
        "data": {"text": "x" * 30_000},
    }
    path = tmp_path / "large.ndjson"
    path.write_bytes(b"\n".join([json.encode(event)] * 400))

    done = imported(instance, path, "--batch", "400")

    assert (done.returncode, done.stdout.split(" in ")[0]) == (0, "400 accepted, 0 rejected"), done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--key", "wrong"), "the instance answered 401 unauthorized: the key is not valid"),
        (("--to", "127.0.0.1:80"), "'127.0.0.1:80' is no address"),
        (("--customer", "nobody"), "there is no column 'nobody' (--customer)"),
        (("--time-zone", "Mars/Olympus"), "'Mars/Olympus' is not a time zone"),
    ],
)
def test_what_makes_going_on_pointless_is_said_in_one_line(
    instance: Running, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "purchases.csv"
    path.write_text(HEADER + "anna,2024-01-01,5\n" * 2_000)

    done = imported(instance, path, *options)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert said in done.stderr


async def test_what_fails_for_a_moment_is_sent_again_and_what_will_not_do_is_not() -> None:
    answers: list[httpx.Response | Exception] = [
        httpx.Response(429, headers={"retry-after": "0"}),
        httpx.ConnectError("gone"),
        httpx.Response(503, json={"code": "outcome_unknown", "message": "send again"}),
        httpx.Response(202, json={"accepted": 1}),
        httpx.Response(403, json={"code": "forbidden", "message": "the key lacks the scope 'ingest'"}),
    ]
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = Client(http, "http://instance", 30.0)
        taken = await client.post("/v1/events", [1])
        with pytest.raises(Refused, match="403 forbidden: the key lacks the scope"):
            await client.post("/v1/events", [2])

    assert taken == {"accepted": 1}
    assert bodies == [b"[1]"] * 4 + [b"[2]"]


async def test_what_never_answers_is_given_up() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(503))) as http:
        with pytest.raises(Unreachable, match=r"given up after 0\.1 s"):
            await Client(http, "http://instance", 0.1).post("/v1/events", [])

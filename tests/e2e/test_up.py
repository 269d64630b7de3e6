"""`lifestage up` as real processes on the embedded PostgreSQL: an engineer's first hour, and all that can end it."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared.adapters.postgres.server import PostgresServer
from shared.web.server import listen
from tests.e2e import program
from tests.e2e.program import KEY, Running, customer, let_pass, lifestage, post, purchase, running, until

TEST_CLOCK = ("--clock", "test")


@pytest.fixture
def folder() -> Iterator[Path]:
    with program.folder() as place:
        yield place


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    """One on a test clock for the tests that leave it as it is."""
    with program.folder() as place, running(place, *TEST_CLOCK) as started:
        yield started


def test_an_engineer_posts_a_purchase_and_reads_the_stage_the_reason_and_what_comes_next(instance: Running) -> None:
    with instance.client() as client:
        post(client, purchase("first", "2026-03-04T05:06:07Z", "erin"))
        before = customer(client, "erin")
        let_pass(client, before["next"]["at"])
        after = customer(client, "erin")

    assert (before["stage"], before["cycle"], before["why"]["event_ids"]) == ("exploration", 1, ["first"])
    assert before["next"]["stage"] == "decline"
    assert before["changes"]
    assert (after["stage"], after["since"], after["why"]["cause"]) == ("decline", before["next"]["at"], "silence")
    assert after["version"] > before["version"]


def test_the_lines_to_try_are_told_with_the_address_and_a_key_that_works(instance: Running) -> None:
    key, lines = instance.told["admin_key"], instance.told["curl"]

    with instance.client() as client:
        answer = client.get("/v1/funnel")

    assert answer.status_code == 200
    assert len(lines) == 3
    assert all(line.startswith("curl -s ") and instance.url in line and key in line for line in lines)


def test_it_is_ready_before_the_first_tick_and_keys_are_asked_for(folder: Path) -> None:
    with running(folder, *TEST_CLOCK, LIFESTAGE_ADMIN_KEY=KEY) as instance, instance.client(KEY) as client:
        assert httpx.get(f"{instance.url}/readyz").status_code == 200
        assert client.get("/v1/clock").json()["at"] is None
        assert httpx.get(f"{instance.url}/v1/funnel").status_code == 401
        assert "admin_key" not in instance.told
        assert KEY not in instance.said()


def test_everything_acknowledged_survives_kill_9_and_the_key_is_shown_once(folder: Path) -> None:
    with running(folder, *TEST_CLOCK) as instance, instance.client() as client:
        post(client, purchase("1", "2026-03-04T05:06:07Z"))
        key = instance.told["admin_key"]
        instance.kill()

    with running(folder, *TEST_CLOCK) as again, again.client(key) as client:
        post(client, purchase("1", "2026-03-04T05:06:07Z"), purchase("2", "2026-03-14T05:06:07Z"))
        until(lambda: customer(client)["occasions"] == 2 or None)

        assert "admin_key" not in again.told
        assert key not in again.said()
    checked = lifestage("verify", "--data", folder)
    assert (checked.returncode, "everything holds" in checked.stdout) == (0, True), checked.stdout


def test_sigterm_stops_it_in_time_and_without_an_error(folder: Path) -> None:
    with running(folder, *TEST_CLOCK) as instance:
        database = (folder / "postgres" / "cluster" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        with instance.client() as client:
            post(client, purchase("1", "2026-03-04T05:06:07Z"))

            assert instance.stop(within=20) == 0
        assert instance.complained() == ""
        assert not Path(f"/proc/{database}").exists()
        assert not (folder / "address.json").exists()


def test_a_signal_while_it_starts_stops_it_too(folder: Path) -> None:
    instance = Running(folder, TEST_CLOCK, {})

    until(lambda: (folder / "postgres").exists() or None)
    code = instance.stop(within=30)

    assert (code, instance.complained()) == (0, "")


def test_a_second_start_on_the_folder_is_refused_and_says_where_the_first_one_is(instance: Running) -> None:
    refused = lifestage("up", "--data", instance.folder, "--port", "0", *TEST_CLOCK)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert instance.url in refused.stderr
    assert str(instance.process.pid) in refused.stderr


def test_a_start_with_other_facts_is_refused_and_says_which(folder: Path) -> None:
    with running(folder, *TEST_CLOCK, "--partitions", "2"):
        pass

    for options, named in (
        ((*TEST_CLOCK, "--partitions", "3"), "--partitions 2"),
        (("--clock", "live", "--partitions", "2"), "--clock test"),
    ):
        refused = lifestage("up", "--data", folder, "--port", "0", *options)

        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
        assert named in refused.stderr


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        refused = lifestage("up", "--data", folder, "--port", port)

    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_end_of_its_database_ends_it_with_the_reason(folder: Path) -> None:
    with running(folder, *TEST_CLOCK) as instance:
        database = (folder / "postgres" / "cluster" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        os.kill(int(database), signal.SIGKILL)
        code = instance.process.wait(60)

        assert code == 1
        assert "the embedded PostgreSQL ended" in instance.complained()


def test_on_a_live_clock_a_purchase_is_read_within_a_second_and_time_cannot_be_set(folder: Path) -> None:
    now = datetime.now(UTC)
    with running(folder, "--tick-seconds", "0.1") as instance, instance.client() as client:
        post(client, purchase("warm", now.isoformat(), "bea"))
        customer(client, "bea")
        post(client, purchase("1", now.isoformat()))
        known = customer(client, within=1.0)
        later = until(lambda: as_of_after(client, now + timedelta(seconds=0.2)))
        refused = client.post("/v1/clock", json={"at": "2030-01-01T00:00:00Z"})

    assert known["stage"] == "exploration"
    assert later["stage"] == "exploration"
    assert (refused.status_code, refused.json()["code"]) == (409, "live_clock")


def test_the_whole_path_runs_over_a_real_kafka_and_comes_back_after_kill_9(folder: Path) -> None:
    options = (*TEST_CLOCK, "--log", "kafka", "--partitions", "2")
    with running(folder, *options) as instance, instance.client() as client:
        post(client, purchase("1", "2026-03-04T05:06:07Z"))
        due = customer(client)["next"]["at"]
        key = instance.told["admin_key"]
        instance.kill()

    with running(folder, *options) as again, again.client(key) as client:
        let_pass(client, due)
        declined = customer(client)
        code = again.stop()

    assert (declined["stage"], declined["since"]) == ("decline", due)
    assert code == 0
    assert lifestage("verify", "--data", folder).returncode == 0


async def test_another_postgresql_may_be_named(folder: Path, empty_database_url: str) -> None:
    options = {"LIFESTAGE_DATABASE_URL": empty_database_url}
    with running(folder, *TEST_CLOCK, **options) as instance, instance.client() as client:
        post(client, purchase("1", "2026-03-04T05:06:07Z"))
        known = customer(client)

    assert known["stage"] == "exploration"
    assert not (folder / "postgres").exists()
    assert await PostgresServer.attach(folder / "postgres") is None


def as_of_after(client: httpx.Client, at: datetime) -> dict[str, str] | None:
    """The customer, once time has passed beyond an instant."""
    known = customer(client)
    return known if datetime.fromisoformat(known["as_of"]) > at else None

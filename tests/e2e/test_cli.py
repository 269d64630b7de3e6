"""The commands that look after an instance, on a running and on a stopped one, and how they fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from msgspec import json
from typer.testing import CliRunner

from services.cli.main import app
from tests.e2e import program
from tests.e2e.program import Running, customer, let_pass, lifestage, post, purchase, running, until

NOWHERE = "postgresql://me:geheim@127.0.0.1:1/nowhere"


def commands() -> list[list[str]]:
    """The words of every command."""
    found: list[list[str]] = []

    def walk(group: Any, words: list[str]) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, [*words, name])
            else:
                found.append([*words, name])

    walk(typer.main.get_command(app), [])
    return found


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    with program.folder() as place, running(place, "--clock", "test") as started:
        yield started


@pytest.fixture
def data(instance: Running) -> tuple[str, str]:
    """The option that names the instance."""
    return "--data", str(instance.folder)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_teaches_itself_with_an_example(words: list[str]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"lifestage {' '.join(words)}" in shown.output


def test_every_option_of_a_service_has_its_variable() -> None:
    group: Any = typer.main.get_command(app)

    options = [
        (name, option.name, option.envvar)
        for name in ("up", "ingest", "scorer", "api")
        for option in group.commands[name].params
        if option.name != "help"
    ]

    assert [(name, option) for name, option, variable in options if variable != f"LIFESTAGE_{option.upper()}"] == []


def test_a_key_made_lets_in_within_its_scopes_until_it_is_revoked(instance: Running, data: tuple[str, str]) -> None:
    made = lifestage("keys", "create", "till 7", "--scope", "read", *data)
    secret = made.stdout.strip()
    with instance.client(secret) as client:
        asked, posted = client.get("/v1/funnel"), client.post("/v1/events", json=[])
        listed = lifestage("keys", "list", *data).stdout
        line = next(line for line in listed.splitlines() if "till 7" in line)
        revoked = lifestage("keys", "revoke", line.split()[0], *data)
        until(lambda: client.get("/v1/funnel").status_code == 401 or None)

    assert made.returncode == 0
    assert (asked.status_code, posted.status_code) == (200, 403)
    assert secret not in listed
    assert revoked.returncode == 0


def test_keys_of_a_stopped_instance_can_be_made(tmp_path: Path) -> None:
    with program.folder() as place:
        with running(place, "--clock", "test"):
            pass
        secret = lifestage("keys", "create", "shop", "--scope", "ingest", "--scope", "read", "--data", place).stdout
        with running(place, "--clock", "test") as again, again.client(secret.strip()) as client:
            post(client, purchase("1", "2026-03-04T05:06:07Z"))

            assert customer(client)["stage"] == "exploration"


def test_a_truth_checked_a_digest_taken_and_a_rebuild_leave_everything_as_it_is(
    instance: Running, data: tuple[str, str]
) -> None:
    with instance.client() as client:
        post(client, *(purchase(f"t{day}", f"2026-01-0{day}T12:00:00Z", "tom") for day in range(1, 6)))
        let_pass(client, "2026-01-06T00:00:00Z")

    digest, current = lifestage("digest", *data).stdout, lifestage("digest", "--current", *data).stdout
    rebuilt = lifestage("rebuild", *data)
    checked = lifestage("verify", *data)

    assert [len(text) for text in (digest, current)] == [65, 65]
    assert digest != current
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert (checked.returncode, "everything holds" in checked.stdout) == (0, True), checked.stdout
    assert lifestage("digest", *data).stdout == digest


def test_a_partition_that_does_not_exist_cannot_be_resumed(data: tuple[str, str]) -> None:
    failed = lifestage("rebuild", "--resume", "9:1", *data)

    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert "partition 9 does not exist" in failed.stderr


async def test_tables_go_up_and_down(empty_database_url: str) -> None:
    up = lifestage("migrate", "--database", empty_database_url)
    again = lifestage("migrate", "--database", empty_database_url)
    down = lifestage("migrate", "--database", empty_database_url, "--down-to", "base")
    empty = lifestage("api", LIFESTAGE_DATABASE_URL=empty_database_url, LIFESTAGE_PORT="0")

    assert [one.returncode for one in (up, again, down)] == [0, 0, 0]
    assert empty.returncode == 1
    assert "lifestage migrate" in empty.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("keys", "list", "--data", "/nonexistent/place"), "there is no instance in /nonexistent/place"),
        (
            ("keys", "list", "--database", NOWHERE),
            "the database at postgresql+asyncpg://me:…@127.0.0.1:1/nowhere cannot be used: ",
        ),
        (("keys", "list", "--database", "mysql://me:geheim@host/x"), "LIFESTAGE_DATABASE_URL='mysql://…'"),
        (("up", "--log-level", "loud"), "LIFESTAGE_LOG_LEVEL='loud' cannot be used"),
        (("scorer",), "no database: give --database or set LIFESTAGE_DATABASE_URL"),
        (("import", "nowhere.csv", "--key", "x"), "nowhere.csv"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_without_secrets(words: tuple[str, ...], said: str) -> None:
    failed = lifestage(*words)

    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("lifestage: ")
    assert failed.stderr.count("\n") == 1
    assert said in failed.stderr
    assert "geheim" not in failed.stderr


def test_wrong_words_are_told_with_what_is_accepted(data: tuple[str, str]) -> None:
    scope = lifestage("keys", "create", "x", "--scope", "everything", *data)
    letters = lifestage("dead-letters", "retry", "1", *data)

    assert (scope.returncode, letters.returncode) == (2, 2)
    assert "'ingest', 'read', 'manage', 'admin'" in scope.stderr
    assert "give a PARTITION and an OFFSET, or --all" in letters.stderr


def test_json_lines_are_what_programs_get(instance: Running) -> None:
    assert json.decode(json.encode(instance.told))["message"] == "ready"
    assert all({"time", "level", "message"} <= line.keys() for line in instance.lines() if line != instance.told)

"""`lifestage policy` on a running instance, and on one that is stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import json

from tests.e2e import program
from tests.e2e.program import Running, customer, let_pass, lifestage, post, purchase, running, until

DAYS = ("2026-01-05T10:00:00Z", "2026-01-19T10:00:00Z", "2026-02-02T10:00:00Z")
AS_OF, SOON = "2026-04-20T00:00:00Z", "2026-04-20T00:00:10Z"


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    with program.folder() as place, running(place, "--clock", "test") as started:
        with started.client() as client:
            post(client, *(purchase(f"p{at}", at) for at in DAYS))
            let_pass(client, AS_OF)
        yield started


@pytest.fixture
def changes(tmp_path: Path) -> Path:
    file = tmp_path / "changes.json"
    file.write_text('{"silent_r": 1.0, "dormant_r": 2.0}')
    return file


def row(table: str, name: str) -> list[str]:
    """The words of the row that begins with a name."""
    return next(words for line in table.splitlines() if (words := line.split())[:1] == [name])


def test_what_is_previewed_is_what_comes_when_it_is_set_and_an_older_version_comes_back(
    instance: Running, changes: Path
) -> None:
    data = ("--data", instance.folder)
    foretold = lifestage("policy", "preview", changes, "--days", 0, *data)
    told = json.decode(lifestage("policy", "preview", changes, "--days", 0, "--json", *data).stdout)
    before = lifestage("policy", "show", *data)
    issued = lifestage("policy", "set", changes, "--note", "sooner", *data, LOGNAME="eva")
    with instance.client() as client:
        let_pass(client, SOON)
        moved = until(lambda: known if (known := customer(client))["stage"] != "formation" else None)
    after = lifestage("policy", "show", *data)
    back = lifestage("policy", "back", 1, *data)
    fields = lifestage("policy", "show", 2, *data)

    assert (foretold.returncode, foretold.stderr) == (0, "")
    assert f"Would move 1 of 1 customers (1 at once), raise 1 alerts (1 at once) and withdraw 0, by {SOON}." in (
        foretold.stdout
    )
    assert f"anna: Formation → Decline, {SOON}" in foretold.stdout
    assert f"anna: Silent beyond its own rhythm, {SOON}" in foretold.stdout
    assert [(one["target"], one["at"]) for one in told["moves"]] == [(moved["stage"], moved["since"])]
    assert moved["why"]["cause"] == "policy"
    assert before.stdout.splitlines()[-1].split() == ["1", "in_force", "from", "the", "start"]
    assert issued.stdout == f"version 2 takes effect at {SOON}: silent_r 1.5 → 1.0, dormant_r 3.0 → 2.0\n"
    second = row(after.stdout, "2")
    assert (second[:4], second[-1]) == (["2", "in_force", SOON, "eva"], "sooner")
    assert back.stdout.startswith("version 3 takes effect at 2026-04-20T00:00:20Z: silent_r 1.0 → 1.5")
    assert row(fields.stdout, "silent_r")[:3] == ["silent_r", "1.0", "1.5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"silent_r": 0}', "silent_r: 0 cannot be used: a number above 0"),
        ("[]", "a JSON object of fields and values is accepted"),
        ("{}", "it names no field"),
        ("silent_r = 1", "a JSON object of fields and values is accepted"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(
    instance: Running, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "changes.json"
    file.write_text(text)
    failed = lifestage("policy", "set", file, "--data", instance.folder)

    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert message in failed.stderr


def test_a_file_or_a_version_that_does_not_exist_is_told_in_one_line(instance: Running, tmp_path: Path) -> None:
    missing = lifestage("policy", "preview", tmp_path / "none.json", "--data", instance.folder)
    unknown = lifestage("policy", "show", 99, "--data", instance.folder)

    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "none.json" in missing.stderr
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert "there is no policy version 99" in unknown.stderr


def test_on_a_stopped_instance_a_policy_waits_in_the_log_until_it_runs(changes: Path) -> None:
    with program.folder() as place:
        with running(place, "--clock", "test", LIFESTAGE_ADMIN_KEY=program.KEY):
            pass
        issued = lifestage("policy", "set", changes, "--wait", 1, "--data", place)
        with running(place, "--clock", "test") as again, again.client(program.KEY) as client:
            found = until(lambda: told if (told := client.get("/v1/policies/2")).status_code == 200 else None)
            until(lambda: client.get("/v1/policies/2").json()["pending"] == [] or None)

    assert "as soon as the instance runs" in issued.stdout
    assert found.json()["values"]["silent_r"] == 1.0

"""`lifestage demo`: a small one to its end, one that runs on, and what it says when it cannot."""

import shlex
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from services.cli.demo import history
from tests.e2e.program import PATIENCE, PROGRAM, environment, lifestage, until
from tests.servers import server_folder


def test_a_short_demo_tells_its_story_and_leaves_nothing_behind() -> None:
    with server_folder() as place:
        done = lifestage("demo", "--exit", "--customers", 200, "--port", 0, TMPDIR=str(place))

        assert (done.returncode, done.stderr) == (0, "")
        assert list(place.iterdir()) == []
    for words in ("purchases over 542 days", "Where 200 customers stand", "The 10 most urgent alerts", "The story of"):
        assert words in done.stdout
    story = done.stdout.split("The story of")[1]
    assert "Bought: " in story
    assert "No churn model is in force" in story
    assert "→ Decline: Silence exceeds the customer's own long gap" in story


def test_a_demo_runs_on_so_that_its_lines_can_be_tried_until_it_is_told_to_stop() -> None:
    with server_folder() as place:
        shown = place / "shown"
        with shown.open("wb") as out:
            demo = subprocess.Popen(
                [*PROGRAM, "demo", "--customers", "1", "--port", "0", "--log", "kafka"],
                env=environment(TMPDIR=str(place)),
                stdout=out,
                stderr=out,
            )
        try:
            until(lambda: runs_on(demo, shown), within=2 * PATIENCE)
            answers = [tried(line) for line in shown.read_text().splitlines() if line.startswith("  curl ")]
        finally:
            demo.send_signal(signal.SIGTERM)
            code = demo.wait(60)
        left = [path for path in place.iterdir() if path != shown]

    assert [answer.status_code for answer in answers] == [200, 202, 200]
    assert (code, left) == (0, [])


def test_without_the_history_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "find_spec", lambda name: None)

    with pytest.raises(history.NoHistory, match=r"pip install --no-deps -r requirements-data\.lock"):
        history.purchases()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()

    refused = lifestage("demo", "--exit", "--data", tmp_path)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "is not empty" in refused.stderr


def test_the_history_is_all_of_it_or_an_even_part() -> None:
    everything, some = history.purchases(), history.purchases(100)

    assert len(everything) == 69_659
    assert len({row.customer_id for row in everything}) == 23_570
    assert len({row.customer_id for row in some}) == 100
    assert set(some) < set(everything)
    assert sum(len(day.events) for day in history.days(some)) == len(some)


def runs_on(demo: "subprocess.Popen[bytes]", shown: Path) -> bool | None:
    """Whether the demo has told its story; it must not have ended."""
    assert demo.poll() is None, shown.read_text()
    return "It keeps running" in shown.read_text() or None


def tried(line: str) -> httpx.Response:
    """What a line of curl gets."""
    words = shlex.split(line)
    name, _, value = words[words.index("-H") + 1].partition(": ")
    body = words[words.index("-d") + 1] if "-d" in words else None
    return httpx.request("POST" if body else "GET", words[2], headers={name: value}, content=body, timeout=30)

"""The `lifestage` program as people run it: commands that end, and an instance that runs until told to stop."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
from msgspec import json

from tests.servers import server_folder

PROGRAM = [sys.executable, "-m", "services.cli.main"]
PATIENCE = 90.0
KEY = "test-key-0123456789abcdef0123456789"

T = TypeVar("T")


def environment(**given: str) -> dict[str, str]:
    """Ours, without what would change what the program does."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIFESTAGE_")}
    return {**ours, "COLUMNS": "200", "NO_COLOR": "1", **given}


def lifestage(*words: object, **given: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [*PROGRAM, *map(str, words)],
        env=environment(**given),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def until(look: Callable[[], T | None], within: float = PATIENCE) -> T:
    """What a look finds in the end; it looks again and again."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found is not None:
            return found
        assert time.monotonic() < deadline, f"still not so after {within:g} s"
        time.sleep(0.02)


class Running:
    """`lifestage up` as a process."""

    def __init__(self, folder: Path, options: tuple[object, ...], given: Mapping[str, str]) -> None:
        self.folder = folder
        self._out = folder.parent / f"{folder.name}.out"
        self._err = folder.parent / f"{folder.name}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*PROGRAM, "up", "--data", str(folder), "--port", "0", *map(str, options)],
                env=environment(**given),
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self.told: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.told["url"])

    def ready(self) -> "Running":
        """Wait until it says so."""

        def look() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.said()
            return next((line for line in self.lines() if line.get("message") == "ready"), None)

        self.told = until(look)
        return self

    def lines(self) -> list[dict[str, Any]]:
        """The lines of JSON that it has written."""
        return [json.decode(line) for line in self._out.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]

    def said(self) -> str:
        """Everything that it has written, for a failing test."""
        return self._out.read_text() + self._err.read_text()

    def complained(self) -> str:
        """What it wrote to stderr."""
        return self._err.read_text()

    def stop(self, within: float = 30) -> int:
        """Tell it to stop; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def kill(self) -> None:
        """End it with kill -9."""
        self.process.kill()
        self.process.wait(10)

    def client(self, key: str | None = None) -> httpx.Client:
        """Asks it with a key."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {key or self.told['admin_key']}"}, timeout=30
        )


@contextlib.contextmanager
def running(folder: Path, *options: object, **given: str) -> Iterator[Running]:
    """An instance that is ready, and stopped in the end whatever happens."""
    instance = Running(folder, options, given)
    try:
        yield instance.ready()
    finally:
        if instance.process.poll() is None:
            instance.stop()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new folder's name, in a temporary place that PostgreSQL may enter."""
    with server_folder() as place:
        yield place / "instance"


def purchase(name: str, at: str, customer: str = "anna", amount: str = "59.90") -> dict[str, Any]:
    """A purchase as it is posted."""
    data = {"order_id": name, "amount": amount, "currency": "EUR"}
    return {"id": name, "source": "shop", "type": "purchase", "customer_id": customer, "occurred_at": at, "data": data}


def customer(client: httpx.Client, customer_id: str = "anna", within: float = PATIENCE) -> dict[str, Any]:
    """A customer, as soon as the instance knows it."""

    def look() -> dict[str, Any] | None:
        answer = client.get(f"/v1/customers/{customer_id}")
        return answer.json() if answer.status_code == 200 else None

    return until(look, within)


def post(client: httpx.Client, *events: dict[str, Any]) -> None:
    """Post events, all of which have to be taken."""
    answer = client.post("/v1/events", json=list(events))
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"accepted": len(events), "rejected": [], "adjusted": []}


def let_pass(client: httpx.Client, at: str) -> None:
    """Set the test clock."""
    answer = client.post("/v1/clock", json={"at": at})
    assert answer.status_code == 200, answer.text

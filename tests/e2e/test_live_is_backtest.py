"""What a back-test of a file says is what the running service does: the same alerts, to the second."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from bench.histories import Row, cdnow
from shared.domain.instants import rfc3339
from tests.e2e import program
from tests.e2e.program import let_pass, lifestage, post, purchase, running

START: Final = date(1997, 6, 30)
EVERY: Final = 56
HORIZON, GAP = 90, 180
STATUSES: Final = ("open", "acknowledged", "snoozed", "resolved", "withdrawn", "muted")
CHUNK: Final = 2_000

Alerts = set[tuple[str, str]]
"""Whose, and since when."""


def test_the_running_service_raises_exactly_the_alerts_of_the_back_test(tmp_path: Path) -> None:
    """The published sample of CDNOW, with a refit every eight weeks; the test clock stops at each."""
    rows = sorted(cdnow(sample=True), key=lambda row: row.at)

    foretold = by_backtest(rows, tmp_path)
    with (
        program.folder() as place,
        running(place, "--clock", "test", "--survey-seconds", "0") as started,
        started.client() as client,
    ):
        raised = by_service(client, rows, started.folder)

    assert len(foretold) > 1_000
    assert raised == foretold


def by_backtest(rows: Sequence[Row], folder: Path) -> Alerts:
    """The alerts that `lifestage backtest` writes."""
    history, out = folder / "history.csv", folder / "alerts.csv"
    with history.open("w", newline="") as file:
        told = csv.writer(file)
        told.writerow(("customer_id", "date", "amount"))
        told.writerows((row.customer_id, rfc3339(row.at)[:10], f"{row.amount / 100:.2f}") for row in rows)

    done = lifestage(
        "backtest", history, "--start", START, "--horizon", HORIZON, "--gap", GAP, "--refit", EVERY, "--out", out
    )

    assert done.returncode == 0, done.stderr
    with out.open(newline="") as file:
        return {(row["customer_id"], row["alerted_at"]) for row in csv.DictReader(file)}


def by_service(client: httpx.Client, rows: Sequence[Row], folder: Path) -> Alerts:
    """The silence alerts that the service raises after the start, refitted at the same instants."""
    let_pass(client, "1996-12-01T00:00:00Z")
    budget = {"changes": {"churn_horizon_days": HORIZON, "churn_silence_days": GAP}, "based_on": 1}
    assert client.post("/v1/policies", json=budget).status_code == 200
    let_pass(client, "1996-12-31T00:00:00Z")
    last = datetime.fromisoformat(rfc3339(rows[-1].at)).date()
    posted, at = 0, START + timedelta(days=1)
    while at <= last:
        posted = post_until(client, rows, posted, at)
        let_pass(client, f"{at}T00:00:00Z")
        done = lifestage("refit", "--data", folder)
        assert done.returncode == 0, done.stdout + done.stderr
        at += timedelta(days=EVERY)
    post_until(client, rows, posted, last + timedelta(days=1))
    let_pass(client, f"{last}T23:59:59Z")
    since = f"{START + timedelta(days=1)}T00:00:00Z"
    return {one for one in alerts(client) if one[1] >= since}


def post_until(client: httpx.Client, rows: Sequence[Row], first: int, day: date) -> int:
    """Post what was bought before a day; returns the place of the first row that was not."""
    end = next((place for place in range(first, len(rows)) if rfc3339(rows[place].at)[:10] >= str(day)), len(rows))
    for begin in range(first, end, CHUNK):
        places = range(begin, min(begin + CHUNK, end))
        post(client, *(bought(rows[place], place) for place in places))
    return end


def bought(row: Row, place: int) -> dict[str, Any]:
    return purchase(f"{place}", rfc3339(row.at), row.customer_id, f"{row.amount / 100:.2f}")


def alerts(client: httpx.Client) -> Alerts:
    """Every silence alert that was ever raised, page by page."""
    found: Alerts = set()
    asked: dict[str, Any] = {"kind": "silence", "status": STATUSES, "limit": 500}
    while True:
        page = client.get("/v1/alerts", params=asked).json()
        found |= {(one["customer_id"], one["effective_at"]) for one in page["items"]}
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]

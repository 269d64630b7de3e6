"""`lifestage refit` on a running instance: the model fitted to a real history takes effect through the log."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench.histories import Row, by_customer, cdnow
from shared.domain.instants import rfc3339
from tests.e2e import program
from tests.e2e.program import Running, let_pass, lifestage, post, purchase, running, until

CHUNK = 2_000
UNTIL = "1998-01-01T00:00:00Z"


@pytest.fixture
def instance() -> Iterator[Running]:
    with program.folder() as place, running(place, "--clock", "test", "--survey-seconds", "0") as started:
        yield started


def history() -> list[Row]:
    """The published sample of CDNOW up to the end of 1997."""
    return [row for rows in by_customer(cdnow(sample=True)).values() for row in rows if rfc3339(row.at) < UNTIL]


def test_a_model_is_fitted_to_a_real_history_and_takes_effect(instance: Running) -> None:
    rows = history()
    with instance.client() as client:
        for first in range(0, len(rows), CHUNK):
            chunk = rows[first : first + CHUNK]
            post(
                client,
                *(
                    purchase(f"{first + place}", rfc3339(row.at), row.customer_id, f"{(row.amount or 0) / 100:.2f}")
                    for place, row in enumerate(chunk)
                ),
            )
        let_pass(client, UNTIL)
        before = client.get("/v1/models/current").json()

        trial = lifestage("refit", "--dry-run", "--data", instance.folder)
        kept = client.get("/v1/models").json()["items"]
        done = lifestage("refit", "--data", instance.folder)
        let_pass(client, "1998-01-01T00:01:00Z")
        current = until(lambda: _spoken(client.get("/v1/models/current").json()))

    assert before["speaks"] == "fallback"
    assert trial.returncode == 0, trial.stderr
    assert "trial: accepted" in trial.stdout
    assert kept == []
    assert done.returncode == 0, done.stderr
    assert "refit-1: accepted" in done.stdout
    assert "Both together" in done.stdout
    assert "refit-1 takes effect at 1998-01-01T00:00:01Z" in done.stdout
    scores = {score["member"]: score for score in current["refit"]["back_test"]["scores"]}
    assert scores["blend"]["log_loss"] < scores["constant"]["log_loss"]
    assert scores["blend"]["auc"] > 0.7


def _spoken(current: dict[str, Any]) -> dict[str, Any] | None:
    return current if current["speaks"] == "model" else None


def test_a_refused_refit_ends_with_code_1_and_says_why(instance: Running) -> None:
    with instance.client() as client:
        nothing = lifestage("refit", "--data", instance.folder)
        post(client, *(purchase(f"{day}", f"2026-01-{day:02}T10:00:00Z") for day in (1, 8, 15)))
        let_pass(client, "2026-02-01T00:00:00Z")
        refused = lifestage("refit", "--data", instance.folder)
        [told] = client.get("/v1/models").json()["items"]

    assert (nothing.returncode, refused.returncode) == (1, 1)
    assert "POST /v1/clock" in nothing.stderr
    assert "refit-1: refused (too_little_history)" in refused.stdout
    assert "takes effect" not in refused.stdout
    assert (told["verdict"], told["effective_at"]) == ("too_little_history", None)


def test_beside_a_scorer_on_a_live_clock_the_first_refit_comes_by_itself() -> None:
    with program.folder() as place, running(place, "--survey-seconds", "0") as started, started.client() as client:
        post(client, *(purchase(f"{day}", f"2026-01-{day:02}T10:00:00Z") for day in (1, 8, 15)))

        [told] = until(lambda: client.get("/v1/models").json()["items"] or None)
        refits = until(lambda: _refused(client.get("/metrics").text))

    assert (told["version"], told["verdict"]) == ("refit-1", "too_little_history")
    assert refits == 'lifestage_refits_total{outcome="refused"} 1.0'


def _refused(metrics: str) -> str | None:
    return next((line for line in metrics.splitlines() if line.startswith("lifestage_refits_total{")), None)

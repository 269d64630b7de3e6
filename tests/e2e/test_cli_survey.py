"""`lifestage survey` on a running instance: it fills the reports and, where asked for, lets what it found govern."""

from collections.abc import Iterator

import pytest

from tests.e2e import program
from tests.e2e.program import Running, customer, let_pass, lifestage, post, purchase, running


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    with program.folder() as place, running(place, "--clock", "test", "--survey-seconds", "0") as started:
        yield started


def test_before_any_event_there_is_nothing_to_survey(instance: Running) -> None:
    told = lifestage("survey", "--data", instance.folder)

    assert told.returncode == 1
    assert "no customer to look at" in told.stderr


def test_a_survey_fills_the_reports_and_can_be_let_govern(instance: Running) -> None:
    with instance.client() as client:
        post(client, *(purchase(f"{day}", f"2026-01-{day:02}T10:00:00Z") for day in (1, 8, 15)))
        let_pass(client, "2026-02-01T00:00:00Z")
        missing = client.get("/v1/reports/retention")

        quiet = lifestage("survey", "--data", instance.folder)
        governing = lifestage("survey", "--apply", "--data", instance.folder)
        report = client.get("/v1/reports/retention").json()
        let_pass(client, "2026-12-01T00:00:00Z")
        declined = customer(client)

    assert missing.status_code == 404
    assert quiet.returncode == 0, quiet.stderr
    assert "survey 1: 1 customers as of 2026-02-01T00:00:00Z, 2 gaps" in quiet.stdout
    assert governing.returncode == 0, governing.stderr
    assert "survey-2 takes effect at 2026-02-01T00:00:01Z" in governing.stdout
    assert (report["as_of"], report["retention_rate"]["rate"]) == ("2026-02-01T00:00:00Z", 1.0)
    assert (declined["stage"] != "formation", declined["why"]["model"]) == (True, "survey-2")

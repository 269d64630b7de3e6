"""`lifestage backtest` as people run it: what it writes and says, and that no history is too odd for it."""

import csv
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from math import isfinite
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.main import app
from tests.unit.backtest.shops import rows, when, written


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["backtest", *map(str, words)], env={"COLUMNS": "200"})


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("shop"), "".join(row for _, row in rows()))


def test_everybody_known_by_the_cut_off_gets_a_risk_and_people_are_told_how_good_it_was(
    known: Path, tmp_path: Path
) -> None:
    out = tmp_path / "risks.csv"

    done = run(known, "--cutoff", when(150), "--horizon", 40, "--out", out)

    found = table(out)
    assert done.exit_code == 0, done.output
    assert list(found[0]) == ["customer_id", "risk", "p_no_purchase"]
    assert {row["customer_id"] for row in found} == {row.split(",")[0] for day, row in rows() if day <= 150}
    assert all(0 <= float(row["p_no_purchase"]) <= 1 for row in found)
    for words in ("AUC", "MBG/NBD", "silence alone", "would buy nothing", "Calibration", "Lift", "█", str(out)):
        assert words in done.output
    assert {path.name for path in tmp_path.iterdir()} == {"risks.csv", "calibration.png", "lift.png"}
    assert (tmp_path / "lift.png").read_bytes().startswith(b"\x89PNG")


def test_alerts_are_written_with_the_second_they_became_true_and_every_refit_has_its_line(
    known: Path, tmp_path: Path
) -> None:
    out, plots = tmp_path / "alerts.csv", tmp_path / "plots"

    done = run(known, "--start", when(100), "--horizon", 20, "--gap", 45, "--refit", 28, "--out", out, "--plots", plots)

    found = table(out)
    assert done.exit_code == 0, done.output
    assert list(found[0]) == ["customer_id", "alerted_at"]
    assert all(row["alerted_at"].endswith("Z") and row["alerted_at"][:10] > when(100) for row in found)
    assert [row["alerted_at"] for row in found] == sorted(row["alerted_at"] for row in found)
    for day in (101, 129, 157, 185, 213):
        assert f"{when(day)}" in done.output
    for words in ("hindsight", "were right", "Alerts a week", "threshold"):
        assert words in done.output
    assert {path.name for path in plots.iterdir()} == {"calibration.png", "lift.png"}


def test_without_options_cut_off_and_horizon_are_chosen_and_told_and_nothing_is_written(
    known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run(known)

    assert done.exit_code == 0, done.output
    assert "Chosen: cut-off 2024-" in done.output
    assert "Nothing was written" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_policy_under_test_changes_what_is_raised(known: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    asked = (known, "--start", when(100), "--horizon", 20, "--gap", 45)

    done = [
        run(*asked, "--set", "alerts_per_week=1", "--out", few),
        run(*asked, "--set", "churn_threshold=0.3", "--out", many),
    ]

    assert [one.exit_code for one in done] == [0, 0]
    assert len(table(few)) < len(table(many))


def test_a_file_that_ends_before_the_horizon_is_scored_as_far_as_it_goes_with_a_warning(known: Path) -> None:
    done = run(known, "--cutoff", when(220), "--horizon", 90)

    assert done.exit_code == 0
    assert "before the horizon of 90" in done.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--cutoff", "2031-01-01"), "lies outside of the history: a day from"),
        (("--cutoff", "yesterday"), "does not match the format"),
        (("--horizon", "0"), "greater than or equal to 1"),
        (("--customer", "who"), "there is no column 'who' (--customer); the file has: customer_id, date, amount"),
        (("--set", "silent_rr=2"), "perhaps 'silent_r' is meant"),
        (("--currency-code", "XYZ"), "is not a currency"),
        (("--time-zone", "Nowhere"), "is not a time zone"),
        (("--out", "nowhere/risks.csv"), "lies in a folder that does not exist"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(known: Path, words: Sequence[str], told: str) -> None:
    done = run(known, *words)

    assert done.exit_code in (1, 2)
    assert told in " ".join(done.output.replace("│", " ").split())


def test_an_empty_file_is_told_to_be_empty(tmp_path: Path) -> None:
    done = run(written(tmp_path, "", header=""))

    assert (done.exit_code, "is empty" in done.output) == (1, True)


DAY = date(2020, 1, 1)
ODD = {
    "three customers": [("anna", 0), ("anna", 10), ("bob", 3), ("eve", 40), ("anna", 60)],
    "99 repeats": [(f"c{one}", one % 150) for one in range(200)] + [(f"c{one}", 150 + one) for one in range(99)],
    "nobody returns": [(f"c{one}", one % 200) for one in range(300)],
    "all on one day": [(f"c{one}", 0) for one in range(200)],
    "gaps of years": [(f"c{one}", 365 * (one % 5) + 2_555 * time) for one in range(40) for time in range(4)],
    "one purchase": [("anna", 0)],
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("mode", ["--cutoff", "--start"])
def test_an_odd_history_is_answered_with_numbers_and_a_sentence_that_says_what_spoke_instead(
    tmp_path: Path, name: str, mode: str
) -> None:
    purchases = [f"{customer},{DAY + timedelta(days=day)},5\n" for customer, day in ODD[name]]
    path, out = written(tmp_path, "".join(purchases)), tmp_path / "out.csv"

    done = run(path, mode, DAY, "--horizon", 30, "--refit", 90, "--out", out)

    assert done.exit_code == 0, done.output
    assert "the policy's own rule" in " ".join(done.output.split())
    assert not {"nan", "inf", "None"} & set(done.output.split())
    assert all(isfinite(float(row["risk"])) for row in table(out) if "risk" in row)


def test_one_customer_with_ten_thousand_purchases_is_answered_with_numbers(tmp_path: Path) -> None:
    whale = [f"whale,{date(1980, 1, 1) + timedelta(days=day)},3\n" for day in range(10_000)]
    path, out = written(tmp_path, "".join(whale) + "bob,1985-01-01,1\n"), tmp_path / "out.csv"

    done = run(path, "--out", out)

    assert done.exit_code == 0, done.output
    assert [isfinite(float(row["risk"])) for row in table(out)] == [True, True]


def test_other_commands_do_not_wait_for_the_numbers_packages() -> None:
    asked = "import services.cli.main, sys; print({'numpy', 'scipy', 'matplotlib'} & set(sys.modules))"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)

    assert told.stdout == "set()\n"

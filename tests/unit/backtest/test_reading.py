"""A file to a history: dates are enough, a bad row is told and left out, a bad amount only loses the amount."""

from pathlib import Path

import pytest

from services.cli.backtest.history import event_of, midnight, unpriced_in
from services.cli.backtest.plan import date_of
from services.cli.backtest.reading import NoPurchases, read
from services.cli.importing.rows import BadFile
from shared.domain.instants import rfc3339
from shared.domain.policy import Policy
from tests.unit.backtest.shops import begin, source, told, written


def test_purchases_are_in_the_order_of_time_whatever_that_of_the_file(tmp_path: Path) -> None:
    rows = "anna,2024-03-01T10:00:00+02:00,12.5\nbob,2024-02-01,7\nanna,2024-01-05,3.10\n"

    history = told(written(tmp_path, rows))

    assert [(rfc3339(one.at), one.amount) for one in history.purchases["anna"]] == [
        ("2024-01-05T00:00:00Z", 310),
        ("2024-03-01T08:00:00Z", 1250),
    ]
    assert (history.rows, history.skipped.count, history.unpriced.count) == (3, 0, 0)


def test_rows_without_a_customer_or_a_time_are_counted_named_and_left_out(tmp_path: Path) -> None:
    rows = "anna,never,5\n,2024-01-01,5\nanna,1969-12-31,5\nanna,2024-01-02\n" + "x" * 300 + ",2024-01-02,5\n"

    history = told(written(tmp_path, rows + "anna,2024-01-03,5\n" + "anna,never,5\n" * 9))

    assert (history.rows, history.skipped.count, len(history.skipped.first)) == (1, 14, 5)
    assert history.skipped.first[0].startswith("line 2: date: 'never' is not a time like")
    assert history.skipped.first[1] == "line 3: customer_id is missing"
    assert "outside of the years 1970 to 8999" in history.skipped.first[2]


@pytest.mark.parametrize("amount", ["much", "-5", "nan", "inf", "1e400"])
def test_an_amount_that_cannot_be_used_leaves_the_purchase(tmp_path: Path, amount: str) -> None:
    history = told(written(tmp_path, f"anna,2024-01-01,{amount}\n"))

    assert [one.amount for one in history.purchases["anna"]] == [None]
    assert (history.unpriced.count, history.skipped.count) == (1, 0)


def test_an_amount_with_more_decimals_than_its_currency_is_rounded(tmp_path: Path) -> None:
    history = told(written(tmp_path, "anna,2024-01-01,22.200000000000003\nanna,2024-01-02,0.125\n"))

    assert [one.amount for one in history.purchases["anna"]] == [2220, 12]


def test_without_amounts_dates_are_enough_and_nothing_is_said_of_it(tmp_path: Path) -> None:
    history = told(written(tmp_path, "anna,2024-01-01\nanna,2024-01-02\n", header="customer_id,date\n"))

    assert ([one.amount for one in history.purchases["anna"]], history.unpriced.count) == ([None, None], 0)


def test_a_currency_column_is_found_and_an_unknown_currency_costs_the_amount(tmp_path: Path) -> None:
    path = written(tmp_path, "anna,2024-01-01,500,JPY\nanna,2024-01-02,5,XYZ\n", "customer_id,date,amount,currency\n")

    history = told(path)

    assert [(one.amount, one.currency) for one in history.purchases["anna"]] == [(500, "JPY"), (None, "XYZ")]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path, "anna,2024-01-01,5\n", header="who,date,paid\n")

    with pytest.raises(BadFile, match=r"no column 'customer_id' \(--customer\); the file has: who, date, paid"):
        read(source(path), lambda done: None)
    with pytest.raises(BadFile, match=r"no column 'total' \(--amount\)"):
        read(source(written(tmp_path, "anna,2024-01-01,5\n"), amount="total"), lambda done: None)


@pytest.mark.parametrize(("rows", "words"), [("", "nothing below its header"), ("anna,never,1\n", "none of its 1 ")])
def test_a_file_without_purchases_is_refused(tmp_path: Path, rows: str, words: str) -> None:
    with pytest.raises(NoPurchases, match=words):
        told(written(tmp_path, rows))


def test_a_purchase_of_unknown_amount_is_paid_in_a_currency_without_a_rate(tmp_path: Path) -> None:
    (bought,) = told(written(tmp_path, "anna,2024-01-01,\n")).purchases["anna"]

    event = event_of("anna", bought, unpriced_in(Policy(base_currency="BIF", rates={"CLP": 1.0})))

    assert (event.amount, event.currency) == (0, "DJF")


def test_a_day_begins_at_the_midnight_of_its_zone() -> None:
    assert rfc3339(midnight(begin(0), "Europe/Berlin")) == "2023-12-31T23:00:00Z"
    assert date_of(begin(59)).isoformat() == "2024-02-29"

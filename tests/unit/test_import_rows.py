"""Files to rows to events: what is read, what it becomes, and that an event's id depends on its row alone."""

import gzip
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from services.cli.importing.events import BadRow, Columns, Occurrences, Reading, event
from services.cli.importing.rows import LONGEST, BadFile, File, Row

USUAL = Columns(customer="customer_id", at="date", amount="amount")
READING = Reading(columns=USUAL, currency="USD", zone=ZoneInfo("UTC"))


def written(folder: Path, text: str, name: str = "purchases.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def events(path: Path, reading: Reading = READING, encoding: str = "utf-8") -> list[dict[str, Any]]:
    """The events of a file, all of whose rows have to be good."""
    with closing(File(path, encoding)) as file, closing(Occurrences()) as occurrences:
        header = file.header()
        if header is not None:
            reading = replace(reading, columns=reading.columns.found_in(header))
        return [event(row, reading, occurrences) for row in file.rows()]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("customer_id,date,amount\nanna,1997-01-02,12.50\n", "a.csv"),
        ("\ufeffcustomer_id;date;amount\r\nanna;1997-01-02;12.50\r\n", "a.csv"),
        ('amount\tdate\tcustomer_id\n12.50\t1997-01-02\t"anna"\n', "a.tsv"),
        ("customer_id,date,amount\nanna,1997-01-02,12.50", "a.csv.gz"),
        ('\n{"customer_id":"anna","date":"1997-01-02","amount":12.50}\n', "a.ndjson"),
    ],
)
def test_a_purchase_is_read_from_whatever_the_file_looks_like(tmp_path: Path, text: str, name: str) -> None:
    (bought,) = events(written(tmp_path, text, name))

    assert (bought["type"], bought["source"], bought["customer_id"]) == ("purchase", "import", "anna")
    assert bought["occurred_at"] == "1997-01-02T00:00:00+00:00"
    assert (float(bought["data"]["amount"]), bought["data"]["currency"]) == (12.5, "USD")
    assert bought["data"]["order_id"] == bought["id"]


def test_columns_with_the_usual_names_are_found_and_others_are_named(tmp_path: Path) -> None:
    text = "who,when,paid,currency,order_id,line,source\nanna,2024-05-06T07:08:09+02:00,9,EUR,o-1,tea,shop\n"
    columns = Columns(customer="who", at="when", amount="paid")

    (bought,) = events(written(tmp_path, text), replace(READING, columns=columns, backfill=True))

    assert bought == {
        "id": "o-1",
        "source": "shop",
        "type": "purchase",
        "customer_id": "anna",
        "occurred_at": "2024-05-06T07:08:09+02:00",
        "line": "tea",
        "backfill": True,
        "data": {"order_id": "o-1", "amount": "9", "currency": "EUR"},
    }


def test_a_time_without_an_offset_is_of_the_zone_given_and_may_be_written_otherwise(tmp_path: Path) -> None:
    path = written(tmp_path, "customer_id,date,amount\nanna,06.07.2024 08:30,1\n")

    (bought,) = events(path, replace(READING, zone=ZoneInfo("Europe/Berlin"), at_format="%d.%m.%Y %H:%M"))

    assert bought["occurred_at"] == "2024-07-06T08:30:00+02:00"


def test_a_negative_amount_is_a_refund_where_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "customer_id,date,amount,order_id\nanna,2024-01-02,-5.50,o-1\n")

    (refund,) = events(path, replace(READING, refunds=True))
    (as_it_is,) = events(path)

    assert (refund["type"], refund["id"]) == ("refund", "refund-o-1")
    assert refund["data"] == {"order_id": "o-1", "amount": "5.50", "currency": "USD"}
    assert as_it_is["data"]["amount"] == "-5.50"


def test_equal_rows_are_different_purchases_with_the_same_ids_each_time(tmp_path: Path) -> None:
    rows = "anna,2024-01-02,5\nanna,2024-01-02,5\nbea,2024-01-02,5\nanna,2024-01-02,6\nanna,2024-01-02,5\n"
    path = written(tmp_path, f"customer_id,date,amount\n{rows}")

    first, second = events(path), events(path)

    assert first == second
    assert len({bought["id"] for bought in first}) == 5


def test_what_comes_before_a_row_does_not_change_its_id(tmp_path: Path) -> None:
    short = written(tmp_path, "customer_id,date,amount\nanna,2024-01-02,5\n", "short.csv")
    long = written(tmp_path, "customer_id,date,amount\nbea,2023-01-02,7\nanna,2024-01-02,5\n", "long.csv")

    assert events(short)[0] == events(long)[1]


def test_lines_of_one_order_are_purchases_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, "customer_id,date,amount,order_id\nanna,2024-01-02,5,o\nanna,2024-01-02,7,o\n")

    first, second = events(path)

    assert (first["id"], second["id"]) == ("o", "o#2")
    assert second["data"]["order_id"] == "o"


def test_a_line_that_is_an_event_is_posted_as_it_is_with_an_id(tmp_path: Path) -> None:
    complaint = '{"type":"complaint","customer_id":"anna","occurred_at":"2024-01-02T00:00:00Z","data":{}}'
    path = written(tmp_path, f'{complaint}\n{complaint}\n{complaint[:-1]},"id":"mine","source":"crm"}}\n', "a.ndjson")

    first, second, third = events(path, replace(READING, backfill=True))

    assert first["id"] != second["id"]
    assert (first["type"], first["source"], first["backfill"]) == ("complaint", "import", True)
    assert (third["id"], third["source"]) == ("mine", "crm")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"date": "2024-01-02", "amount": "1"}, "customer_id is missing"),
        ({"customer_id": "anna", "date": " ", "amount": "1"}, "date is missing"),
        ({"customer_id": "anna", "date": "yesterday", "amount": "1"}, "'yesterday' is not a time"),
        ({"customer_id": "anna", "date": "2024-02-30", "amount": "1"}, "'2024-02-30' is not a time"),
    ],
)
def test_a_row_that_is_no_purchase_says_why(members: dict[str, Any], said: str) -> None:
    with closing(Occurrences()) as occurrences, pytest.raises(BadRow, match=said):
        event(Row(7, members), READING, occurrences)


def test_a_row_that_does_not_fit_the_header_is_told_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "customer_id,date,amount\nanna,2024-01-02\nbea,2024-01-02,5\n")

    with closing(File(path)) as file:
        file.header()
        bad, good = file.rows()

    assert (bad.number, bad.trouble) == (2, "the row has 2 values, the header 3 columns")
    assert (good.number, good.trouble) == (3, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ('[{"customer_id":"anna"}]', "one JSON object a line"),
        ("name,date,amount\nx,y,z\n", r"no column 'customer_id' \(--customer\); the file has: name, date, amount"),
        ("customer_id,date,amount\n" + "x" * (LONGEST + 1), "has a line of more than"),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        events(written(tmp_path, text))


def test_a_file_in_another_encoding_is_refused_unless_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("customer_id,date,amount\nJürgen,2024-01-02,5\n".encode("cp1252"))

    with pytest.raises(BadFile, match="cannot be read on"):
        events(path)
    assert events(path, encoding="cp1252")[0]["customer_id"] == "Jürgen"


def test_a_gzip_file_cut_short_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path, "customer_id,date,amount\n" + "anna,2024-01-02,5\n" * 999, "a.csv.gz").read_bytes()
    path = tmp_path / "b.csv.gz"
    path.write_bytes(whole[:-20])

    with pytest.raises(BadFile, match="cannot be read on"):
        events(path)

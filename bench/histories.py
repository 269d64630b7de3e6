"""Purchase histories, as the commands under bench/ read them: from CSV files, or CDNOW as a package brings it."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from shared.domain.events import Purchase, Refund
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import DAY, Instant
from shared.domain.money import minor_units


class Row(NamedTuple):
    """One purchase: whose, when, how much in minor units."""

    customer_id: str
    at: Instant
    amount: int


class Columns(NamedTuple):
    """Which columns of the file to read."""

    customer: str = "customer_id"
    at: str = "date"
    amount: str = "amount"


DEFAULT_COLUMNS = Columns()


def read_rows(path: Path, columns: Columns = DEFAULT_COLUMNS, currency: str = "USD") -> Iterator[Row]:
    """The file's purchases in file order; `.gz` is unpacked. Amounts are rounded to the currency's decimals."""
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row[columns.at]).replace(tzinfo=UTC)
            amount = minor_units(f"{float(row[columns.amount]):.2f}", currency)
            yield Row(row[columns.customer], Instant(round(at.timestamp()) * 1_000_000), amount)


def cdnow(*, sample: bool = False) -> Iterator[Row]:
    """The CDNOW purchases (69,659 of 23,570 customers) or the published 1/10 sample (6,919 of 2,357), in file order.

    The Python package `lifetimes` carries them; it is installed without its dependencies, and never imported.
    """
    spec = find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise SystemExit("CDNOW comes with the Python package lifetimes, which is not installed: run `make .venv`")
    file = Path(spec.origin).parent / "datasets" / ("CDNOW_sample.txt" if sample else "CDNOW_master.txt")
    for line in file.read_text(encoding="ascii").splitlines():
        customer_id, *_, day, _, amount = line.split()
        if day.isdigit():  # not the heading
            at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
            yield Row(customer_id, Instant(round(at.timestamp()) * 1_000_000), minor_units(amount, "USD"))


def every(rows: Iterable[Row], nth: int) -> Iterator[Row]:
    """The rows of every nth customer, in the order in which customers first occur."""
    places: dict[str, int] = {}
    for row in rows:
        if places.setdefault(row.customer_id, len(places)) % nth == 0:
            yield row


def by_customer(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each customer, in time order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    for history in found.values():
        history.sort(key=lambda row: row.at)
    return found


def purchases(history: list[Row], currency: str = "USD") -> list[Purchase]:
    """A customer's rows as events."""
    return [
        Purchase(
            id=EventId(f"{row.customer_id}-{place}"),
            source="history",
            customer_id=CustomerId(row.customer_id),
            occurred_at=row.at,
            received_at=row.at,
            order_id=f"{row.customer_id}-{place}",
            amount=row.amount,
            currency=currency,
        )
        for place, row in enumerate(history)
    ]


def refunds(history: list[Row], currency: str = "USD") -> list[Refund]:
    """A customer's rows of money given back (whatever their sign) as events that name no order."""
    return [
        Refund(
            id=EventId(f"{row.customer_id}-back-{place}"),
            source="history",
            customer_id=CustomerId(row.customer_id),
            occurred_at=row.at,
            received_at=row.at,
            amount=abs(row.amount),
            currency=currency,
        )
        for place, row in enumerate(history)
    ]


def end_of(day: date) -> Instant:
    """The last microsecond of a UTC day: a cut-off includes its day."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Instant(round(start.timestamp()) * 1_000_000 + DAY - 1)

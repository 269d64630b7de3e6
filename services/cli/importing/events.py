"""Rows to events, each with an id that depends on the row alone: importing a file again changes nothing."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from hashlib import blake2b
from time import strptime
from typing import Any, Final

from msgspec import Struct, convert, json

from services.cli.importing.rows import BadFile, Row

SOURCE: Final = "import"

_USUAL: Final = {"currency": "currency", "order": "order_id", "line": "line", "source": "source"}


class BadRow(Exception):
    """A row that is no event; the message says what is wrong."""


class Columns(Struct, frozen=True, kw_only=True):
    """Which column holds what; None where no column does."""

    customer: str
    at: str
    amount: str
    currency: str | None = None
    order: str | None = None
    line: str | None = None
    source: str | None = None

    def found_in(self, header: Sequence[str]) -> "Columns":
        """The columns as a file has them: those that were not named are taken where they have the usual name."""
        chosen: dict[str, str | None] = {name: getattr(self, name) for name in self.__struct_fields__}
        for name, usual in _USUAL.items():
            if chosen[name] is None and usual in header:
                chosen[name] = usual
        for name, column in chosen.items():
            if column is not None and column not in header:
                raise BadFile(f"there is no column {column!r} (--{name}); the file has: {', '.join(header)}")
        return convert(chosen, Columns)


class Reading(Struct, frozen=True, kw_only=True):
    """How rows are read."""

    columns: Columns
    currency: str
    zone: tzinfo
    at_format: str | None = None
    backfill: bool = False
    refunds: bool = False
    """Whether a negative amount is a refund."""


class Occurrences:
    """Counts equal things, however many there are: beyond a bound they lie in a temporary file."""

    def __init__(self) -> None:
        self._counts = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32768"):
            self._counts.execute(f"PRAGMA {setting}")
        self._counts.execute("CREATE TABLE seen (name BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID")
        self._counts.execute("BEGIN")

    def count(self, *name: str) -> int:
        """How often this has been counted, this time included."""
        row = self._counts.execute(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET times = times + 1 RETURNING times",
            (_digest(*name),),
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Forget everything."""
        self._counts.close()


def event(row: Row, reading: Reading, occurrences: Occurrences) -> dict[str, Any]:
    """The event that a row holds. Raises BadRow."""
    if row.members is None or row.trouble is not None:
        raise BadRow(row.trouble)
    if "type" in row.members and "customer_id" in row.members:
        return _as_posted(row.members, reading, occurrences)
    return _purchase(row.members, reading, occurrences)


def _as_posted(members: dict[str, Any], reading: Reading, occurrences: Occurrences) -> dict[str, Any]:
    """A line that is an event already gets an id where it has none."""
    given = {"source": SOURCE, **members, **({"backfill": True} if reading.backfill else {})}
    if given.get("id") is None:
        name = _digest(json.encode(members, order="sorted").decode()).hex()
        given["id"] = _numbered(name, occurrences.count(name))
    return given


def _purchase(members: dict[str, Any], reading: Reading, occurrences: Occurrences) -> dict[str, Any]:
    columns = reading.columns
    customer, at, amount = (needed(members, name) for name in (columns.customer, columns.at, columns.amount))
    currency = text_of(members, columns.currency) or reading.currency
    order, line = text_of(members, columns.order), text_of(members, columns.line)
    source = text_of(members, columns.source) or SOURCE
    refund = reading.refunds and amount.startswith("-")
    if order:
        name = f"refund-{order}" if refund else order
        count = occurrences.count(source, customer, name)
    else:
        name = _digest(customer, at, amount, currency, line).hex()
        count = occurrences.count(source, name)
    event_id = _numbered(name, count)
    return {
        "id": event_id,
        "source": source,
        "type": "refund" if refund else "purchase",
        "customer_id": customer,
        "occurred_at": _written(at, reading),
        **({"line": line} if line else {}),
        **({"backfill": True} if reading.backfill else {}),
        "data": {
            **({"order_id": order or event_id} if order or not refund else {}),
            "amount": amount.removeprefix("-") if refund else amount,
            "currency": currency,
        },
    }


def needed(members: dict[str, Any], name: str) -> str:
    """What a row holds under a name. Raises BadRow where that is nothing."""
    text = text_of(members, name)
    if not text:
        raise BadRow(f"{name} is missing")
    return text


def text_of(members: dict[str, Any], name: str | None) -> str:
    """What a row holds under a name, without blanks around it; empty where there is nothing."""
    value = None if name is None else members.get(name)
    return "" if value is None else str(value).strip()


def time_of(text: str, reading: Reading) -> datetime:
    """The aware time that a text means. Raises BadRow."""
    try:
        at = _written_as(text, reading.at_format) if reading.at_format else datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=reading.zone)
    except (ValueError, OverflowError):
        wanted = (
            reading.at_format or "2026-03-04, 2026-03-04T05:06:07 or with an offset as in 2026-03-04T05:06:07+01:00"
        )
        raise BadRow(f"{reading.columns.at}: {text[:60]!r} is not a time like {wanted}") from None


def _written(text: str, reading: Reading) -> str:
    return time_of(text, reading).isoformat()


def _written_as(text: str, form: str) -> datetime:
    told = strptime(text, form)
    offset = None if told.tm_gmtoff is None else timezone(timedelta(seconds=told.tm_gmtoff))
    return datetime(*told[:6], tzinfo=offset)


def _numbered(name: str, count: int) -> str:
    return name if count == 1 else f"{name}#{count}"


def _digest(*parts: str) -> bytes:
    return blake2b("\x1f".join(parts).encode(errors="surrogatepass"), digest_size=16).digest()

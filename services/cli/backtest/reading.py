"""A file of purchases to a history: what `lifestage import` reads, and a date alone is enough."""

from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, structs

from services.cli.backtest.history import Bought, History
from services.cli.importing.events import BadRow, Reading, needed, text_of, time_of
from services.cli.importing.rows import BadFile, File, Row
from shared.domain.errors import LifestageError
from shared.domain.ids import CUSTOMER_ID_LENGTH
from shared.domain.instants import EARLIEST, LATEST, Instant, instant
from shared.domain.money import DECIMALS, decimals, minor_units

AMOUNT: Final = "amount"
CURRENCY: Final = "currency"
_TOLD_EVERY: Final = 1_000
_ROUNDED: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)


class NoPurchases(LifestageError):
    """There is nothing to test on."""

    code = "no_purchases"


class Source(Struct, frozen=True, kw_only=True):
    """Which file, and how it is read. Without a name the amount is looked for under the usual one."""

    path: Path
    encoding: str
    amount: str | None
    reading: Reading


def size_of(source: Source) -> int:
    """The bytes of the file."""
    return source.path.stat().st_size


def read(source: Source, told: Callable[[int], None]) -> History:
    """The history of a file; what is read of it, in bytes, is told. Raises BadFile or NoPurchases."""
    history = History()
    with closing(File(source.path, source.encoding)) as file:
        reading = _found(source, file.header())
        for count, row in enumerate(file.rows()):
            _take(history, row, reading)
            if count % _TOLD_EVERY == 0:
                told(file.done)
    if not history.purchases:
        raise NoPurchases(_none_in(source.path, history))
    for purchases in history.purchases.values():
        purchases.sort()
    return history


def _found(source: Source, header: Sequence[str] | None) -> Reading:
    """How the rows are read; every column that was named has to be there. Raises BadFile."""
    reading, columns = source.reading, source.reading.columns
    named = {"customer": columns.customer, "at": columns.at, "amount": source.amount, "currency": columns.currency}
    for option, name in named.items():
        if header is not None and name is not None and name not in header:
            raise BadFile(f"there is no column {name!r} (--{option}); the file has: {', '.join(header)}")
    found = structs.replace(columns, amount=source.amount or AMOUNT, currency=columns.currency or CURRENCY)
    return structs.replace(reading, columns=found)


def _none_in(path: Path, history: History) -> str:
    if not history.skipped.count:
        return f"{path} holds no purchases: there is nothing below its header"
    return f"{path} holds no purchases: none of its {history.skipped.count:,} rows is one; {history.skipped.first[0]}"


def _take(history: History, row: Row, reading: Reading) -> None:
    try:
        customer_id, at = _who_and_when(row, reading)
    except BadRow as error:
        history.skipped.note(f"line {row.number}: {error}")
        return
    assert row.members is not None, "a row without members is a bad one"
    currency, amount = _money(row, row.members, reading, history)
    history.purchases.setdefault(customer_id, []).append(Bought(at, row.number, amount, currency))


def _who_and_when(row: Row, reading: Reading) -> tuple[str, Instant]:
    """The customer and the instant of a row. Raises BadRow."""
    if row.members is None or row.trouble is not None:
        raise BadRow(row.trouble)
    columns = reading.columns
    customer_id, told = needed(row.members, columns.customer), needed(row.members, columns.at)
    if len(customer_id) > CUSTOMER_ID_LENGTH:
        raise BadRow(f"{columns.customer}: {customer_id[:40]!r}… is longer than {CUSTOMER_ID_LENGTH} characters")
    at = instant(time_of(told, reading))
    if not EARLIEST <= at <= LATEST:
        raise BadRow(f"{columns.at}: {told[:60]!r} lies outside of the years 1970 to 8999")
    return customer_id, at


def _money(row: Row, members: dict[str, Any], reading: Reading, history: History) -> tuple[str, int | None]:
    """What was paid. A row whose amount cannot be used still tells that somebody bought."""
    columns = reading.columns
    currency = text_of(members, columns.currency) or reading.currency
    text = text_of(members, columns.amount)
    if not text:
        return currency, None
    try:
        return currency, _minor(text, currency)
    except BadRow as error:
        history.unpriced.note(f"line {row.number}: {columns.amount}: {error}")
        return currency, None


def _minor(text: str, currency: str) -> int:
    """Minor units, rounded to what the currency has. Raises BadRow."""
    if currency not in DECIMALS:
        raise BadRow(f"{currency[:40]!r} is not a currency of ISO 4217")
    try:
        amount = minor_units(Decimal(text).quantize(Decimal(1).scaleb(-decimals(currency)), context=_ROUNDED), currency)
    except (DecimalException, LifestageError):
        raise BadRow(f"{text[:60]!r} is not an amount as in '12.34'") from None
    if amount < 0:
        raise BadRow(f"{text[:60]!r} is below 0: leave refunds out")
    return amount

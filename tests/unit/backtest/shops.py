"""Histories for back-tests: files of purchases, and a shop whose customers buy at rates of their own and leave."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from services.cli.backtest.history import History
from services.cli.backtest.plan import AlertPlan, Span, date_of
from services.cli.backtest.reading import Source, read
from services.cli.backtest.shop import Shop
from services.cli.importing.events import Columns, Reading
from shared.domain.instants import Day
from shared.domain.policy import DEFAULT, Policy

HEADER = "customer_id,date,amount\n"
BEGIN = date(2024, 1, 1)
PLAN = AlertPlan(start=Day(0), horizon=10, gap=30, refit=28)


def when(day: int) -> str:
    """A day of the story, as files have it."""
    return (BEGIN + timedelta(days=day)).isoformat()


def written(folder: Path, rows: str, header: str = HEADER, name: str = "purchases.csv") -> Path:
    """A file of purchases."""
    path = folder / name
    path.write_text(header + rows, encoding="utf-8")
    return path


def source(path: Path, amount: str | None = None, currency: str | None = None) -> Source:
    """How a file is read where nothing is said."""
    columns = Columns(customer="customer_id", at="date", amount="", currency=currency)
    reading = Reading(columns=columns, currency="USD", zone=ZoneInfo("UTC"))
    return Source(path=path, encoding="utf-8", amount=amount, reading=reading)


def told(path: Path) -> History:
    """What a file tells."""
    return read(source(path), lambda done: None)


def rows(customers: int = 250, days: int = 240, seed: int = 7) -> list[tuple[int, str]]:
    """Rows of a shop with their days: everybody buys once, comes back at a rate of its own, and leaves some day."""
    draw = Random(seed)
    found = []
    for number in range(customers):
        day, gap, stays = draw.uniform(0, days / 2), draw.gammavariate(2, 12), draw.expovariate(1 / 90)
        last = day + stays
        while day < min(last, days):
            found.append((int(day), f"c{number},{when(int(day))},{10 + number % 7}.50\n"))
            day += 1 + draw.expovariate(1 / gap)
    return found


def shop(path: Path, policy: Policy = DEFAULT) -> Shop:
    """The shop of a file, before its first day."""
    return Shop(told(path), policy, lambda done: None)


def span_of(history: History) -> Span:
    """The first and the last day."""
    days = [day for one in history.days("UTC").values() for day in one]
    return Span(min(days), max(days))


def begin(day: int) -> Day:
    """A day of the story as the core counts it."""
    return Day((BEGIN - date_of(Day(0))).days + day)

"""What kinds of goods a customer buys, and the figures of all customers that belong to them."""

from collections import Counter
from collections.abc import Callable, Iterable
from statistics import fmean

from shared.domain.instants import Day
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Bought, Deal, occasions, of_this_cycle
from shared.domain.population import Figures

NO_CATEGORY = "the line of purchases or of their items"
"""What to send where a category is missing."""


def categories_of(deal: Deal) -> frozenset[str]:
    """The categories of a purchase: of each item its line, else the line of the event."""
    lines = {item.line or deal.event.line for item in deal.event.items} or {deal.event.line}
    return frozenset(line for line in lines if line)


def bought_categories(bought: Bought) -> frozenset[str]:
    """The categories of an occasion; empty where none is known."""
    return frozenset[str]().union(*map(categories_of, bought.deals))


def this_cycle(case: Case) -> list[Bought]:
    """The occasions of the current cycle, the oldest first."""
    return case.once(_this_cycle)


def orders_of(bought: Iterable[Bought]) -> list[Deal]:
    """The purchases of occasions, the oldest first, without those that were refunded in full."""
    return [deal for one in bought for deal in one.deals]


def main_category(case: Case) -> str | None:
    """The category with the most occasions of this cycle, of several the one bought last; None where none is known."""
    return case.once(_main_category)


def figure(case: Case, category: str | None, read: Callable[[Figures], float | None]) -> float | None:
    """A figure of all customers of a category, else of everybody; None where no job has found it yet."""
    population = case.population
    own = population.lines.get(category) if category is not None else None
    found = None if own is None else read(own)
    return read(population.everybody) if found is None else found


def window_of(case: Case, day: Day, length: float) -> int:
    """Which window of a length in days a day falls into, counted back from today: 0 is the newest."""
    return int((case.today - day) // length)


def halves(values: list[float]) -> tuple[float | None, float | None]:
    """The means of the older and of the newer half, the middle one in neither; None with fewer than two values."""
    half = len(values) // 2
    return (fmean(values[:half]), fmean(values[-half:])) if half else (None, None)


def _this_cycle(case: Case) -> list[Bought]:
    return of_this_cycle(case, occasions(case))


def _main_category(case: Case) -> str | None:
    counts: Counter[str] = Counter()
    newest: dict[str, Day] = {}
    for one in this_cycle(case):
        for category in bought_categories(one):
            counts[category] += 1
            newest[category] = one.day
    return max(counts, key=lambda category: (counts[category], newest[category], category), default=None)

"""What a customer will need next, and when."""

from itertools import pairwise
from statistics import median

from msgspec import Struct

from shared.domain.instants import Day
from shared.domain.measures.books import iso
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal, deals, ids, occasions
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure


class Supply(Struct, frozen=True, kw_only=True):
    """A consumable with its cadence: how many days one supply lasts, the newest purchase, and the next."""

    product: str
    every: float
    last: Day
    deals: tuple[Deal, ...]

    @property
    def next(self) -> float:
        """The day on which it is used up."""
        return self.last + self.every


@measure("004-10", card=Card.VALUE, unit="days", en="Next consumable due in", zh="距下次耗材购买天数")
def consumable_due(case: Case) -> Reading:
    """Days until the earliest next purchase of a consumable: last day + median interval (004-10); below 0 is overdue.

    Per product, from two days with it on; `parts` name the interval as `product: every` and the date as
    `product: next`. A product whose last purchase is more than three intervals ago is no longer used.
    """
    found = supplies(case)
    if not found:
        return unknown("a consumable item with its product, bought on two days")
    first = found[0]
    parts: dict[str, Scalar | None] = {}
    for supply in found:
        parts |= {f"{supply.product}: every": supply.every, f"{supply.product}: next": iso(supply.next)}
    return known(first.next - case.today, evidence=ids(deal.event for deal in first.deals), parts=parts)


@measure("004-15", card=Card.VALUE, unit="days", en="Next need in", zh="预计下次需求天数")
def next_need(case: Case) -> Reading:
    """Days until the next purchase is expected (004-15): the last purchase day + m, or the next consumable, whichever
    is earlier; below 0 it should have come. With a single purchase day m is the prior's: coverage 0.5."""
    bought = occasions(case)
    if not bought:
        return unknown("a purchase")
    due, what = bought[-1].day + case.state.median_gap, "rhythm"
    parts: dict[str, Scalar | None] = {"rhythm": iso(due), "consumable": None}
    supply = next(iter(supplies(case)), None)
    if supply is not None:
        parts["consumable"] = iso(supply.next)
        if supply.next < due:
            due, what = supply.next, supply.product
    own = case.state.gaps > 0 or what != "rhythm"
    return known(
        due - case.today,
        coverage=1.0 if own else 0.5,
        missing=() if own else ("a second purchase day",),
        evidence=ids(deal.event for deal in bought[-1].deals),
        parts={**parts, "what": what, "date": iso(due)},
    )


def supplies(case: Case) -> list[Supply]:
    """The consumables that a customer uses, the one that is due first first."""
    by_product: dict[str, list[Deal]] = {}
    for deal in deals(case):
        for product in dict.fromkeys(item.product for item in deal.event.items if item.consumable):
            if product is not None and not deal.refunded:
                by_product.setdefault(product, []).append(deal)
    cadences = (_cadence(product, bought) for product, bought in by_product.items())
    used = [supply for supply in cadences if supply is not None and _in_use(case, supply)]
    return sorted(used, key=lambda supply: (supply.next, supply.product))


def _cadence(product: str, bought: list[Deal]) -> Supply | None:
    days = sorted({deal.day for deal in bought})
    if len(days) < 2:
        return None
    every = median(later - earlier for earlier, later in pairwise(days))
    return Supply(product=product, every=float(every), last=days[-1], deals=tuple(bought))


def _in_use(case: Case, supply: Supply) -> bool:
    return case.today - supply.last <= case.policy.consumable_lapse * supply.every

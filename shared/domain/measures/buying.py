"""What kinds of buying a customer's occasions are: repeats, more of it, something new, with extras, by routine."""

from collections.abc import Callable
from statistics import median

from msgspec import Struct

from shared.domain.events import Item
from shared.domain.growth import RECENT
from shared.domain.measures.case import Case
from shared.domain.measures.categories import NO_CATEGORY, bought_categories, orders_of, this_cycle
from shared.domain.measures.deals import Bought, ids, total, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.rhythm.gaps import variation

NO_AMOUNT = "amounts of purchases in a currency with a rate"
NO_ITEMS = "the items of purchases"


class Kind(Struct, frozen=True, kw_only=True, gc=False):
    """An occasion after the first of its cycle, and what kind of buying it was; None where that cannot be told."""

    bought: Bought
    repeat: bool | None
    incremental: bool | None
    cross: bool | None

    @property
    def grows(self) -> bool | None:
        """Whether it was incremental or cross buying."""
        told = [mark for mark in (self.incremental, self.cross) if mark is not None]
        return any(told) if told else None


def kinds(case: Case) -> list[Kind]:
    """The later occasions of this cycle with their kinds of buying (000-8).

    Repeat: a category seen before in the cycle. Incremental: at least 1.2 times the median amount of the eight
    occasions before, as in the fold. Cross: a category not seen before.
    """
    return case.once(_kinds)


@measure("000-8", card=Card.LOYALTY, unit="count", low=0, en="Repeat buys", zh="重复购买", amounts=("amount",))
def repeat_buys(case: Case) -> Reading:
    """Occasions of this cycle with a category seen before; parts: share, amount, rate per W (000-8)."""
    return _counted(case, lambda kind: kind.repeat, NO_CATEGORY)


@measure("000-8", card=Card.LOYALTY, unit="count", low=0, en="Incremental buys", zh="增量购买", amounts=("amount",))
def incremental_buys(case: Case) -> Reading:
    """Occasions of at least 1.2 times the own median before; parts: share, amount, rate per W (000-8)."""
    return _counted(case, lambda kind: kind.incremental, NO_AMOUNT)


@measure("000-8", card=Card.LOYALTY, unit="count", low=0, en="Cross buys", zh="交叉购买", amounts=("amount",))
def cross_buys(case: Case) -> Reading:
    """Occasions of this cycle with a category not seen before; parts: share, amount, rate per W (000-8)."""
    return _counted(case, lambda kind: kind.cross, NO_CATEGORY)


@measure("000-9", card=Card.LOYALTY, unit="share", low=0, high=1, en="Attach rate", zh="附加产品和增值服务比例")
def attach_rate(case: Case) -> Reading:
    """Share of the orders of this cycle with an add-on or a service among their items (000-9)."""
    return _share_with(case, lambda item: item.addon or item.service)


@measure("004-21", card=Card.LOYALTY, unit="share", low=0, high=1, en="Customised share", zh="定制化购买比例")
def customised_share(case: Case) -> Reading:
    """Share of the orders of this cycle with an item made for this customer (004-21)."""
    return _share_with(case, lambda item: item.customised)


@measure("002-24", card=Card.LOYALTY, unit="count", low=0, en="Upgrades", zh="客户升级次数")
def upgrades(case: Case) -> Reading:
    """Orders of this cycle with an upgrade among their items; the part `share` is their share (002-24)."""
    share = _share_with(case, lambda item: item.upgrade)
    if share.number is None:
        return share
    return known(
        share.parts["orders"] or 0,
        coverage=share.coverage,
        missing=share.missing,
        evidence=share.evidence,
        parts={"share": share.number},
    )


@measure("000-11", card=Card.LOYALTY, unit="flag", en="Routine", zh="交易常规化")
def routine(case: Case) -> Reading:
    """Whether buying has become routine: CV(G) at most 0.4 over at least 4 gaps of this cycle (000-11)."""
    state, policy, spread = case.state, case.policy, variation(case.state)
    if spread is None or state.cycle_gaps < policy.routine_gaps:
        return unknown(f"purchases on at least {policy.routine_gaps + 1} days")
    return known(
        spread <= policy.routine_variation,
        evidence=ids(one.deals[0].event for one in this_cycle(case)),
        parts={"variation": spread, "gaps": state.cycle_gaps},
    )


def _kinds(case: Case) -> list[Kind]:
    seen: frozenset[str] = frozenset()
    amounts: list[int | None] = []
    found: list[Kind] = []
    for place, one in enumerate(this_cycle(case)):
        own = bought_categories(one)
        if place:
            told = bool(own and seen)
            found.append(
                Kind(
                    bought=one,
                    repeat=bool(own & seen) if told else None,
                    incremental=_is_more(one.amount, amounts[-RECENT:], case.policy.growth_factor),
                    cross=bool(own - seen) if told else None,
                )
            )
        seen |= own
        amounts.append(one.amount)
    return found


def _is_more(amount: int | None, before: list[int | None], times: float) -> bool | None:
    known_before = [one for one in before if one is not None]
    if amount is None or not known_before:
        return None
    return amount >= times * median(known_before) > 0


def _counted(case: Case, mark: Callable[[Kind], bool | None], missing: str) -> Reading:
    bought, later = this_cycle(case), kinds(case)
    if not bought:
        return unknown("a purchase")
    told = [kind for kind in later if mark(kind) is not None]
    if later and not told:
        return unknown(missing)
    hits = [kind.bought for kind in told if mark(kind)]
    windows = max(1.0, (case.today - bought[0].day) / window_days(case))
    return known(
        len(hits),
        coverage=len(told) / len(later) if later else 1.0,
        missing=() if len(told) == len(later) else (missing,),
        evidence=ids(one.deals[0].event for one in hits),
        parts={
            "share": len(hits) / len(told) if told else None,
            "amount": total(one.amount for one in hits),
            "per_window": len(hits) / windows,
        },
    )


def _share_with(case: Case, wanted: Callable[[Item], bool]) -> Reading:
    orders = orders_of(this_cycle(case))
    itemised = [deal for deal in orders if deal.event.items]
    if not itemised:
        return unknown(NO_ITEMS if orders else "a purchase")
    hits = [deal for deal in itemised if any(map(wanted, deal.event.items))]
    return known(
        len(hits) / len(itemised),
        coverage=len(itemised) / len(orders),
        missing=() if len(itemised) == len(orders) else (NO_ITEMS,),
        evidence=ids(deal.event for deal in hits or itemised),
        parts={"orders": len(hits)},
    )

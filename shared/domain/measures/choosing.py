"""How much a customer searches, hesitates and is served by hand before it buys: what trust saves."""

from bisect import bisect_right
from collections import Counter
from statistics import fmean, median

from shared.domain.events import Inquiry, Refund
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.categories import figure, halves, main_category, orders_of
from shared.domain.measures.deals import Bought, deals, ids, in_own, occasions
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure

SELF_SERVICE = "self_service"
"""The channel of a purchase that needed nobody."""


@measure("003-9", card=Card.LOYALTY, unit="days", low=0, en="Choosing time", zh="挑选时间")
def choosing_time(case: Case) -> Reading:
    """Days from the first inquiry after the purchase before to the newest purchase that had one (003-9).

    Parts: the own median of the times before, and the ratios to it and to the median of all customers.
    """
    chosen = [(one, asked) for one, asked in asked_before(case) if asked]
    if not chosen:
        return unknown("an inquiry before a purchase")
    *earlier, newest = [(one.deals[0].at - asked[0].occurred_at) / DAY for one, asked in chosen]
    own = median(earlier) if earlier else None
    usual = figure(case, main_category(case), lambda figures: figures.choosing_days)
    one, asked = chosen[-1]
    return known(
        newest,
        coverage=(1 + bool(own) + bool(usual)) / 3,
        missing=() if usual else ("the choosing time of all customers, from a population job",),
        evidence=ids((asked[0], one.deals[0].event)),
        parts={
            "own_median": own,
            "to_own": newest / own if own else None,
            "to_population": newest / usual if usual else None,
        },
    )


@measure("000-10", card=Card.LOYALTY, unit="ratio", low=0, en="Inquiries per purchase", zh="每次购买的询问次数")
def inquiries_per_purchase(case: Case) -> Reading:
    """Inquiries before the occasions over their number; parts: older and newer half, falling (000-10)."""
    asked = [found for _, found in asked_before(case)]
    if not any(asked):
        return unknown("inquiries before purchases")
    counts = [float(len(found)) for found in asked]
    evidence = ids(event for found in asked for event in found)
    return known(fmean(counts), evidence=evidence, parts=_course(counts, falling=True))


@measure("000-10", card=Card.LOYALTY, unit="share", low=0, high=1, en="Hesitation", zh="犹豫（取消和退货比例）")
def hesitation(case: Case) -> Reading:
    """Share of all orders of which something was refunded, also in full (000-10).

    Parts: older and newer half, falling, and the refunds by the five kinds of risk, as in `risk_economic`.
    """
    orders = [deal for deal in deals(case) if deal.amount is not None]
    if not orders:
        return unknown("a purchase")
    refunded = [float(deal.amount != in_own(case, deal.event.amount, deal.event.currency)) for deal in orders]
    refunds = case.of(Refund)
    risks = Counter(f"risk_{refund.risk or 'unnamed'}" for refund in refunds)
    return known(
        fmean(refunded),
        evidence=ids(refunds or (deal.event for deal in orders)),
        parts={**_course(refunded, falling=True), **risks},
    )


@measure("000-10", card=Card.LOYALTY, unit="share", low=0, high=1, en="Served by itself", zh="自助和再订购比例")
def self_service_share(case: Case) -> Reading:
    """Share of the orders that repeat an earlier one or came by self-service; parts: halves, rising (000-10).

    An order tells where it names its channel or is marked as a re-order.
    """
    orders = orders_of(occasions(case))
    telling = [deal for deal in orders if deal.event.reorder or deal.event.channel]
    if not telling:
        return unknown("the channel of purchases, or which are re-orders" if orders else "a purchase")
    own = [float(deal.event.reorder or deal.event.channel == SELF_SERVICE) for deal in telling]
    return known(
        fmean(own),
        coverage=len(telling) / len(orders),
        missing=() if len(telling) == len(orders) else ("the channel of every purchase",),
        evidence=ids(deal.event for deal in telling),
        parts=_course(own, falling=False),
    )


def asked_before(case: Case) -> list[tuple[Bought, list[Inquiry]]]:
    """Each occasion, the oldest first, with the inquiries since the last purchase of the occasion before."""
    inquiries = case.of(Inquiry)
    times = [event.occurred_at for event in inquiries]
    found, start = [], 0
    for one in occasions(case):
        asked = inquiries[start : bisect_right(times, one.deals[0].at)]
        found.append((one, asked))
        start = bisect_right(times, one.deals[-1].at)
    return found


def _course(values: list[float], *, falling: bool) -> dict[str, Scalar | None]:
    """The older and the newer half of values, and whether they moved the way that saves cost."""
    older, newer = halves(values)
    moved = None if older is None or newer is None else (newer < older if falling else newer > older)
    return {"older": older, "newer": newer, "falling" if falling else "rising": moved}

"""Trial orders: how a new customer tests what the firm can do."""

from shared.domain.events import Delivery
from shared.domain.measures.case import Case
from shared.domain.measures.categories import bought_categories, figure, this_cycle
from shared.domain.measures.deals import Bought, ids, in_own
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure

DELIVERY = (None, "delivery")
"""The duties of a delivery event that are the delivery itself."""


@measure("000-3", card=Card.LOYALTY, unit="count", low=0, en="Trial orders", zh="尝试性购买次数")
def trial_orders(case: Case) -> Reading:
    """Of the first 3 occasions of this cycle, those of at most half the median first order (000-3).

    The median is that of the occasion's category, where it has only one, else of everybody.
    """
    judged = _judged(case)
    early = this_cycle(case)[: case.policy.trial_occasions]
    if not judged:
        return unknown("the median first order of all customers, from a population job" if early else "a purchase")
    trials = [one for one, small in judged if small]
    return known(
        len(trials),
        coverage=len(judged) / len(early),
        missing=() if len(judged) == len(early) else ("amounts of purchases in a currency with a rate",),
        evidence=ids(one.deals[0].event for one in trials),
        parts={"newest_is_trial": judged[-1][1]},
    )


@measure("000-3", card=Card.LOYALTY, unit="share", low=0, high=1, en="Trials delivered on time", zh="试购按期交货率")
def trial_delivery(case: Case) -> Reading:
    """Share of the deliveries of trial orders that came on time (000-3)."""
    orders = {deal.event.order_id for one, small in _judged(case) if small for deal in one.deals}
    if not orders:
        return unknown("a trial order, and the median first order of all customers")
    delivered = [event for event in case.of(Delivery) if event.order_id in orders and event.duty in DELIVERY]
    if not delivered:
        return unknown("the delivery of a trial order, with its order id")
    return known(
        sum(event.on_time for event in delivered) / len(delivered),
        coverage=len({event.order_id for event in delivered}) / len(orders),
        evidence=ids(delivered),
    )


def _judged(case: Case) -> list[tuple[Bought, bool]]:
    """The first occasions of this cycle that can be judged, with whether each is a trial."""
    found = []
    for one in this_cycle(case)[: case.policy.trial_occasions]:
        usual = _median_first_order(case, one)
        if one.amount is not None and usual is not None:
            found.append((one, one.amount <= case.policy.trial_share * usual))
    return found


def _median_first_order(case: Case, one: Bought) -> int | None:
    """In the customer's currency; None without a figure, or without a rate."""
    own = bought_categories(one)
    category = next(iter(own)) if len(own) == 1 else None
    usual, currency = figure(case, category, lambda figures: figures.median_first_order), case.population.currency
    if usual is None:
        return None
    return round(usual) if currency is None else in_own(case, round(usual), currency)

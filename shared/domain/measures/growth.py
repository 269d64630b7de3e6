"""How the trade with a customer grows: wider, deeper, bolder, and what it concludes from comparing us with rivals."""

from shared.domain.events import Delivery, Payment
from shared.domain.growth import compares, stagnant
from shared.domain.measures.buying import NO_AMOUNT, kinds
from shared.domain.measures.case import Case
from shared.domain.measures.categories import NO_CATEGORY, bought_categories, orders_of, this_cycle
from shared.domain.measures.deals import Bought, Deal, ids, window_days
from shared.domain.measures.reading import Reading, known, mean_of, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.trials import DELIVERY
from shared.domain.rhythm.gaps import silence_r
from shared.domain.stages import Stage
from shared.domain.volume import trend, volumes

COMPARISON = {
    "closed": ("Not comparing yet", "尚未进行外部比较"),
    "open": ("Comparing, undecided", "正在比较，未定"),
    "strengthening": ("Strengthening", "关系加强"),
    "stagnant": ("Stagnant", "关系停滞"),
    "regressing": ("Regressing", "关系倒退"),
    "ended": ("Ended", "关系终止"),
}


@measure("000-12", card=Card.LOYALTY, unit="word", en="Comparison with rivals", zh="外部比较", words=COMPARISON)
def comparison(case: Case) -> Reading:
    """What an experienced customer concludes from comparing us with rivals (000-12).

    It opens with an incremental or cross buy at N >= 3. Regressing: silent since (r >= 1.5); strengthening: tau > 0.05
    or a cross buy in the last W; regressing: tau < -0.05; stagnant: |tau| <= 0.05 and neither in 3W; else open. But for
    silence it is judged at the newest occasion, as stagnation is by the rules.
    """
    bought, later, state = this_cycle(case), kinds(case), case.state
    if not bought:
        return unknown("a purchase")
    told = [kind for kind in later if kind.grows is not None]
    comparing = compares(state, case.policy)
    if not comparing and len(bought) >= case.policy.growth_occasions and not told:
        return unknown(NO_AMOUNT, NO_CATEGORY)
    if not comparing:
        return known("closed", coverage=len(told) / len(later) if told else 1.0)
    tau = trend(state, bought[-1].day, case.policy)
    return known(
        _concluded(case, bought[-1], tau),
        coverage=0.5 if tau is None else 1.0,
        missing=("four windows of purchases with known amounts",) if tau is None else (),
        evidence=ids(kind.bought.deals[0].event for kind in told if kind.grows),
        parts={"trend": tau},
    )


@measure("002-9", card=Card.LOYALTY, unit="share", low=0, high=1, en="Marks of growth", zh="依赖扩大加深的标志")
def growth_marks(case: Case) -> Reading:
    """Share of the marks of formation that hold: wider, deeper, growing, daring (002-9).

    Wider: more categories in 365 days than a W before. Deeper: more volume in the last W than in the one before.
    Growing: tau > 0. Daring: a larger order than ever before. All at the newest occasion.
    """
    bought = this_cycle(case)
    if not bought:
        return unknown("a purchase")
    state, day, length = case.state, bought[-1].day, window_days(case)
    wide, narrow = _breadth(case, bought, day), _breadth(case, bought, day - length)
    now, before = volumes(state, day, length, 2)
    tau, risk = trend(state, day, case.policy), risk_taken(case).number
    parts: dict[str, float | None] = {
        "wider": None if wide is None or narrow is None else wide > narrow,
        "deeper": None if now is None or before is None or not _older(bought, length) else now > before,
        "growing": None if tau is None else tau > 0,
        "daring": None if risk is None else risk > 1,
    }
    return mean_of(parts, "purchases over more than one window W")


@measure("002-9", card=Card.LOYALTY, unit="ratio", low=0, en="Risk taken against the past", zh="风险承受意愿")
def risk_taken(case: Case) -> Reading:
    """The largest order of the last W over the largest before, at the newest occasion of this cycle (002-9).

    Parts: the share of orders paid before they were delivered, then and before; None where that is not told.
    """
    bought = this_cycle(case)
    length = window_days(case)
    older = _older(bought, length)
    recent, before = orders_of(bought[len(older) :]), orders_of(older)
    largest, largest_before = _largest(recent), _largest(before)
    if largest is None or not largest_before:
        return unknown("purchases with known amounts over more than one window W")
    return known(
        largest / largest_before,
        evidence=ids(deal.event for deal in (*before, *recent)),
        parts={"prepaid": _prepaid(case, recent), "prepaid_before": _prepaid(case, before)},
    )


def _concluded(case: Case, newest: Bought, tau: float | None) -> str:
    state, policy = case.state, case.policy
    r, since = silence_r(state, case.as_of, policy), newest.day - window_days(case)
    if state.stage is Stage.ENDED:
        return "ended"
    if r is not None and r >= policy.silent_r:
        return "regressing"
    widened = any(kind.cross for kind in kinds(case) if kind.bought.day > since)
    if widened or (tau is not None and tau > policy.stagnation_slope):
        return "strengthening"
    if tau is not None and tau < -policy.stagnation_slope:
        return "regressing"
    return "stagnant" if stagnant(state, newest.deals[-1].at, policy) else "open"


def _breadth(case: Case, bought: list[Bought], end: float) -> int | None:
    """B as of a local day; None where no category was known by then."""
    since = end - case.policy.breadth_days
    found = frozenset[str]().union(*(bought_categories(one) for one in bought if since < one.day <= end))
    return len(found) or None


def _older(bought: list[Bought], length: float) -> list[Bought]:
    """The occasions before the last window that ends at the newest one."""
    return [one for one in bought if one.day <= bought[-1].day - length]


def _largest(orders: list[Deal]) -> int | None:
    return max((deal.amount for deal in orders if deal.amount is not None), default=None)


def _prepaid(case: Case, orders: list[Deal]) -> float | None:
    """The share of orders paid before they were delivered, of those whose payment and delivery are told."""
    paid = {event.order_id: event.occurred_at for event in reversed(case.of(Payment))}
    delivered = {event.order_id: event.occurred_at for event in reversed(case.of(Delivery)) if event.duty in DELIVERY}
    names = [name for deal in orders if (name := deal.event.order_id) in paid and name in delivered]
    return sum(paid[name] < delivered[name] for name in names) / len(names) if names else None

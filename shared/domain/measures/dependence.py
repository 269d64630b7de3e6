"""How much a customer depends on us, what it costs to keep, and how it stands against those of its cohort."""

from shared.domain.events import Contact, Cost
from shared.domain.measures.buying import NO_AMOUNT, routine
from shared.domain.measures.case import Case
from shared.domain.measures.categories import this_cycle
from shared.domain.measures.deals import currency_of, deals, ids, in_own, total, window_days
from shared.domain.measures.frequency import categories
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.scores import combined, score
from shared.domain.stages import Stage
from shared.domain.volume import depth

OF_THE_CUSTOMER = frozenset({"money", "time", "energy", "sensory"})
"""What a cost event tells that the customer bears, unless it says who does."""
NO_COST = "the cost of contacts, or cost events"


@measure("002-10", card=Card.LOYALTY, unit="score", low=0, high=1, en="Dependence", zh="交互依赖程度")
def dependence(case: Case) -> Reading:
    """Mean of min(B/3, 1), D and routine (1 or 0), of those that are known (002-10)."""
    if not this_cycle(case):
        return unknown("a purchase")
    return combined(
        case,
        {
            "breadth": score(categories(case), lambda count: count / case.policy.dependence_categories),
            "depth": spending(case),
            "routine": score(routine(case), float),
        },
    )


@measure("002-10", card=Card.LOYALTY, unit="ratio", low=0, en="Cost of keeping over margin", zh="维系成本与毛利之比")
def keeping_cost(case: Case) -> Reading:
    """What the firm spent on the customer in the last 4W over the margin of that time (002-10).

    Parts: the ratio of the 4W before, and whether it has fallen since. Spent are the costs of contacts, and cost events
    that the customer does not bear.
    """
    span = case.policy.fairness_windows * window_days(case)
    now, before = (_cost_to_margin(case, case.today - (back + 1) * span, case.today - back * span) for back in (0, 1))
    if now is None:
        return unknown(NO_COST, "the cost of the goods of purchases, with a margin above 0")
    return known(
        now,
        evidence=ids(event for event, _ in _spent(case, case.today - span, case.today)),
        parts={"before": before, "falling": None if before is None else now < before},
    )


@measure("002-22", card=Card.LOYALTY, unit="flag", en="Candidate for cross-selling", zh="交叉销售对象")
def cross_sell_candidate(case: Case) -> Reading:
    """Whether it is in stability and buys from at most 2 categories (002-22)."""
    breadth = categories(case)
    if case.state.stage is not Stage.STABILITY:
        return known(False)
    if breadth.number is None:
        return breadth
    return known(
        breadth.number <= case.policy.cross_sell_categories, coverage=breadth.coverage, evidence=breadth.evidence
    )


def spending(case: Case) -> Reading:
    """D: the volume of the last W over the usual level, at most 1 (CONCEPTS, Primitives)."""
    deep = depth(case.state, case.today, case.policy)
    return unknown(NO_AMOUNT) if deep is None else known(deep)


def _cost_to_margin(case: Case, after: float, until: float) -> float | None:
    """Of local days after one and up to another; None where either is unknown or there is no margin."""
    spent = _spent(case, after, until)
    cost = total(amount for _, amount in spent)
    margin = total(deal.margin for deal in deals(case) if after < deal.day <= until)
    return None if not spent or cost is None or not margin or margin < 0 else max(0, cost) / margin


def _spent(case: Case, after: float, until: float) -> list[tuple[Contact | Cost, int | None]]:
    """What the firm spent, with the amounts in the customer's currency; None without a rate."""
    own = currency_of(case) or ""
    told: list[tuple[Contact | Cost, int, str]] = [
        (event, event.cost, event.currency or own) for event in case.of(Contact) if event.cost is not None
    ]
    told += [(event, event.amount, event.currency) for event in case.of(Cost) if _firm_bears(event)]
    return [
        (event, in_own(case, amount, currency))
        for event, amount, currency in told
        if after < case.day(event.occurred_at) <= until
    ]


def _firm_bears(event: Cost) -> bool:
    return event.by == "firm" or (event.by is None and event.what not in OF_THE_CUSTOMER)

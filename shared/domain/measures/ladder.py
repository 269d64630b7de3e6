"""The ladder of loyalty: none, behavioural, initial trust, emotional, harmonious."""

from itertools import takewhile

from shared.domain.events import Cost, Value
from shared.domain.instants import DAY
from shared.domain.measures.advocacy import referrals
from shared.domain.measures.case import Case
from shared.domain.measures.categories import this_cycle
from shared.domain.measures.deals import deals, ids, in_own, total, window_days
from shared.domain.measures.dependence import OF_THE_CUSTOMER
from shared.domain.measures.firmness import resilience
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.opinions import satisfaction
from shared.domain.rhythm.gaps import silence_r

DELIVERED = (None, "product", "service", "person", "image")
"""What value events tell of the worth delivered to the customer (004-1)."""

LADDER = {
    "none": ("None", "无忠诚"),
    "behavioural": ("Behavioural loyalty", "行为忠诚"),
    "initial_trust": ("Initial trust", "初步信任"),
    "emotional": ("Emotional loyalty", "情感忠诚"),
    "harmonious": ("Harmonious loyalty", "和谐忠诚"),
}


@measure(
    "000-17",
    card=Card.LOYALTY,
    unit="ratio",
    en="Fairness",
    zh="公平性（客户受益与企业毛利之比）",
    amounts=("benefit", "margin"),
)
def fairness(case: Case) -> Reading:
    """Benefit of the customer, value less what it bears of cost, over our margin, both of the last 4W (000-17).

    From 0.5 to 2 is fair to both sides. Unknown where we earned nothing.
    """
    days = case.policy.fairness_windows * window_days(case)
    values = [event for event in case.of(Value, days=days) if event.what in DELIVERED]
    costs = [event for event in case.of(Cost, days=days) if _customer_bears(event)]
    worth = total(in_own(case, event.amount, event.currency) for event in values)
    borne = total(in_own(case, event.amount, event.currency) for event in costs)
    margin = total(deal.margin for deal in deals(case) if deal.at > case.as_of - days * DAY)
    if not values or worth is None or borne is None:
        return unknown("value events, and what the customer bears of cost")
    if margin is None or margin <= 0:
        return unknown("purchases with the cost of the goods, and a margin above 0")
    return known(
        (worth - borne) / margin, evidence=ids([*values, *costs]), parts={"benefit": worth - borne, "margin": margin}
    )


@measure("000-17", card=Card.LOYALTY, unit="word", en="Ladder of loyalty", zh="忠诚阶梯", words=LADDER)
def ladder(case: Case) -> Reading:
    """The highest rung of loyalty reached; each asks for those below it (000-17).

    Behavioural (000-1, 000-13): N >= 2 and r < 1.5, for whatever reason. Initial trust (000-6): what formation asks
    for, N >= 3, s >= 0 or unknown, no open complaint. Emotional (000-15, 000-16): s >= 0.3, and a referral or a
    resilience of at least 0.5. Harmonious (000-17): fairness from 0.5 to 2.
    """
    if not this_cycle(case):
        return unknown("a purchase")
    firm, fair, s = resilience(case), fairness(case), satisfaction(case.state)
    told = {"satisfaction": s, "resilience": firm.number, "referrals": referrals(case).number, "fairness": fair.number}
    rungs = {
        "behavioural": _behaves(case),
        "initial_trust": _trusts(case, s),
        "emotional": _feels(case, s, firm.number),
        "harmonious": _is_fair(case, fair.number),
    }
    reached = [name for name, _ in takewhile(lambda rung: rung[1], rungs.items())]
    missing = [("an opinion: feedback, a complaint",) if s is None else (), firm.missing, fair.missing]
    return known(
        reached[-1] if reached else "none",
        coverage=(1 + sum(one is not None for one in (s, firm.number, fair.number))) / 4,
        missing=tuple(text for texts in missing for text in texts),
        evidence=firm.evidence + fair.evidence,
        parts={**told},
    )


def _behaves(case: Case) -> bool:
    r = silence_r(case.state, case.as_of, case.policy)
    enough = case.state.cycle_occasions >= case.policy.behavioural_occasions
    return enough and r is not None and r < case.policy.silent_r


def _trusts(case: Case, s: float | None) -> bool:
    state, policy = case.state, case.policy
    content = s is None or s >= policy.formation_satisfaction
    return state.cycle_occasions >= policy.formation_occasions and content and not state.complaints


def _feels(case: Case, s: float | None, firm: float | None) -> bool:
    stands = firm is not None and firm >= case.policy.emotional_resilience
    happy = s is not None and s >= case.policy.stability_satisfaction
    return happy and (stands or bool(referrals(case).value))


def _is_fair(case: Case, ratio: float | None) -> bool:
    return ratio is not None and case.policy.fairness_low <= ratio <= case.policy.fairness_high


def _customer_bears(event: Cost) -> bool:
    return event.by == "customer" or (event.by is None and event.what in OF_THE_CUSTOMER)

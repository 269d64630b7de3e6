"""Loyalty as a number: eight indicators, three dimensions, and their mean."""

from msgspec.structs import replace

from shared.domain.events import Feedback, Referral
from shared.domain.measures.advocacy import advocate
from shared.domain.measures.case import Case
from shared.domain.measures.categories import this_cycle
from shared.domain.measures.choosing import choosing_time
from shared.domain.measures.credit import credit
from shared.domain.measures.deals import ids
from shared.domain.measures.dependence import spending
from shared.domain.measures.firmness import price_sensitivity, rival_interest, tolerance
from shared.domain.measures.frequency import occasions_per_period
from shared.domain.measures.loyalty import active_tenure, steadiness
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.scores import combined, score
from shared.domain.opinions import satisfaction

BEHAVIOUR = ("repetition", "choosing", "price", "rivals", "tolerance", "spend")
"""The indicators that are of what customers do; the other two are of what they feel."""
NO_OPINION = "an opinion: feedback, a complaint"


@measure("003-4", card=Card.LOYALTY, unit="score", low=0, high=1, en="Eight indicators", zh="忠诚度八项指标")
def indicators(case: Case) -> Reading:
    """Mean of the eight indicators of loyalty that are known, each from 0 to 1 (003-4).

    repetition: repeats in the period P over 5, at most 1; choosing: 1/(1 + choosing time over that of all customers);
    price: 1 + price sensitivity; rivals: 1 - interest in them; tolerance: of faults; spend: D, the volume of the last
    W over the usual one; emotion: (s + 1)/2; recommendation: 1 for an advocate, 0.5 for referrals without success,
    without any the newest answer to "would you recommend us", over 10.
    """
    return combined(case, eight(case)) if this_cycle(case) else unknown("a purchase")


@measure("003-5", "003-6", card=Card.LOYALTY, unit="score", low=0, high=1, en="Loyalty", zh="忠诚度")
def loyalty(case: Case) -> Reading:
    """Mean of the known dimension means: time, behaviour, emotion; at least two; at most 0.2 for N = 1 (003-5, 003-6).

    Time: active tenure over 365 days, at most 1, and steadiness. Behaviour: six indicators; emotion: the other two.
    """
    bought = this_cycle(case)
    if not bought:
        return unknown("a purchase")
    policy, told = case.policy, eight(case)
    lasting = score(active_tenure(case), lambda days: days / policy.loyal_days)
    dimensions = {
        "time": combined(case, {"tenure": lasting, "steadiness": steadiness(case)}),
        "behaviour": combined(case, {name: told[name] for name in BEHAVIOUR}),
        "emotion": combined(case, {name: one for name, one in told.items() if name not in BEHAVIOUR}),
    }
    whole = combined(case, dimensions, at_least=policy.loyalty_dimensions)
    if whole.number is None or len(bought) > 1:
        return whole
    return replace(whole, value=min(whole.number, policy.single_purchase_loyalty))


@measure("002-22", card=Card.LOYALTY, unit="score", low=0, high=1, en="Three scores", zh="满意度、忠诚度和信用度")
def three_scores(case: Case) -> Reading:
    """Mean of satisfaction (s + 1)/2, loyalty and credit, of those that are known; they are the parts (002-22)."""
    return combined(case, {"satisfaction": _emotion(case), "loyalty": loyalty(case), "credit": credit(case)})


def eight(case: Case) -> dict[str, Reading]:
    """The eight indicators, each a score from 0 to 1 or unknown."""
    return case.once(_eight)


def _eight(case: Case) -> dict[str, Reading]:
    policy = case.policy
    return {
        "repetition": score(occasions_per_period(case), lambda count: (count - 1) / policy.loyal_repeats),
        "choosing": _choosing(case),
        "price": score(price_sensitivity(case), lambda change: 1 + change / policy.loyal_price_fall),
        "rivals": score(rival_interest(case), lambda share: 1 - share),
        "tolerance": tolerance(case),
        "spend": spending(case),
        "emotion": _emotion(case),
        "recommendation": _recommendation(case),
    }


def _choosing(case: Case) -> Reading:
    """A long time of choosing is low loyalty: 1/2 for who takes as long as others, or as the prior of the policy."""
    chosen = choosing_time(case)
    ratio = chosen.parts.get("to_population")
    if chosen.number is None or isinstance(ratio, str):
        return chosen
    return score(chosen, lambda days: 1 / (1 + (days / case.policy.choosing_days if ratio is None else ratio)))


def _emotion(case: Case) -> Reading:
    s = satisfaction(case.state)
    return unknown(NO_OPINION) if s is None else known((s + 1) / 2)


def _recommendation(case: Case) -> Reading:
    converted, referred = advocate(case), case.of(Referral)
    if converted.value:
        return known(1.0, evidence=converted.evidence)
    if referred:
        return known(case.policy.unconverted_referral, evidence=ids(referred))
    asked = [(event, event.nps) for event in case.of(Feedback) if event.nps is not None]
    if not asked:
        return unknown("a referral, or whether the customer would recommend us")
    event, answer = asked[-1]
    return score(known(answer, evidence=(event.id,)), lambda nps: nps / 10)

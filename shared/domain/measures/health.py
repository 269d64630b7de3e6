"""How well a relationship is, and whether both sides win."""

from collections.abc import Mapping
from typing import Final

from shared.domain.events import Complaint
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.standing import trust
from shared.domain.measures.worth import YEAR_DAYS, earned, kept
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import silence_r
from shared.domain.volume import trend

FACTORS: Final = {
    "trust": ("Trust", "信任"),
    "satisfaction": ("Satisfaction", "满意度"),
    "rhythm": ("Keeping its own rhythm", "购买节奏"),
    "volume": ("Trend of the volume", "交易量趋势"),
    "conflicts": ("Settled conflicts", "冲突解决"),
    "contact": ("Recent contact both ways", "双向接触"),
}
"""What health is made of (001-15)."""

TOLD_BY: Final = {
    "trust": "a purchase",
    "satisfaction": "an opinion: feedback, a complaint",
    "rhythm": "a purchase",
    "volume": "purchases over four windows",
    "conflicts": "complaints and what became of them",
    "contact": "a contact in which the customer spoke",
}
SIDES: Final = {
    "none": ("Both win", "双赢"),
    "customer": ("The customer loses", "客户受损"),
    "firm": ("The firm loses", "企业受损"),
    "both": ("Both lose", "双方受损"),
}


def factors(case: Case) -> dict[str, float | None]:
    """What works on a relationship, each from 0 (bad) to 1 (good); None where it is unknown (001-15)."""
    s = satisfaction(case.state)
    return {
        "trust": trust(case).number,
        "satisfaction": None if s is None else (s + 1) / 2,
        "rhythm": _rhythm(case),
        "volume": _volume(case),
        # Without any complaint on record nobody may have been asked: that is unknown, not peace.
        "conflicts": 1 / (1 + len(case.state.complaints)) if case.of(Complaint) else None,
        "contact": _contact(case),
    }


def weighted(parts: Mapping[str, float | None], weights: Mapping[str, float]) -> tuple[float, float] | None:
    """The mean of the parts that are known, by their weights, and the share of weight that they carry; None of none."""
    held = {name: part for name, part in parts.items() if part is not None}
    if not held:
        return None
    weight = sum(weights[name] for name in held)
    return sum(weights[name] * part for name, part in held.items()) / weight, weight / sum(weights.values())


def weights(policy: Policy) -> Mapping[str, float]:
    """How much each factor of health weighs."""
    return {
        "trust": policy.health_trust_weight,
        "satisfaction": policy.health_satisfaction_weight,
        "rhythm": policy.health_rhythm_weight,
        "volume": policy.health_volume_weight,
        "conflicts": policy.health_conflicts_weight,
        "contact": policy.health_contact_weight,
    }


@measure("001-15", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Health", zh="关系健康度")
def health(case: Case) -> Reading:
    """The weighted mean of the known factors of a relationship, coverage being the weight that they carry (001-15).

    trust; (s + 1)/2; 1 - r/3; 1/2 + tau/(2 · 0.15); 1/(1 + open complaints); 1 for a contact at most m ago, 0 at 2m.
    """
    found = factors(case)
    held = weighted(found, weights(case.policy)) if case.state.cycle_occasions else None
    if held is None:
        return unknown("a purchase")
    missing = tuple(TOLD_BY[name] for name, factor in found.items() if factor is None)
    return known(held[0], coverage=held[1], missing=missing, parts={**found})


@measure("001-15", card=Card.CUSTOMER, unit="flag", en="Both sides win", zh="双赢", amounts=("margin",))
def win_win(case: Case) -> Reading:
    """Whether s >= 0 and the margin of the last 365 days >= 0 (001-15); one side that loses settles it."""
    wins, missing, evidence, parts = _sides(case)
    if False in wins:
        return known(False, coverage=(2 - wins.count(None)) / 2, missing=missing, evidence=evidence, parts=parts)
    if None in wins:
        return unknown(*missing, evidence=evidence, parts=parts)
    return known(True, evidence=evidence, parts=parts)


@measure("001-15", card=Card.CUSTOMER, unit="word", en="Who loses", zh="受损方", words=SIDES, amounts=("margin",))
def losing_side(case: Case) -> Reading:
    """Which side loses: the customer where s < 0, the firm where its margin < 0; unknown while one is (001-15)."""
    wins, missing, evidence, parts = _sides(case)
    if None in wins:
        return unknown(*missing, evidence=evidence, parts=parts)
    losers = {(True, True): "none", (False, True): "customer", (True, False): "firm", (False, False): "both"}
    return known(losers[bool(wins[0]), bool(wins[1])], evidence=evidence, parts=parts)


def _sides(
    case: Case,
) -> tuple[tuple[bool | None, bool | None], tuple[str, ...], tuple[str, ...], dict[str, Scalar | None]]:
    """Whether the customer and the firm win, what is missing to say so, the deals looked at, and both figures."""
    s, found = satisfaction(case.state), earned(case, days=YEAR_DAYS)
    customer, firm = None if s is None else s >= 0, None if found is None else found.margin >= 0
    missing = (
        *((TOLD_BY["satisfaction"],) if s is None else ()),
        *(("the cost of what was bought",) if found is None else ()),
    )
    bought = ids(deal.event for deal in kept(case, days=YEAR_DAYS) if deal.margin is not None)
    return (customer, firm), missing, bought, {"satisfaction": s, "margin": None if found is None else found.margin}


def _rhythm(case: Case) -> float | None:
    r = silence_r(case.state, case.as_of, case.policy)
    return None if r is None else max(0.0, 1 - r / case.policy.dormant_r)


def _volume(case: Case) -> float | None:
    tau = trend(case.state, case.today, case.policy)
    return None if tau is None else max(0.0, min(1.0, 0.5 + tau / (2 * case.policy.health_trend)))


def _contact(case: Case) -> float | None:
    contact_at, m = case.state.contact_at, case.state.median_gap
    if contact_at is None:
        return None
    return max(0.0, min(1.0, 2 - (case.as_of - contact_at) / DAY / m))

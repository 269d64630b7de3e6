"""Where a customer stands, in figures: trust and level."""

from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.opinions import satisfaction
from shared.domain.rhythm import tenure_days


@measure("000-6", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Trust", zh="信任")
def trust(case: Case) -> Reading:
    """0.4 min(N, 6)/6 + 0.3 (s + 1)/2 + 0.3 min(T/180 d, 1) (CONCEPTS, Primitives: trust); parts that are unknown
    are left out and lower the coverage."""
    state = case.state
    if not state.cycle_occasions:
        return unknown("a purchase")
    s = satisfaction(state)
    parts = {
        "repetition": min(state.cycle_occasions, 6) / 6,
        "satisfaction": None if s is None else (s + 1) / 2,
        "tenure": min(tenure_days(state, case.today) / 180, 1.0),
    }
    weights = {"repetition": 0.4, "satisfaction": 0.3, "tenure": 0.3}
    held = {name: part for name, part in parts.items() if part is not None}
    weight = sum(weights[name] for name in held)
    return known(
        sum(weights[name] * part for name, part in held.items()) / weight,
        coverage=weight,
        missing=() if s is not None else ("an opinion: feedback, a complaint",),
        parts={**parts},
    )

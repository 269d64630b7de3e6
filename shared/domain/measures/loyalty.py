"""How long and how steadily a customer has stayed."""

from shared.domain.measures.case import Case
from shared.domain.measures.deals import occasions, of_this_cycle
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure


@measure("003-1", card=Card.LOYALTY, unit="days", low=0, en="Tenure", zh="客户保持度")
def tenure(case: Case) -> Reading:
    """T: days since the first occasion of this cycle (003-1)."""
    bought = of_this_cycle(case, occasions(case))
    if not bought:
        return unknown("a purchase")
    first = bought[0]
    return known(float(case.today - first.day), evidence=(first.deals[0].event.id,))

"""Save a leaving customer, or let it go: the arithmetic (002-14)."""

from statistics import mean
from typing import Final

from msgspec import Struct

from shared.domain.actions import Action
from shared.domain.events import Contact
from shared.domain.measures.case import Case
from shared.domain.measures.causes import cause_of
from shared.domain.measures.deals import in_own
from shared.domain.measures.worth import margin_ahead, usual_order
from shared.domain.tiers import tier_of

POPULATION: Final = "population"
PRIOR: Final = "prior"


class Saving(Struct, frozen=True, kw_only=True, gc=False):
    """What an action would bring. Amounts are minor units of the case's currency; None where they are unknown.

    `p` is the chance that the customer stays; `p_from` says whether past outcomes tell it, or the policy's prior.
    """

    p: float
    p_from: str
    margin: float | None
    cost: float | None

    @property
    def value(self) -> float | None:
        """p margin - cost: above 0 the customer is worth saving."""
        return None if self.margin is None or self.cost is None else self.p * self.margin - self.cost


def saving(case: Case, action: Action) -> Saving:
    """save_value = p(save) · margin of 12 months - cost of the action (002-14)."""
    tier = tier_of(case.state, case.policy)
    seen = case.population.saved.get(f"{cause_of(case)[0]}/{tier}") if tier else None
    return Saving(
        p=case.policy.save_prior if seen is None else seen,
        p_from=PRIOR if seen is None else POPULATION,
        margin=margin_ahead(case),
        cost=cost_of(case, action),
    )


def cost_of(case: Case, action: Action) -> float | None:
    """What an action costs: the mean of what was recorded of it with this customer, else 0.25 usual orders."""
    recorded = [
        cost
        for event in case.of(Contact)
        if event.action == action and event.cost is not None and event.currency is not None
        if (cost := in_own(case, event.cost, event.currency)) is not None
    ]
    if recorded:
        return float(mean(recorded))
    order = usual_order(case)
    return None if order is None else order * case.policy.action_cost_orders

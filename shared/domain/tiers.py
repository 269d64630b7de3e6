"""Value tiers: which customers earn the most, by borders that a population job has found (004-4, 004-5)."""

from typing import Final

from shared.domain.customer import Customer, Tier
from shared.domain.policy import Policy

TOP: Final = "A"
MIDDLE: Final = "B"
BOTTOM: Final = "C"


def tier_of(customer: Customer, policy: Policy) -> Tier | None:
    """The tier by margin; None while the margin or the borders, in the same currency, are unknown.

    A customer changes its tier only when it passes the border by the policy's slack, so that none swings to and fro.
    """
    population = policy.population
    margin, top, bottom = customer.margin, population.tier_a, population.tier_c
    if margin is None or top is None or bottom is None or population.currency not in (None, customer.currency):
        return None
    slack = policy.tier_slack
    up = -slack if customer.tier == TOP else slack if customer.tier is not None else 0.0
    down = slack if customer.tier == BOTTOM else -slack if customer.tier is not None else 0.0
    if margin >= top + up * abs(top):
        return TOP
    return BOTTOM if margin < bottom + down * abs(bottom) else MIDDLE

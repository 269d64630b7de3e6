"""What is lost if a customer buys no more: its own spending, and the probability that it stops."""

from math import exp
from statistics import median
from typing import NamedTuple

from msgspec.structs import replace

from shared.domain.alerts import Evidence
from shared.domain.customer import Customer
from shared.domain.money import MOST
from shared.domain.policy import Policy

SHORTEST_GAP_DAYS = 1.0
"""Purchases of one local day are one occasion: nobody has them closer together."""


class Odds(NamedTuple):
    """The probability that a customer buys nothing in the next so many days, from an instant on."""

    p_no_purchase: float
    horizon_days: float


def usual_spend(customer: Customer, days: float, policy: Policy) -> int | None:
    """What the customer would spend in so many days at its own pace, minor units of its currency.

    One usual occasion every mean gap. The usual occasion is the median of the known amounts that are remembered, not
    their mean: one large order is not what the next will be. None where no amount is known.
    """
    amounts = [occasion.amount for occasion in customer.occasions if occasion.amount is not None]
    if not amounts:
        return None
    return min(MOST, round(median(amounts) * days / mean_gap(customer, policy)))


def mean_gap(customer: Customer, policy: Policy) -> float:
    """The mean of the cycle's gaps in days, shrunk to the prior: (their sum + k exp(mu0)) / (their number + k).

    A mean, unlike m, because gaps add up to time: m is too short where some are long, and spending would look faster.
    """
    weight = policy.prior_weight
    shrunk = (customer.cycle_gap_sum + weight * exp(policy.mu0)) / (customer.cycle_gaps + weight)
    return max(SHORTEST_GAP_DAYS, shrunk)


def with_odds(found: Evidence, customer: Customer, odds: Odds, policy: Policy) -> Evidence:
    """Evidence with the odds, and with the value at risk: probability times what the customer would spend."""
    spend = usual_spend(customer, odds.horizon_days, policy)
    return replace(
        found,
        p_no_purchase=round(odds.p_no_purchase, 6),
        horizon_days=odds.horizon_days,
        value_at_risk=None if spend is None else round(odds.p_no_purchase * spend),
    )

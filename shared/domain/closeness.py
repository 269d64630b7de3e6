"""How close a customer stands to each stage next to its own: stages overlap (002-23)."""

from collections.abc import Mapping, Sequence

from shared.domain.customer import Customer
from shared.domain.decisions import Guard
from shared.domain.instants import DAY, Instant
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import silence_r
from shared.domain.rules import FORMATION, STABILITY, GuardRule, bought_enough_again
from shared.domain.stages import Stage

AGAIN = 2
"""Occasions in decline that can bring a customer back whatever they amount to (Machine: the second within m)."""


def closeness(customer: Customer, at: Instant, policy: Policy) -> Mapping[Stage, float]:
    """How close the neighbouring stages are, 0 to 1: 1 lies at the boundary. The worse stage comes first.

    Upward: the least fulfilled guard. Downward: the strongest of silence, dissatisfaction and falling volume.
    """
    match customer.stage:
        case Stage.TARGET:
            return {}
        case Stage.PROSPECT:
            return {Stage.EXPLORATION: _fresh(customer, at, policy)}
        case Stage.EXPLORATION:
            return {
                Stage.DECLINE: _falling(customer, at, policy),
                Stage.FORMATION: _fulfilled(FORMATION, customer, at, policy),
            }
        case Stage.FORMATION:
            return {
                Stage.DECLINE: _falling(customer, at, policy),
                Stage.STABILITY: _fulfilled(STABILITY, customer, at, policy),
            }
        case Stage.STABILITY:
            return {Stage.DECLINE: _falling(customer, at, policy)}
        case Stage.DECLINE:
            worse = Stage.ENDED if customer.leaving else Stage.DORMANT
            return {
                worse: 1.0 if customer.leaving else _silence(customer, at, policy.dormant_r, policy),
                customer.origin or Stage.EXPLORATION: _recovering(customer, at, policy),
            }
        case Stage.DORMANT:
            return {
                Stage.ENDED: 1.0 if customer.leaving else _silence(customer, at, policy.ended_r, policy),
                Stage.EXPLORATION: float(customer.waking),
            }
        case Stage.ENDED:
            return {Stage.EXPLORATION: 0.0}


def fulfilment(guard: Guard) -> float:
    """How far a guard is fulfilled, 0 to 1: the value over the threshold, or the reverse where it must lie below.

    Satisfaction counts from -1 on. What is unknown and stands in the way is not fulfilled at all.
    """
    if guard.holds:
        return 1.0
    if guard.value is None or guard.threshold is None:
        return 0.0
    lowest = -1.0 if guard.name == "satisfaction" else 0.0
    value, wanted = guard.value - lowest, guard.threshold - lowest
    less, more = sorted((value, wanted))
    return max(0.0, less) / more if more > 0 else 0.0


def _fulfilled(rules: Sequence[GuardRule], customer: Customer, at: Instant, policy: Policy) -> float:
    guards = (rule(customer, at, policy) for rule in rules)
    return min(fulfilment(guard) for guard in guards if guard is not None)


def _falling(customer: Customer, at: Instant, policy: Policy) -> float:
    hits = max(customer.sharp_hits, customer.gradual_hits) / policy.volume_hits
    return max(_silence(customer, at, policy.silent_r, policy), _unhappiness(customer, policy), min(1.0, hits))


def _silence(customer: Customer, at: Instant, threshold: float, policy: Policy) -> float:
    r = silence_r(customer, at, policy)
    return 0.0 if r is None else min(1.0, r / threshold)


def _unhappiness(customer: Customer, policy: Policy) -> float:
    """s over the threshold of dissatisfaction, both below 0; it counts from as many opinions on as the rule asks."""
    settled = customer.stage in (Stage.FORMATION, Stage.STABILITY)
    s = satisfaction(customer)
    if s is None or len(customer.opinions) < (policy.settled_opinions if settled else 1):
        return 0.0
    if s < policy.dissatisfied_below:
        return 1.0
    return s / policy.dissatisfied_below if s < 0 else 0.0


def _recovering(customer: Customer, at: Instant, policy: Policy) -> float:
    """The volume bought again over what recovery asks for, or the purchases since the decline; 0 while dissatisfied."""
    if customer.dissatisfied:
        return 0.0
    return max(fulfilment(bought_enough_again(customer, at, policy)), min(1.0, customer.occasions_in_decline / AGAIN))


def _fresh(customer: Customer, at: Instant, policy: Policy) -> float:
    """What is left of the time after which a prospect is lost (001-9)."""
    if customer.lost or customer.inquired_at is None:
        return 0.0
    patience = policy.lost_prospect_times * policy.choosing_days * DAY
    return max(0.0, 1 - (at - customer.inquired_at) / patience)

"""How high a relationship stands, on one scale from 0 to 100 (002-3)."""

from typing import NamedTuple

from shared.domain.customer import Customer
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.trust import trust_of
from shared.domain.volume import depth


class RelationshipLevel(NamedTuple):
    """`points` from 0 to 100, and what they are made of; trust and depth are shares, None where unknown."""

    points: float
    base: float
    trust: float | None
    depth: float | None


def relationship_level_of(customer: Customer, day: Day, policy: Policy) -> RelationshipLevel | None:
    """Base of the stage + 20 trust + 20 D, at most 100; None for a target.

    Where one of the two is unknown the other stands for both, and where both are, the base stands alone.
    """
    base = base_of(customer.stage, policy)
    if base is None:
        return None
    sure, deep = trust_of(customer, day, policy), depth(customer, day, policy)
    added = _added(policy.level_trust, sure, policy.level_depth, deep)
    return RelationshipLevel(min(100.0, base + added), base, sure, deep)


def _added(full_trust: float, sure: float | None, full_depth: float, deep: float | None) -> float:
    if sure is None and deep is None:
        return 0.0
    if sure is None or deep is None:
        return (full_trust + full_depth) * ((sure if deep is None else deep) or 0.0)
    return full_trust * sure + full_depth * deep


def base_of(stage: Stage, policy: Policy) -> float | None:
    """Where the points of a stage begin; None for a target."""
    match stage:
        case Stage.TARGET:
            return None
        case Stage.PROSPECT:
            return policy.level_prospect
        case Stage.EXPLORATION:
            return policy.level_exploration
        case Stage.FORMATION:
            return policy.level_formation
        case Stage.STABILITY:
            return policy.level_stability
        case Stage.DECLINE:
            return policy.level_decline
        case Stage.DORMANT:
            return policy.level_dormant
        case Stage.ENDED:
            return policy.level_ended

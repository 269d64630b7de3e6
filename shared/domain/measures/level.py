"""How high a relationship stands, on one scale from 0 to 100."""

from collections.abc import Callable, Mapping
from typing import Final

from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.standing import trust
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.volume import depth

BASES: Final[Mapping[Stage, Callable[[Policy], float]]] = {
    Stage.PROSPECT: lambda policy: policy.level_prospect,
    Stage.EXPLORATION: lambda policy: policy.level_exploration,
    Stage.FORMATION: lambda policy: policy.level_formation,
    Stage.STABILITY: lambda policy: policy.level_stability,
    Stage.DECLINE: lambda policy: policy.level_decline,
    Stage.DORMANT: lambda policy: policy.level_dormant,
    Stage.ENDED: lambda policy: policy.level_ended,
}
"""Where the level of a stage begins."""


@measure("002-3", card=Card.CUSTOMER, unit="score", low=0, high=100, en="Level of the relationship", zh="关系水平")
def relationship_level(case: Case) -> Reading:
    """Base of the stage + 20 trust + 20 D, at most 100 (002-3). Where one of the two is unknown the other stands for
    both, and where both are, the base stands alone; coverage says so."""
    base = BASES.get(case.state.stage)
    if base is None:
        return unknown("an inquiry or a purchase")
    policy, sure = case.policy, trust(case)
    deep = depth(case.state, case.today, policy)
    weighed = [
        (weight, share)
        for weight, share in ((policy.level_trust, sure.number), (policy.level_depth, deep))
        if share is not None
    ]
    return known(
        min(100.0, base(policy) + _room(policy, weighed)),
        coverage=(1 + len(weighed)) / 3,
        missing=tuple(
            name for name, share in (("trust: a purchase", sure.number), ("depth: amounts", deep)) if share is None
        ),
        evidence=sure.evidence,
        parts={"base": base(policy), "trust": sure.number, "depth": deep},
    )


def _room(policy: Policy, weighed: list[tuple[float, float]]) -> float:
    """What trust and depth add: their weighted mean of what both could add."""
    weight = sum(one for one, _ in weighed)
    if not weight:
        return 0.0
    return (policy.level_trust + policy.level_depth) * sum(one * share for one, share in weighed) / weight

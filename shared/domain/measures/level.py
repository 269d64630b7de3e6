"""How high a relationship stands, and the course that it took."""

from shared.domain.instants import rfc3339
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.relationship import relationship_level_of


@measure("002-3", card=Card.CUSTOMER, unit="score", low=0, high=100, en="Level of the relationship", zh="关系水平")
def relationship_level(case: Case) -> Reading:
    """Base of the stage + 20 trust + 20 D, at most 100 (002-3). Where one of the two is unknown the other stands for
    both, and where both are, the base stands alone; coverage says so."""
    found = relationship_level_of(case.state, case.today, case.policy)
    if found is None:
        return unknown("an inquiry or a purchase")
    missing = tuple(
        name for name, share in (("trust: a purchase", found.trust), ("depth: amounts", found.depth)) if share is None
    )
    return known(
        found.points,
        coverage=(3 - len(missing)) / 3,
        missing=missing,
        parts={"base": found.base, "trust": found.trust, "depth": found.depth},
    )


@measure("002-3", card=Card.CUSTOMER, unit="score", low=-100, high=100, en="Change of the level", zh="关系水平变化")
def level_course(case: Case) -> Reading:
    """The level now less the level at the newest change of stage (002-3). Parts: the level at each change of stage, by
    its instant."""
    now = relationship_level_of(case.state, case.today, case.policy)
    told = [
        (one.effective_at, one.relationship_level) for one in case.transitions if one.relationship_level is not None
    ]
    if now is None or not told:
        return unknown("an inquiry or a purchase")
    course: dict[str, Scalar | None] = {rfc3339(at): level for at, level in told}
    return known(now.points - told[-1][1], parts=course)

"""Where a customer stands, in figures: trust, how sure its stage is and what lies next to it, what it cares about."""

from collections.abc import Mapping
from typing import Final

from shared.domain.closeness import closeness
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.stages import Stage
from shared.domain.trust import trust as trust_of

STAGE_WORDS: Final = {
    "target": ("Target", "目标客户"),
    "prospect": ("Prospect", "潜在客户"),
    "exploration": ("Exploration", "考察期"),
    "formation": ("Formation", "形成期"),
    "stability": ("Stability", "稳定期"),
    "decline": ("Decline", "退化期"),
    "dormant": ("Dormant", "休眠"),
    "ended": ("Ended", "终止"),
}
"""The canonical names of the stages (000-2, 001-2)."""

FOCI: Final = {
    "variety": ("Variety of brands and products", "品牌的丰富性"),
    "quality": ("Quality", "质量"),
    "shared_values": ("Agreement of values", "价值观认识的一致性"),
    "free_service": ("Free services", "免费服务"),
    "indirect_interaction": ("Indirect interaction", "间接的互动"),
    "personal_service": ("Service by people", "人员服务"),
}
"""The six things that a customer can care about most (002-4)."""

FOCUS: Final[Mapping[Stage, tuple[str, ...]]] = {
    Stage.PROSPECT: ("variety", "quality"),
    Stage.EXPLORATION: ("quality", "variety"),
    Stage.FORMATION: ("shared_values", "free_service", "quality"),
    Stage.STABILITY: ("indirect_interaction", "personal_service", "shared_values"),
    Stage.DECLINE: ("personal_service", "quality"),
    Stage.DORMANT: ("free_service", "variety"),
    Stage.ENDED: ("variety",),
}
"""What a customer cares about at each stage, first things first (002-4): from what is offered to who serves it."""


@measure("000-6", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Trust", zh="信任")
def trust(case: Case) -> Reading:
    """0.4 min(N, 6)/6 + 0.3 (s + 1)/2 + 0.3 min(T/180 d, 1) (CONCEPTS, Primitives: trust; 000-6).

    Parts that are unknown are left out and lower the coverage.
    """
    shown = trust_of(case.state, case.today, case.policy)
    if shown.value is None:
        return unknown("a purchase")
    missing = () if shown.parts["satisfaction"] is not None else ("an opinion: feedback, a complaint",)
    return known(shown.value, coverage=shown.coverage, missing=missing, parts={**shown.parts})


def uncertainty_of(case: Case) -> float:
    """1 - coverage min(N, 3)/3, with the coverage of trust (002-5): little is known, and it rests on few purchases."""
    occasions = min(case.state.cycle_occasions / case.policy.sure_occasions, 1.0)
    return 1 - trust(case).coverage * occasions


def likeliest(case: Case) -> tuple[Stage, float] | None:
    """The neighbouring stage that is closest, the worse of two alike, and how close it is; None for a mere target."""
    near = closeness(case.state, case.as_of, case.policy)
    return max(near.items(), key=lambda pair: pair[1], default=None)


@measure(
    "002-23",
    "002-5",
    "004-12",
    card=Card.CUSTOMER,
    unit="share",
    low=0,
    high=1,
    en="Confidence in the stage",
    zh="阶段置信度",
)
def stage_confidence(case: Case) -> Reading:
    """(1 - c/2)(1 - u/2): c how close the nearest other stage is, u the uncertainty of 002-5 (002-23, 004-12).

    At a boundary (c = 1) both stages are equally likely; `second` is the confidence in the other one, (c/2)(1 - u/2).
    What is then left of 1 is doubt. u counts from the first purchase on: that a prospect is one is no judgement.
    """
    nearest = likeliest(case)
    if nearest is None:
        return unknown("an inquiry or a purchase")
    doubt = uncertainty_of(case) if case.state.cycle_occasions else 0.0
    sure = 1 - case.policy.doubt_weight * doubt
    close = nearest[1]
    evidence = case.transitions[-1].reason.event_ids if case.transitions else ()
    parts: dict[str, Scalar | None] = {"closeness": close, "uncertainty": doubt, "second": sure * close / 2}
    return known(sure * (1 - close / 2), evidence=evidence, parts=parts)


@measure(
    "002-23", "001-2", "000-2", card=Card.CUSTOMER, unit="word", en="Second stage", zh="次可能阶段", words=STAGE_WORDS
)
def second_stage(case: Case) -> Reading:
    """The likeliest stage but one: the neighbour that is closest (002-23), by the names of 000-2 and 001-2.

    Parts: how close each neighbour is, 0 to 1.
    """
    nearest = likeliest(case)
    if nearest is None:
        return unknown("an inquiry or a purchase")
    near = closeness(case.state, case.as_of, case.policy)
    return known(nearest[0].value, parts={stage.value: close for stage, close in near.items()})


@measure("002-4", card=Card.CUSTOMER, unit="word", en="What it cares about", zh="关注重点", words=FOCI)
def focus(case: Case) -> Reading:
    """What a customer cares about most at its stage: the first of `FOCUS` (002-4); parts say of all six."""
    foci = FOCUS.get(case.state.stage)
    if foci is None:
        return unknown("an inquiry or a purchase")
    return known(foci[0], parts={name: name in foci for name in FOCI})

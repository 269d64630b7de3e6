"""Why a customer leaves, as a code with its evidence (002-15)."""

from typing import Final

from shared.domain.alerts import ReasonCode
from shared.domain.decisions import Transition
from shared.domain.events import Ended, EndIntent
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.signs import FALLEN, watched
from shared.domain.reasons import reason_of
from shared.domain.stages import CUSTOMER_STAGES, Stage

REASONS: Final = {
    ReasonCode.DISSATISFIED.value: ("Dissatisfied", "不满意"),
    ReasonCode.NEED_CHANGED.value: ("Its need has changed", "需求发生变化"),
    ReasonCode.RIVAL.value: ("A rival", "竞争对手"),
    ReasonCode.PRICE.value: ("Our prices", "价格"),
    ReasonCode.OUTGROWN.value: ("Needs what we do not have", "需求超出我方能力"),
    ReasonCode.FIRM_OUTLOOK.value: ("How the firm is seen to develop", "对企业前景的看法"),
    ReasonCode.UNKNOWN.value: ("Not known", "原因未知"),
    "none": ("Not leaving", "未退化"),
}
GIVEN: Final = frozenset(ReasonCode) - {ReasonCode.UNKNOWN}
"""The codes that a customer can give as its reason."""


@measure("002-15", card=Card.CUSTOMER, unit="word", en="Reason of the decline", zh="退化原因", words=REASONS)
def decline_reason(case: Case) -> Reading:
    """Why a customer that is in decline or on watch leaves (002-15), with the events that tell; `none` for the others.

    What it said itself of leaving comes first, then what `reasons.reason_of` finds as of the decline. `unknown` where
    nothing of this was sent.
    """
    if case.state.stage is Stage.TARGET:
        return unknown("a purchase")
    if not leaving(case):
        return known("none")
    cause, evidence = cause_of(case)
    missing = ("what the customer says: a reason with its end intent, feedback",) if cause is ReasonCode.UNKNOWN else ()
    return known(cause.value, evidence=evidence, missing=missing)


def leaving(case: Case) -> bool:
    """Whether a customer is in decline or beyond, or is on watch."""
    return case.state.stage in FALLEN or (case.state.stage in CUSTOMER_STAGES and watched(case))


def cause_of(case: Case) -> tuple[ReasonCode, tuple[str, ...]]:
    """The reason, and the ids of the events that tell it."""
    fallen = fall(case)
    return _said(case) or reason_of(case.state, case.as_of if fallen is None else fallen.effective_at, case.policy)


def fall(case: Case) -> Transition | None:
    """The transition that brought a customer into the decline that it is in, or that it was lost from."""
    if case.state.stage not in FALLEN:
        return None
    return next((move for move in reversed(case.transitions) if move.target is Stage.DECLINE), None)


def _said(case: Case) -> tuple[ReasonCode, tuple[str, ...]] | None:
    """The newest reason that the customer gave for leaving, while it means to leave."""
    if not case.state.leaving:
        return None
    for event in reversed(case.events):
        if isinstance(event, EndIntent | Ended) and event.reason in GIVEN:
            return ReasonCode(event.reason), (event.id,)
    return None

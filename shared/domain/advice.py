"""What is advised for a customer: one action, why, and what it would bring (000-7)."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.actions import Action
from shared.domain.alerts import OPEN, AlertKind, ReasonCode
from shared.domain.events import Contact
from shared.domain.growth import stagnant
from shared.domain.instants import DAY
from shared.domain.measures.bonds import bond_level, eligible
from shared.domain.measures.case import Case
from shared.domain.measures.causes import cause_of, leaving
from shared.domain.measures.reading import MOST_EVIDENCE
from shared.domain.measures.signs import reinforce
from shared.domain.measures.ties import consented
from shared.domain.outlook import upcoming
from shared.domain.rules import books_settled
from shared.domain.saving import saving
from shared.domain.stages import CUSTOMER_STAGES, Stage


class Advice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An action that is advised, with its arithmetic. Amounts are minor units of the case's currency, or unknown.

    `why_en` and `why_zh` are one sentence each. `p` is the chance to keep the customer, `value` = p margin - cost; they
    are told of customers that are leaving. `deadline_days` is how long there is time, 0 when it is up. `evidence` are
    ids of events. `missing` is what would make it better advice: without `consent` none rests on the profile (001-19).
    """

    action: Action
    why_en: str
    why_zh: str
    p: float | None = None
    p_from: str | None = None
    margin: float | None = None
    cost: float | None = None
    value: float | None = None
    deadline_days: float | None = None
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Rule(NamedTuple):
    """An action for the stages named, where its condition holds, and the sentence that says why."""

    stages: tuple[Stage, ...]
    when: Callable[[Case], bool]
    action: Action
    en: str
    zh: str


CURES: Final[Mapping[ReasonCode, Action]] = {
    ReasonCode.DISSATISFIED: Action.PROTECT_INTERESTS,
    ReasonCode.NEED_CHANGED: Action.SURVEY_NEEDS,
    ReasonCode.RIVAL: Action.MATCH_RIVAL,
    ReasonCode.PRICE: Action.REVIEW_PRICE,
    ReasonCode.OUTGROWN: Action.EXTEND_OFFER,
    ReasonCode.FIRM_OUTLOOK: Action.SHOW_OUTLOOK,
    ReasonCode.UNKNOWN: Action.PERSONAL_CONTACT,
}
"""What is done about each reason for leaving (002-15)."""

WHY_CURE: Final[Mapping[ReasonCode, tuple[str, str]]] = {
    ReasonCode.DISSATISFIED: ("It is leaving because it is dissatisfied.", "客户因不满意而退化。"),
    ReasonCode.NEED_CHANGED: ("It is leaving because its need changed.", "客户因需求变化而退化。"),
    ReasonCode.RIVAL: ("It is leaving because a rival has its attention.", "客户因竞争对手而退化。"),
    ReasonCode.PRICE: ("It is leaving since the price rose.", "客户因价格上涨而退化。"),
    ReasonCode.OUTGROWN: ("It is leaving because it needs what we do not offer.", "客户需求超出供给而退化。"),
    ReasonCode.FIRM_OUTLOOK: ("It is leaving because it doubts the outlook of the firm.", "客户因企业前景而退化。"),
    ReasonCode.UNKNOWN: ("It is leaving and no reason is known: ask.", "客户正在退化，原因不明，应主动询问。"),
}


class Cure(NamedTuple):
    """What would save a leaving customer, why, the reason, and the events that tell it."""

    action: Action
    en: str
    zh: str
    cause: ReasonCode
    evidence: tuple[str, ...]


def recommended(case: Case) -> Advice:
    """The one action to take next for a customer, by its stage and sub-state (000-7).

    A customer in decline, or on watch, gets the cure for its reason, if it is worth its cost (002-14); what waits for
    an answer gets it in any case. The others get the first of `RULES` that fits.
    """
    if savable(case):
        return _cure(case)
    rule = next(rule for rule in RULES if case.state.stage in rule.stages and rule.when(case))
    return _advice(case, rule.action, rule.en, rule.zh)


def savable(case: Case) -> bool:
    """Whether a customer is leaving and not gone."""
    return case.state.stage is not Stage.ENDED and leaving(case)


def cure_of(case: Case) -> Cure:
    """What would be done to save a leaving customer: the cure for its reason, or first what waits for an answer."""
    cause, evidence = cause_of(case)
    urgent = next((rule for rule in URGENT if rule.when(case)), None)
    if urgent is not None:
        return Cure(urgent.action, urgent.en, urgent.zh, cause, evidence)
    sleeping = case.state.stage is Stage.DORMANT and cause is ReasonCode.UNKNOWN
    return Cure(Action.WAKE_UP if sleeping else CURES[cause], *WHY_CURE[cause], cause, evidence)


def _cure(case: Case) -> Advice:
    cure = cure_of(case)
    found = saving(case, cure.action)
    advice = _advice(case, cure.action, cure.en, cure.zh, cure.evidence)
    advice = replace(advice, p=found.p, p_from=found.p_from, margin=found.margin, cost=found.cost, value=found.value)
    if found.value is None or found.value > 0 or any(rule.when(case) for rule in URGENT):
        return advice
    settled = books_settled(case.state, case.as_of, case.policy).holds
    action = Action.LET_GO if settled else Action.SETTLE_ACCOUNTS
    return replace(
        advice, action=action, why_en="Saving it would cost more than it brings.", why_zh="挽留成本高于预期收益。"
    )


def _advice(case: Case, action: Action, en: str, zh: str, evidence: tuple[str, ...] = ()) -> Advice:
    shown = evidence or (case.transitions[-1].reason.event_ids if case.transitions else ())
    return Advice(
        action=action,
        why_en=en,
        why_zh=zh,
        deadline_days=deadline_days(case),
        evidence=shown[-MOST_EVIDENCE:],
        missing=() if consented(case) else ("consent",),
    )


def deadline_days(case: Case) -> float | None:
    """Days left to act: to the first deadline of an open alert, else to the next change by silence; None without."""
    ends = [alert.deadline for alert in case.state.every_alert if alert.status in OPEN]
    coming = upcoming(case.state, case.policy)
    if not ends and coming is not None:
        ends = [coming.at]
    return max(0.0, (min(ends) - case.as_of) / DAY) if ends else None


def _always(case: Case) -> bool:
    return True


def _asked(case: Case) -> bool:
    return bool(case.state.inquiries) or case.state.waking


def _complained(case: Case) -> bool:
    return bool(case.state.complaints)


def _lost(case: Case) -> bool:
    return case.state.lost


def _pleased(case: Case) -> bool:
    return reinforce(case).value is True


def _bought_once(case: Case) -> bool:
    return case.state.cycle_occasions == 1


def _stagnant(case: Case) -> bool:
    """Whether a grower has ceased to grow, as an open alert says or the rule does (000-12)."""
    told = any(alert.kind is AlertKind.STAGNATION and alert.status in OPEN for alert in case.state.alerts)
    return told or stagnant(case.state, case.as_of, case.policy)


def _bound_by(level: int) -> Callable[[Case], bool]:
    return lambda case: bond_level(case).value == level


def _open(action: Action) -> Callable[[Case], bool]:
    """Whether a measure is open to the customer, and was not taken a short while ago."""
    return lambda case: eligible(case)[action] is True and not _taken(case, action)


def _taken(case: Case, action: Action) -> bool:
    return any(event.action == action for event in case.of(Contact, days=case.policy.action_rest_days))


def _rule(stage: Stage, when: Callable[[Case], bool], action: Action, en: str, zh: str) -> Rule:
    return Rule((stage,), when, action, en, zh)


URGENT: Final = (
    Rule(
        tuple(Stage),
        _complained,
        Action.RESOLVE_COMPLAINT,
        "A complaint is open: an unresolved conflict blocks what comes next.",
        "有未解决的投诉，冲突未解决会阻碍关系发展。",
    ),
    Rule(tuple(Stage), _asked, Action.ANSWER_INQUIRY, "It asked and waits.", "客户已询问，正在等待答复。"),
)
"""What waits for an answer comes before anything else, at every stage."""

_KEEPING: Final = (
    Action.SPECIAL_APPRECIATION,
    Action.EMOTIONAL_TIE,
    Action.GROUP_ACTIVITY,
    Action.LEARNING_RELATIONSHIP,
    Action.SWITCHING_COSTS,
)

RULES: Final[tuple[Rule, ...]] = (
    *URGENT,
    _rule(Stage.TARGET, _always, Action.INTRODUCE, "It has not asked yet.", "客户尚未询问。"),
    _rule(Stage.PROSPECT, _lost, Action.ASK_WHY, "It turned away before buying.", "客户未购买即离开。"),
    _rule(Stage.PROSPECT, _always, Action.GUIDE_FIRST_PURCHASE, "It is choosing.", "客户正在选择。"),
    Rule(
        CUSTOMER_STAGES,
        _pleased,
        Action.BUILD_ON_GOOD_FEELING,
        "Something good just happened.",
        "客户刚有良好体验。",
    ),
    _rule(
        Stage.EXPLORATION,
        _bought_once,
        Action.ENCOURAGE_SECOND_PURCHASE,
        "It bought once: the second purchase builds trust.",
        "客户仅购买一次，再次购买建立信任。",
    ),
    _rule(Stage.EXPLORATION, _always, Action.PROVE_VALUE, "It is still testing us.", "客户仍在考察我们。"),
    _rule(Stage.STABILITY, _stagnant, Action.SURVEY_NEEDS, "Its volume has ceased to grow.", "交易量停止增长。"),
    _rule(Stage.FORMATION, _stagnant, Action.SURVEY_NEEDS, "Its volume has ceased to grow.", "交易量停止增长。"),
    _rule(
        Stage.FORMATION,
        _bound_by(2),
        Action.STRUCTURAL_BOND,
        "Personal ties are there: contracts and integration come next.",
        "已有社会联系，可建立结构性联系。",
    ),
    _rule(
        Stage.FORMATION,
        _bound_by(3),
        Action.RETENTION_RATE_PROGRAMME,
        "It is bound: work on what is weakest.",
        "联系已建立，应改善最薄弱因素。",
    ),
    _rule(
        Stage.FORMATION,
        _always,
        Action.SOCIAL_BOND,
        "Social bonds come before money.",
        "社会联系优先于财务让利。",
    ),
    _rule(
        Stage.STABILITY,
        _bound_by(1),
        Action.SOCIAL_BOND,
        "Only discounts hold it, and a rival can copy them.",
        "仅靠折扣维系，竞争对手易于模仿。",
    ),
    *(
        _rule(Stage.STABILITY, _open(action), action, "It is stable: this keeps it so.", "关系稳定，以此维系。")
        for action in _KEEPING
    ),
    _rule(
        Stage.STABILITY,
        _always,
        Action.RETENTION_RATE_PROGRAMME,
        "It is stable: work on what is weakest.",
        "关系稳定，应改善最薄弱因素。",
    ),
    _rule(Stage.ENDED, _always, Action.LET_GO, "It is over.", "关系已终止。"),
)
"""What is done at each stage, first things first. The last rule of a stage always holds; who falls gets a cure."""

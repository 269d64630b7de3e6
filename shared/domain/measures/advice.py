"""What is advised for a customer, as measures: the action, and whether saving it is worth the cost."""

from typing import Final

from shared.domain.actions import LABELS
from shared.domain.advice import cure_of, recommended, savable
from shared.domain.alerts import Alert, AlertStatus
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.saving import saving
from shared.domain.stages import Stage

AMOUNTS: Final = ("margin", "cost", "value")
"""Parts that are amounts, minor units."""

CHOICES: Final = {
    "save": ("Save: invest", "加大投入，二次开发"),
    "let_go": ("Let go step by step", "渐渐放弃"),
    "not_needed": ("Not leaving", "无需挽留"),
}


@measure("002-14", card=Card.ADVICE, unit="word", en="Save or let go", zh="挽留或放弃", words=CHOICES, amounts=AMOUNTS)
def save_or_let_go(case: Case) -> Reading:
    """`save` where p(save) · 12-month margin - cost > 0, else `let_go` (002-14); for who is in decline or on watch.

    Parts: p and whether past outcomes by reason and tier tell it, or the policy's prior; margin, cost and value in
    minor units, the action, the reason, and the recorded outcome of the newest resolved alert.
    """
    if case.state.stage is Stage.TARGET:
        return unknown("a purchase")
    last = {"outcome": _outcome(case)}
    if not savable(case):
        return known("not_needed", parts={**last})
    cure = cure_of(case)
    found = saving(case, cure.action)
    parts: dict[str, Scalar | None] = {
        "p": found.p,
        "p_from": found.p_from,
        "margin": found.margin,
        "cost": found.cost,
        "value": found.value,
        "action": cure.action.value,
        "reason": cure.cause.value,
        **last,
    }
    if found.value is None:
        return unknown("the cost of what was bought", evidence=cure.evidence, parts=parts)
    return known("save" if found.value > 0 else "let_go", evidence=cure.evidence, parts=parts)


@measure(
    "000-7",
    "001-18",
    "001-20",
    card=Card.CUSTOMER,
    unit="word",
    en="Recommended action",
    zh="建议措施",
    words={action.value: label for action, label in LABELS.items()},
    amounts=AMOUNTS,
)
def recommended_action(case: Case) -> Reading:
    """The one action to take next, by stage and sub-state (000-7): one of the measures, bonds, cultivation or cures.

    Parts: the arithmetic where the customer is leaving, and the days there are to act. Without consent it rests on
    nothing of the profile, and says so (001-19).
    """
    if case.state.stage is Stage.TARGET:
        return unknown("an inquiry or a purchase")
    advice = recommended(case)
    parts: dict[str, Scalar | None] = {
        "p": advice.p,
        "margin": advice.margin,
        "cost": advice.cost,
        "value": advice.value,
        "deadline_days": advice.deadline_days,
    }
    return known(advice.action.value, evidence=advice.evidence, missing=advice.missing, parts=parts)


def _outcome(case: Case) -> str | None:
    """How the newest alert that is closed ended."""
    closed: list[Alert] = [alert for alert in case.alerts if alert.status is AlertStatus.RESOLVED and alert.outcome]
    newest = max(closed, key=lambda alert: (alert.closed_at or 0, alert.number), default=None)
    return None if newest is None or newest.outcome is None else newest.outcome.value

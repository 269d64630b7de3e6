"""Which way a relationship went, and whether it was won, kept, woken or lost in the last period."""

from collections.abc import Sequence
from typing import Final

from shared.domain.measures.case import Case
from shared.domain.measures.deals import Bought, ids, occasions, total
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.paths import customer_moves, path_of
from shared.domain.stages import Stage

PATHS: Final = {
    "still_climbing": ("Never fell", "从未退化"),
    "never_past_exploration": ("Never past exploration", "止步考察期"),
    "fell_in_formation": ("Fell in formation", "形成期退化"),
    "long_stable_then_fell": ("Long stable, then fell", "长期稳定后退化"),
    "recovered": ("Fell and recovered", "退化后恢复"),
    "cyclic": ("Comes back again and again", "循环型"),
}
ROLES: Final = {
    "acquired": ("Acquired", "新获取"),
    "retained": ("Retained", "保留"),
    "reactivated": ("Reactivated", "重新激活"),
    "lost": ("Lost", "流失"),
    "away": ("Away already", "此前已离开"),
}


@measure("001-7", card=Card.CUSTOMER, unit="word", en="Path type", zh="关系路径类型", words=PATHS)
def path_type(case: Case) -> Reading:
    """The kind of way that a relationship took, from its transitions (001-7).

    `cyclic`: a customer in more than one cycle. `recovered`: fell in this one and is back. Fallen and not back: by the
    highest stage of this cycle. Parts count cycles, falls and recoveries.
    """
    moves = customer_moves(case.transitions)
    if not moves:
        return unknown("a purchase")
    cycle = max(move.cycle for move in moves)
    here = [move for move in moves if move.cycle == cycle]
    parts: dict[str, Scalar | None] = {
        "cycles": len({move.cycle for move in moves}),
        "falls": sum(move.target is Stage.DECLINE for move in here),
        "recoveries": sum(move.source is Stage.DECLINE for move in here),
    }
    evidence = tuple(event for move in here for event in move.reason.event_ids)
    return known(path_of(case.transitions).value, evidence=evidence, parts=parts)


@measure(
    "001-17",
    card=Card.CUSTOMER,
    unit="word",
    en="Role in the last period",
    zh="本期增长角色",
    words=ROLES,
    amounts=("amount", "amount_before"),
)
def growth_role(case: Case) -> Reading:
    """What a customer is for growth in the last period of 90 days, held against the period before (001-17).

    Bought in it: `acquired` for the first time ever, `retained` if also in the one before, else `reactivated`.
    Not bought in it: `lost` if in the one before, else `away`. Parts: occasions and amounts of both periods.
    """
    bought = occasions(case)
    if not bought:
        return unknown("a purchase")
    length = case.policy.growth_days
    now = [one for one in bought if one.day > case.today - length]
    before = [one for one in bought if case.today - 2 * length < one.day <= case.today - length]
    parts: dict[str, Scalar | None] = {
        "occasions": len(now),
        "occasions_before": len(before),
        "amount": total(one.amount for one in now),
        "amount_before": total(one.amount for one in before),
    }
    evidence = ids(deal.event for one in (*before, *now) for deal in one.deals)
    return known(_role(bought, now, before), evidence=evidence, parts=parts)


def _role(bought: Sequence[Bought], now: Sequence[Bought], before: Sequence[Bought]) -> str:
    if not now:
        return "lost" if before else "away"
    if len(now) == len(bought):
        return "acquired"
    return "retained" if before else "reactivated"

"""What binds a customer beside its own wish: contracts, rewards, bundles, and what it has learned to use."""

from collections.abc import Sequence
from statistics import median

from shared.domain.events import Contract, Cost, Value
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.categories import this_cycle
from shared.domain.measures.contracts import Running, running
from shared.domain.measures.deals import ids, in_own
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.obligations import DRAFT
from shared.domain.opinions import satisfaction
from shared.domain.rhythm.gaps import silence_r

REWARD = "reward"
"""What a value event tells that is the balance of a reward scheme; the newest one counts."""
BUNDLE = "bundle"
"""The kind of a contract that puts several goods together."""
LEARNING = frozenset({"integration", "edi", "training"})
"""What cost and value events tell that a customer has built in or learned, and would have to again."""

NO_TIE = "a contract, a reward balance, or what was spent on integration and training"


@measure("004-18", card=Card.LOYALTY, unit="share", low=0, high=1, en="Lock-in", zh="转移成本（锁定程度）")
def lock_in(case: Case) -> Reading:
    """0.3 contract + 0.2 reward + 0.2 bundle + 0.3 learning, each from 0 to 1 (004-18).

    Contract: days that contracts with a penalty have left, over 365; open-ended binds in full. Reward: the newest
    balance over the median amount of an occasion. Bundle: a running contract that is exclusive or a bundle. Learning:
    integration or training. A tie that nothing tells of does not bind, and lowers the coverage.
    """
    policy, contracts = case.policy, running(case)
    parts = {
        "contract": _contract(case, contracts),
        "reward": _reward(case),
        "bundle": _bundle(case, contracts),
        "learning": 1.0 if _learning(case) else None,
    }
    weights = {
        "contract": policy.lock_in_contract,
        "reward": policy.lock_in_reward,
        "bundle": policy.lock_in_bundle,
        "learning": policy.lock_in_learning,
    }
    told = {name: part for name, part in parts.items() if part is not None}
    if not told:
        return unknown(NO_TIE)
    return known(
        min(1.0, sum(weights[name] * part for name, part in told.items())),
        coverage=len(told) / len(parts),
        missing=() if len(told) == len(parts) else (NO_TIE,),
        evidence=_evidence(case, contracts),
        parts={**parts},
    )


@measure("000-13", "004-18", card=Card.LOYALTY, unit="days", low=0, en="Days until lock-in ends", zh="锁定到期天数")
def exit_risk_when(case: Case) -> Reading:
    """Days until the last running contract that is exclusive, a bundle or has a penalty ends (000-13, 004-18)."""
    binding = [one for one in running(case) if one.event.penalty or _bundles(one.event)]
    ends = [one.ends_at for one in binding if one.ends_at is not None]
    if not binding:
        return unknown("a contract with a penalty, or an exclusive one")
    if len(ends) < len(binding):
        return unknown("when the open-ended contract ends", evidence=ids(one.event for one in binding))
    return known((max(ends) - case.as_of) / DAY, evidence=ids(one.event for one in binding))


@measure("000-13", card=Card.LOYALTY, unit="flag", en="Spurious loyalty", zh="虚假忠诚")
def spurious_loyalty(case: Case) -> Reading:
    """Whether it stays only because leaving is dear: r < 1.5, s < 0 and lock-in of at least 0.5 (000-13)."""
    policy, bound = case.policy, lock_in(case)
    r, s = silence_r(case.state, case.as_of, policy), satisfaction(case.state)
    marks = {
        "a purchase": None if r is None else r < policy.silent_r,
        "an opinion: feedback, a complaint": None if s is None else s < policy.spurious_satisfaction,
        NO_TIE: None if bound.number is None else bound.number >= policy.spurious_lock_in,
    }
    missing = tuple(name for name, mark in marks.items() if mark is None)
    parts: dict[str, Scalar | None] = {"r": r, "satisfaction": s, "lock_in": bound.value}
    if False not in marks.values() and missing:
        return unknown(*missing, evidence=bound.evidence, parts=parts)
    return known(
        all(marks.values()),
        coverage=(len(marks) - len(missing)) / len(marks),
        missing=missing,
        evidence=bound.evidence,
        parts=parts,
    )


def _contract(case: Case, contracts: Sequence[Running]) -> float | None:
    """How far contracts with a penalty bind; None where no contract was ever told of."""
    if not _agreed(case):
        return None
    full = case.policy.lock_in_contract_days * DAY
    left = [full if one.ends_at is None else one.ends_at - case.as_of for one in contracts if one.event.penalty]
    return min(1.0, max(left, default=0.0) / full)


def _reward(case: Case) -> float | None:
    """How far the newest reward balance binds; None without one in the customer's currency."""
    balances = [event for event in case.of(Value) if event.what == REWARD]
    balance = in_own(case, balances[-1].amount, balances[-1].currency) if balances else None
    amounts = [one.amount for one in this_cycle(case) if one.amount]
    if balance is None or not amounts:
        return None
    return max(0.0, min(1.0, balance / (case.policy.lock_in_reward_orders * median(amounts))))


def _bundle(case: Case, contracts: Sequence[Running]) -> float | None:
    return float(any(_bundles(one.event) for one in contracts)) if _agreed(case) else None


def _bundles(event: Contract) -> bool:
    return event.exclusive or event.kind == BUNDLE


def _agreed(case: Case) -> list[Contract]:
    return [event for event in case.of(Contract) if event.kind != DRAFT]


def _learning(case: Case) -> tuple[str, ...]:
    """The ids of what tells of integration and training."""
    told: list[Value | Cost] = [*case.of(Value), *case.of(Cost)]
    return ids(event for event in told if event.what in LEARNING)


def _evidence(case: Case, contracts: Sequence[Running]) -> tuple[str, ...]:
    rewards = [event for event in case.of(Value) if event.what == REWARD][-1:]
    named = {*ids(one.event for one in contracts), *ids(rewards), *_learning(case)}
    return ids(event for event in case.events if event.id in named)

"""What binds a customer, and which of the six measures that keep customers are open to it."""

from collections.abc import Mapping
from typing import Final

from shared.domain.actions import Action
from shared.domain.events import Contact, Contract, Cost, Purchase, Value
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.contracts import running
from shared.domain.measures.deals import ids
from shared.domain.measures.health import factors
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.ties import consented
from shared.domain.reactions import BOTH_WAYS
from shared.domain.stages import Stage
from shared.domain.tiers import TOP, tier_of

MEMBERSHIPS: Final = frozenset({"membership", "club"})
"""Kinds of contract that make a member (001-18, 001-20)."""

INTEGRATION: Final = frozenset({"integration", "training", "edi"})
"""What values and costs are called that tie the work of both sides together (001-20)."""

NEXT: Final = {
    "social": ("Social bond", "社会层次"),
    "structural": ("Structural bond", "结构性层次"),
    "none": ("All bonds are there", "三层联系齐备"),
}
_TOLD_BY: Final[Mapping[Action, str]] = {
    Action.RETENTION_RATE_PROGRAMME: "a purchase",
    Action.SWITCHING_COSTS: "a purchase",
    Action.SPECIAL_APPRECIATION: "costs of purchases, and tiers",
    Action.EMOTIONAL_TIE: "consent",
    Action.GROUP_ACTIVITY: "a contract of the kind membership",
    Action.LEARNING_RELATIONSHIP: "consent",
}


def _contracts(case: Case) -> list[Contract]:
    return [one.event for one in running(case)]


@measure("001-20", card=Card.ADVICE, unit="count", low=1, high=3, en="Bond level", zh="客户联系层次")
def bond_level(case: Case) -> Reading:
    """The highest bond: 1 financial (a discount), 2 social (member, personal contact), 3 structural (001-20).

    Structural are a running contract, integration and training. Discounts and contacts count for 365 days.
    """
    shown = _bonds(case)
    held = [place for place, events in enumerate(shown.values(), 1) if events]
    parts: dict[str, Scalar | None] = {name: True if events else None for name, events in shown.items()}
    if not held:
        return unknown("a discount, a contact in which the customer spoke, a membership or a contract")
    return known(max(held), evidence=tuple(id_ for events in shown.values() for id_ in events), parts=parts)


@measure("001-20", card=Card.ADVICE, unit="word", en="Next bond", zh="下一层联系", words=NEXT)
def next_bond(case: Case) -> Reading:
    """The bond to build next: one level above what is there, social before structural (001-20)."""
    level = bond_level(case)
    if level.number is None:
        return unknown(*level.missing)
    return known(tuple(NEXT)[int(level.number) - 1], evidence=level.evidence)


@measure("001-20", card=Card.ADVICE, unit="flag", en="Held by discounts only", zh="仅靠折扣维系")
def discounts_only(case: Case) -> Reading:
    """Whether a customer in stability is at bond level 1: what a rival can copy at once (001-20)."""
    level = bond_level(case)
    if level.number is None:
        return unknown(*level.missing)
    return known(case.state.stage is Stage.STABILITY and level.number == 1, evidence=level.evidence)


@measure(
    "001-18", card=Card.ADVICE, unit="count", low=0, high=6, en="Retention measures open to it", zh="适用的维系措施"
)
def retention_measures(case: Case) -> Reading:
    """How many of the six measures that keep customers are open to this one (001-18); parts say which.

    `top_factor` names the weakest factor of health, for the programme. Without consent no measure that rests on the
    profile is open (001-19).
    """
    open_to = eligible(case)
    told = [is_open for is_open in open_to.values() if is_open is not None]
    missing = tuple(dict.fromkeys(_TOLD_BY[action] for action, is_open in open_to.items() if is_open is None))
    parts: dict[str, Scalar | None] = {action.value: is_open for action, is_open in open_to.items()}
    parts["top_factor"] = top_factor(case)
    if not told:
        return unknown(*missing, parts=parts)
    return known(sum(told), coverage=len(told) / len(open_to), missing=missing, parts=parts)


def eligible(case: Case) -> dict[Action, bool | None]:
    """Whether each of the six measures is open to a customer (001-18); None where that is unknown."""
    allowed = consented(case)
    return {
        Action.RETENTION_RATE_PROGRAMME: True if top_factor(case) else None,
        Action.SWITCHING_COSTS: _review(case),
        Action.SPECIAL_APPRECIATION: _appreciated(case),
        Action.EMOTIONAL_TIE: None if allowed is None else allowed and _dates_and_taste(case),
        Action.GROUP_ACTIVITY: _member(case),
        Action.LEARNING_RELATIONSHIP: allowed,
    }


def top_factor(case: Case) -> str | None:
    """The factor of health that is worst; None before the first purchase."""
    if not case.state.cycle_occasions:
        return None
    told = {name: factor for name, factor in factors(case).items() if factor is not None}
    return min(told, key=lambda name: told[name], default=None)


def _bonds(case: Case) -> dict[str, tuple[str, ...]]:
    days, contracts = case.policy.bond_days, _contracts(case)
    members = [event for event in contracts if event.kind in MEMBERSHIPS]
    spoken = [event for event in case.of(Contact, days=days) if event.direction in BOTH_WAYS]
    ledger: tuple[Cost | Value, ...] = (*case.of(Cost), *case.of(Value))
    tied = [event for event in ledger if event.what in INTEGRATION]
    return {
        "financial": ids(event for event in case.of(Purchase, days=days) if discounted(event)),
        "social": ids((*members, *spoken)),
        "structural": ids((*(event for event in contracts if event.kind not in MEMBERSHIPS), *tied)),
    }


def discounted(event: Purchase) -> bool:
    """Whether a purchase was cheaper than the list: a discount, or an item below its list price."""
    below = (i.list_amount is not None and i.amount is not None and i.amount < i.list_amount for i in event.items)
    return bool(event.discount) or any(below)


def _review(case: Case) -> bool | None:
    """Whether the tie is worth binding, and nothing binds it for longer than the review looks ahead."""
    if not case.state.cycle_occasions:
        return None
    horizon = case.as_of + case.policy.lock_in_review_days * DAY
    bound_on = any(event.ends_at is None or event.ends_at > horizon for event in _contracts(case))
    return case.state.stage in (Stage.FORMATION, Stage.STABILITY) and not bound_on


def _appreciated(case: Case) -> bool | None:
    if case.state.stage is Stage.TARGET:
        return None
    if case.state.stage is not Stage.STABILITY:
        return False
    tier = tier_of(case.state, case.policy)
    return None if tier is None else tier == TOP


def _dates_and_taste(case: Case) -> bool:
    taste = case.profile("preferred_channel") or case.profile("preferred_payment")
    return case.profile("dates") is not None and taste is not None


def _member(case: Case) -> bool | None:
    if not case.of(Contract):
        return None
    return any(event.kind in MEMBERSHIPS for event in _contracts(case))

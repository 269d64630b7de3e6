"""Signs that a customer is leaving: what they are, why it leaves, and whether the tie broke or faded."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import Final

from msgspec import Struct

from shared.domain.events import (
    Competitor,
    Complaint,
    ComplaintResolved,
    Contact,
    Delivery,
    Ended,
    EndIntent,
    Event,
    Feedback,
    Inquiry,
    Payment,
    Praise,
    Purchase,
    Referral,
)
from shared.domain.instants import DAY, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal, ids, in_own
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.worth import kept
from shared.domain.opinions import opinion_of
from shared.domain.policy import Policy
from shared.domain.reactions import BOTH_WAYS
from shared.domain.rhythm import last_purchase
from shared.domain.stages import Stage

FALLEN: Final = (Stage.DECLINE, Stage.DORMANT, Stage.ENDED)
MODES: Final = {
    "rupture": ("The tie broke", "关系破裂"),
    "fade": ("The tie fades", "关系消失"),
    "none": ("Not falling", "未退化"),
}
TOLD_BY: Final = {
    "volume": "five purchases or more",
    "rival_search": "events of rivals: mentions, offers, trials",
    "end_intent": "what the customer says of leaving",
    "trading_down": "six purchases or more",
}


class Sign(Struct, frozen=True, kw_only=True, gc=False):
    """A mark of decline: its strength, 0 (looked for, not found) to 1, since when, and the events that show it."""

    strength: float
    at: Instant | None = None
    evidence: tuple[str, ...] = ()


def signs(case: Case) -> dict[str, Sign | None]:
    """The four marks of decline (002-12), each None where nothing was sent that would tell."""
    return {name: find(case) for name, find in _FINDERS.items()}


def watched(case: Case) -> bool:
    """Whether any sign of decline is there: it opens a watch (002-12)."""
    return any(sign is not None and sign.strength > 0 for sign in signs(case).values())


@measure("002-12", card=Card.CUSTOMER, unit="flag", en="On watch", zh="退化观察")
def decline_watch(case: Case) -> Reading:
    """Whether a sign of decline is there: falling volume, looking at rivals, talk of leaving, trading down (002-12).

    Parts: each sign's strength from 0 to 1 under its name, and under `<name>_days` how many days ago it came up.
    """
    found = signs(case)
    missing = tuple(TOLD_BY[name] for name, sign in found.items() if sign is None)
    told = {name: sign for name, sign in found.items() if sign is not None}
    if not told:
        return unknown(*missing)
    parts: dict[str, Scalar | None] = {name: None if sign is None else sign.strength for name, sign in found.items()}
    for name, sign in told.items():
        if sign.at is not None:
            parts[f"{name}_days"] = (case.as_of - sign.at) / DAY
    evidence = tuple(event for sign in told.values() for event in sign.evidence)
    return known(watched(case), coverage=len(told) / len(found), missing=missing, evidence=evidence, parts=parts)


@measure("004-16", card=Card.CUSTOMER, unit="word", en="Rupture or fading", zh="破裂或消失", words=MODES)
def decline_mode(case: Case) -> Reading:
    """`rupture` where a bad event came at most m before the last activity, or after it; else `fade` (004-16).

    Bad events: complaints and other opinions below 0, promises not kept in time. `none` where nothing is falling.
    """
    if case.state.stage is Stage.TARGET:
        return unknown("a purchase")
    last = max((event.occurred_at for event in case.events if _active(event)), default=None)
    if case.state.stage not in FALLEN or last is None:
        return known("none")
    since = last - case.state.median_gap * DAY
    bad = ids(event for event in case.events if event.occurred_at >= since and is_bad(event, case.policy))
    return known("rupture" if bad else "fade", evidence=bad)


@measure("004-16", card=Card.ADVICE, unit="flag", en="Good feeling to build on", zh="强化良好感受")
def reinforce(case: Case) -> Reading:
    """Whether there was praise, a referral, a resolved complaint or a high rating in the last 7 days (004-16)."""
    voices = [event for event in case.events if isinstance(event, (Praise, Referral, ComplaintResolved, Feedback))]
    if not voices:
        return unknown("praise, a referral, feedback, or a resolved complaint")
    since = case.as_of - case.policy.reinforce_days * DAY
    good = ids(event for event in voices if event.occurred_at >= since and _good(event, case.policy))
    return known(bool(good), evidence=good)


def is_bad(event: Event, policy: Policy) -> bool:
    """Whether an event hurts: an opinion below 0, or a promise that was not kept in time."""
    if isinstance(event, Delivery):
        return not event.on_time
    x = opinion_of(event, policy)
    return x is not None and x < 0


def _good(event: Event, policy: Policy) -> bool:
    if not isinstance(event, Feedback):
        return True
    x = opinion_of(event, policy)
    return x is not None and x >= policy.reinforce_from


def _active(event: Event) -> bool:
    """Whether the customer itself did something."""
    if isinstance(event, Contact):
        return event.direction in BOTH_WAYS
    return isinstance(event, (Purchase, Inquiry, Feedback, Complaint, Praise, Referral, Payment))


def _volume(case: Case) -> Sign | None:
    """Occasions running at which the volume had fallen, of those that make a decline (002-13)."""
    state, policy = case.state, case.policy
    if not policy.volume_rules or state.cycle_gaps < policy.volume_gaps:
        return None
    hits = max(state.sharp_hits, state.gradual_hits)
    if not hits:
        return Sign(strength=0.0)
    shown = ids(deal.event for deal in kept(case)[-1:])
    return Sign(strength=min(1.0, hits / policy.volume_hits), at=last_purchase(state), evidence=shown)


def _rival_search(case: Case) -> Sign | None:
    """The strongest interest in a rival of the last 60 days."""
    if not case.of(Competitor):
        return None
    active = case.of(Competitor, days=case.policy.rival_watch_days)
    if not active:
        return Sign(strength=0.0)
    strength, at = max((_interest(event, case.policy), event.occurred_at) for event in active)
    return Sign(strength=strength, at=at, evidence=ids(active))


def _interest(event: Competitor, policy: Policy) -> float:
    match event.kind:
        case "switch":
            return policy.rival_switch
        case "trial":
            return policy.rival_trial
        case "offer":
            return policy.rival_offer
        case _:
            return policy.rival_mention


def _end_intent(case: Case) -> Sign | None:
    """The customer said that it leaves, and has not bought since."""
    said: list[EndIntent | Ended] = [*case.of(EndIntent), *case.of(Ended)]
    if not said:
        return None
    newest = max(said, key=lambda event: event.occurred_at)
    if not case.state.leaving:
        return Sign(strength=0.0)
    return Sign(strength=1.0, at=newest.occurred_at, evidence=(newest.id,))


def _trading_down(case: Case) -> Sign | None:
    """How far the median price of the newest purchases lies below that of all before, from 20 % on."""
    priced = [(deal, price) for deal in kept(case) if (price := price_of(case, deal)) is not None]
    newest, before = priced[-case.policy.trading_deals :], priced[: -case.policy.trading_deals]
    if len(before) < case.policy.trading_deals:
        return None
    usual, now = median(price for _, price in before), median(price for _, price in newest)
    if usual <= 0 or now > usual * (1 - case.policy.trading_down):
        return Sign(strength=0.0)
    return Sign(strength=min(1.0, 1 - now / usual), at=newest[0][0].at, evidence=ids(deal.event for deal, _ in newest))


def price_of(case: Case, deal: Deal) -> float | None:
    """What a purchase cost for one piece: its amount before refunds over its quantity, 1 where none is told."""
    amount = in_own(case, deal.event.amount, deal.event.currency)
    pieces = sum(item.quantity for item in deal.event.items if item.quantity is not None and item.quantity > 0)
    return None if amount is None else amount / (pieces or 1)


_FINDERS: Final[Mapping[str, Callable[[Case], Sign | None]]] = {
    "volume": _volume,
    "rival_search": _rival_search,
    "end_intent": _end_intent,
    "trading_down": _trading_down,
}

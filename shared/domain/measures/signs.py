"""Signs that a customer is leaving: what they are, why it leaves, and whether the tie broke or faded."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from shared.domain.alerts import Mode
from shared.domain.context import SignKind
from shared.domain.events import Competitor, ComplaintResolved, Ended, EndIntent, Event, Feedback, Praise, Referral
from shared.domain.growth import RECENT
from shared.domain.instants import DAY, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.worth import kept
from shared.domain.opinions import opinion_of
from shared.domain.packed import numbers
from shared.domain.policy import Policy
from shared.domain.reasons import active, mode_of, sign_of
from shared.domain.rhythm.gaps import last_purchase, window
from shared.domain.stages import Stage

FALLEN: Final = (Stage.DECLINE, Stage.DORMANT, Stage.ENDED)
MODES: Final = {
    Mode.RUPTURE.value: ("It breaks over something", "破裂"),
    Mode.FADE.value: ("It fades away", "消失"),
    "none": ("Not falling", "未退化"),
}
TOLD_BY: Final = {
    "volume": "five purchases or more",
    "rival_search": "events of rivals: mentions, offers, trials",
    "end_intent": "what the customer says of leaving",
    "trading_down": "eight orders that tell the prices and quantities of their items",
}


class Mark(Struct, frozen=True, kw_only=True, gc=False):
    """A mark of decline: its strength, 0 (looked for, not found) to 1, since when, and the events that show it."""

    strength: float
    at: Instant | None = None
    evidence: tuple[str, ...] = ()


def marks(case: Case) -> dict[str, Mark | None]:
    """The four marks of decline (002-12), each None where nothing was sent that would tell."""
    return {name: find(case) for name, find in _FINDERS.items()}


def watched(case: Case) -> bool:
    """Whether any sign of decline is there: it opens a watch (002-12)."""
    return any(sign is not None and sign.strength > 0 for sign in marks(case).values())


@measure("002-12", card=Card.CUSTOMER, unit="flag", en="On watch", zh="退化观察")
def decline_watch(case: Case) -> Reading:
    """Whether a sign of decline is there: falling volume, looking at rivals, talk of leaving, trading down (002-12).

    Parts: each sign's strength from 0 to 1 under its name, and under `<name>_days` how many days ago it came up.
    """
    found = marks(case)
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
    """`rupture` where something bad happened at most m before the last activity, or after it; else `fade` (004-16).

    Bad are opinions below 0: complaints, low ratings, faults, promises not kept. `none` where nothing is falling.
    """
    if case.state.stage is Stage.TARGET:
        return unknown("a purchase")
    if case.state.stage not in FALLEN:
        return known("none")
    mode, bad = mode_of(case.state), sign_of(case.state, SignKind.BAD)
    return known(mode.value, evidence=(bad.event_id,) if bad is not None and mode is Mode.RUPTURE else ())


@measure("004-16", card=Card.ADVICE, unit="flag", en="Good feeling to build on", zh="强化良好感受")
def reinforce(case: Case) -> Reading:
    """Whether there was praise, a referral, a resolved complaint or a high rating in the last 7 days (004-16)."""
    voices = [event for event in case.events if isinstance(event, (Praise, Referral, ComplaintResolved, Feedback))]
    if not voices:
        return unknown("praise, a referral, feedback, or a resolved complaint")
    since = case.as_of - case.policy.reinforce_days * DAY
    good = ids(event for event in voices if event.occurred_at >= since and _good(case, event))
    return known(bool(good), evidence=good)


def _good(case: Case, event: Event) -> bool:
    if not isinstance(event, Feedback):
        return True
    x = opinion_of(event, case.state, case.policy)
    return x is not None and x >= case.policy.reinforce_from


def _volume(case: Case) -> Mark | None:
    """Occasions running at which the volume had fallen, of those that make a decline (002-13)."""
    state, policy = case.state, case.policy
    if not policy.volume_rules or state.cycle_gaps < policy.volume_gaps:
        return None
    hits = max(state.sharp_hits, state.gradual_hits)
    if not hits:
        return Mark(strength=0.0)
    shown = ids(deal.event for deal in kept(case)[-1:])
    return Mark(strength=min(1.0, hits / policy.volume_hits), at=last_purchase(state), evidence=shown)


def _rival_search(case: Case) -> Mark | None:
    """The strongest interest in a rival of the last 60 days."""
    if not case.of(Competitor):
        return None
    active = case.of(Competitor, days=case.policy.rival_days)
    if not active:
        return Mark(strength=0.0)
    strength, at = max((_interest(event, case.policy), event.occurred_at) for event in active)
    return Mark(strength=strength, at=at, evidence=ids(active))


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


def _end_intent(case: Case) -> Mark | None:
    """The customer said that it leaves, or went to a rival, and has not bought since."""
    gone = [event for event in case.of(Competitor) if event.kind == "switch"]
    said: list[EndIntent | Ended | Competitor] = [*case.of(EndIntent), *case.of(Ended), *gone]
    if not said:
        return None
    newest = max(said, key=lambda event: event.occurred_at)
    if not case.state.leaving:
        return Mark(strength=0.0)
    return Mark(strength=1.0, at=newest.occurred_at, evidence=(newest.id,))


def _trading_down(case: Case) -> Mark | None:
    """How far the median price of a unit fell, from 20 % on; it counts for two windows."""
    state = case.state
    sign = active(state, SignKind.TRADED_DOWN, case.as_of, 2 * window(state, case.policy))
    if sign is not None:
        return Mark(strength=min(1.0, sign.strength), at=sign.at, evidence=(sign.event_id,))
    priced = 0 if state.context is None else len(numbers(state.context.packed_prices))
    return Mark(strength=0.0) if priced >= RECENT else None


_FINDERS: Final[Mapping[str, Callable[[Case], Mark | None]]] = {
    "volume": _volume,
    "rival_search": _rival_search,
    "end_intent": _end_intent,
    "trading_down": _trading_down,
}

"""What the rules make of an event: one decline signal, or at most one step up; then whether it is over."""

from typing import Final

from msgspec.structs import replace

from shared.domain.alerts import AlertKind, Outcome, ReasonCode
from shared.domain.context import EMPTY, Sign, SignKind, with_sign
from shared.domain.decisions import Guard
from shared.domain.draft import Draft
from shared.domain.events import (
    ACTIONS,
    Alias,
    Competitor,
    Consent,
    Cost,
    Event,
    Other,
    Profile,
    Purchase,
    Value,
    leaves,
)
from shared.domain.evidence import evidence, why
from shared.domain.growth import flat, grew, note_price, ungrown
from shared.domain.instants import DAY, due
from shared.domain.need import known, note_shrunk_need, own_total_stood, trend_share
from shared.domain.opinions import opinion_of, remember
from shared.domain.rhythm.gaps import window
from shared.domain.rules import (
    END,
    FORMATION,
    STABILITY,
    all_hold,
    bought_enough_again,
    bought_twice,
    dissatisfied,
    gradual_drop,
    sharp_drop,
)
from shared.domain.stages import CUSTOMER_STAGES, RECOVERED, Signal, Stage

NOT_JUDGED: Final = frozenset({Other, Alias, Consent, Cost, Profile, Value, *ACTIONS})
"""What changes no stage by the rules."""
OFFERS: Final = ("offer", "trial")
WATCHED: Final = frozenset({*CUSTOMER_STAGES, Stage.DECLINE})


def judge(draft: Draft, event: Event) -> None:
    """Ask the rules after an event that the state has taken in; an action is none, nor is what has no meaning here."""
    if type(event) in NOT_JUDGED:
        return
    customer, policy, at = draft.customer, draft.policy, event.occurred_at
    unhappy = _opine(draft, event)
    buying = isinstance(event, Purchase)
    if not buying and leaves(event):
        _leave(draft, event)
    elif customer.stage in CUSTOMER_STAGES:
        if not _decline(draft, event, unhappy) and not customer.stepped:
            _climb(draft, event)
    elif buying and customer.stage is Stage.DECLINE:
        _recover(draft, event)
    if unhappy is not None and customer.stage is Stage.DECLINE:
        _, facts = why(draft, at, event_id=event.id)
        draft.alarm(AlertKind.DISSATISFACTION, at, ReasonCode.DISSATISFIED.value, facts)
    if customer.stage in WATCHED:
        if isinstance(event, Purchase):
            _watch_buying(draft, event)
        elif isinstance(event, Competitor):
            _watch_rivals(draft, event)
    if customer.stage in (Stage.DECLINE, Stage.DORMANT):
        guards = all_hold(END, customer, at, policy)
        if guards is not None:
            draft.move(Signal.SETTLED, at, "event", "002-16", guards, (event.id,))


def _opine(draft: Draft, event: Event) -> Guard | None:
    """Weigh an opinion; the guard when it shows a dissatisfied customer (000-5)."""
    customer, policy = draft.customer, draft.policy
    if not customer.opinions and isinstance(event, Purchase):
        customer.dissatisfied = False
        return None
    x = opinion_of(event, customer, policy)
    if x is not None:
        remember(customer, event.occurred_at, x, policy)
    if not customer.opinions or (x is not None and x >= 0):
        customer.dissatisfied = False
    if x is None or x >= 0:
        return None
    customer.context = with_sign(customer.context, SignKind.BAD, Sign(event.occurred_at, event.id, -x))
    guard = dissatisfied(customer, policy)
    customer.dissatisfied = customer.dissatisfied or guard.holds
    return guard if guard.holds else None


def _leave(draft: Draft, event: Event) -> None:
    customer, at = draft.customer, event.occurred_at
    said = ReasonCode.RIVAL.value if isinstance(event, Competitor) else getattr(event, "reason", None)
    if said in tuple(ReasonCode):
        customer.context = replace(customer.context or EMPTY, stated=str(said))
    draft.move(Signal.END_INTENT, at, "event", "002-12", event_ids=(event.id,))
    if customer.stage is Stage.DECLINE:
        draft.alarm(AlertKind.END_INTENT, at, *why(draft, at, event_id=event.id))


def _watch_rivals(draft: Draft, event: Competitor) -> None:
    """002-21: a rival's offer, or a trial of it, moves no stage by itself, and is worth a call."""
    if event.kind in OFFERS:
        policy, at = draft.policy, event.occurred_at
        facts = replace(evidence(draft, at, event.id), price_delta=event.price_delta)
        draft.alarm(AlertKind.RIVAL, at, ReasonCode.RIVAL.value, facts, due(at + policy.rival_days * DAY))


def _watch_buying(draft: Draft, event: Purchase) -> None:
    """002-12, 000-12: cheaper than before, or no longer growing, while still buying."""
    customer, policy, at = draft.customer, draft.policy, event.occurred_at
    if event.items and note_price(customer, event, policy):
        code, facts = why(draft, at, event_id=event.id)
        draft.alarm(AlertKind.TRADING_DOWN, at, code, facts, due(at + 2 * window(customer, policy) * DAY))
    if customer.alerts and (draft.widens or grew(customer, 1, policy)):
        draft.close((AlertKind.STAGNATION,), at, Outcome.RETURNED)
    elif flat(draft.slope, policy) and ungrown(customer, customer.occasions[-1].day, policy):
        draft.alarm(AlertKind.STAGNATION, at, *why(draft, at, event_id=event.id))


def _decline(draft: Draft, event: Event, unhappy: Guard | None) -> bool:
    """The first decline signal that is true now, by the written priority."""
    customer, policy, at = draft.customer, draft.policy, event.occurred_at
    if unhappy is not None:
        return draft.move(Signal.DISSATISFIED, at, "event", "000-5", (unhappy,), (event.id,))
    if not isinstance(event, Purchase):
        return False
    if customer.sharp_hits >= policy.volume_hits:
        signal, kind, guard = Signal.DROP_SHARP, AlertKind.VOLUME_DROP_SHARP, sharp_drop(customer, at, policy)
        share = guard.value
    elif customer.gradual_hits >= policy.volume_hits:
        signal, kind, guard = Signal.DROP_GRADUAL, AlertKind.VOLUME_DROP_GRADUAL, gradual_drop(customer, at, policy)
        share = trend_share(customer, at, policy)
    else:
        return False
    wallet = own_total_stood(customer, share, policy)
    if not wallet.holds:
        note_shrunk_need(customer, at, event.id)
        return False
    moved = draft.move(signal, at, "event", "002-13", (guard, *known(wallet)), (event.id,))
    draft.alarm(kind, at, *why(draft, at, wallet, event.id))
    return moved


def _climb(draft: Draft, event: Event) -> None:
    customer, policy, at = draft.customer, draft.policy, event.occurred_at
    if customer.stage is Stage.EXPLORATION:
        guards = all_hold(FORMATION, customer, at, policy)
        if guards is not None:
            draft.move(Signal.CONFIRMED, at, "event", "000-6", guards, (event.id,))
    elif customer.stage is Stage.FORMATION:
        guards = all_hold(STABILITY, customer, at, policy)
        if guards is not None:
            draft.move(Signal.COMMITTED, at, "event", "001-5", guards, (event.id,))


def _recover(draft: Draft, event: Event) -> None:
    """Back to where decline came from; needs no decline signal true now, and is that occasion's only step."""
    customer, policy, at = draft.customer, draft.policy, event.occurred_at
    falling = max(customer.sharp_hits, customer.gradual_hits) >= policy.volume_hits
    if customer.dissatisfied or falling or customer.stepped or customer.origin is None:
        return
    guard = bought_enough_again(customer, at, policy)
    if not guard.holds:
        guard = bought_twice(customer, at, policy)
    if guard.holds:
        draft.move(RECOVERED[customer.origin], at, "event", "000-14", (guard,), (event.id,))

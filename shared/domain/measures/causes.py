"""Why a customer leaves, as a code with its evidence (002-15)."""

from collections.abc import Callable
from typing import Final

from shared.domain.decisions import Transition
from shared.domain.events import Competitor, Ended, EndIntent, Inquiry, PriceChange, Wallet
from shared.domain.instants import DAY, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids, in_own
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.signs import FALLEN, is_bad, watched
from shared.domain.opinions import satisfaction
from shared.domain.stages import CUSTOMER_STAGES, Signal, Stage

REASONS: Final = {
    "dissatisfied": ("Dissatisfied", "不满意"),
    "need_changed": ("Its need changed", "需求发生变化"),
    "rival": ("A rival", "竞争对手"),
    "price": ("The price", "价格"),
    "outgrown": ("It outgrew what we offer", "需求超出供给"),
    "firm_outlook": ("The outlook of the firm", "企业发展状况"),
    "unknown": ("No reason known", "原因不明"),
    "none": ("Not leaving", "未退化"),
}


@measure("002-15", card=Card.CUSTOMER, unit="word", en="Reason of the decline", zh="退化原因", words=REASONS)
def decline_reason(case: Case) -> Reading:
    """Why a customer that is in decline or on watch leaves (002-15), with the events that tell; `none` for the others.

    What it said itself comes first, then dissatisfaction, a rival, a price rise, an unmet need, and a total business of
    its own that shrank; looked for from 90 days before the decline on. `unknown` where nothing of this was sent.
    """
    if case.state.stage is Stage.TARGET:
        return unknown("a purchase")
    if not leaving(case):
        return known("none")
    reason, evidence = reason_of(case)
    missing = ("what the customer says: a reason with its end intent, feedback",) if reason == "unknown" else ()
    return known(reason, evidence=evidence, missing=missing)


def leaving(case: Case) -> bool:
    """Whether a customer is in decline or beyond, or is on watch."""
    return case.state.stage in FALLEN or (case.state.stage in CUSTOMER_STAGES and watched(case))


def reason_of(case: Case) -> tuple[str, tuple[str, ...]]:
    """The code of the reason, and the ids of the events that tell it."""
    fallen = fall(case)
    from_when = case.as_of if fallen is None else fallen.effective_at
    since = Instant(int(from_when - case.policy.reason_days * DAY))
    said = _said(case, since)
    if said is not None:
        return said
    for reason, find in _TRACES:
        evidence = find(case, since)
        if evidence:
            return reason, evidence
    return "unknown", ()


def fall(case: Case) -> Transition | None:
    """The transition that brought a customer into the decline that it is in, or that it was lost from."""
    if case.state.stage not in FALLEN:
        return None
    return next((move for move in reversed(case.transitions) if move.target is Stage.DECLINE), None)


def _said(case: Case, since: Instant) -> tuple[str, tuple[str, ...]] | None:
    for event in reversed(case.events):
        if isinstance(event, (EndIntent, Ended)) and event.occurred_at >= since and event.reason in _GIVEN:
            return event.reason, (event.id,)
    return None


def _dissatisfied(case: Case, since: Instant) -> tuple[str, ...]:
    state, fallen = case.state, fall(case)
    s = satisfaction(state)
    if state.complaints:
        return tuple(waiting.event_id for waiting in state.complaints)
    fell_by_it = fallen is not None and fallen.reason.signal is Signal.DISSATISFIED
    if not fell_by_it and (s is None or s >= 0):
        return ()
    return ids(event for event in case.events if event.occurred_at >= since and is_bad(event, case.policy))


def _rival(case: Case, since: Instant) -> tuple[str, ...]:
    return ids(event for event in case.of(Competitor) if event.occurred_at >= since)


def _price(case: Case, since: Instant) -> tuple[str, ...]:
    return ids(event for event in case.of(PriceChange) if event.occurred_at >= since and event.percent > 0)


def _outgrown(case: Case, since: Instant) -> tuple[str, ...]:
    return ids(event for event in case.of(Inquiry) if event.occurred_at >= since and event.intent == "unmet_need")


def _need_changed(case: Case, since: Instant) -> tuple[str, ...]:
    """The customer's own total business fell: the newest declared of a line lies below the one before."""
    told = [event for event in case.of(Wallet) if not event.estimated]
    pair = [event for event in told if event.line == told[-1].line][-2:]
    if len(pair) < 2 or pair[1].occurred_at < since or not _fell(case, *pair):
        return ()
    return ids(pair)


def _fell(case: Case, older: Wallet, newer: Wallet) -> bool:
    before, now = (in_own(case, told.total_spend, told.currency) for told in (older, newer))
    return before is not None and now is not None and now < before


_GIVEN: Final = frozenset(REASONS) - {"unknown", "none"}
_TRACES: Final[tuple[tuple[str, Callable[[Case, Instant], tuple[str, ...]]], ...]] = (
    ("dissatisfied", _dissatisfied),
    ("rival", _rival),
    ("price", _price),
    ("outgrown", _outgrown),
    ("need_changed", _need_changed),
)

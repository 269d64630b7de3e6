"""What comes next for a customer, and what would have to happen for its stage to change."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from msgspec import Struct

from shared.domain.customer import Customer
from shared.domain.decisions import Guard
from shared.domain.feeds import Feeds
from shared.domain.instants import DAY, Instant, due, local_day
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import last_purchase, window
from shared.domain.rhythm.silent import foreseen
from shared.domain.rules import FORMATION, STABILITY, GuardRule
from shared.domain.silence import Due, soonest, stage_deadlines
from shared.domain.stages import CUSTOMER_STAGES, Signal, Stage, next_stage
from shared.domain.volume import volume

NOWHERE: Final[Feeds] = {}
SILENCE_SIGNALS: Final = {Due.SILENT: Signal.SILENT, Due.FADED: Signal.FADED, Due.GONE: Signal.SETTLED}


class Next(Struct, frozen=True, kw_only=True):
    """The instant at which continued silence changes the stage, the stage it leads to, and the signal that does it."""

    at: Instant
    stage: Stage
    because: Signal


class Way(Struct, frozen=True, kw_only=True):
    """A way to another stage: by what kind of event, what it must bring, and before when it counts.

    `at_least` is in minor units of `currency`. `missing` are the guards that do not hold yet.
    """

    stage: Stage
    by: str
    at_least: int | None = None
    currency: str | None = None
    before: Instant | None = None
    missing: tuple[Guard, ...] = ()


def upcoming(customer: Customer, policy: Policy, feeds: Feeds = NOWHERE) -> Next | None:
    """What continued silence will do to the stage; None when silence changes nothing."""
    moving = [
        deadline
        for deadline in stage_deadlines(foreseen(customer, policy), policy, feeds)
        if next_stage(customer.stage, SILENCE_SIGNALS[deadline.what]) is not customer.stage
    ]
    first = soonest(moving, None if customer.decided is None else Instant(customer.decided[0]))
    if first is None:
        return None
    signal = SILENCE_SIGNALS[first.what]
    return Next(at=first.at, stage=next_stage(customer.stage, signal), because=signal)


def ways(customer: Customer, at: Instant, policy: Policy, feeds: Feeds = NOWHERE) -> Sequence[Way]:
    """What would have to happen at, or after, an instant for the stage to change."""
    coming = upcoming(customer, policy, feeds)
    before = coming.at if coming else None
    match customer.stage:
        case Stage.TARGET:
            return (Way(stage=Stage.PROSPECT, by="inquiry"), Way(stage=Stage.EXPLORATION, by="purchase"))
        case Stage.PROSPECT | Stage.DORMANT:
            return (Way(stage=Stage.EXPLORATION, by="purchase", before=before),)
        case Stage.ENDED:
            return (Way(stage=Stage.PROSPECT, by="inquiry"), Way(stage=Stage.EXPLORATION, by="purchase"))
        case Stage.EXPLORATION:
            return (_upward(Stage.FORMATION, FORMATION, customer, at, policy, before), _keeping(customer, before))
        case Stage.FORMATION:
            return (_upward(Stage.STABILITY, STABILITY, customer, at, policy, before), _keeping(customer, before))
        case Stage.STABILITY:
            return (_keeping(customer, before),)
        case Stage.DECLINE:
            return _back(customer, at, policy, before)


def _upward(
    stage: Stage, rules: Sequence[GuardRule], customer: Customer, at: Instant, policy: Policy, before: Instant | None
) -> Way:
    guards = (rule(customer, at, policy) for rule in rules)
    missing = tuple(guard for guard in guards if guard is not None and not guard.holds)
    by = "complaint_resolved" if any(guard.name == "open_complaints" for guard in missing) else "purchase"
    return Way(stage=stage, by=by, before=before, missing=missing)


def _keeping(customer: Customer, before: Instant | None) -> Way:
    """A purchase before the deadline keeps the stage."""
    assert customer.stage in CUSTOMER_STAGES
    return Way(stage=customer.stage, by="purchase", before=before)


def _back(customer: Customer, at: Instant, policy: Policy, before: Instant | None) -> Sequence[Way]:
    """From decline back to where it came from: enough volume at once, or a second purchase within m."""
    origin = customer.origin or Stage.EXPLORATION
    if customer.dissatisfied:
        return (Way(stage=origin, by="complaint_resolved", before=before),)
    found = []
    if customer.declined_level is not None:
        held = volume(customer, local_day(at, policy.time_zone), window(customer, policy)) or 0
        wanted = max(0, ceil(policy.recovery_depth * customer.declined_level) - held)
        found.append(Way(stage=origin, by="purchase", at_least=wanted, currency=customer.currency, before=before))
    last = last_purchase(customer)
    within = None if last is None else due(last + customer.median_gap * DAY)
    if customer.occasions_in_decline and within is not None and within > at:
        found.append(Way(stage=origin, by="second_purchase", before=within))
    else:
        found.append(Way(stage=origin, by="two_purchases", before=before))
    return tuple(found)

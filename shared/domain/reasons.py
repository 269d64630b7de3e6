"""Why a customer is about to leave, and how: a code with the events that tell it (002-15, 004-16)."""

from shared.domain.alerts import Mode, ReasonCode
from shared.domain.context import Sign, SignKind
from shared.domain.customer import Customer
from shared.domain.instants import DAY, Instant
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import last_purchase, window

Told = tuple[ReasonCode, tuple[str, ...]]


def reason_of(customer: Customer, at: Instant, policy: Policy) -> Told:
    """The reason that weighs most, and the ids of the events behind it.

    What it stated itself goes first; then, in this order: what it said of us, what a rival offers, what we ask, what we
    lack, what it needs, how we are seen.
    """
    if customer.leaving and customer.context is not None and customer.context.stated is not None:
        return ReasonCode(customer.context.stated), ()
    last = last_purchase(customer)
    # A silence is explained by what came before it, or since: not by how long ago that is by now.
    at = at if last is None else min(at, last)
    if customer.complaints or customer.dissatisfied:
        return ReasonCode.DISSATISFIED, _ids(
            *(one.event_id for one in customer.complaints), _told(customer, SignKind.BAD)
        )
    if (rival := active(customer, SignKind.RIVAL, at, policy.rival_days)) is not None:
        return ReasonCode.RIVAL, _ids(rival.event_id)
    if (price := active(customer, SignKind.PRICE, at, 2 * customer.median_gap)) is not None:
        return ReasonCode.PRICE, _ids(price.event_id)
    if (unmet := active(customer, SignKind.UNMET_NEED, at, window(customer, policy))) is not None:
        return ReasonCode.OUTGROWN, _ids(unmet.event_id)
    if (shrunk := active(customer, SignKind.NEED_SHRUNK, at, 2 * window(customer, policy))) is not None:
        return ReasonCode.NEED_CHANGED, _ids(shrunk.event_id)
    s = satisfaction(customer)
    if s is not None and s < 0:
        return ReasonCode.DISSATISFIED, _ids(_told(customer, SignKind.BAD))
    if policy.company_outlook is not None and policy.company_outlook < 0:
        return ReasonCode.FIRM_OUTLOOK, ()
    return ReasonCode.UNKNOWN, ()


def mode_of(customer: Customer) -> Mode:
    """Rupture where something bad came at most m before the last activity, else fading (004-16)."""
    bad = sign_of(customer, SignKind.BAD)
    if bad is None:
        return Mode.FADE
    seen = [at for at in (last_purchase(customer), customer.inquired_at, customer.contact_at) if at is not None]
    return Mode.RUPTURE if bad.at >= max(seen, default=bad.at) - customer.median_gap * DAY else Mode.FADE


def sign_of(customer: Customer, kind: SignKind) -> Sign | None:
    """The newest sign of a kind."""
    return None if customer.context is None else customer.context.signs.get(kind.value)


def active(customer: Customer, kind: SignKind, at: Instant, days: float) -> Sign | None:
    """The newest sign of a kind, if it is no older than so many days."""
    sign = sign_of(customer, kind)
    return sign if sign is not None and sign.at >= at - days * DAY else None


def _told(customer: Customer, kind: SignKind) -> str:
    sign = sign_of(customer, kind)
    return "" if sign is None else sign.event_id


def _ids(*event_ids: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event_id for event_id in event_ids if event_id))

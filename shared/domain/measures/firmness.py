"""How firm a customer stands when prices rise, rivals call, or something goes wrong."""

from collections.abc import Sequence
from statistics import fmean

from shared.domain.events import Competitor, Complaint, Contact, Event, Inquiry, PriceChange
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.categories import orders_of
from shared.domain.measures.deals import Deal, ids, occasions, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure


@measure("000-15", card=Card.LOYALTY, unit="share", low=0, high=1, en="Resilience", zh="抗竞争干扰能力")
def resilience(case: Case) -> Reading:
    """Share of shocks (a price rise, a rival, a complaint) with a purchase within m after them (000-15).

    Shocks after the first purchase count, as soon as a purchase has answered them or they are older than m. The parts
    are the shares by kind of shock.
    """
    kinds: dict[str, Sequence[Event]] = {
        "price_rise": price_rises(case),
        "rival": case.of(Competitor),
        "complaint": case.of(Complaint),
    }
    orders = orders_of(occasions(case))
    stood = {name: _stood(case, orders, shocks) for name, shocks in kinds.items()}
    judged = {event.id: held for found in stood.values() for event, held in found}
    if not judged:
        return unknown("a price rise, talk of a rival or a complaint, at least a usual gap ago")
    return known(
        fmean(held for found in stood.values() for _, held in found),
        evidence=ids(event for event in case.events if event.id in judged),
        parts={name: fmean(held for _, held in found) if found else None for name, found in stood.items()},
    )


@measure("003-11", card=Card.LOYALTY, unit="ratio", en="Price sensitivity", zh="价格敏感程度")
def price_sensitivity(case: Case) -> Reading:
    """(purchase days in 2m after a price rise of x over those in 2m before - 1)/x, mean of the rises (003-11).

    -1 is 10 % fewer purchases after a rise of 10 %; 0 is no difference. Counted are rises whose 2m have passed and
    before which something was bought. x is a share: 0.1 for 10 %.
    """
    length = case.policy.price_rise_gaps * case.state.median_gap * DAY
    orders = orders_of(occasions(case))
    found: list[tuple[PriceChange, float]] = []
    for rise in price_rises(case):
        before = _days_between(orders, rise.occurred_at - length, rise.occurred_at)
        after = _days_between(orders, rise.occurred_at, rise.occurred_at + length)
        if before and rise.occurred_at + length <= case.as_of:
            found.append((rise, (after / before - 1) / (rise.percent / 100)))
    if not found:
        return unknown("a price rise, with two usual gaps of buying before and after it")
    return known(
        fmean(value for _, value in found), evidence=ids(rise for rise, _ in found), parts={"price_rises": len(found)}
    )


@measure("003-13", card=Card.LOYALTY, unit="score", low=0, high=1, en="Tolerance of faults", zh="对质量事故的承受能力")
def tolerance(case: Case) -> Reading:
    """Mean over complaints of what they claimed: tolerant 1, negotiated 0.7, compensation 0.3, legal 0 (003-13)."""
    policy, complaints = case.policy, case.of(Complaint)
    scores = {
        "tolerant": policy.tolerance_tolerant,
        "negotiated": policy.tolerance_negotiated,
        "compensation": policy.tolerance_compensation,
        "legal": policy.tolerance_legal,
    }
    told = [(event, scores[event.claim]) for event in complaints if event.claim is not None]
    if not told:
        return unknown("the claim of a complaint")
    return known(
        fmean(score for _, score in told),
        coverage=len(told) / len(complaints),
        missing=() if len(told) == len(complaints) else ("the claim of every complaint",),
        evidence=ids(event for event, _ in told),
    )


@measure("003-14", card=Card.LOYALTY, unit="share", low=0, high=1, en="Interest in rivals", zh="对竞争品牌的关注")
def rival_interest(case: Case) -> Reading:
    """Mentions of rivals over contacts and inquiries of the last 2W, at most 1 (003-14)."""
    days = case.policy.rival_windows * window_days(case)
    mentions = case.of(Competitor, days=days)
    contacts = len(case.of(Contact, days=days)) + len(case.of(Inquiry, days=days))
    if not contacts and not mentions:
        return unknown("contacts, inquiries or talk of rivals")
    return known(
        min(1.0, len(mentions) / contacts) if contacts else 1.0,
        evidence=ids(mentions),
        parts={"mentions": len(mentions), "contacts": contacts},
    )


def price_rises(case: Case) -> list[PriceChange]:
    """The price changes that are rises worth the name, the oldest first."""
    return [event for event in case.of(PriceChange) if event.percent >= case.policy.price_rise_percent]


def _stood(case: Case, orders: Sequence[Deal], shocks: Sequence[Event]) -> list[tuple[Event, bool]]:
    """The shocks that can be judged, each with whether a purchase followed within m."""
    patience = case.policy.shock_gaps * case.state.median_gap * DAY
    found: list[tuple[Event, bool]] = []
    for shock in shocks:
        at = shock.occurred_at
        if not orders or at < orders[0].at:
            continue
        held = any(at < deal.at <= at + patience for deal in orders)
        if held or at + patience <= case.as_of:
            found.append((shock, held))
    return found


def _days_between(orders: Sequence[Deal], after: float, until: float) -> int:
    """On how many local days something was bought after an instant and up to another one."""
    return len({deal.day for deal in orders if after < deal.at <= until})

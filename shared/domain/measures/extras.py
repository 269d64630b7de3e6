"""What goes beyond the goods: extras that valuable customers use, and what both sides put into the relationship."""

from collections.abc import Iterable
from typing import Final

from shared.domain.events import Cost, Event, Purchase, Value
from shared.domain.instants import Day
from shared.domain.measures.books import borne_by, own_amount
from shared.domain.measures.case import Case
from shared.domain.measures.deals import currency_of, deals, ids, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.tiers import tier
from shared.domain.volume import depth, volume

EXTRAS: Final = (
    "guarantee", "edi", "priority_shipping", "advance_notice", "customisation", "maintenance", "upgrade",
)  # fmt: skip
"""The kinds of extras (004-19): a value event says one in `what`, an item by its product or its flags."""

INVESTED: Final = ("integration", "training", "customisation")
"""What a side puts into the relationship itself (001-6), as `what` of cost events."""

SIDES: Final = {
    "both": ("Both sides have invested", "双方均有投入"),
    "firm": ("Only the firm has invested", "仅企业有投入"),
    "customer": ("Only the customer has invested", "仅客户有投入"),
}


@measure("004-19", card=Card.VALUE, unit="count", low=0, en="Extras used in a year", zh="增值服务使用次数")
def value_added_use(case: Case) -> Reading:
    """How often extras were used in the last 365 d (004-19), with the count by kind in parts.

    Counted are value events whose `what` is an extra, and items that are customised, an upgrade, or a service: under
    its product where that is an extra, else as `service`.
    """
    since = case.today - case.policy.long_view_days
    if not case.of(Value) and not any(event.items for event in case.of(Purchase)):
        return unknown("items of purchases, or value events")
    used = [(kind, event) for day, kind, event in _uses(case) if day > since]
    return known(float(len(used)), evidence=_evidence(event for _, event in used), parts={**_counts(used)})


@measure(
    "004-19", card=Card.VALUE, unit="flag", en="Extras used less by a tier A customer", zh="A 级客户增值服务使用下降"
)
def value_added_falling(case: Case) -> Reading:
    """Whether a tier A customer used extras in the last 90 d at most half as often as in the 90 d before (004-19)."""
    rank, length = tier(case), case.policy.value_added_days
    uses = _uses(case)
    if rank.value is None or not uses:
        return unknown(*rank.missing, *(() if uses else ("an extra that was used",)))
    now = sum(day > case.today - length for day, _, _ in uses)
    before = sum(case.today - 2 * length < day <= case.today - length for day, _, _ in uses)
    falling = before > 0 and now <= case.policy.value_added_drop * before
    return known(
        rank.value == "A" and falling,
        coverage=rank.coverage,
        evidence=_evidence(event for _, _, event in uses),
        parts={"now": float(now), "before": float(before), "tier": rank.value},
    )


@measure(
    "001-6", card=Card.VALUE, unit="word", words=SIDES, en="Who has invested", zh="投入方", amounts=("firm", "customer")
)
def investments(case: Case) -> Reading:
    """Which sides put something into the relationship (001-6): cost events for integration, training or customisation,
    borne by the firm or by the customer; a customised item is an investment of the firm."""
    costs = [event for event in case.of(Cost) if event.what in INVESTED]
    made = [deal.event for deal in deals(case) if any(item.customised for item in deal.event.items)]
    firm = [event for event in costs if borne_by(event) == "firm"]
    customer = [event for event in costs if borne_by(event) == "customer"]
    if not (firm or customer or made):
        return unknown("a cost event with what = integration, training or customisation")
    word = "firm" if not customer else "both" if firm or made else "customer"
    return known(
        word,
        evidence=_evidence([*costs, *made]),
        parts={"firm": _sum(case, firm), "customer": _sum(case, customer), "customised_orders": float(len(made))},
    )


@measure(
    "001-6", card=Card.VALUE, unit="flag", en="Trades a great deal", zh="大量交易", amounts=("volume", "volume_60")
)
def high_volume(case: Case) -> Reading:
    """Whether A0 lies at or above the population's 60th percentile, or D is at least 0.8 (001-6)."""
    state, policy = case.state, case.policy
    if not state.cycle_occasions:
        return unknown("a purchase")
    now, deep = volume(state, case.today, window_days(case)), depth(state, case.today, policy)
    usual = _volume_60(case)
    large = None if now is None or usual is None else now >= usual
    steady = None if deep is None else deep >= policy.high_volume_depth
    missing = (
        *(("amounts of purchases",) if now is None else ()),
        *(("volume_60 of a population job",) if usual is None else ()),
    )
    parts = {"volume": None if now is None else float(now), "volume_60": usual, "depth": deep}
    told = [test for test in (large, steady) if test is not None]
    if not told:
        return unknown(*missing, parts={**parts})
    return known(any(told), coverage=len(told) / 2, missing=missing, parts={**parts})


def _volume_60(case: Case) -> float | None:
    found, own = case.population, currency_of(case)
    return found.everybody.volume_60 if own is not None and found.currency == own else None


def _uses(case: Case) -> list[tuple[Day, str, Event]]:
    """Each use of an extra with its day and kind, the oldest first."""
    found: list[tuple[Day, str, Event]] = []
    for event in case.events:
        day = case.day(event.occurred_at)
        if isinstance(event, Value) and event.what in EXTRAS:
            found.append((day, event.what, event))
        elif isinstance(event, Purchase):
            found += [(day, kind, event) for kind in _kinds(event)]
    return found


def _kinds(event: Purchase) -> list[str]:
    found = []
    for item in event.items:
        if item.customised:
            found.append("customisation")
        if item.upgrade:
            found.append("upgrade")
        if item.service:
            found.append(item.product if item.product in EXTRAS else "service")
    return found


def _counts(used: Iterable[tuple[str, Event]]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for kind, _ in used:
        counts[kind] = counts.get(kind, 0.0) + 1
    return counts


def _sum(case: Case, costs: Iterable[Cost]) -> float | None:
    """What costs add up to; None where there are none, or one of them has no rate."""
    amounts = [own_amount(case, event.amount, event.currency) for event in costs]
    told = [amount for amount in amounts if amount is not None]
    return float(sum(told)) if told and len(told) == len(amounts) else None


def _evidence(events: Iterable[Event]) -> tuple[str, ...]:
    """Ids in order, each once: an order may hold several extras."""
    return tuple(dict.fromkeys(ids(events)))

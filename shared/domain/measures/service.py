"""What serving a customer costs, and what comes back for it."""

from collections.abc import Sequence

from shared.domain.alerts import Alert, AlertStatus
from shared.domain.events import Contact
from shared.domain.instants import DAY
from shared.domain.measures.books import (
    A_COST_OF_SERVING,
    A_PURCHASE_WITH_COST,
    A_RATE,
    Sum,
    earned,
    earned_within,
    lacking,
    outlays,
    spent,
    spent_within,
    together,
)
from shared.domain.measures.case import Case
from shared.domain.measures.deals import deals, ids, occasions, total, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import EVERY_PART, Card, measure
from shared.domain.measures.tiers import tier

UNSEEN = (AlertStatus.HELD, AlertStatus.MUTED)
"""Alerts that nobody was told of drive no contact."""


@measure(
    "004-22", "002-8", card=Card.VALUE, unit="money", low=0, en="Cost to serve", zh="服务成本", amounts=("last_year",)
)
def cost_to_serve(case: Case) -> Reading:
    """Sum of what contacts cost and of the cost events that the firm bears, beside the goods (004-22, 002-8).

    Coverage is the share of these that say what they cost; `last_year` is that of the last 365 d.
    """
    cost, year = spent(outlays(case)), spent_within(case, case.policy.long_view_days)
    if cost is None:
        return unknown(A_COST_OF_SERVING)
    return known(
        float(cost.amount),
        coverage=cost.coverage,
        evidence=cost.evidence,
        missing=() if cost.coverage >= 1 else ("the cost of every contact",),
        parts={"last_year": None if year is None else float(year.amount)},
    )


@measure(
    "004-22",
    "002-10",
    card=Card.VALUE,
    unit="ratio",
    low=0,
    en="Service against value",
    zh="服务成本与收益之比",
    amounts=("margin", "cost"),
)
def service_ratio(case: Case) -> Reading:
    """Cost to serve / margin, both of the last 365 d (004-22, 002-10); unknown where the margin is not above 0."""
    margin, cost = _year(case)
    if margin is None or cost is None:
        return unknown(*lacking(margin, cost))
    parts = {"margin": float(margin.amount), "cost": float(cost.amount), "tier": tier(case).value}
    if margin.amount <= 0:
        return unknown("a margin above 0 in the last year", parts={**parts})
    return known(cost.amount / margin.amount, coverage=together(margin, cost), evidence=cost.evidence, parts={**parts})


@measure(
    "004-22", card=Card.VALUE, unit="flag", en="Service costs too much", zh="服务成本过高", amounts=("cost", "allowed")
)
def dear_service(case: Case) -> Reading:
    """Whether the last year's cost to serve is above half of its margin (004-22), or there is cost and no margin."""
    margin, cost = _year(case)
    if margin is None or cost is None:
        return unknown(*lacking(margin, cost))
    allowed = max(0.0, case.policy.service_cost_share * margin.amount)
    return known(
        cost.amount > allowed,
        coverage=together(margin, cost),
        evidence=cost.evidence,
        parts={"cost": float(cost.amount), "allowed": allowed, "tier": tier(case).value},
    )


@measure(
    "002-2", card=Card.VALUE, unit="ratio", en="Response to investment", zh="投入与客户反应之比", amounts=EVERY_PART
)
def investment_response(case: Case) -> Reading:
    """(A of the last W - A of the W before) / what contacts cost in the W before (002-2): money that each unit of
    touch cost was followed by. Windows are local days (d - W, d]."""
    length = window_days(case)
    bounds = (case.today - 2 * length, case.today - length, float(case.today))
    touches = [one for one in outlays(case) if isinstance(one.event, Contact) and bounds[0] < one.day <= bounds[1]]
    cost = spent(touches)
    if cost is None or cost.amount <= 0:
        return unknown("a contact with its cost, in the window before the last")
    before, after = _bought(case, bounds[0], bounds[1]), _bought(case, bounds[1], bounds[2])
    if before is None or after is None:
        return unknown(f"a purchase, and {A_RATE}", parts={"cost": float(cost.amount)})
    return known(
        (after - before) / cost.amount,
        coverage=cost.coverage,
        evidence=cost.evidence,
        parts={"cost": float(cost.amount), "before": float(before), "after": float(after)},
    )


@measure("001-16", card=Card.VALUE, unit="money", en="Yield of alerts", zh="数据资产的收益", amounts=("short_view",))
def data_yield(case: Case) -> Reading:
    """Margin of the deals within 365 d after a contact that an alert drove (001-16), each deal once.

    An alert drives the contacts to the customer, or both ways, from when it became true until it was closed.
    `short_view` is the margin within 30 d; `complete` says whether the year after the newest contact is over.
    """
    driven = _driven(case)
    if not driven:
        return unknown("a contact with the customer while an alert is open")
    margin = _earned_after(case, driven, case.policy.long_view_days)
    if margin is None:
        return unknown(A_PURCHASE_WITH_COST, evidence=ids(driven))
    short = _earned_after(case, driven, case.policy.short_view_days)
    over = driven[-1].occurred_at + case.policy.long_view_days * DAY
    return known(
        float(margin.amount),
        coverage=margin.coverage,
        evidence=ids(driven),
        parts={
            "contacts": float(len(driven)),
            "short_view": None if short is None else float(short.amount),
            "complete": case.as_of >= over,
        },
    )


def _year(case: Case) -> tuple[Sum | None, Sum | None]:
    days = case.policy.long_view_days
    return earned_within(case, days), spent_within(case, days)


def _bought(case: Case, after: float, until: float) -> int | None:
    """Net amount of the days (after, until]; None without any purchase, or where one is of unknown amount."""
    bought = occasions(case)
    return total(one.amount for one in bought if after < one.day <= until) if bought else None


def _driven(case: Case) -> list[Contact]:
    seen = [alert for alert in case.alerts if alert.status not in UNSEEN]
    return [
        contact
        for contact in case.of(Contact)
        if contact.direction != "inbound" and any(_live(alert, contact) for alert in seen)
    ]


def _live(alert: Alert, contact: Contact) -> bool:
    end = contact.occurred_at if alert.closed_at is None else alert.closed_at
    return alert.effective_at <= contact.occurred_at <= end


def _earned_after(case: Case, contacts: Sequence[Contact], days: float) -> Sum | None:
    """Margin of the deals within so many days after a contact: 0 where there are none, None where none has a cost."""
    found = deals(case)
    after = [deal for deal in found if any(0 < deal.at - contact.occurred_at <= days * DAY for contact in contacts)]
    return earned(after) if after or not found else Sum(amount=0, coverage=1.0, evidence=())

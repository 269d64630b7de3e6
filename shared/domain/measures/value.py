"""What the customer gets for what it gives, as it sees it; and the ledger in which both are written."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.domain.events import Cost, Value
from shared.domain.measures.books import A_RATE, CUSTOMER_COSTS, borne_by, by_name, own_amount
from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import EVERY_PART, Card, measure

CUSTOMER_VALUES: Final = ("product", "service", "person", "image")
"""What a customer gets (004-1)."""


@measure("004-1", card=Card.VALUE, unit="money", en="Delivered value", zh="客户让渡价值", amounts=EVERY_PART)
def delivered_value(case: Case) -> Reading:
    """Value of product, service, person and image - cost in money, time, energy and sensory (004-1), from the value
    and cost events of each.

    `parts` hold the eight; coverage is the share of them that is known. A cost that the customer bears under another
    name, as in `training`, is money. Unknown unless something is known of both sides.
    """
    values = by_name(_told(case, ((one.what, one) for one in case.of(Value) if one.what in CUSTOMER_VALUES)))
    costs = by_name(_told(case, ((_kind(one), one) for one in case.of(Cost) if borne_by(one) == "customer")))
    found = {**values, **costs}
    parts = {key: None if key not in found else float(found[key]) for key in (*CUSTOMER_VALUES, *CUSTOMER_COSTS)}
    if not values or not costs:
        lacks = ((values, _one_of("value", CUSTOMER_VALUES)), (costs, _one_of("cost", CUSTOMER_COSTS)))
        return unknown(*(name for known_side, name in lacks if not known_side), parts={**parts})
    return known(
        float(sum(values.values()) - sum(costs.values())),
        coverage=len(found) / len(parts),
        missing=tuple(key for key in parts if key not in found),
        evidence=ids(one for one in case.events if isinstance(one, Value | Cost)),
        parts={**parts},
    )


@measure("004-3", card=Card.VALUE, unit="count", low=0, en="Entries in the ledger", zh="价值成本录入条数")
def ledger_entries(case: Case) -> Reading:
    """How many value and cost events were entered (004-3)."""
    values, costs = case.of(Value), case.of(Cost)
    return known(
        float(len(values) + len(costs)),
        evidence=ids(one for one in case.events if isinstance(one, Value | Cost)),
        parts={"value": float(len(values)), "cost": float(len(costs))},
    )


@measure("004-3", card=Card.VALUE, unit="money", low=0, en="Value in the ledger", zh="价值录入合计", amounts=EVERY_PART)
def ledger_value(case: Case) -> Reading:
    """Sum of all value events (004-3), with the sum by `what` in parts."""
    return _total(case, "value", case.of(Value))


@measure("004-3", card=Card.VALUE, unit="money", low=0, en="Cost in the ledger", zh="成本录入合计", amounts=EVERY_PART)
def ledger_cost(case: Case) -> Reading:
    """Sum of all cost events, whoever bears them (004-3), with the sum by `what` in parts."""
    return _total(case, "cost", case.of(Cost))


def _total(case: Case, name: str, entries: Sequence[Value | Cost]) -> Reading:
    told = _told(case, ((one.what or "unnamed", one) for one in entries))
    if not told:
        return unknown(f"a {name} event, and {A_RATE}" if entries else f"a {name} event")
    return known(
        float(sum(amount for _, amount in told)),
        coverage=len(told) / len(entries),
        evidence=ids(entries),
        parts={what: float(amount) for what, amount in by_name(told).items()},
    )


def _told(case: Case, entries: Iterable[tuple[str | None, Value | Cost]]) -> list[tuple[str, int]]:
    """Names with amounts in the customer's currency, of the entries that have both."""
    converted = [(name, own_amount(case, one.amount, one.currency)) for name, one in entries]
    return [(name, amount) for name, amount in converted if name is not None and amount is not None]


def _kind(cost: Cost) -> str:
    return cost.what if cost.what in CUSTOMER_COSTS else "money"


def _one_of(name: str, kinds: Sequence[str]) -> str:
    return f"a {name} event with what = {', '.join(kinds[:-1])} or {kinds[-1]}"

"""What the stories about value are made of, beside the common builders: entries of the ledger, budgets, items."""

from typing import Any

from shared.domain import events
from shared.domain.ids import EventId
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import ANNA, instant_of

HALF = Policy(window_floor_days=50.0, window_gaps=0.1)
"""A policy under which W is 50 days for whoever buys more often than every 500."""


def value(day: float, amount: int, what: str | None = None, currency: str = "EUR") -> events.Value:
    """The customer got something of worth."""
    return events.Value(**_head(day, f"value {what}"), amount=amount, currency=currency, what=what)


def cost(day: float, amount: int, what: str | None = None, currency: str = "EUR", by: Any = None) -> events.Cost:
    """A cost of the relationship arose."""
    return events.Cost(**_head(day, f"cost {what}"), amount=amount, currency=currency, what=what, by=by)


def wallet(day: float, period: str, total: int, currency: str = "EUR", **more: Any) -> events.Wallet:
    """The customer told its budget of a period."""
    head = _head(day, f"wallet {period}", more.pop("line", None))
    return events.Wallet(**head, period=period, total_spend=total, currency=currency, **more)


def profile(day: float, **more: Any) -> events.Profile:
    """Something became known of the customer."""
    return events.Profile(**_head(day, "profile"), **more)


def item(product: str | None = None, **more: Any) -> tuple[events.Item, ...]:
    """The one position of an order."""
    return (events.Item(product=product, **more),)


def among(
    tier_a: float | None = 100_00,
    tier_c: float | None = 20_00,
    currency: str | None = "EUR",
    **everybody: Any,
) -> Policy:
    """A policy that knows figures of all customers."""
    figures = Figures(**everybody)
    return Policy(population=Population(currency=currency, tier_a=tier_a, tier_c=tier_c, everybody=figures))


def _head(day: float, kind: str, line: str | None = None) -> dict[str, Any]:
    at = instant_of(day)
    return {
        "id": EventId(f"{kind} of day {day}"),
        "source": "crm",
        "customer_id": ANNA,
        "occurred_at": at,
        "received_at": at,
        "line": line,
    }

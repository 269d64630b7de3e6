"""The history behind the OpenAPI document's examples: what happened to a customer, folded as everything is folded."""

from typing import Any, Final

from services.api.example_model import MODEL
from services.api.reading import Standing
from services.api.times import instant_of
from shared.domain.alerts import AlertStatus
from shared.domain.controls import Governance
from shared.domain.events import (
    Contact,
    Cost,
    Delivery,
    Event,
    Feedback,
    Inquiry,
    InquiryAnswered,
    Item,
    Profile,
    Purchase,
    Referral,
    Value,
    Wallet,
)
from shared.domain.ids import CustomerId, EventId, alert_id
from shared.domain.instants import SECOND, Instant
from shared.domain.lifecycle import Outcome, fold
from shared.domain.rules import customer_type
from shared.domain.volume import level
from shared.ports.queries import CustomerView, PlacedAlert, PlacedTransition

ANNA: Final = CustomerId("anna")
AS_OF: Final = instant_of("2026-05-12T12:00:00Z")
RULE: Final = Governance.of([MODEL])


def history() -> list[Event]:
    """What happened to the customer of the examples."""
    return [
        Inquiry(**_head("2026-01-03T09:30:00Z", "ask-1"), channel="web", kind="quote"),
        InquiryAnswered(**_head("2026-01-03T11:00:00Z", "answer-1"), inquiry_id="ask-1"),
        Profile(**_head("2026-01-03T11:05:00Z", "profile-1"), industry="food", region="north", lead_source="fair"),
        _purchase("2026-01-03T16:12:00Z", 1, 12_50, cost=8_20),
        Delivery(**_head("2026-01-06T10:00:00Z", "delivery-1"), on_time=True, order_id="1"),
        Feedback(
            **_head("2026-01-08T19:20:00Z", "rating-1"), rating=4.0, expected=3.0, perceived=4.0, object="product"
        ),
        _purchase("2026-01-17T11:05:00Z", 2, 29_90, cost=19_00),
        Referral(**_head("2026-01-20T08:15:00Z", "referral-1"), converted=True),
        Contact(**_head("2026-01-24T14:00:00Z", "call-1"), direction="out", channel="phone", cost=3_00, currency="USD"),
        Wallet(**_head("2026-01-30T09:00:00Z", "wallet-1"), period="2026-01", total_spend=90_00, currency="USD"),
        _purchase("2026-01-31T18:40:00Z", 3, 25_00, cost=16_40),
        Value(**_head("2026-02-02T09:00:00Z", "value-1"), amount=4_00, currency="USD", what="service", order_id="3"),
        Cost(**_head("2026-02-02T09:00:01Z", "cost-1"), amount=1_50, currency="USD", what="time", order_id="3"),
    ]


def folded() -> Outcome:
    """What the fold makes of it."""
    return fold(ANNA, history(), RULE, AS_OF)


def standing_of(outcome: Outcome) -> Standing:
    """Where the customer stands."""
    book = RULE.books[outcome.customer.controls]
    view = CustomerView(
        customer_id=ANNA,
        customer=outcome.customer,
        type=customer_type(outcome.customer, book.policy),
        version=len(history()) + 1,
        parked=False,
        as_of=AS_OF,
    )
    return Standing(view=view, book=book, newest=outcome.transitions[-1])


def transitions_of(outcome: Outcome) -> list[PlacedTransition]:
    """Its changes of stage."""
    return [
        PlacedTransition(
            customer_id=ANNA,
            number=number,
            transition=transition,
            decided_at=Instant(transition.effective_at + SECOND),
            retracted_at=None,
        )
        for number, transition in enumerate(outcome.transitions, 1)
    ]


def alerts_of(outcome: Outcome) -> list[PlacedAlert]:
    """Its open alerts."""
    return [
        PlacedAlert(
            id=alert_id(ANNA, alert.line, alert.kind, alert.effective_at),
            customer_id=ANNA,
            alert=alert,
            level=round(level(outcome.customer) or 0),
            currency="USD",
            as_of=AS_OF,
        )
        for alert in outcome.alerts
        if alert.status is AlertStatus.OPEN
    ]


def _purchase(at: str, number: int, amount: int, cost: int) -> Event:
    item = Item(product="coffee", line="food", quantity=1.0, amount=amount, cost=cost, consumable=True)
    return Purchase(
        **_head(at, f"order-{number}"), order_id=str(number), amount=amount, currency="USD", items=(item,), cost=cost
    )


def _head(at: str, name: str) -> dict[str, Any]:
    told = instant_of(at)
    return {
        "id": EventId(name),
        "source": "shop",
        "customer_id": ANNA,
        "occurred_at": told,
        "received_at": Instant(told + SECOND),
    }

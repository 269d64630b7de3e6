"""Real examples of the reports for the OpenAPI document: a few customers, folded, surveyed and answered."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from services.api import money_reports, reports
from services.api.ledger import entry
from services.api.reading import Standing
from services.api.schemas.ledger import LedgerPage
from services.api.times import instant_of
from shared.domain.controls import Book, Governance
from shared.domain.events import (
    Complaint,
    Contact,
    Event,
    Feedback,
    Inquiry,
    Invoice,
    Item,
    Praise,
    Profile,
    Purchase,
)
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.lifecycle import Outcome, fold
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.rules import customer_type
from shared.domain.survey.person import Person
from shared.domain.survey.survey import Surveying
from shared.ports.queries import CustomerView
from shared.ports.surveys import StoredSurvey

AS_OF: Final = instant_of("2026-05-12T12:00:00Z")

POLICY: Final = Policy(report_group_customers=1, report_prior_gaps=1, report_check_customers=1)
"""So few customers are enough for an example."""


def _head(customer: str, days_ago: float, name: str) -> dict[str, Any]:
    at = Instant(AS_OF - round(days_ago * DAY))
    return {
        "id": EventId(f"{customer}-{name}-{days_ago:g}"),
        "source": "shop",
        "customer_id": CustomerId(customer),
        "occurred_at": at,
        "received_at": Instant(at + SECOND),
    }


def _purchase(customer: str, days_ago: float, amount: int, cost: int) -> Event:
    head = _head(customer, days_ago, "order")
    tea = Item(product="tea", line="drinks", amount=amount, cost=cost)
    return Purchase(**head, order_id=head["id"], amount=amount, currency="EUR", items=(tea,), line="drinks")


def _contact(customer: str, days_ago: float, cost: int, action: str) -> Event:
    head = _head(customer, days_ago, "contact")
    return Contact(**head, direction="two_way", channel="phone", cost=cost, currency="EUR", action=action)


def _stories() -> Iterator[tuple[str, list[Event]]]:
    """A regular, one who left unhappy and was called back, one who only asked."""
    yield (
        "anna",
        [
            Profile(**_head("anna", 401, "profile"), industry="food", region="north", level="gold", owner="eva"),
            Inquiry(**_head("anna", 400, "ask"), channel="display", kind="quote"),
            *(_purchase("anna", days, 90_00, 50_00) for days in range(380, 0, -20)),
            Feedback(**_head("anna", 370, "rating"), rating=5.0),
            Praise(**_head("anna", 75, "praise")),
            _contact("anna", 90, 4_00, "emotional_tie"),
            Invoice(**_head("anna", 10, "invoice"), amount=25_00, currency="EUR"),
        ],
    )
    yield (
        "bo",
        [
            Profile(**_head("bo", 300, "profile"), industry="retail", region="south"),
            _purchase("bo", 290, 40_00, 35_00),
            Complaint(**_head("bo", 280, "complaint")),
            _contact("bo", 70, 6_00, "special_praise"),
            _purchase("bo", 60, 45_00, 35_00),
        ],
    )
    yield "chen", [Inquiry(**_head("chen", 20, "ask"), channel="ad", kind="view")]


def _person(customer: str, events: list[Event], outcome: Outcome) -> Person:
    made = outcome.transitions, outcome.alerts
    return Person(Case(customer, events, outcome.customer, POLICY, AS_OF, transitions=made[0], alerts=made[1]))


def _standing(customer: str, outcome: Outcome) -> Standing:
    state = outcome.customer
    kind = customer_type(state, POLICY)
    view = CustomerView(customer_id=customer, customer=state, type=kind, version=5, parked=False, as_of=AS_OF)
    return Standing(view=view, book=Book.of(POLICY, {}), newest=outcome.transitions[-1])


def answers() -> dict[str, dict[str, Any]]:
    """An example answer of every report, and of the ledger, by the operation's name."""
    surveying, entries = Surveying(POLICY), []
    for customer, events in _stories():
        outcome = fold(customer, events, Governance.of([], POLICY), AS_OF)
        surveying.add(_person(customer, events, outcome))
        entries.append(entry(_standing(customer, outcome), events, "en"))
    stored = StoredSurvey(id=7, made_at=Instant(AS_OF + 3 * SECOND), survey=surveying.told(AS_OF))
    told: dict[str, BaseModel] = {
        "report_transitions": reports.transitions_report(stored, "en"),
        "report_retention": reports.retention_report(stored, "en"),
        "report_conversion": reports.conversion_report(stored, "en"),
        "report_value": money_reports.value_report(stored, "en"),
        "report_word_of_mouth": reports.mouth_report(stored, "en"),
        "report_investment": money_reports.investment_report(stored, "en"),
        "report_checks": money_reports.checks_report(stored, "en"),
        "report_alerts": reports.alerts_report(stored, "en"),
        "report_ledger": reports.ledger_report(stored, "en"),
        "ledger": LedgerPage(items=entries, next=None),
    }
    return {name: answer.model_dump(mode="json") for name, answer in told.items()}

"""Real examples for the OpenAPI document: a small history, folded and answered by the code that answers everything."""

from typing import Any, Final

from msgspec.structs import replace
from pydantic import BaseModel

from services.api import report_examples
from services.api.answers import customer_answer
from services.api.cursors import CustomerPlace, cursor_of, urgency
from services.api.entries import alert_answer, timeline_entry
from services.api.example_history import ANNA, AS_OF, alerts_of, folded, history, standing_of, transitions_of
from services.api.example_model import MODEL
from services.api.explaining import explanation_answer
from services.api.heads import funnel_answer
from services.api.measuring import CARDS, card_answer, measures_answer
from services.api.reading import Story, case_of
from services.api.schemas.alerts import AlertPage
from services.api.schemas.customers import CustomerPage
from services.api.schemas.funnel import Funnel
from services.api.schemas.timeline import Timeline
from services.api.timeline import Told, place
from services.api.times import instant_of
from shared.domain import alerts as domain
from shared.domain.alerts import AlertStatus
from shared.domain.customer import CustomerType
from shared.domain.ids import shard_of
from shared.domain.instants import SECOND, Instant
from shared.domain.measures.registry import Card
from shared.domain.stages import Stage
from shared.ports.queries import MoveCount, PlacedAlert, StageCount

__all__ = ["MODEL", "QUESTIONS", "answers", "history", "parameters"]


def _acted(placed: PlacedAlert, rank: int | None, **changed: Any) -> dict[str, Any]:
    """The alert after somebody has acted on it; who is ranked is still open."""
    alert = replace(placed.alert, actor="crm", acted_at=Instant(AS_OF + 3 * SECOND), **changed)
    return _example(alert_answer(replace(placed, alert=alert), rank, "en"))


def _funnel() -> Funnel:
    counts = [
        StageCount(stage=stage, type=kind, heads=heads, currency="USD", level=level)
        for stage, kind, heads, level in (
            (Stage.EXPLORATION, CustomerType.NEW, 412, 1_284_590),
            (Stage.FORMATION, CustomerType.ESTABLISHED, 187, 1_120_475),
            (Stage.DECLINE, CustomerType.ESTABLISHED, 96, 403_810),
        )
    ]
    moves = [
        MoveCount(source=Stage.TARGET, target=Stage.EXPLORATION, count=695),
        MoveCount(source=Stage.EXPLORATION, target=Stage.FORMATION, count=283),
        MoveCount(source=Stage.FORMATION, target=Stage.DECLINE, count=96),
    ]
    return funnel_answer(AS_OF, counts, moves, "en")


def _example(answer: BaseModel) -> dict[str, Any]:
    return answer.model_dump(mode="json")


QUESTIONS: Final[dict[str, dict[str, Any]]] = {
    "snooze": {"until": "2026-05-19T08:00:00Z"},
    "resolve": {"outcome": "retained", "note": "Called: the next order comes in June."},
}
"""An example body of every operation that takes one."""


def parameters() -> dict[str, str]:
    """Example values of parameters, by their names: what they name is in the example answers."""
    return {"customer_id": ANNA, "alert_id": answers()["one_alert"]["id"], "as_of": "2026-05-12T12:00:00Z"}


def answers() -> dict[str, dict[str, Any]]:
    """An example answer of every operation, by its name."""
    events, outcome = history(), folded()
    standing, transitions, alerts = standing_of(outcome), transitions_of(outcome), alerts_of(outcome)
    case = case_of(standing, events, outcome.transitions, outcome.alerts)
    told: list[Told] = sorted([*events, *transitions, *alerts], key=place, reverse=True)
    story = Story(standing=standing, transitions=transitions, refolded=outcome)
    listed, alert = customer_answer(standing, "en"), alert_answer(alerts[0], 1, "en")
    return {
        "list_customers": _example(CustomerPage(items=[listed], next=cursor_of(CustomerPlace(shard_of(ANNA), ANNA)))),
        "one_customer": _example(
            customer_answer(standing, "en", measures_answer(Card.CUSTOMER, case, "en"), detailed=True)
        ),
        **{f"{card}_card": _example(card_answer(card, standing, case, "en")) for card in CARDS},
        "timeline": _example(
            Timeline(items=[timeline_entry(one, "USD", "en") for one in told[:4]], next=cursor_of(place(told[3])))
        ),
        "explain": _example(explanation_answer(story, None, "en")),
        "list_alerts": _example(AlertPage(items=[alert], next=cursor_of(urgency(alerts[0])))),
        "one_alert": _example(alert),
        "acknowledge": _acted(alerts[0], 1, status=AlertStatus.ACKNOWLEDGED),
        "snooze": _acted(alerts[0], 1, status=AlertStatus.SNOOZED, until=instant_of(QUESTIONS["snooze"]["until"])),
        "resolve": _acted(
            alerts[0], None, status=AlertStatus.RESOLVED, outcome=domain.Outcome.RETAINED, closed_at=AS_OF
        ),
        "funnel": _example(_funnel()),
        **report_examples.answers(),
    }

"""Small builders that tell stories: what happened to a customer, with times as days since the story began.

Day 0 is 2024-01-01T00:00Z; `day=1.5` is noon of the day after. Amounts are in minor units.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from shared.domain import events
from shared.domain.alerts import Alert, AlertKind, Outcome
from shared.domain.controls import Control, FeedChange, Governance, Model, ModelChange, PolicyChange, Release
from shared.domain.decisions import Transition
from shared.domain.ids import CustomerId, EventId, alert_id
from shared.domain.instants import DAY, Instant, instant
from shared.domain.lifecycle import Outcome as Folded
from shared.domain.lifecycle import fold
from shared.domain.policy import DEFAULT, MU0, Policy
from shared.domain.population import Population
from shared.domain.rhythm.churn import ChurnModel
from shared.domain.stages import Stage

BEGIN = instant(datetime(2024, 1, 1, tzinfo=UTC))
ANNA = CustomerId("anna")


def day(count: float) -> Instant:
    """The instant so many days into the story."""
    return Instant(BEGIN + round(count * DAY))


def days_in(at: Instant | None) -> float | None:
    """How many days into the story an instant lies: the inverse of `day`."""
    return None if at is None else (at - BEGIN) / DAY


def purchase(
    day: float, amount: int = 100_00, order: str | None = None, currency: str = "EUR", **more: Any
) -> events.Purchase:
    """Somebody bought."""
    name = order or f"order {day}"
    return events.Purchase(**_head(day, "purchase", more), order_id=name, amount=amount, currency=currency, **more)


def purchases(*days: float, amount: int = 100_00, **more: Any) -> list[events.Purchase]:
    """Somebody bought on several days."""
    return [purchase(one, amount, **more) for one in days]


def refund(
    day: float, amount: int = 100_00, order: str | None = None, currency: str = "EUR", **more: Any
) -> events.Refund:
    """Money went back, for a named order or for whatever was bought last."""
    return events.Refund(**_head(day, "refund", more), order_id=order, amount=amount, currency=currency, **more)


def inquiry(day: float, **more: Any) -> events.Inquiry:
    """Somebody asked."""
    return events.Inquiry(**_head(day, "inquiry", more), **more)


def answer(day: float, **more: Any) -> events.InquiryAnswered:
    """The firm answered."""
    return events.InquiryAnswered(**_head(day, "answer", more), **more)


def rejection(day: float, **more: Any) -> events.QuoteRejected:
    """The prospect turned the offer down."""
    return events.QuoteRejected(**_head(day, "rejection", more), **more)


def invoice(day: float, amount: int = 100_00, currency: str = "EUR", **more: Any) -> events.Invoice:
    """The firm asked for money."""
    return events.Invoice(**_head(day, "invoice", more), amount=amount, currency=currency, **more)


def payment(day: float, amount: int = 100_00, currency: str = "EUR", **more: Any) -> events.Payment:
    """The customer paid."""
    return events.Payment(**_head(day, "payment", more), amount=amount, currency=currency, **more)


def feedback(day: float, **more: Any) -> events.Feedback:
    """Somebody said how content they are."""
    return events.Feedback(**_head(day, "feedback", more), **more)


def rating(day: float, x: float, **more: Any) -> events.Feedback:
    """Somebody said how content they are, from -1 to 1."""
    return feedback(day, rating=3 + 2 * x, **more)


def complaint(day: float, **more: Any) -> events.Complaint:
    """Somebody complained."""
    return events.Complaint(**_head(day, "complaint", more), **more)


def resolved(day: float, **more: Any) -> events.ComplaintResolved:
    """A complaint was settled."""
    return events.ComplaintResolved(**_head(day, "resolved", more), **more)


def contract(day: float, ends: float | None = None, **more: Any) -> events.Contract:
    """A contract runs, for ever or until a day."""
    ends_at = None if ends is None else instant_of(ends)
    return events.Contract(**_head(day, "contract", more), ends_at=ends_at, **more)


def contract_ended(day: float, **more: Any) -> events.ContractEnded:
    """A contract stopped."""
    return events.ContractEnded(**_head(day, "contract ended", more), **more)


def end_intent(day: float, **more: Any) -> events.EndIntent:
    """Somebody wants to leave."""
    return events.EndIntent(**_head(day, "end intent", more), **more)


def ended(day: float, **more: Any) -> events.Ended:
    """The relationship was declared over."""
    return events.Ended(**_head(day, "ended", more), **more)


def referral(day: float, **more: Any) -> events.Referral:
    """Somebody recommended us."""
    return events.Referral(**_head(day, "referral", more), **more)


def delivery(day: float, on_time: bool = True, order: str | None = None, **more: Any) -> events.Delivery:
    """The firm did in time, or late, what it owed."""
    return events.Delivery(**_head(day, "delivery", more), on_time=on_time, order_id=order, **more)


def praise(day: float, **more: Any) -> events.Praise:
    """Somebody praised us."""
    return events.Praise(**_head(day, "praise", more), **more)


def competitor(day: float, kind: Any = "offer", **more: Any) -> events.Competitor:
    """A rival came up: its `mention`, `offer` or `trial`, or the `switch` to it."""
    return events.Competitor(**_head(day, f"rival's {kind}", more), kind=kind, **more)


def price_change(day: float, percent: float, **more: Any) -> events.PriceChange:
    """Our prices changed."""
    return events.PriceChange(**_head(day, "price change", more), percent=percent, **more)


def wallet(day: float, period: str, total: int, currency: str = "EUR", **more: Any) -> events.Wallet:
    """Somebody told its own total business in a period."""
    return events.Wallet(**_head(day, "wallet", more), period=period, total_spend=total, currency=currency, **more)


def value(day: float, amount: int, what: str | None = None, currency: str = "EUR", **more: Any) -> events.Value:
    """Somebody got something of worth."""
    return events.Value(**_head(day, "value", more), amount=amount, what=what, currency=currency, **more)


def cost(day: float, amount: int, what: str | None = None, currency: str = "EUR", **more: Any) -> events.Cost:
    """The relationship cost something."""
    return events.Cost(**_head(day, "cost", more), amount=amount, what=what, currency=currency, **more)


def consent(day: float, purpose: str = "profiling", granted: bool = True, **more: Any) -> events.Consent:
    """Somebody allowed, or forbade, the use of its data."""
    return events.Consent(**_head(day, "consent", more), purpose=purpose, granted=granted, **more)


def profile(day: float, **more: Any) -> events.Profile:
    """What is known of somebody."""
    return events.Profile(**_head(day, "profile", more), **more)


def alias(day: float, other_id: str, **more: Any) -> events.Alias:
    """Somebody is known under another id too."""
    return events.Alias(**_head(day, "alias", more), other_id=other_id, **more)


def contact(day: float, direction: str | None = "two_way", **more: Any) -> events.Contact:
    """The firm and the customer were in touch."""
    return events.Contact(**_head(day, "contact", more), direction=direction, **more)


def other(day: float, name: str = "page_view", **more: Any) -> events.Other:
    """Something happened that has no meaning here."""
    return events.Other(**_head(day, name, more), name=name, **more)


def acknowledged(day: float, alert: Alert, by: str = "eva", **more: Any) -> events.Acknowledge:
    """A person saw an alert."""
    return events.Acknowledge(**_action(day, "acknowledged", alert, by, more))


def snoozed(day: float, alert: Alert, until: float, by: str = "eva", **more: Any) -> events.Snooze:
    """A person put an alert off until a day."""
    return events.Snooze(**_action(day, "snoozed", alert, by, more), until=instant_of(until))


def closed(
    day: float, alert: Alert, outcome: Outcome = Outcome.RETAINED, by: str = "eva", **more: Any
) -> events.Resolve:
    """A person closed an alert."""
    return events.Resolve(**_action(day, "closed", alert, by, more), outcome=outcome)


def policy_from(day: float, policy: Policy, name: str | None = None) -> PolicyChange:
    """A policy takes effect."""
    return PolicyChange(id=name or f"policy of day {day}", effective_at=instant_of(day), policy=policy)


def model_from(
    day: float,
    mu0: float = MU0,
    sigma0: float = DEFAULT.sigma0,
    version: str = "m1",
    population: Population | None = None,
    churn: ChurnModel | None = None,
) -> ModelChange:
    """A fitted model takes effect."""
    model = Model(version=version, mu0=mu0, sigma0=sigma0, population=population, churn=churn)
    return ModelChange(id=f"model of day {day}", effective_at=instant_of(day), model=model)


def feed_from(day: float, silent: bool, source: str = "shop") -> FeedChange:
    """A source of events falls silent, or speaks again."""
    return FeedChange(id=f"feed of day {day}", effective_at=instant_of(day), source=source, silent=silent)


def release_from(day: float, fold_version: int = 2) -> Release:
    """A program takes effect whose fold differs."""
    return Release(id=f"release of day {day}", effective_at=instant_of(day), fold_version=fold_version)


def fold_story(
    *story: events.Fact | Sequence[events.Fact],
    until: float | None = None,
    policy: Policy | None = None,
    controls: Iterable[Control] = (),
) -> Folded:
    """What the fold makes of a story, told in any order; `until` is how far the partition's time has come."""
    told = [event for part in story for event in (part if isinstance(part, Sequence) else [part])]
    governance = Governance.of(list(controls), policy)
    return fold(ANNA, cast(list[events.Event], told), governance, None if until is None else instant_of(until))


def path(folded: Folded) -> list[Stage]:
    """The stages that a customer went through, in order."""
    return [transition.target for transition in folded.transitions]


def last(folded: Folded) -> Transition:
    """The newest transition."""
    return folded.transitions[-1]


def alert_of(folded: Folded, kind: AlertKind) -> Alert:
    """The newest alert of a kind."""
    return [alert for alert in folded.alerts if alert.kind is kind][-1]


def silences(folded: Folded) -> list[float]:
    """On which days the whole relationship was alarmed about silence, to three places."""
    raised = [alert for alert in folded.alerts if alert.kind is AlertKind.SILENCE and alert.line is None]
    return [round((alert.effective_at - BEGIN) / DAY, 3) for alert in raised if alert.number]


def alerts_of(folded: Folded) -> list[tuple[AlertKind, str]]:
    """Every alert with its status, in the order of being raised."""
    return [(alert.kind, alert.status.value) for alert in sorted(folded.alerts, key=lambda alert: alert.number)]


instant_of = day
"""`day` under another name, for where an argument is called `day`."""


def _head(day: float, kind: str, more: dict[str, Any]) -> dict[str, Any]:
    """What every event carries, taken out of the rest where a story says it: `id`, `source`, `customer`, `received`."""
    at = instant_of(day)
    received = more.pop("received", None)
    return {
        "id": EventId(more.pop("id", f"{kind} of day {day}")),
        "source": more.pop("source", "shop"),
        "customer_id": CustomerId(more.pop("customer", ANNA)),
        "occurred_at": at,
        "received_at": at if received is None else instant_of(received),
    }


def _action(day: float, kind: str, alert: Alert, by: str, more: dict[str, Any]) -> dict[str, Any]:
    head = _head(day, kind, more)
    named = alert_id(head["customer_id"], alert.line, alert.kind, alert.effective_at)
    return {**head, "source": events.OWN_SOURCE, "alert_id": named, "actor": by, "at": head["occurred_at"], **more}

"""Customers as the API answers them."""

from collections.abc import Mapping

from services.api import sentences
from services.api.labels import GUARDS, KINDS, STAGES, SUB_STATES, TYPES, Language
from services.api.lines import lines_answer, open_items_answer
from services.api.money import money_answer
from services.api.reading import Standing
from services.api.risk import detailed_risk_answer, risk_answer
from services.api.schemas.cards import MeasureAnswer
from services.api.schemas.customers import Change, Customer, Guard, Next, OpenAlert, Rhythm, SubState, Why
from services.api.times import stamp
from shared.domain import customer as domain
from shared.domain import decisions, outlook
from shared.domain.alerts import OPEN, Alert
from shared.domain.context import SignKind
from shared.domain.ids import alert_id
from shared.domain.instants import DAY, Instant
from shared.domain.money import DECIMALS
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.reasons import sign_of
from shared.domain.rhythm.gaps import last_purchase
from shared.domain.rhythm.silent import foreseen
from shared.domain.rules import pending_settlement
from shared.domain.stages import Stage
from shared.domain.volume import level
from shared.ports.queries import CustomerView


def customer_answer(
    standing: Standing,
    language: Language,
    measures: Mapping[str, MeasureAnswer] | None = None,
    *,
    detailed: bool = False,
) -> Customer:
    """Where a customer stands, why, what comes next, and what would change it; its measures where they are given.

    `detailed`: with what its risk rests on, which takes too long for lists.
    """
    view, policy, newest = standing.view, standing.policy_of(None), standing.newest
    customer = foreseen(view.customer, policy)
    risk_of = detailed_risk_answer if detailed else risk_answer
    sub_state = _sub_state(customer, view.as_of, policy)
    return Customer(
        customer_id=view.customer_id,
        stage=own_stage(customer.stage),
        label=STAGES[customer.stage].says(language),
        since=None if customer.stage is Stage.TARGET else stamp(customer.since),
        cycle=customer.cycle,
        type=view.type,
        type_label=TYPES[view.type].says(language),
        origin=customer.origin,
        sub_state=sub_state,
        sub_state_label=None if sub_state is None else SUB_STATES[sub_state].says(language),
        lost=customer.lost,
        waking=customer.waking,
        rhythm=_rhythm(view),
        risk=risk_of(customer, view.as_of, policy, language),
        occasions=customer.cycle_occasions,
        level=money_answer(level(customer), customer.currency),
        satisfaction=_rounded(satisfaction(customer)),
        lines=lines_answer(standing, language),
        open_items=[] if view.as_of is None else open_items_answer(customer, view.as_of, language),
        tier=customer.tier,
        alerts=[_open_alert(view.customer_id, one, language) for one in customer.every_alert if one.status in OPEN],
        why=None if newest is None else why_answer(newest, customer.currency, language),
        next=next_answer(customer, policy, language),
        changes=changes_answer(customer, view.as_of, policy, language),
        measures=measures,
        parked=view.parked,
        version=view.version,
        as_of=None if view.as_of is None else stamp(view.as_of),
    )


def own_stage(stage: Stage) -> Stage | None:
    """The stage as a customer's answer says it: a target has none."""
    return None if stage is Stage.TARGET else stage


def why_answer(transition: decisions.Transition, currency: str | None, language: Language) -> Why:
    """Why a stage changed."""
    reason = transition.reason
    return Why.model_validate(
        {
            "signal": reason.signal,
            "text": sentences.why(reason, transition.cause, currency, language),
            "cause": transition.cause,
            "concept": reason.concept,
            "event_ids": list(reason.event_ids),
            "guards": [guard_answer(guard, currency, language) for guard in reason.guards],
            "policy": reason.policy,
            "model": reason.model,
        }
    )


def guard_answer(guard: decisions.Guard, currency: str | None, language: Language) -> Guard:
    """One condition. Amounts are told in major units, like everywhere in the API."""
    unit, scale = _UNITS.get(guard.name), 1
    if guard.name in ("volume", "margin"):
        unit, scale = currency, 10 ** DECIMALS.get(currency or "", 0)
    return Guard.model_validate(
        {
            "name": guard.name,
            "label": GUARDS[guard.name].says(language),
            "concept": guard.concept,
            "value": None if guard.value is None else guard.value / scale,
            "comparison": sentences.comparison(guard).en,
            "threshold": None if guard.threshold is None else guard.threshold / scale,
            "unit": unit,
            "holds": guard.holds,
            "text": sentences.guard_text(guard, currency, language),
        }
    )


def next_answer(customer: domain.Customer, policy: Policy, language: Language) -> Next | None:
    """What continued silence will do to the stage."""
    coming = outlook.upcoming(customer, policy)
    if coming is None:
        return None
    return Next(
        at=stamp(coming.at),
        stage=coming.stage,
        label=STAGES[coming.stage].says(language),
        because=coming.because,
        text=sentences.coming(coming, language, by_model=policy.churn is not None),
    )


def changes_answer(
    customer: domain.Customer, as_of: Instant | None, policy: Policy, language: Language
) -> list[Change]:
    """What would change the stage, or keep it."""
    if as_of is None:
        return []
    return [_change(customer, way, language) for way in outlook.ways(customer, as_of, policy)]


_UNITS = {"tenure_days": "days", "gap_days": "days", "silence_days": "days"}


def _change(customer: domain.Customer, way: outlook.Way, language: Language) -> Change:
    at_least = sentences.amount(way.at_least, way.currency)
    return Change(
        stage=way.stage,
        label=STAGES[way.stage].says(language),
        by=way.by,
        at_least=at_least,
        currency=None if at_least is None else way.currency,
        before=None if way.before is None else stamp(way.before),
        missing=[guard_answer(guard, customer.currency, language) for guard in way.missing],
        text=sentences.change(customer, way, language),
    )


def _rhythm(view: CustomerView) -> Rhythm:
    customer, last = view.customer, last_purchase(view.customer)
    silence = None if last is None or view.as_of is None else max(0.0, (view.as_of - last) / DAY)
    return Rhythm(
        median_gap_days=round(customer.median_gap, 3),
        long_gap_days=round(customer.long_gap, 3),
        silence_days=_rounded(silence),
    )


def _sub_state(customer: domain.Customer, as_of: Instant | None, policy: Policy) -> SubState | None:
    states: dict[SubState, bool] = {
        "lost": customer.lost,
        "waking": customer.waking,
        "ending_pending_settlement": pending_settlement(customer, as_of, policy),
        "leaving": customer.leaving,
        "dissatisfied": customer.dissatisfied,
        "need_shrunk": sign_of(customer, SignKind.NEED_SHRUNK) is not None,
    }
    return next((name for name, holds in states.items() if holds), None)


def _open_alert(customer_id: str, alert: Alert, language: Language) -> OpenAlert:
    return OpenAlert(
        id=alert_id(customer_id, alert.line, alert.kind, alert.effective_at),
        line=alert.line,
        kind=alert.kind,
        label=KINDS[alert.kind].says(language),
        severity=alert.severity,
        status=alert.status,
        effective_at=stamp(alert.effective_at),
        deadline=stamp(alert.deadline),
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)

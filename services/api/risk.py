"""A customer's risk as the API answers it."""

from services.api.labels import Language
from services.api.risk_labels import MOVERS, WEAK_SIGNS, mover_text, risk_text, weak_sign_text
from services.api.schemas.risk import Mover, Risk, RiskDetails, WeakSign
from services.api.times import stamp
from shared.domain.customer import Customer
from shared.domain.instants import DAY, LATEST, Instant, due
from shared.domain.money import DECIMALS
from shared.domain.policy import Policy
from shared.domain.rhythm import churn, movers, reading

PLACES = 6


def risk_answer(
    customer: Customer, at: Instant | None, policy: Policy, language: Language, *, borrowed: bool = False
) -> Risk | None:
    """The risk in short; None for who has not bought in this cycle. `borrowed`: by the model of the relationship."""
    found = None if at is None else reading.risk_in_short(customer, at, policy)
    return None if found is None else _risk(found, None, policy, language, borrowed=borrowed)


def detailed_risk_answer(customer: Customer, at: Instant | None, policy: Policy, language: Language) -> Risk | None:
    """The risk with what it rests on; None for who has not bought in this cycle."""
    found = None if at is None else reading.risk_reading(customer, at, policy)
    if at is None or found is None:
        return None
    return _risk(found.risk, _details(found, at, customer.currency, language), policy, language)


def _risk(
    found: reading.Risk, details: RiskDetails | None, policy: Policy, language: Language, *, borrowed: bool = False
) -> Risk:
    return Risk(
        by=found.by,
        text=risk_text(found, policy.model, language, borrowed=borrowed),
        p_no_purchase=round(found.p_no_purchase, PLACES),
        horizon_days=found.horizon_days,
        silence_days=round(found.silence_days, 3),
        due_at=None if found.alert_at is None else stamp(found.alert_at),
        due_silence_days=_rounded(found.alert_silence_days, 3),
        details=details,
    )


def _details(found: reading.RiskReading, at: Instant, currency: str | None, language: Language) -> RiskDetails:
    tested = found.tested_days or found.risk.horizon_days
    return RiskDetails(
        p_after_purchase=round(found.p_after_purchase, PLACES),
        median_days=_rounded(found.median_days, 3),
        expected_at=_expected(found.median_days, at),
        model=found.model,
        classic=_rounded(found.classic, PLACES),
        hazard=_rounded(found.hazard, PLACES),
        weight=_rounded(found.weight, PLACES),
        threshold=_rounded(found.threshold, PLACES),
        overdue_days=_rounded(found.overdue_days, 3),
        silence_r=_rounded(found.r, 3),
        r_threshold=found.r_threshold,
        because=[_mover(one, currency, language) for one in found.movers],
        weak_signs=[_weak_sign(one, tested, language) for one in found.weak_signs],
    )


def _expected(median_days: float | None, at: Instant) -> str | None:
    expected = None if median_days is None else due(at + median_days * DAY)
    return None if expected is None or expected > LATEST else stamp(expected)


def _mover(mover: movers.Mover, currency: str | None, language: Language) -> Mover:
    """A fact. Amounts are told in major units, like everywhere in the API."""
    unit, scale = _UNITS.get(mover.name), 1
    if mover.name == "amount":
        unit, scale = currency, 10 ** DECIMALS.get(currency or "", 0)
    value, compared_with = round(mover.value / scale, 3), round(mover.compared_with / scale, 3)
    return Mover(
        name=mover.name,
        label=MOVERS[mover.name].says(language),
        against=mover.against,
        value=value,
        compared_with=compared_with,
        unit=unit,
        part=round(mover.part, PLACES),
        days=mover.days,
        text=mover_text(mover, value, compared_with, unit, language),
    )


def _weak_sign(sign: churn.WeakSign, days: float, language: Language) -> WeakSign:
    return WeakSign(
        code=sign.code,
        label=WEAK_SIGNS[sign.code].says(language),
        with_it=round(sign.with_it, PLACES),
        without=round(sign.without, PLACES),
        days=days,
        customers=sign.customers,
        text=weak_sign_text(sign, days, language),
    )


_UNITS = {"interval": "days", "newest_gaps": "days", "silence": "days", "rate": "a year"}


def _rounded(figure: float | None, places: int) -> float | None:
    return None if figure is None else round(figure, places)

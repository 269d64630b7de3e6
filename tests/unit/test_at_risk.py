"""What is at risk with an alert: what a customer spends at its own pace, times the probability that it stops."""

from math import exp, inf
from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace

from services.api import sentences
from services.scorer.messages import alert_message
from shared.adapters import codec
from shared.domain.alerts import Alert, AlertKind, AlertStatus, Evidence, Severity
from shared.domain.at_risk import Odds, mean_gap, usual_spend, with_odds
from shared.domain.controls import Governance
from shared.domain.customer import Customer, Occasion
from shared.domain.draft import Draft
from shared.domain.evidence import evidence
from shared.domain.instants import Day
from shared.domain.money import MOST
from shared.domain.policy import DEFAULT
from shared.domain.rhythm.silent import risk
from shared.domain.stages import Stage
from shared.ports.store import RaisedAlert
from tests.builders import day, fold_story, purchase, purchases
from tests.models import MODEL

PRIOR_GAP = exp(DEFAULT.mu0)
KNOWN = Evidence(currency="EUR", p_no_purchase=0.825, horizon_days=90.0, value_at_risk=120_00)


def alert(found: Evidence) -> Alert:
    facts: dict[str, Any] = {"number": 1, "severity": Severity.LOW, "status": AlertStatus.OPEN, "reason": "unknown"}
    return Alert(
        kind=AlertKind.SILENCE,
        effective_at=day(1),
        stage=Stage.FORMATION,
        deadline=day(9),
        evidence=found,
        **facts,
    )


def buyer(*amounts: int | None, **more: Any) -> Customer:
    """Who bought for these amounts, a day apart."""
    occasions = tuple(Occasion(Day(number), amount) for number, amount in enumerate(amounts))
    return Customer(currency="EUR", occasions=occasions, **more)


def test_a_steady_customer_spends_its_usual_amount_once_every_mean_gap() -> None:
    customer = fold_story(purchases(*range(0, 100, 10), amount=50_00)).customer

    gap = (90 + 3 * PRIOR_GAP) / (9 + 3)
    assert mean_gap(customer, DEFAULT) == pytest.approx(gap)
    assert usual_spend(customer, 60, DEFAULT) == round(50_00 * 60 / gap)


def test_one_large_order_does_not_make_a_customer_rich() -> None:
    orders = [*purchases(0, 10, 20, 30, amount=10_00), purchase(40, 9_000_00)]

    spend = usual_spend(fold_story(orders).customer, 60, DEFAULT)

    assert spend == usual_spend(fold_story(purchases(0, 10, 20, 30, 40, amount=10_00)).customer, 60, DEFAULT)


def test_who_bought_once_has_the_pace_of_the_prior() -> None:
    customer = fold_story([purchase(0, 30_00)]).customer

    assert mean_gap(customer, DEFAULT) == pytest.approx(PRIOR_GAP)
    assert usual_spend(customer, PRIOR_GAP, DEFAULT) == 30_00


def test_what_nobody_knows_is_not_guessed() -> None:
    assert usual_spend(Customer(), 90, DEFAULT) is None
    assert usual_spend(buyer(None, None), 90, DEFAULT) is None
    assert usual_spend(buyer(None, 10_00, None), PRIOR_GAP, DEFAULT) == 10_00
    assert usual_spend(buyer(0, 0), 90, DEFAULT) == 0


def test_no_pace_is_faster_than_a_purchase_a_day_and_no_sum_outgrows_the_store() -> None:
    hasty = replace(DEFAULT, mu0=-900.0)

    assert mean_gap(buyer(1), hasty) == 1.0
    assert usual_spend(buyer(10_00), 5, hasty) == 50_00
    assert usual_spend(buyer(MOST), 3_000, hasty) == MOST
    assert mean_gap(buyer(1, cycle_gaps=1, cycle_gap_sum=100_000), DEFAULT) < inf


def test_value_at_risk_is_the_probability_times_the_spending() -> None:
    customer = fold_story(purchases(*range(0, 100, 10), amount=50_00)).customer
    spend = usual_spend(customer, 60, DEFAULT)
    assert spend is not None

    found = with_odds(Evidence(currency="EUR", volume=7), customer, Odds(0.123456789, 60), DEFAULT)

    assert (found.p_no_purchase, found.horizon_days) == (0.123457, 60)
    assert found.value_at_risk == round(0.123456789 * spend)
    assert (found.volume, found.at_risk) == (7, ("EUR", found.value_at_risk))


def test_evidence_takes_the_odds_of_a_model_and_says_nothing_without() -> None:
    customer = fold_story(purchases(0, 10, 20, 30)).customer
    modelled = replace(DEFAULT, churn=MODEL)

    told = evidence(Draft("anna", customer, Governance.of((), modelled)), day(60))
    untold = evidence(Draft("anna", customer, Governance()), day(60))

    chance = risk(customer, day(60), modelled)
    assert chance is not None
    assert (told.p_no_purchase, told.horizon_days) == (round(chance, 6), 90)
    assert told.value_at_risk == round(chance * (usual_spend(customer, 90, DEFAULT) or 0)) > 0
    assert replace(told, p_no_purchase=None, horizon_days=None, value_at_risk=None) == untold
    assert untold.at_risk == ("", 0)


@pytest.mark.parametrize("unknown", [{"value_at_risk": None}, {"currency": None}])
def test_a_value_without_currency_or_probability_ranks_below_everything(unknown: dict[str, None]) -> None:
    assert replace(KNOWN, **unknown).at_risk == ("", 0)
    assert replace(KNOWN, **unknown).at_risk < KNOWN.at_risk == ("EUR", 120_00)


def test_alerts_of_before_are_read_and_written_as_they_were() -> None:
    before = alert(Evidence(currency="EUR", volume=7))

    body = codec.encode_alert(before)

    assert json.decode(body)["evidence"] == {"currency": "EUR", "volume": 7}
    assert codec.decode_alert(body) == before
    assert codec.decode_alert(codec.encode_alert(alert(KNOWN))).evidence == KNOWN


def test_the_world_is_told_what_is_at_risk() -> None:
    _, payload = alert_message(RaisedAlert(customer_id="anna", alert=alert(KNOWN), changed_at=day(1)), DEFAULT)

    assert json.decode(payload)["evidence"] == {
        "currency": "EUR",
        "p_no_purchase": 0.825,
        "horizon_days": 90.0,
        "value_at_risk": 120_00,
    }


def test_the_sentence_of_an_alert_ends_with_the_odds_where_they_are_known() -> None:
    without = sentences.alert_text(alert(Evidence()), "en")

    assert sentences.alert_text(alert(KNOWN), "en") == (
        f"{without[:-1]}; with 82.5 % probability it buys nothing in the next 90 days, value at risk: 120.00 EUR."
    )
    assert sentences.alert_text(alert(KNOWN), "zh").endswith(
        "；此后 90 天内不再购买的概率为 82.5 %，风险金额：120.00 EUR。"
    )

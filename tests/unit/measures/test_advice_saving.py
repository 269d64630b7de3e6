"""Save a leaving customer, or let it go (002-14)."""

from typing import Any

import pytest

from shared.domain.actions import Action
from shared.domain.alerts import Outcome
from shared.domain.measures.all import MEASURES
from shared.domain.measures.worth import usual_order
from shared.domain.policy import Policy
from shared.domain.population import Population
from shared.domain.saving import cost_of, saving
from shared.domain.stages import Stage
from tests.builders import closed, complaint, contact, ended, inquiry, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading


def policy(saved: dict[str, float] | None = None) -> Policy:
    """Tier A from 100.00 on, reached from B at 110.00; C below 30.00; past outcomes by reason and tier."""
    return Policy(population=Population(currency="EUR", tier_a=100_00, tier_c=30_00, saved=saved or {}))


def leaving(cost: int, **more: Any) -> list[Any]:
    """Three orders of 100.00, and silence since day 60."""
    return list(purchases(0, 30, 60, cost=cost, **more))


def test_a_leaving_customer_is_saved_where_that_brings_more_than_it_costs() -> None:
    """002-14: 0.3 · 40.00 · 365/30 - 25.00 = 146.00 - 25.00."""
    found = reading("save_or_let_go", case_of(leaving(60_00), until=190))

    assert found.value == "save"
    assert found.parts == {
        "p": 0.3,
        "p_from": "prior",
        "margin": pytest.approx(486_66.67, abs=0.01),
        "cost": 25_00,
        "value": pytest.approx(121_00),
        "action": "personal_contact",
        "reason": "unknown",
        "outcome": None,
    }


@pytest.mark.parametrize(("cost", "choice"), [(93_00, "save"), (94_00, "let_go"), (120_00, "let_go")])
def test_a_small_margin_is_not_worth_the_cost(cost: int, choice: str) -> None:
    """002-14: 0.3 · 365/30 is 3.65; times a margin of 7.00 it is more than 25.00, of 6.00 it is less."""
    assert reading("save_or_let_go", case_of(leaving(cost), until=190)).value == choice


def test_whoever_brings_just_what_it_costs_is_let_go() -> None:
    """002-14: no margin, and an action that cost nothing."""
    free = contact(70, "out", action="personal_contact", cost=0, currency="EUR")

    found = reading("save_or_let_go", case_of(leaving(100_00), free, until=190))

    assert found.parts["value"] == 0
    assert found.value == "let_go"


@pytest.mark.parametrize(
    ("known", "p", "source"),
    [
        ({"unknown/A": 0.05}, 0.05, "population"),
        ({"unknown/A": 0.0}, 0.0, "population"),
        ({"unknown/B": 0.05, "dissatisfied/A": 0.9}, 0.3, "prior"),
        ({}, 0.3, "prior"),
    ],
)
def test_the_chance_comes_from_past_outcomes_of_the_same_reason_and_tier(
    known: dict[str, float], p: float, source: str
) -> None:
    """002-14: 3 · 40.00 reach tier A; without such outcomes it is the policy's prior, and says so."""
    found = saving(case_of(leaving(60_00), until=190, policy=policy(known)), Action.PERSONAL_CONTACT)

    assert (found.p, found.p_from) == (p, source)


def test_without_a_tier_past_outcomes_do_not_apply() -> None:
    """002-14: no cost of goods, no tier."""
    found = saving(case_of(purchase(0), until=190, policy=policy({"unknown/A": 0.9})), Action.LET_GO)

    assert (found.p, found.p_from, found.margin, found.value) == (0.3, "prior", None, None)


def test_prior_and_horizon_are_the_policys() -> None:
    """002-14: p of 1 over six months of 40.00 every 30 days; half an order of 100.00."""
    sure = Policy(save_prior=1, save_months=6, action_cost_orders=0.5)

    found = saving(case_of(leaving(60_00), until=190, policy=sure), Action.WAKE_UP)

    assert found.margin == pytest.approx(40_00 * 182.5 / 30)
    assert found.value == pytest.approx(40_00 * 182.5 / 30 - 50_00)


def test_an_action_costs_what_it_cost_before() -> None:
    """002-14: the mean of 10.00 and 20.00; other actions, and costs in another currency, do not count."""
    story = [
        purchase(0),
        contact(1, action="wake_up", cost=10_00, currency="EUR"),
        contact(2, action="wake_up", cost=20_00, currency="EUR"),
        contact(3, action="wake_up", cost=99_00, currency="USD"),
        contact(4, action="wake_up"),
        contact(5, action="match_rival", cost=99_00, currency="EUR"),
    ]

    assert cost_of(case_of(story, until=9), Action.WAKE_UP) == 15_00
    assert cost_of(case_of(story, until=9), Action.MATCH_RIVAL) == 99_00
    assert cost_of(case_of(story, until=9), Action.REVIEW_PRICE) == 25_00
    assert cost_of(case_of(inquiry(0), until=9), Action.REVIEW_PRICE) is None


def test_the_usual_order_is_the_median_of_what_was_kept() -> None:
    """002-14: of 10, 30 and 100 it is 30; what went back in full is no order."""
    story = [
        purchase(0, 10),
        purchase(1, 30),
        purchase(2, 100),
        purchase(3, 5, order="back"),
        refund(4, 5, order="back"),
    ]

    assert usual_order(case_of(story, until=9)) == 30
    assert usual_order(case_of(inquiry(0), until=9)) is None


def test_two_orders_of_one_day_are_one_occasion_of_margin() -> None:
    """002-14: 2 · 40.00 a day, every 30 days."""
    story = [purchase(0, cost=60_00), purchase(0.5, cost=60_00)]

    found = saving(case_of(story, until=1), Action.WAKE_UP)

    assert found.margin == pytest.approx(80_00 * 365 / 30)


def test_without_a_cost_of_goods_there_is_no_choice() -> None:
    """002-14: unknown, with p and cost in its parts."""
    found = reading("save_or_let_go", case_of(purchases(0, 30, 60), until=190))

    assert found.missing == ("the cost of what was bought",)
    assert found.parts["p"] == 0.3
    assert found.parts["margin"] is None


def test_only_who_is_leaving_is_saved_or_let_go() -> None:
    """002-14: neither a climber, nor a prospect, nor who is gone."""
    gone = case_of(leaving(60_00), ended(61), until=62)

    assert gone.state.stage is Stage.ENDED
    assert reading("save_or_let_go", gone).value == "not_needed"
    assert reading("save_or_let_go", case_of(leaving(60_00), until=61)).value == "not_needed"
    assert reading("save_or_let_go", case_of(inquiry(0), until=1)).value == "not_needed"
    assert reading("save_or_let_go", case_of(complaint(0), until=1)).missing == ("a purchase",)


def test_the_outcome_of_the_newest_alert_is_told() -> None:
    """002-14: silent from day 181 on, back on day 190; silent again, and closed by a person on day 500."""
    story = purchases(0, 30, 60, 190)
    again = case_of(story, until=500)
    newest = max(again.alerts, key=lambda alert: alert.effective_at)

    back = case_of(story, until=190)
    shut = case_of(story, closed(500, newest, Outcome.FALSE_ALARM), until=501)

    assert reading("save_or_let_go", back).parts == {"outcome": "returned"}
    assert reading("save_or_let_go", shut).parts["outcome"] == "false_alarm"


@pytest.mark.parametrize("name", ["save_or_let_go", "recommended_action"])
def test_what_is_an_amount_is_told_as_one(name: str) -> None:
    """002-14: margin, cost and value are minor units, p is not."""
    parts = reading(name, case_of(leaving(60_00), until=190)).parts

    assert MEASURES[name].amounts == ("margin", "cost", "value")
    assert set(MEASURES[name].amounts) <= set(parts)

"""What is advised for a customer, and why (000-7)."""

from typing import Any

import pytest

from shared.domain.actions import RETENTION, Action
from shared.domain.advice import CURES, RULES, URGENT, WHY_CURE, recommended
from shared.domain.alerts import ReasonCode
from shared.domain.events import Competitor, Consent, Invoice, Praise, PriceChange, Profile
from shared.domain.measures.causes import REASONS
from shared.domain.policy import Policy
from shared.domain.population import Population
from shared.domain.stages import CUSTOMER_STAGES, Stage
from tests.builders import (
    answer,
    complaint,
    contact,
    contract,
    end_intent,
    ended,
    inquiry,
    purchase,
    purchases,
    rejection,
    resolved,
)
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import monthly, told

CHEAP = purchases(0, 30, 60, cost=99_00)
"""A margin of 1.00 each: not worth 25.00 to save."""
DEAR = purchases(0, 30, 60, cost=60_00)
TIERS = Policy(population=Population(currency="EUR", tier_a=300_00, tier_c=10_00))
STABLE = purchases(*monthly(9), cost=60_00)
ALLOWED = told(Consent, 0, purpose="profiling", granted=True)
KNOWN = told(Profile, 1, dates={"birthday": "05-07"}, preferred_channel="mail")


def advised(*story: Any, until: float, policy: Policy | None = None) -> Action:
    return recommended(case_of(*story, until=until, policy=policy)).action


@pytest.mark.parametrize(
    ("story", "until", "action"),
    [
        ([contract(0)], 1, Action.INTRODUCE),
        ([inquiry(0, kind="view")], 1, Action.GUIDE_FIRST_PURCHASE),
        ([inquiry(0)], 1, Action.ANSWER_INQUIRY),
        ([inquiry(0), answer(0.5)], 1, Action.GUIDE_FIRST_PURCHASE),
        ([inquiry(0), rejection(1)], 2, Action.ASK_WHY),
        ([purchase(0)], 1, Action.ENCOURAGE_SECOND_PURCHASE),
        ([purchases(0, 30)], 31, Action.PROVE_VALUE),
        ([purchases(0, 30), told(Praise, 30)], 31, Action.BUILD_ON_GOOD_FEELING),
        ([purchases(0, 30, 60)], 61, Action.SOCIAL_BOND),
        ([purchases(0, 30, 60), contact(61)], 61, Action.STRUCTURAL_BOND),
        ([purchases(0, 30, 60), contract(61, kind="supply")], 61, Action.RETENTION_RATE_PROGRAMME),
        ([purchases(0, 30, 60), inquiry(61)], 61, Action.ANSWER_INQUIRY),
        ([purchases(0, 30, 60), told(Praise, 61), complaint(61)], 61, Action.RESOLVE_COMPLAINT),
        ([purchases(0, 30, 60), complaint(61), inquiry(61)], 61, Action.RESOLVE_COMPLAINT),
        ([purchases(0, 30, 60), ended(61)], 62, Action.LET_GO),
    ],
)
def test_the_action_follows_stage_and_sub_state(story: list[Any], until: float, action: Action) -> None:
    """000-7: cultivation for who is climbing; what waits for an answer first of all."""
    case = case_of(*story, until=until)

    assert recommended(case).action is action
    if case.state.stage is not Stage.TARGET:
        assert reading("recommended_action", case).value == action


def test_of_a_mere_target_no_action_is_measured() -> None:
    """000-7: the advice is to introduce oneself; as a measure it is unknown."""
    assert reading("recommended_action", case_of(contract(0), until=1)).missing == ("an inquiry or a purchase",)


@pytest.mark.parametrize(
    ("months", "slope", "action"),
    [
        (8, 0.05, Action.SOCIAL_BOND),
        (9, 0.05, Action.SURVEY_NEEDS),
        (10, 0.0371, Action.SURVEY_NEEDS),
        (10, 0.037, Action.SOCIAL_BOND),
    ],
)
def test_a_grower_that_stagnates_is_asked_for_its_needs(months: int, slope: float, action: Action) -> None:
    """000-7: grown once, on day 90; three windows of 60 days without growth are over on day 270.

    tau over 250, 200, 200 and 200 is -ln(251/201)/6, which is -0.03702.
    """
    story = [purchase(day, 150_00 if day == 90 else 100_00) for day in monthly(months + 1)]
    policy = Policy(window_floor_days=60, window_gaps=0.1, stability_days=900, stagnation_slope=slope)

    assert advised(*story, until=30 * months, policy=policy) is action


@pytest.mark.parametrize(
    ("more", "action"),
    [
        ([], Action.SPECIAL_APPRECIATION),
        ([contact(230, "out", action="special_appreciation")], Action.SWITCHING_COSTS),
        ([contact(210, "out", action="special_appreciation")], Action.SPECIAL_APPRECIATION),
        ([contact(230, "out", action="special_appreciation"), ALLOWED, KNOWN], Action.EMOTIONAL_TIE),
        ([contact(230, "out", action="special_appreciation"), ALLOWED], Action.LEARNING_RELATIONSHIP),
        (
            [contact(230, "out", action="special_appreciation"), contract(1, kind="membership"), ALLOWED],
            Action.GROUP_ACTIVITY,
        ),
        (
            [contact(230, "out", action="special_appreciation"), contract(1, kind="supply")],
            Action.RETENTION_RATE_PROGRAMME,
        ),
    ],
)
def test_a_stable_customer_is_kept_by_the_first_measure_that_is_open_and_rested(
    more: list[Any], action: Action
) -> None:
    """001-18: a measure rests for 30 days after it was taken; personal ones ask for consent (001-19)."""
    assert advised(*STABLE, *more, until=240, policy=TIERS) is action


def test_stability_that_rests_on_discounts_gets_a_social_bond() -> None:
    """001-20: before any other measure."""
    assert advised(purchases(*monthly(9), discount=5), until=240) is Action.SOCIAL_BOND


@pytest.mark.parametrize(
    ("trace", "action"),
    [
        ([], Action.PERSONAL_CONTACT),
        ([told(Competitor, 170, kind="offer")], Action.MATCH_RIVAL),
        ([told(PriceChange, 170, percent=5.0)], Action.REVIEW_PRICE),
        ([inquiry(170, intent="unmet_need"), answer(171)], Action.EXTEND_OFFER),
        ([complaint(170), resolved(171), complaint(172), resolved(173)], Action.PROTECT_INTERESTS),
        ([complaint(170)], Action.RESOLVE_COMPLAINT),
        ([contract(1), end_intent(170, reason="need_changed")], Action.SURVEY_NEEDS),
        ([contract(1), end_intent(170, reason="firm_outlook")], Action.SHOW_OUTLOOK),
    ],
)
def test_a_decline_gets_the_cure_for_its_reason(trace: list[Any], action: Action) -> None:
    """000-7, 002-15: silent since day 60, with a margin worth saving."""
    case = case_of(DEAR, *trace, until=190)

    assert case.state.stage is Stage.DECLINE
    assert recommended(case).action is action


def test_a_customer_on_watch_gets_the_cure_before_it_falls() -> None:
    """000-7, 002-12: a rival's offer in exploration."""
    advice = recommended(case_of(purchase(0, cost=60_00), told(Competitor, 1, kind="offer", id="offer"), until=2))

    assert advice.action is Action.MATCH_RIVAL
    assert advice.evidence == ("offer",)
    assert (advice.why_en, advice.why_zh) == WHY_CURE[ReasonCode.RIVAL]


def test_a_sleeper_is_woken_and_its_inquiry_is_answered() -> None:
    """004-11, 000-7: dormant since day 302."""
    asleep = case_of(DEAR, until=310)
    waking = case_of(DEAR, inquiry(305), until=310)
    priced = case_of(DEAR, told(PriceChange, 170, percent=5.0), until=310)

    assert asleep.state.stage is waking.state.stage is Stage.DORMANT
    assert recommended(asleep).action is Action.WAKE_UP
    assert recommended(waking).action is Action.ANSWER_INQUIRY
    assert recommended(priced).action is Action.REVIEW_PRICE


def test_a_waking_sleeper_is_spoken_to_also_after_a_mere_look() -> None:
    """004-11: a view is nothing to answer, yet it announces the purchase."""
    assert advised(DEAR, inquiry(305, kind="view"), until=310) is Action.ANSWER_INQUIRY


@pytest.mark.parametrize(
    ("more", "action"),
    [
        ([], Action.LET_GO),
        ([told(Invoice, 61, amount=5, currency="EUR")], Action.SETTLE_ACCOUNTS),
        ([contract(1)], Action.SETTLE_ACCOUNTS),
        ([complaint(170)], Action.RESOLVE_COMPLAINT),
    ],
)
def test_a_customer_that_is_not_worth_it_is_let_go_once_the_books_are_settled(more: list[Any], action: Action) -> None:
    """002-14: 0.3 · 12.17 is less than 25.00; a complaint is answered all the same."""
    advice = recommended(case_of(CHEAP, *more, until=190))

    assert advice.action is action
    assert advice.value is not None
    assert advice.value < 0
    assert (advice.why_en == "Saving it would cost more than it brings.") is (action is not Action.RESOLVE_COMPLAINT)


def test_advice_carries_its_arithmetic() -> None:
    """000-7: p 0.3, a year's margin of 40.00 every 30 days, a quarter of an order of 100.00."""
    advice = recommended(case_of(DEAR, until=190))

    assert (advice.p, advice.p_from, advice.cost) == (0.3, "prior", 25_00)
    assert advice.margin == pytest.approx(40_00 * 365 / 30)
    assert advice.value == pytest.approx(0.3 * 40_00 * 365 / 30 - 25_00)
    parts = reading("recommended_action", case_of(DEAR, until=190)).parts
    assert parts == {
        "p": 0.3,
        "margin": advice.margin,
        "cost": 25_00,
        "value": advice.value,
        "deadline_days": advice.deadline_days,
    }


def test_an_unknown_margin_does_not_stop_the_cure() -> None:
    """000-7: without a cost of goods the arithmetic is unknown, the reason is not."""
    advice = recommended(case_of(purchases(0, 30, 60), until=190))

    assert advice.action is Action.PERSONAL_CONTACT
    assert (advice.margin, advice.value, advice.cost) == (None, None, 25_00)


def test_advice_says_how_long_there_is_time() -> None:
    """000-7: to the deadline of the alert, and nothing once it is over; without one, to the fall into silence."""
    alerted = case_of(DEAR, until=182)
    deadline = (alerted.state.alerts[0].deadline - alerted.as_of) / 86_400e6

    assert 0 < deadline < 7
    assert recommended(alerted).deadline_days == pytest.approx(deadline)
    assert recommended(case_of(DEAR, until=290)).deadline_days == 0
    calm = recommended(case_of(purchase(0), until=0, policy=Policy(long_gap_floor_days=300)))
    assert calm.deadline_days == 300
    assert recommended(case_of(inquiry(0, kind="view"), until=1)).deadline_days is None


def test_without_consent_advice_says_that_it_rests_on_the_stage() -> None:
    """001-19: consent is missing; with it nothing is."""
    assert recommended(case_of(purchase(0), until=1)).missing == ("consent",)
    assert reading("recommended_action", case_of(purchase(0), until=1)).missing == ("consent",)
    assert recommended(case_of(purchase(0), ALLOWED, until=1)).missing == ()


def test_advice_without_a_trace_shows_what_made_the_stage() -> None:
    """000-7: the event behind the newest transition."""
    assert recommended(case_of(purchases(0, 30, 60), until=61)).evidence == ("purchase of day 60",)
    assert recommended(case_of(contract(0), until=1)).evidence == ()


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in (Stage.DECLINE, Stage.DORMANT)])
def test_there_is_advice_at_every_stage(stage: Stage) -> None:
    """000-7: its last rule holds of anybody, of whom nothing is known; who falls gets a cure."""
    last = [rule for rule in RULES if stage in rule.stages][-1]

    assert last.when(case_of(contract(0), until=0))
    assert last.action not in {rule.action for rule in URGENT}


def test_every_reason_has_a_cure_and_every_rule_a_sentence() -> None:
    """000-7: in two languages."""
    assert set(CURES) == set(WHY_CURE) == set(REASONS) - {"none"}
    sentences = [*WHY_CURE.values(), *((rule.en, rule.zh) for rule in RULES)]
    assert all(en.endswith(".") and zh.endswith("。") for en, zh in sentences)
    assert all(set(rule.stages) == set(Stage) for rule in URGENT)
    assert {rule.action for rule in RULES if Stage.STABILITY in rule.stages} >= set(RETENTION)
    assert set(CUSTOMER_STAGES) <= {stage for rule in RULES if rule not in URGENT for stage in rule.stages}

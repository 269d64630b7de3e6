"""What a back-test is asked: chosen where nobody said it, refused where the history cannot be asked that."""

from datetime import date

import pytest

from services.cli.backtest.asking import policy_of, setting, settings_of
from services.cli.backtest.history import Bought, History
from services.cli.backtest.plan import AlertPlan, Asked, BadPlan, RiskPlan, Span, choices, day_of, plan_of
from shared.domain.instants import Day, Instant
from shared.domain.policies import BadPolicy
from shared.domain.policy import DEFAULT

YEAR = Span(day_of(date(2024, 1, 1)), day_of(date(2024, 12, 31)))
PRICED = History(purchases={"anna": [Bought(Instant(0), 1, 500, "USD")]})
UNPRICED = History(purchases={"anna": [Bought(Instant(0), 1, None, "USD")]})


def test_without_a_word_the_cut_off_lies_two_thirds_in_and_the_horizon_is_half_of_what_is_left() -> None:
    asked = Asked()

    plan = plan_of(asked, YEAR)

    assert plan == RiskPlan(cutoff=day_of(date(2024, 8, 31)), horizon=61)
    assert [*choices(asked, plan)] == [
        "cut-off 2024-08-31, two thirds into the history (--cutoff)",
        "horizon 61 days, half of what is left (--horizon)",
    ]


def test_what_was_said_is_done_and_not_told_again() -> None:
    asked = Asked(start=date(2024, 3, 31), horizon=30, gap=90, refit=7)

    plan = plan_of(asked, YEAR)

    assert plan == AlertPlan(start=day_of(date(2024, 3, 31)), horizon=30, gap=90, refit=7)
    assert [*choices(asked, plan)] == []


@pytest.mark.parametrize(
    ("horizon", "gap", "chosen"), [(None, None, (45, 90)), (30, None, (30, 60)), (None, 80, (40, 80))]
)
def test_an_alert_plan_chooses_a_gap_of_two_horizons(
    horizon: int | None, gap: int | None, chosen: tuple[int, int]
) -> None:
    plan = plan_of(Asked(start=date(2024, 4, 1), horizon=horizon, gap=gap), YEAR)

    assert isinstance(plan, AlertPlan)
    assert (plan.horizon, plan.gap) == chosen


def test_a_history_of_one_day_can_be_asked_with_the_horizon_of_the_policy() -> None:
    day = YEAR.first

    assert plan_of(Asked(), Span(day, day)) == RiskPlan(cutoff=day, horizon=90)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(cutoff=date(2025, 1, 1)), "--cutoff 2025-01-01 lies outside of the history: a day from 2024-01-01 to"),
        (Asked(start=date(2023, 12, 31)), "--start 2023-12-31 lies outside"),
        (Asked(cutoff=date(2024, 2, 1), start=date(2024, 2, 1)), "give one of them"),
        (Asked(cutoff=date(2024, 2, 1), gap=30), "--gap belongs to alerts"),
        (Asked(start=date(2024, 2, 1), horizon=30, gap=30), "--gap above --horizon is accepted"),
    ],
)
def test_what_a_history_cannot_be_asked_is_refused_with_the_way_out(asked: Asked, words: str) -> None:
    with pytest.raises(BadPlan, match=words):
        plan_of(asked, YEAR)


def test_the_policy_under_test_has_the_plans_horizon_and_budget_and_what_people_set() -> None:
    alerts = AlertPlan(start=Day(0), horizon=30, gap=90, refit=28)

    policy = policy_of(alerts, settings_of(["prior_weight=5"], {"silent_r": 1.4}), PRICED, "EUR", "UTC")

    assert (policy.churn_horizon_days, policy.churn_silence_days) == (30, 90)
    assert (policy.prior_weight, policy.silent_r, policy.base_currency) == (5, 1.4, None)


def test_a_policy_that_comes_out_as_the_default_is_the_default() -> None:
    assert policy_of(RiskPlan(cutoff=Day(0), horizon=90), {}, PRICED, "EUR", "UTC") == DEFAULT


def test_where_amounts_are_missing_all_are_counted_in_one_currency() -> None:
    assert policy_of(RiskPlan(cutoff=Day(0), horizon=90), {}, UNPRICED, "EUR", "UTC").base_currency == "EUR"


def test_the_command_line_goes_before_the_file_and_texts_need_no_quotes() -> None:
    assert settings_of(["silent_r=1.3"], {"silent_r": 1.4, "deadline_days": 9}) == {"silent_r": 1.3, "deadline_days": 9}
    assert setting("base_currency=EUR") == ("base_currency", "EUR")


@pytest.mark.parametrize(
    ("text", "words"),
    [("silent_r", "is not a field and its value"), ("churn_horizon_days=3", "is what --horizon says here")],
)
def test_a_setting_that_cannot_be_used_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadPlan, match=words):
        settings_of([text], {})


def test_an_unknown_field_is_refused_by_the_policy_itself() -> None:
    with pytest.raises(BadPolicy, match="perhaps 'silent_r' is meant"):
        policy_of(RiskPlan(cutoff=Day(0), horizon=90), {"silent_rr": 1.4}, PRICED, "EUR", "UTC")

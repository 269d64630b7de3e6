"""A refit: what it accepts and refuses, that it sees no future, and that nothing in it is ever infinite."""

from itertools import pairwise
from math import log

import msgspec
import pytest
from msgspec.structs import replace

from shared.domain.instants import Day
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rhythm.churn import ChurnModel, p_no_purchase
from shared.fitting.members import HALF_OWN
from shared.fitting.refit import refit
from shared.fitting.report import Refit
from shared.fitting.spells import Histories, spells_of
from tests.unit.fitting.shops import TODAY, Shopper, all_finite, crowd, shop, shopper

CROWD = crowd(500, usual_gap=20, leaves=0.15)
BUDGETS = (DEFAULT, Policy(churn_silence_days=120.0), Policy(alerts_per_week=5.0))


def refitted(
    *customers: Shopper, policy: Policy = DEFAULT, in_force: ChurnModel | None = None, as_of: Day = TODAY
) -> Refit:
    """What a refit of some customers comes to."""
    return refit(shop(*customers), as_of, policy, in_force, "v1")


def model_of(found: Refit) -> ChurnModel:
    """The model that was accepted."""
    assert found.model is not None
    assert found.model.churn is not None
    return found.model.churn


def test_a_model_that_passes_its_back_test_is_accepted() -> None:
    found = refitted(*CROWD)

    assert (found.accepted, found.reason) == (True, "accepted")
    assert found.report.back_test is not None
    scores = found.report.back_test.scores
    assert {"classic", "hazard", "blend", "constant", "silence", "silence_over_mean"} == scores.keys()
    assert (scores["blend"].auc or 0) > 0.8
    assert (scores["blend"].log_loss or 1) < (scores["constant"].log_loss or 0)
    assert found.model is not None
    assert found.model.version == "v1"


def test_the_prior_of_gaps_is_that_of_all_that_are_known() -> None:
    found = refitted(*CROWD)

    logs = [log(after.day - day.day) for one in CROWD for day, after in pairwise(one.occasions)]
    mean = sum(logs) / len(logs)
    assert found.model is not None
    assert found.model.mu0 == pytest.approx(mean)
    assert found.model.sigma0 == pytest.approx((sum((one - mean) ** 2 for one in logs) / len(logs)) ** 0.5)


def test_gaps_that_are_all_alike_leave_the_prior_to_the_policy() -> None:
    found = refitted(*(shopper(*range(TODAY - 200 + place % 7, TODAY, 7)) for place in range(50)))

    assert found.model is not None
    assert (found.model.mu0, found.model.sigma0) == (DEFAULT.mu0, DEFAULT.sigma0)


def test_the_same_histories_make_the_same_refit_to_the_bit() -> None:
    one, other = (msgspec.json.encode(refitted(*CROWD, policy=BUDGETS[1])) for _ in range(2))

    assert one == other


@pytest.mark.parametrize("policy", BUDGETS)
def test_what_comes_after_the_day_changes_nothing(policy: Policy) -> None:
    as_of = Day(TODAY - 60)
    known = [Shopper(tuple(day for day in one.occasions if day.day < as_of)) for one in CROWD]

    assert refitted(*CROWD, policy=policy, as_of=as_of) == refitted(*known, policy=policy, as_of=as_of)


def test_with_99_repeat_purchases_a_sentence_says_what_is_used_instead() -> None:
    found = refitted(*(shopper(TODAY - 100 + place, TODAY - 1) for place in range(99)), shopper(TODAY - 1))

    assert (found.accepted, found.reason, found.model) == (False, "too_little_history", None)
    assert found.said == (
        "99 repeat purchases in all, and a fit needs 100. Until then silence is held against each customer's own long "
        "gap, which begins from the policy's prior (mean of ln days 3.40, deviation 1.20)."
    )


def test_with_a_survey_in_force_the_prior_is_the_populations() -> None:
    found = refitted(shopper(TODAY - 3), policy=Policy(model="survey-1", mu0=3.0))

    assert "the population's prior (mean of ln days 3.00" in found.said


def test_a_refused_refit_leaves_the_model_in_force() -> None:
    found = refitted(shopper(TODAY - 3), in_force=model_of(refitted(*CROWD)))

    assert found.model is None
    assert found.said.endswith("The model in force stays.")


def test_where_too_few_purchases_are_old_enough_the_classic_model_speaks_alone() -> None:
    found = refitted(*(shopper(TODAY - 100 + place, TODAY - 2 - place % 5) for place in range(80)), *crowd(30, days=30))

    members = model_of(found).members
    assert found.report.back_test is None
    assert members.classic is not None
    assert members.hazard is None
    assert "the classic model speaks alone, untested" in found.said


def test_a_model_no_better_than_one_probability_for_all_is_refused() -> None:
    # They came in two waves and all looked alike then; half went, and nothing told which.
    waves = [
        shopper(*range(TODAY - 300, TODAY - 100, 20), *((TODAY - 30,) if place % 2 else ())) for place in range(200)
    ]

    found = refitted(*waves)

    assert (found.accepted, found.reason) == (False, "no_skill")
    assert "no better than" in found.said


def test_the_model_in_force_is_scored_beside_the_new_one() -> None:
    other = model_of(refitted(*crowd(500, usual_gap=60, leaves=0.4)))

    found = refitted(*CROWD, in_force=other)

    assert found.report.back_test is not None
    scores = found.report.back_test.scores
    assert (scores["in_force"].log_loss or 0) > (scores["blend"].log_loss or 0)
    assert found.accepted


def test_the_threshold_follows_the_budget_unless_people_set_one() -> None:
    found = [refitted(*CROWD, policy=policy) for policy in BUDGETS]
    set_by_people = refitted(*CROWD, policy=Policy(churn_threshold=0.7))

    followed = [model_of(one).threshold for one in found]
    assert len(set(followed)) == 3
    assert followed == [one.report.threshold for one in found]
    assert (set_by_people.report.threshold, model_of(set_by_people).threshold) == (0.7, followed[0])
    assert found[2].report.alerts_per_week == pytest.approx(5.0, abs=1)


def test_alerts_a_week_are_told_for_all_customers_of_a_sample() -> None:
    whole = refitted(*CROWD).report.alerts_per_week
    sampled = refit(shop(*CROWD, of=4 * len(CROWD)), TODAY, DEFAULT, None, "v1").report

    assert sampled.sampled == 0.25
    assert whole is not None
    assert sampled.alerts_per_week == pytest.approx(4 * whole)


def test_a_line_that_has_bought_enough_has_members_between_its_own_and_the_whole() -> None:
    tea = {"tea": shop(*crowd(300, usual_gap=8, seed=2)).whole, "cups": shop(*crowd(20)).whole}

    found = refit(Histories(shop(*CROWD).whole, tea), TODAY, DEFAULT, None, "v1")
    alone = refit(Histories(tea["tea"], {}), TODAY, DEFAULT, None, "v1")

    whole, line = found.report.members, model_of(found).lines["tea"]
    repeats = found.report.lines["tea"]
    assert whole is not None
    assert alone.report.members is not None
    own = repeats / (repeats + HALF_OWN)
    assert set(model_of(found).lines) == {"tea"}
    assert repeats == alone.report.repeats
    assert line.usual_gap == pytest.approx((1 - own) * whole.usual_gap + own * alone.report.members.usual_gap)
    assert line.weight == whole.weight


def test_a_fitted_model_tells_a_customer_that_went_from_one_that_stays() -> None:
    members = model_of(refitted(*CROWD)).members
    regular = shopper(*range(TODAY - 200, TODAY, 20))
    *_, spell = spells_of(regular)

    soon, late = (p_no_purchase(members, spell.habit, silence, 90.0) for silence in (5.0, 150.0))

    assert soon < 0.5 < 0.9 < late


STRANGE: dict[str, list[Shopper]] = {
    "no customers": [],
    "3 customers": [shopper(TODAY - 9, TODAY - 3), shopper(TODAY - 5), shopper(TODAY - 1, amount=None)],
    "nobody returns": [shopper(TODAY - 1 - place % 50) for place in range(2_000)],
    "10,000 purchases of one customer": [shopper(*range(TODAY - 10_000, TODAY))],
    "10,000 purchases of one among others": [shopper(*range(TODAY - 10_000, TODAY)), *crowd(100)],
    "all on one day": [shopper(TODAY - 1)] * 300,
    "all on two days": [shopper(TODAY - 2, TODAY - 1)] * 300,
    "gaps of years": [shopper(100 + place, 4_000, 9_000 + place, 15_000) for place in range(100)],
    "on the dot": [shopper(*range(TODAY - 300 + place % 7, TODAY, 7)) for place in range(100)],
    "nobody leaves": crowd(100, leaves=0.0, usual_gap=7),
    "not here yet": [shopper(TODAY, TODAY + 5, TODAY + 10)] * 300,
    "half not here yet": [*crowd(200), *crowd(200, until=TODAY + 400)],
    "100 repeat purchases among 5,000 customers": [
        *(shopper(TODAY - 300 + place, TODAY - 150 + place) for place in range(100)),
        *(shopper(TODAY - 1 - place % 300) for place in range(4_900)),
    ],
    "amounts unknown": crowd(200, amount=None),
    "amounts of nothing": crowd(200, amount=0),
    "huge amounts": crowd(200, amount=2**62),
    "money given back": crowd(200, amount=-500),
}


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("policy", BUDGETS)
def test_no_shop_is_so_strange_that_a_number_is_not_one(name: str, policy: Policy) -> None:
    found = refitted(*STRANGE[name], policy=policy)
    again = refitted(*STRANGE[name], policy=policy, in_force=None if found.model is None else found.model.churn)

    for one in (found, again):
        assert all_finite(msgspec.to_builtins(one))
        assert msgspec.json.decode(msgspec.json.encode(one), type=Refit) == one
        assert one.said.endswith(".")
        assert one.accepted == (one.model is not None) == (one.reason == "accepted")


def test_a_refit_of_a_policy_without_a_floor_is_a_refit() -> None:
    found = refitted(*CROWD, policy=replace(BUDGETS[1], churn_floor_days=0.0))

    assert found.accepted

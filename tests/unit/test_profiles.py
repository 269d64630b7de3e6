"""What is known of a customer itself: stages that other systems had it at, and its industry (002-17, 004-22)."""

import pytest

from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import (
    complaint,
    fold_story,
    last,
    path,
    profile,
    purchase,
    purchases,
)

FORMED = purchases(0, 10, 20)


@pytest.mark.parametrize(
    ("told", "through"),
    [
        ("prospect", [Stage.PROSPECT]),
        ("exploration", [Stage.PROSPECT, Stage.EXPLORATION]),
        ("formation", [Stage.PROSPECT, Stage.EXPLORATION, Stage.FORMATION]),
        ("stability", [Stage.PROSPECT, Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY]),
    ],
)
def test_a_stage_that_another_system_tells_is_reached_in_ordered_steps(told: str, through: list[Stage]) -> None:
    """002-17: no skipping; an imported jump becomes synthetic steps, each marked."""
    folded = fold_story(profile(0, stage=told, id="crm"))

    assert path(folded) == through
    assert {(one.cause, one.reason.concept, one.reason.event_ids) for one in folded.transitions} == {
        ("import", "002-17", ("crm",))
    }
    assert [one.source for one in folded.transitions] == [Stage.TARGET, *through[:-1]]


@pytest.mark.parametrize("told", ["prospect", "exploration", "formation"])
def test_a_stage_that_we_have_passed_already_changes_nothing(told: str) -> None:
    """002-17: an import never leads back."""
    assert path(fold_story(FORMED, profile(21, stage=told))) == [Stage.EXPLORATION, Stage.FORMATION]


def test_from_formation_the_import_goes_on_by_the_one_step_that_is_missing() -> None:
    folded = fold_story(FORMED, profile(21, stage="stability"))

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY]
    assert [one.cause for one in folded.transitions] == ["event", "event", "import"]


def test_a_customer_in_decline_is_not_lifted_by_what_another_system_thinks() -> None:
    """002-17: recovery has rules of its own."""
    assert path(fold_story(purchase(0), complaint(1), profile(2, stage="stability"))) == [
        Stage.EXPLORATION,
        Stage.DECLINE,
    ]


def test_an_industry_is_kept_and_governs_from_then_on() -> None:
    """004-22: two purchase days are enough in food; known on day 15, it counts from day 20 on."""
    policy = Policy(industries={"food": {"formation_occasions": 2}})
    folded = fold_story(purchases(0, 10), profile(15, industry="food"), purchase(20), policy=policy)

    assert folded.customer.context is not None
    assert folded.customer.context.industry == "food"
    assert last(folded).reason.guards[0].threshold == 2


def test_an_industry_with_a_rhythm_of_its_own_attunes_the_customer() -> None:
    """004-22: priors per industry; the long gap follows at once."""
    policy = Policy(industries={"food": {"long_gap_floor_days": 200.0}})

    before = fold_story(purchases(0, 10), policy=policy).customer
    after = fold_story(purchases(0, 10), profile(15, industry="food"), policy=policy).customer

    assert before.long_gap < 200
    assert after.long_gap == 200


def test_a_profile_without_an_industry_keeps_the_one_that_is_known() -> None:
    context = fold_story(profile(0, industry="food"), profile(1, region="north")).customer.context

    assert context is not None
    assert context.industry == "food"

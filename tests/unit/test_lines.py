"""Business lines: each with a lifecycle of its own that begins in exploration with inherited trust (001-13)."""

from collections.abc import Sequence

import pytest

from shared.domain.customer import Customer
from shared.domain.events import Fact
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import rhythm
from shared.domain.stages import Stage
from tests.builders import (
    day,
    days_in,
    end_intent,
    fold_story,
    inquiry,
    policy_from,
    profile,
    purchase,
    purchases,
)

SEEDS_AND_TOOLS = [purchase(0, line="seeds", order="s"), purchase(1, line="tools", order="t")]


def whole_of(*story: Fact | Sequence[Fact]) -> Customer:
    """The whole relationship after a story."""
    return fold_story(*story).customer


def stages(*story: Fact | Sequence[Fact], until: float | None = None, policy: Policy | None = None) -> dict[str, Stage]:
    """Where each line stands."""
    return {line: own.stage for line, own in fold_story(*story, until=until, policy=policy).customer.lines.items()}


def test_an_old_customers_new_line_starts_in_exploration_while_the_others_stay() -> None:
    """001-13, 002-23: a lifecycle for each line, and one for the whole."""
    story = [*purchases(0, 10, 20, line="seeds"), purchase(25, line="tools")]
    folded = fold_story(story)

    assert {line: own.stage for line, own in folded.customer.lines.items()} == {
        "seeds": Stage.FORMATION,
        "tools": Stage.EXPLORATION,
    }
    assert folded.customer.stage is Stage.FORMATION
    assert [(one.line, one.target) for one in folded.transitions if one.line] == [
        ("seeds", Stage.EXPLORATION),
        ("seeds", Stage.FORMATION),
        ("tools", Stage.EXPLORATION),
    ]


def test_a_new_line_inherits_the_trust_that_the_relationship_had_before_it() -> None:
    """001-13: three days of buying and twenty days of tenure, nobody asked: (0.4·3/6 + 0.3·20/180) / 0.7."""
    customer = whole_of(purchases(0, 10, 20, line="seeds"), purchase(20.5, line="tools"))

    context = customer.lines["tools"].context
    assert context is not None
    assert context.inherited_trust == pytest.approx((0.4 * 3 / 6 + 0.3 * 20 / 180) / 0.7)


def test_the_first_line_of_all_inherits_nothing() -> None:
    """001-13: no relationship, no trust; an inquiry alone earns none."""
    assert whole_of(purchase(0, line="seeds")).lines["seeds"].context is None
    assert whole_of(inquiry(0), purchase(1, line="seeds")).lines["seeds"].context is None


def test_trust_is_inherited_once() -> None:
    story = [*purchases(0, 10, 20, line="seeds"), purchase(21, line="tools")]

    before, after = whole_of(story), whole_of(story, purchases(30, 40, line="tools"))

    assert before.lines["tools"].context == after.lines["tools"].context


def test_a_line_is_attuned_to_its_own_rhythm() -> None:
    """001-13: gaps of five days among the seeds say nothing of the tools."""
    customer = whole_of(purchases(0, 5, 10, 15, line="seeds"), purchase(16, line="tools"))

    assert (customer.gaps, customer.lines["seeds"].gaps, customer.lines["tools"].gaps) == (4, 3, 0)
    assert customer.lines["tools"].long_gap == rhythm(0, 0.0, 0.0, Policy()).long_gap
    assert customer.lines["seeds"].long_gap < customer.lines["tools"].long_gap


def test_a_line_goes_silent_by_itself() -> None:
    """001-13: the tools are bought on, the seeds have been silent for longer than their own long gap."""
    quick = Policy(long_gap_sigmas=0.0001)
    story = [*purchases(0, 10, 20, line="seeds"), *purchases(5, 15, 25, 35, 45, 55, line="tools")]
    folded = fold_story(story, until=60, policy=quick)

    assert {line: own.stage for line, own in folded.customer.lines.items()} == {
        "seeds": Stage.DECLINE,
        "tools": Stage.FORMATION,
    }
    assert folded.customer.stage is Stage.FORMATION
    (moved,) = [one for one in folded.transitions if one.target is Stage.DECLINE]
    assert (moved.line, days_in(moved.effective_at), moved.cause) == ("seeds", 50, "silence")


def test_lines_are_kept_in_the_order_of_their_names() -> None:
    assert list(whole_of([purchase(place, line=line) for place, line in enumerate("cab")]).lines) == ["a", "b", "c"]


def test_the_policy_of_a_line_governs_its_lifecycle_alone() -> None:
    """003-7, 004-22: durables confirm with the second purchase, the whole with the third."""
    durables = Policy(lines={"tools": {"formation_occasions": 2}})

    bought = [*purchases(0, 20, line="tools"), *purchases(1, 21, line="seeds")]

    assert stages(bought, policy=durables) == {"seeds": Stage.EXPLORATION, "tools": Stage.FORMATION}


def test_the_policy_of_an_industry_governs_who_is_of_it() -> None:
    """004-22: priors and thresholds per industry."""
    policy = Policy(industries={"food": {"formation_occasions": 2}})
    bought = purchases(1, 21)

    assert fold_story(profile(0, industry="food"), bought, policy=policy).customer.stage is Stage.FORMATION
    assert fold_story(profile(0, industry="mining"), bought, policy=policy).customer.stage is Stage.EXPLORATION
    assert fold_story(bought, policy=policy).customer.stage is Stage.EXPLORATION


def test_where_line_and_industry_both_say_something_the_line_goes_first() -> None:
    policy = Policy(
        industries={"food": {"formation_occasions": 2}},
        lines={"tools": {"formation_occasions": 4}},
    )
    bought = [*purchases(1, 21, line="tools"), *purchases(2, 22, line="seeds")]

    assert stages(profile(0, industry="food"), bought, policy=policy) == {
        "seeds": Stage.FORMATION,
        "tools": Stage.EXPLORATION,
    }


def test_a_new_policy_reaches_the_lines_too() -> None:
    """Every line is attuned anew when a control takes effect."""
    quick = policy_from(40, Policy(long_gap_sigmas=0.0001))

    folded = fold_story(purchases(0, 10, 20, line="seeds"), until=45, controls=[quick])
    later = fold_story(purchases(0, 10, 20, line="seeds"), until=50, controls=[quick])

    assert folded.customer.lines["seeds"].long_gap == 30
    assert later.customer.lines["seeds"].stage is Stage.DECLINE


def test_who_leaves_leaves_with_every_line() -> None:
    story = [*SEEDS_AND_TOOLS, end_intent(5)]

    assert stages(story) == {"seeds": Stage.ENDED, "tools": Stage.ENDED}
    assert stages([*SEEDS_AND_TOOLS, end_intent(5, line="tools")]) == {
        "seeds": Stage.DECLINE,
        "tools": Stage.ENDED,
    }


GROWN = [*purchases(0, 10, 20, line="seeds"), *purchases(1, 11, 21, line="tools")]


def test_who_leaves_one_line_of_several_leaves_that_line_alone() -> None:
    """001-13, 002-16: the relationship goes on with what is left of it."""
    left = fold_story(GROWN, end_intent(25, line="tools"))

    assert {line: own.stage for line, own in left.customer.lines.items()} == {
        "seeds": Stage.FORMATION,
        "tools": Stage.ENDED,
    }
    assert (left.customer.stage, left.customer.leaving) == (Stage.FORMATION, False)
    assert [alert.line for alert in left.alerts] == ["tools"]


def test_who_leaves_the_last_line_that_was_left_leaves() -> None:
    """002-16."""
    gone = whole_of(GROWN, end_intent(25, line="tools"), end_intent(26, line="seeds"))

    assert gone.stage is Stage.ENDED


def test_who_leaves_its_only_line_leaves() -> None:
    """002-16."""
    assert whole_of(purchases(0, 10, line="seeds"), end_intent(11, line="seeds")).stage is Stage.ENDED


def test_a_line_that_is_only_asked_about_keeps_the_relationship_alive() -> None:
    """002-16: a prospect of another line is no farewell."""
    asked = [purchase(0, line="seeds"), inquiry(1, line="tools"), end_intent(2, line="seeds")]

    assert whole_of(asked).stage is Stage.EXPLORATION


def test_an_alert_that_the_whole_relationship_has_is_not_said_again_of_its_lines() -> None:
    """004-6: one silence, one alert."""
    quick = Policy(long_gap_sigmas=0.0001)
    folded = fold_story(purchases(0, 10, 20, line="seeds"), until=50, policy=quick)

    assert [(alert.kind.value, alert.line) for alert in folded.alerts] == [("silence", None)]
    assert folded.customer.lines["seeds"].stage is Stage.DECLINE


def test_the_state_of_the_whole_counts_the_moves_of_its_lines_apart() -> None:
    folded = fold_story(SEEDS_AND_TOOLS)

    assert (folded.customer.transitions, folded.customer.decisions) == (1, 3)
    assert len(folded.transitions) == 3
    assert folded.transitions[0].line is None
    assert day(0) == folded.transitions[0].effective_at

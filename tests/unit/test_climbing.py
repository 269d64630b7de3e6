"""Upward moves: each guard of formation and stability on both sides of its threshold, one step an occasion."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.alerts import AlertKind
from shared.domain.customer import Customer, Occasion, Opinion, Pledge, Waiting
from shared.domain.instants import DAY, Day
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rules import FORMATION, STABILITY, GuardRule, all_hold, committed_to_us
from shared.domain.stages import Stage
from tests.builders import (
    BEGIN,
    acknowledged,
    alert_of,
    complaint,
    contact,
    contract,
    day,
    fold_story,
    inquiry,
    last,
    other,
    path,
    purchase,
    purchases,
    rating,
    referral,
    resolved,
)

TODAY = Day(BEGIN // DAY)


def ready(**more: Any) -> Customer:
    """Somebody today, for whom every guard holds, in the middle of 4 windows of 30 days."""
    occasions = tuple(Occasion(Day(TODAY - 20 * back), 100, 20) for back in reversed(range(10)))
    customer = Customer(
        currency="EUR",
        occasions=occasions,
        cycle_occasions=10,
        cycle_first_day=Day(TODAY - 180),
        cycle_gaps=9,
        cycle_gap_sum=180,
        cycle_gap_squares=9 * 400,
        median_gap=15.0,
        long_gap=40.0,
        last_gap_r=1.0,
    )
    customer.bought_at, customer.volumes = (BEGIN,), more.pop("volumes", (200,) * 8)
    return replace(customer, **more)


def opinions(*said: float) -> dict[str, Any]:
    """Opinions of today."""
    return {"opinions": tuple(Opinion(BEGIN, x) for x in said), "opinion_window": 30.0}


NEWEST = ready().occasions[-1:]


@pytest.mark.parametrize("rules", [FORMATION, STABILITY])
def test_somebody_ready_is_held_up_by_no_guard(rules: Sequence[GuardRule]) -> None:
    assert all_hold(rules, ready(), BEGIN, DEFAULT) is not None


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"cycle_occasions": 3}, {"cycle_occasions": 2}),
        (opinions(0.0), opinions(-0.01)),
        (opinions(0.5, -0.5), opinions(0.5, -0.52)),
        ({"complaints": ()}, {"complaints": (Waiting("c", BEGIN),)}),
        ({"last_gap_r": 1.499}, {"last_gap_r": 1.5}),
        ({"last_gap_r": None}, {"last_gap_r": 2.0}),
    ],
)
def test_formation_has_each_guard_at_its_threshold(good: Mapping[str, Any], bad: Mapping[str, Any]) -> None:
    assert all_hold(FORMATION, ready(**good), BEGIN, DEFAULT) is not None
    assert all_hold(FORMATION, ready(**bad), BEGIN, DEFAULT) is None


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"cycle_occasions": 6}, {"cycle_occasions": 5}),
        ({"cycle_first_day": Day(TODAY - 180)}, {"cycle_first_day": Day(TODAY - 179)}),
        # Gaps 0 and 2 have mean 1 and sd 1.
        (
            {"cycle_gaps": 2, "cycle_gap_sum": 2, "cycle_gap_squares": 4},
            {"cycle_gaps": 2, "cycle_gap_sum": 2, "cycle_gap_squares": 5},
        ),
        ({"cycle_gaps": 2, "cycle_gap_sum": 20, "cycle_gap_squares": 200}, {"cycle_gaps": 1, "cycle_gap_sum": 10}),
        ({"last_gap_r": 1.499}, {"last_gap_r": 1.5}),
        ({"complaints": ()}, {"complaints": (Waiting("c", BEGIN),)}),
        ({"volumes": (400,)}, {"volumes": (402,)}),
        ({"volumes": (None, 400)}, {"volumes": ()}),
        (opinions(0.3, 0.3), opinions(0.3, 0.28)),
        (opinions(-1.0), opinions(-1.0, -1.0)),
        (
            {"pledged": True, "occasions": ready().occasions[-1:]},
            {"occasions": ready().occasions[-1:], "volumes": (1,)},
        ),
    ],
)
def test_stability_has_each_guard_at_its_threshold(good: Mapping[str, Any], bad: Mapping[str, Any]) -> None:
    assert all_hold(STABILITY, ready(**good), BEGIN, DEFAULT) is not None
    assert all_hold(STABILITY, ready(**bad), BEGIN, DEFAULT) is None


@pytest.mark.parametrize(
    ("pledge", "holds"),
    [
        ({}, False),
        ({"pledged": True}, True),
        ({"pledges": (Pledge("a", None),)}, True),
        ({"pledges": (Pledge("a", day(1)),)}, True),
        ({"pledges": (Pledge("a", day(0)),)}, False),
        ({"occasions": ready().occasions}, True),
    ],
)
def test_a_commitment_is_a_running_pledge_a_word_given_or_unbroken_buying(
    pledge: Mapping[str, Any], holds: bool
) -> None:
    customer = ready(**{"occasions": (), **pledge})

    assert committed_to_us(customer, BEGIN, DEFAULT).holds is holds


def test_the_third_satisfied_purchase_leads_to_formation() -> None:
    folded = fold_story(purchases(0, 10, 20))

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]
    assert last(folded).effective_at == day(20)
    assert last(folded).reason.event_ids == ("purchase of day 20",)


def test_a_transition_upwards_tells_every_guard_with_its_value_and_threshold() -> None:
    guards = last(fold_story(purchases(0, 10, 20))).reason.guards

    assert [(one.name, one.value, one.threshold, one.holds) for one in guards[:3]] == [
        ("occasions", 3, 3, True),
        ("satisfaction", None, 0, True),
        ("open_complaints", 0, 0, True),
    ]


def test_half_a_year_of_regular_buying_leads_to_stability() -> None:
    folded = fold_story(purchases(*range(0, 200, 20)))

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY]
    assert last(folded).effective_at == day(180)


def test_durable_goods_need_fewer_occasions_by_policy() -> None:
    durable = Policy(formation_occasions=2, stability_occasions=3)

    folded = fold_story(purchases(0, 90, 180), referral(1), policy=durable)

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY]


def test_somebody_unhappy_waits_for_formation_until_something_better_is_said() -> None:
    story = [*purchases(0, 10, 20), rating(15, -0.2)]

    assert path(fold_story(story)) == [Stage.EXPLORATION]
    assert path(fold_story(story, rating(25, 0.8))) == [Stage.EXPLORATION, Stage.FORMATION]


def test_an_open_complaint_holds_formation_up_until_it_is_resolved() -> None:
    story = [purchase(0), rating(1, 1.0), rating(2, 1.0), complaint(3), *purchases(10, 20)]

    folded = fold_story(story, resolved(24))

    assert path(fold_story(story)) == [Stage.EXPLORATION]
    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]
    assert last(folded).effective_at == day(24)


def test_only_the_complaint_that_is_named_is_resolved() -> None:
    story = [
        purchase(0),
        rating(1, 1.0),
        rating(2, 1.0),
        rating(2.5, 1.0),
        complaint(3),
        complaint(4),
        *purchases(10, 20),
    ]

    one = fold_story(story, resolved(24, complaint_id="complaint of day 3"))
    both = fold_story(story, resolved(24))

    assert path(one) == [Stage.EXPLORATION]
    assert path(both) == [Stage.EXPLORATION, Stage.FORMATION]


def test_one_occasion_leads_one_step_up_at_most() -> None:
    easy = Policy(formation_occasions=1, stability_occasions=1, stability_days=0.5, stability_variation=99.0)

    folded = fold_story(contract(0), purchases(1, 1.1, 1.2, 30, 30.1, 31), policy=easy)

    assert [(one.target, one.effective_at) for one in folded.transitions] == [
        (Stage.EXPLORATION, day(1)),
        (Stage.FORMATION, day(30)),
        (Stage.STABILITY, day(31)),
    ]


def test_an_upward_move_needs_an_event_and_never_comes_by_time_alone() -> None:
    story = purchases(*range(0, 180, 20))

    waited = fold_story(story, until=180)
    judged = fold_story(story, contact(180))

    assert waited.customer.stage is Stage.FORMATION
    assert judged.customer.stage is Stage.STABILITY


def test_an_event_of_unknown_type_changes_no_stage() -> None:
    folded = fold_story(purchases(*range(0, 180, 20)), other(180))

    assert folded.customer.stage is Stage.FORMATION
    assert folded.customer.newest_at == day(180)


def test_what_people_do_with_an_alert_changes_no_stage() -> None:
    story = [*purchases(*range(0, 180, 20)), inquiry(165)]
    alert = alert_of(fold_story(story, until=170), AlertKind.UNANSWERED_INQUIRY)

    folded = fold_story(story, acknowledged(180, alert))

    assert folded.customer.stage is Stage.FORMATION

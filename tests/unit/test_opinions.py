"""Satisfaction: what counts as an opinion, how it fades, when nothing is known."""

from typing import Any

import pytest

from shared.domain.customer import Customer, Opinion
from shared.domain.events import Event
from shared.domain.opinions import opinion_of, satisfaction
from shared.domain.policy import DEFAULT, Policy
from shared.domain.stages import Stage
from tests.builders import (
    complaint,
    contact,
    day,
    delivery,
    feedback,
    fold_story,
    inquiry,
    other,
    purchase,
    purchases,
    rating,
    refund,
    resolved,
)


@pytest.mark.parametrize(
    ("said", "x"),
    [
        ({"rating": 1.0}, -1.0),
        ({"rating": 3.0}, 0.0),
        ({"rating": 4.0}, 0.5),
        ({"rating": 5.0}, 1.0),
        ({"rating": 0.0}, -1.0),
        ({"rating": 10.0, "scale": 10.0}, 1.0),
        ({"rating": 5.5, "scale": 10.0}, 0.0),
        ({"expected": 4.0, "perceived": 2.0}, -0.4),
        ({"expected": 2.0, "perceived": 2.0, "rating": 1.0}, 0.0),
        ({"expected": 0.0, "perceived": 100.0, "scale": 100.0}, 1.0),
        ({"expected": 0.0, "perceived": 300.0, "scale": 100.0}, 1.0),
        ({"expected": 300.0, "perceived": 0.0, "scale": 100.0}, -1.0),
        ({"rating": 7.0}, 1.0),
        ({"nps": 0.0}, -1.0),
        ({"nps": 5.0}, 0.0),
        ({"nps": 9.0}, 0.8),
        ({"expected": 4.0}, None),
        ({}, None),
    ],
)
def test_feedback_says_how_far_we_came_up_to_what_was_expected(said: dict[str, Any], x: float | None) -> None:
    assert opinion_of(feedback(0, **said), Customer(), DEFAULT) == (x if x is None else pytest.approx(x))


@pytest.mark.parametrize(
    ("event", "x"),
    [
        (complaint(0), -0.8),
        (resolved(0), 0.5),
        (refund(0, reason="defect"), -0.4),
        (refund(0, reason="dissatisfaction"), -0.4),
        (refund(0, reason="changed_mind"), None),
        (refund(0), None),
        (purchase(0), None),
        (inquiry(0), None),
        (contact(0), None),
        (other(0), None),
    ],
)
def test_complaints_resolutions_and_refunds_for_a_fault_are_opinions_and_nothing_else_is(
    event: Event, x: float | None
) -> None:
    assert opinion_of(event, Customer(), DEFAULT) == x


def test_the_weight_of_an_opinion_halves_every_two_windows() -> None:
    customer = fold_story(purchase(0), rating(10, -1.0), rating(10 + 2 * 60, 0.5)).customer

    assert customer.opinion_window == pytest.approx(60)
    assert satisfaction(customer) == pytest.approx((0.5 * -1.0 + 1.0 * 0.5) / 1.5)


@pytest.mark.parametrize(("age", "kept"), [(360, True), (360.01, False)])
def test_an_opinion_is_forgotten_after_six_windows(age: float, kept: bool) -> None:
    customer = fold_story(purchase(0), rating(0, -1.0), contact(age)).customer

    assert customer.opinion_window == pytest.approx(60)
    assert (satisfaction(customer) is not None) is kept


def test_a_newer_opinion_brings_its_own_window_along() -> None:
    customer = fold_story(purchase(0), rating(0, -1.0), purchases(*range(1, 40)), rating(40, 1.0)).customer

    assert customer.opinion_window == 30
    assert satisfaction(customer) == pytest.approx((2 ** (-40 / 60) * -1.0 + 1.0) / (2 ** (-40 / 60) + 1))


def test_without_any_opinion_satisfaction_is_unknown() -> None:
    assert satisfaction(fold_story(purchase(0)).customer) is None


def test_opinions_belong_to_their_cycle() -> None:
    asleep = Policy(long_gap_floor_days=1.0, mu0=0.5, sigma0=0.1)

    customer = fold_story(purchase(0), rating(1, -0.2), purchase(100), policy=asleep).customer

    assert customer.cycle == 2
    assert satisfaction(customer) is None


def test_all_opinions_of_one_moment_weigh_the_same() -> None:
    customer = Customer(opinions=(Opinion(day(1), 1.0), Opinion(day(1), 0.0)), opinion_window=30.0)

    assert satisfaction(customer) == pytest.approx(0.5)


def test_opinions_that_all_say_the_same_come_to_just_that() -> None:
    """000-5: two trial orders delivered late say -0.3, which is not below -0.3, whatever the rounding of their mean."""
    folded = fold_story(purchase(0), delivery(16, on_time=False), purchase(30), delivery(41, on_time=False))

    assert [opinion.x for opinion in folded.customer.opinions] == [-0.3, -0.3]
    assert satisfaction(folded.customer) == -0.3
    assert folded.customer.stage is Stage.EXPLORATION


def test_an_opinion_as_old_as_six_windows_outlives_an_older_one() -> None:
    """Primitives (s): W is thirty days, so that on day 181 that of day 1 counts and that of day 0 does not."""
    customer = fold_story(
        purchase(0), rating(0, -1.0), rating(1, 1.0), contact(181), policy=Policy(window_gaps=0.001)
    ).customer

    assert [opinion.at for opinion in customer.opinions] == [day(1)]

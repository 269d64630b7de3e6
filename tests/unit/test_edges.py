"""What holds at the very edge of a rule, where one more or one less would make a difference."""

import pytest

from shared.domain.events import Inquiry, Item, Referral
from shared.domain.feeds import DAY_HOURS, speaks_again
from shared.domain.opinions import forget_old
from shared.domain.outlook import ways
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rules import gone
from shared.domain.stages import Stage
from tests.builders import (
    complaint,
    day,
    end_intent,
    fold_story,
    inquiry,
    purchase,
    purchases,
    rating,
    referral,
    refund,
)
from tests.unit.measures.cases import case_of, reading


def test_where_nothing_is_due_nothing_is_left_of_what_was() -> None:
    """000-18: an emptied occasion takes its deadline with it."""
    customer = fold_story(purchase(1), refund(2)).customer

    assert (customer.due_at, customer.due_what, customer.due_place, customer.due_line) == (None, 0, 0, None)


def test_what_a_line_was_given_for_nothing_came_to_nothing() -> None:
    """001-13: of an order of two lines, the one of which the items were free has an amount of 0."""
    items = (Item(line="gifts", amount=0), Item(line="shoes", amount=50_00))

    lines = fold_story(purchase(1, 50_00, items=items)).customer.lines

    assert (lines["gifts"].occasions[-1].amount, lines["shoes"].occasions[-1].amount) == (0, 50_00)


def test_who_brought_more_than_it_takes_is_an_advocate_too() -> None:
    """000-16."""
    told: list[Referral] = [referral(2, referred_customer_id="bo", converted=True)]
    told.append(referral(3, referred_customer_id="chen", converted=True))

    assert reading("advocate", case_of(purchase(1), told, until=10)).value is True


def test_an_opinion_counts_for_six_windows_to_the_instant() -> None:
    """CONCEPTS, Primitives: s. W is 60 days with the prior, so an opinion of day 10 counts until day 370."""
    customer = fold_story(purchase(0), rating(5, 0.5), rating(10, 0.5)).customer

    forget_old(customer, day(370))

    assert [opinion.at for opinion in customer.opinions] == [day(10)]


def test_what_was_bought_since_the_decline_counts_towards_the_way_back() -> None:
    """000-14: half of the level at the decline, less what the last window holds already."""
    buying = purchases(*range(0, 120, 10), amount=100_00)
    fallen = fold_story(buying, purchase(165, 10_00)).customer

    [way, *_] = ways(fallen, day(165), DEFAULT)

    assert fallen.stage is Stage.DECLINE
    assert way.at_least == round((fallen.declined_level or 0) / 2) - 10_00


def test_that_it_said_so_is_a_guard_of_one() -> None:
    """002-16."""
    guard = gone(fold_story(purchase(0), end_intent(1)).customer, day(2), Policy())

    assert (guard.value, guard.threshold, guard.holds) == (1.0, 1.0, True)


def test_an_hour_of_which_nothing_is_known_takes_nothing_from_the_one_before() -> None:
    now = 100 * DAY_HOURS
    hours = {**dict.fromkeys(range(now - 30 * DAY_HOURS, now - 30), 10), now - 1: 4}

    assert speaks_again(hours, now, DEFAULT)


@pytest.mark.parametrize(("asked", "step"), [(5, None), (15, None), (25, "need")])
def test_an_inquiry_is_over_once_anything_was_bought_after_it(asked: float, step: str | None) -> None:
    """002-19: bought on days 10 and 20."""
    told: Inquiry = inquiry(asked, kind="view")

    assert reading("choosing_step", case_of(purchases(10, 20), told, until=30)).value == step


@pytest.mark.parametrize(("days", "coverage"), [((0, 30), 1.0), ((0,), 0.5)])
def test_one_gap_makes_a_rhythm_of_its_own(days: tuple[int, ...], coverage: float) -> None:
    """004-15."""
    assert reading("next_need", case_of(purchases(*days), until=40)).coverage == coverage


def test_a_complaint_alone_tells_of_no_way_back_but_its_resolution() -> None:
    """000-14."""
    fallen = fold_story(purchase(0), complaint(1)).customer

    assert [way.by for way in ways(fallen, day(2), DEFAULT)] == ["complaint_resolved"]

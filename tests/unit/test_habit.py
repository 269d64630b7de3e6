"""How a customer has bought, in a handful of numbers: the same however much of it the memory has dropped."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import log
from typing import Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.habit import KEPT, Habit, faded_gap, habit_after, habit_of
from shared.domain.instants import DAY, Day
from shared.domain.occasions import REMEMBERED_OCCASIONS
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rhythm.hazard import mean_interval
from shared.domain.rhythm.silent import habit, overdue_from
from tests.builders import BEGIN, end_intent, fold_story, model_from, policy_from, purchase, purchases, refund
from tests.models import KEEN, MBG, MODEL

FIRST: Final = BEGIN // DAY


class Bought(NamedTuple):
    """A purchase day."""

    day: Day
    amount: int | None


def days(*told: tuple[int, int | None]) -> list[Bought]:
    """Purchase days with their amounts."""
    return [Bought(Day(day), amount) for day, amount in told]


@st.composite
def bought(draw: st.DrawFn) -> list[Bought]:
    """Up to 200 purchase days in their order, some of unknown amounts."""
    gaps = draw(st.lists(st.sampled_from((1, 1, 2, 7, 30, 31, 365, 4_000)), max_size=200))
    amounts = st.sampled_from((None, 0, 1, 99_99, 2**40))
    return [Bought(Day(day), draw(amounts)) for day in accumulate(gaps, initial=FIRST)]


def direct(told: Sequence[Bought]) -> Habit | None:
    """The habit from all days at once."""
    if not told:
        return None
    gaps = [after.day - before.day for before, after in pairwise(told)]
    known = [one.amount for one in told if one.amount is not None]
    return Habit(
        told[0].day,
        told[-1].day,
        repeats=len(gaps),
        log_sum=sum(map(log, gaps)),
        log_squares=sum(log(gap) ** 2 for gap in gaps),
        faded_sum=sum(gap * KEPT**place for place, gap in enumerate(reversed(gaps))),
        amounts=len(known),
        amount_sum=sum(known),
    )


def same(one: Habit | None, other: Habit | None) -> bool:
    """Whether two habits are the same but for the rounding of sums."""
    if one is None or other is None:
        return one is other
    return all(
        getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9, abs=1e-9)
        for name in Habit.__struct_fields__
    )


@given(bought(), st.integers(0, 200))
def test_a_habit_is_the_same_wherever_what_is_remembered_begins(told: list[Bought], split: int) -> None:
    before, after = told[:split], told[split:]

    assert habit_of(after, habit_of(before)) == habit_of(told)
    assert same(habit_of(told), direct(told))


@given(bought())
def test_a_faded_gap_is_a_mean_of_the_gaps_of_which_the_newest_weighs_most(told: list[Bought]) -> None:
    known = habit_of(told)
    assert known is not None
    gaps = [after.day - before.day for before, after in pairwise(told)]

    found = faded_gap(known)

    if found is None:
        assert not gaps
    else:
        weights = [KEPT**place for place in reversed(range(len(gaps)))]
        mean = sum(weight * gap for weight, gap in zip(weights, gaps, strict=True)) / sum(weights)
        assert found == pytest.approx(mean)
        assert min(gaps) - 1e-9 <= found <= max(gaps) + 1e-6


def test_the_newest_of_many_gaps_weighs_three_tenths() -> None:
    steady = habit_of(days(*((day, 1) for day in range(0, 1_000, 10))))
    assert steady is not None

    assert faded_gap(habit_after(steady, Day(steady.last_day + 30), 1)) == pytest.approx(0.7 * 10 + 0.3 * 30)


def test_amounts_that_are_unknown_are_not_counted() -> None:
    known = habit_of(days((0, 50), (9, None), (10, 0)))

    assert known is not None
    assert (known.amounts, known.amount_sum) == (2, 50)


def test_a_day_that_comes_again_is_the_same_day_and_days_never_go_back() -> None:
    """A customer that is gone and back within a day; a policy with a time zone further west."""
    once = habit_of(days((0, 10), (9, 20)))

    assert once is not None
    assert habit_after(once, Day(9), 5) == replace(once, amount_sum=35)
    assert habit_after(once, Day(8), None) == once


Told = list[tuple[float, int]]


@st.composite
def stories(draw: st.DrawFn) -> Told:
    """When somebody bought for how much: once a day, for up to a year and a half of days or for years."""
    gaps = draw(st.lists(st.sampled_from(draw(st.sampled_from(((1, 1, 2), (1, 7, 40), (90, 400))))), max_size=160))
    return [(day + 0.3, draw(st.sampled_from((1_00, 7_77, 100_00)))) for day in accumulate(gaps, initial=0)]


@given(stories())
def test_a_customers_habit_is_that_of_all_its_purchase_days_also_of_those_forgotten(story: Told) -> None:
    customer = fold_story([purchase(day, amount) for day, amount in story]).customer

    assert same(habit(customer), direct(days(*((FIRST + int(day), amount) for day, amount in story))))
    assert len(customer.occasions) <= max(REMEMBERED_OCCASIONS, 129)


@given(stories(), st.data())
def test_an_order_that_was_given_back_was_never_bought(story: Told, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(max(0, len(story) - 16), len(story) - 1), max_size=4, unique=True))
    told = [purchase(day, amount, order=str(place)) for place, (day, amount) in enumerate(story)]
    back = [refund(story[-1][0] + 0.1, story[place][1], order=str(place), id=f"back {place}") for place in places]

    customer = fold_story(told, back).customer

    kept = [(FIRST + int(day), amount) for place, (day, amount) in enumerate(story) if place not in places]
    assert same(habit(customer), direct(days(*kept)))


@given(stories())
def test_overdue_is_the_mean_interval_of_all_purchase_days_and_no_longer_than_the_horizon(story: Told) -> None:
    policy = replace(DEFAULT, churn=MODEL, churn_floor_days=0.0, churn_horizon_days=300.0)
    customer = fold_story([purchase(day, amount) for day, amount in story]).customer
    known = habit(customer)

    at = overdue_from(customer, MODEL, policy)

    assert known is not None
    mean = mean_interval(known.repeats, known.last_day - known.first_day, MODEL.members.usual_gap)
    assert ((at or 0) - (customer.last_at or 0)) / DAY == pytest.approx(min(mean, 300.0), abs=2e-5)


def test_a_habit_goes_on_through_cycles() -> None:
    customer = fold_story(purchases(0, 10), end_intent(12), purchases(200, 210)).customer

    assert customer.cycle == 2
    assert same(habit(customer), direct(days(*((FIRST + day, 100_00) for day in (0, 10, 200, 210)))))


def test_who_comes_back_on_the_day_of_leaving_has_bought_on_one_day() -> None:
    customer = fold_story(purchase(0), purchase(10), end_intent(10.2), purchase(10.5, 50_00)).customer

    known = habit(customer)
    assert (customer.cycle, len(customer.occasions)) == (2, 3)
    assert known is not None
    assert (known.repeats, known.amount_sum) == (1, 250_00)


def test_a_new_base_currency_forgets_what_was_paid_and_not_when() -> None:
    story = purchases(*range(200))
    base = policy_from(200, Policy(version=2, base_currency="USD", rates={"EUR": 2.0}))

    customer = fold_story(story, purchase(205, 3_00), controls=[base]).customer

    known = habit(customer)
    assert known is not None
    assert customer.habit_before is not None
    assert (known.repeats, known.first_day, known.amounts, known.amount_sum) == (200, FIRST, 1, 6_00)


def test_a_time_zone_further_west_breaks_no_model() -> None:
    """A day after midnight in Auckland is the day before in New York: no time between purchases is negative."""
    quick = replace(KEEN, members=replace(KEEN.members, usual_gap=0.2, classic=replace(MBG, alpha=0.01)))
    west = policy_from(0.6, Policy(version=2, time_zone="America/New_York", churn_floor_days=0.0))
    east = Policy(time_zone="Pacific/Auckland", churn_floor_days=0.0)

    folded = fold_story(
        purchases(0.55, 0.7), policy=east, controls=[model_from(0, churn=quick), west], until=400
    ).customer

    assert folded.silent_at is not None

"""How much a customer buys: A0, A1, tau, level and D, against sums by hand."""

from itertools import combinations
from math import log1p
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customer import Customer, Occasion
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.volume import bought_in_every_window, depth, level, trend, volume, volumes
from tests.builders import fold_story, purchase, purchases

MONTH = Policy(window_gaps=0.001)
"""A policy under which W is thirty days for everybody."""


def buying(*bought: tuple[int, int | None], **more: object) -> Customer:
    """Somebody with occasions of (day, amount), who has been a customer since the first of them."""
    occasions = tuple(Occasion(Day(day), amount) for day, amount in bought)
    customer = Customer(occasions=occasions, cycle_occasions=len(occasions), currency="EUR")
    customer.cycle_first_day = occasions[0].day if occasions else None
    for name, value in more.items():
        setattr(customer, name, value)
    return customer


def test_a_window_holds_its_last_day_but_not_the_day_a_window_ago() -> None:
    customer = buying((40, 1), (70, 10), (71, 100), (100, 1_000))

    assert volume(customer, Day(100), 30.0) == 1_100
    assert volumes(customer, Day(100), 30.0, 3) == [1_100, 10, 1]


def test_windows_of_broken_length_hold_whole_days() -> None:
    customer = buying((69, 1), (70, 10), (100, 100))

    assert volumes(customer, Day(100), 30.5, 2) == [110, 1]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9)), max_size=30), st.floats(0.5, 90), st.integers(1, 5))
def test_every_window_is_the_sum_of_what_lies_in_it(bought: list[tuple[int, int]], length: float, windows: int) -> None:
    bought = sorted(dict(bought).items())
    customer = buying(*bought)

    found = volumes(customer, Day(300), length, windows)

    assert found == [
        sum(amount for day, amount in bought if 300 - (back + 1) * length < day <= 300 - back * length)
        for back in range(windows)
    ]


def test_a_window_that_reaches_beyond_the_memory_is_unknown() -> None:
    customer = buying((60, 5), (100, 10), forgotten_day=Day(50))

    assert volumes(customer, Day(100), 25.0, 2) == [10, 5]
    assert volumes(customer, Day(100), 26.0, 2) == [10, None]


def test_a_window_with_an_unknown_amount_is_unknown_and_the_others_are_not() -> None:
    assert volumes(buying((60, None), (100, 10)), Day(100), 30.0, 2) == [10, None]


@pytest.mark.parametrize(("currency", "unit"), [("EUR", 100), ("JPY", 1), ("KWD", 1_000)])
def test_the_trend_is_the_median_of_the_six_slopes_in_major_units(currency: str, unit: int) -> None:
    customer = buying((-30, 5), (10, 900), (40, 700), (70, 750), (100, 200), currency=currency)

    found = trend(customer, Day(100), MONTH)

    heights = [log1p(amount / unit) for amount in (900, 700, 750, 200)]
    slopes = [(heights[j] - heights[i]) / (j - i) for i, j in combinations(range(4), 2)]
    assert found == pytest.approx(median(slopes))


@pytest.mark.parametrize(("first", "known"), [(-20, True), (-19, False)])
def test_the_trend_is_unknown_before_four_windows_have_passed(first: int, known: bool) -> None:
    customer = buying((10, 900), (40, 700), (70, 750), (100, 200), cycle_first_day=Day(first))

    assert (trend(customer, Day(100), MONTH) is not None) is known


@pytest.mark.parametrize(("forgotten", "known"), [(-20, True), (-19, False)])
def test_the_trend_is_unknown_where_the_memory_is_shorter(forgotten: int, known: bool) -> None:
    customer = buying((10, 900), (100, 200), cycle_first_day=Day(-500), forgotten_day=Day(forgotten))

    assert (trend(customer, Day(100), MONTH) is not None) is known


def test_a_buyer_slower_than_half_a_year_has_no_trend() -> None:
    customer = buying((0, 900), (100, 200), cycle_first_day=Day(-500))

    customer.median_gap = 180.0
    assert trend(customer, Day(100), MONTH) is not None
    customer.median_gap = 180.1
    assert trend(customer, Day(100), MONTH) is None


def test_the_level_is_the_median_of_the_volumes_at_the_last_eight_occasions() -> None:
    customer = fold_story(purchases(*range(0, 400, 40), amount=10_00), policy=MONTH).customer

    assert customer.volumes == (10_00,) * 8
    assert level(customer) == 10_00


def test_the_level_of_an_even_number_of_volumes_lies_between_the_middle_ones() -> None:
    customer = fold_story(purchase(0, 10_00), purchase(40, 20_00), policy=MONTH).customer

    assert level(customer) == 15_00


def test_the_volume_at_an_occasion_takes_in_the_whole_day() -> None:
    customer = fold_story(purchase(0, 10_00), purchase(0.5, 20_00), policy=MONTH).customer

    assert customer.volumes == (30_00,)


def test_unknown_volumes_do_not_make_a_level() -> None:
    assert level(buying(volumes=(None, 7, None))) == 7
    assert level(buying(volumes=(None,))) is None
    assert level(Customer()) is None


@pytest.mark.parametrize(
    ("volumes_before", "wanted"),
    [((2_000, 2_000, 2_000), 0.5), ((500,), 1.0), ((0,), 1.0), ((), None)],
)
def test_depth_is_the_volume_over_the_level_and_one_at_most(
    volumes_before: tuple[int, ...], wanted: float | None
) -> None:
    customer = buying((100, 1_000), volumes=volumes_before)

    assert depth(customer, Day(100), MONTH) == wanted


@pytest.mark.parametrize(
    ("days", "unbroken"),
    [((10, 40, 70, 100), True), ((-19, 10, 41, 71), False), ((11, 41, 71), False), ((-19, 11, 41, 71), True)],
)
def test_buying_is_unbroken_when_each_of_four_windows_has_an_occasion(days: tuple[int, ...], unbroken: bool) -> None:
    customer = buying(*((day, 0) for day in days))

    assert bought_in_every_window(customer, Day(100), 30.0) is unbroken

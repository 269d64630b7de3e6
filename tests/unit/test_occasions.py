"""What was bought: days become occasions, gaps and memory; amounts become one currency."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.instants import DAY, Instant
from shared.domain.policy import Policy
from tests.builders import BEGIN, day, fold_story, inquiry, purchase, purchases, refund

FIRST_DAY = BEGIN // DAY


def days_of(*story: Any, **more: Any) -> list[tuple[int, int | None]]:
    """The occasions that are remembered, as (day of the story, amount)."""
    return [(one.day - FIRST_DAY, one.amount) for one in fold_story(*story, **more).customer.occasions]


def test_purchases_of_one_day_are_one_occasion() -> None:
    story = [purchase(1.1, 100), purchase(1.9, 20), purchase(2.0, 3)]

    assert days_of(story) == [(1, 120), (2, 3)]


def test_a_purchase_for_nothing_is_an_occasion() -> None:
    assert days_of(purchase(1, 0)) == [(1, 0)]


@pytest.mark.parametrize(
    ("time_zone", "occasions"),
    [("UTC", [(1, 10), (2, 200)]), ("Asia/Shanghai", [(2, 210)]), ("America/New_York", [(1, 10), (2, 200)])],
)
def test_the_day_is_that_of_the_policys_time_zone(time_zone: str, occasions: list[tuple[int, int]]) -> None:
    # 20:00Z and 08:00Z of the day after: in Shanghai both on the second day, in New York on two days.
    story = [purchase(1 + 20 / 24, 10), purchase(2 + 8 / 24, 200)]

    assert days_of(story, policy=Policy(time_zone=time_zone)) == occasions


def test_the_night_in_which_the_clocks_change_is_as_long_as_it_is() -> None:
    # 2024-03-10 has 23 hours in New York: 05:00Z to 04:00Z of the day after (day 69 and 70 of the story).
    story = [purchase(69 + 5 / 24), purchase(70 + 3.99 / 24), purchase(70 + 4 / 24)]

    assert [one for one, _ in days_of(story, policy=Policy(time_zone="America/New_York"))] == [69, 70]


def test_a_gap_is_the_difference_of_local_dates_whatever_the_hours() -> None:
    customer = fold_story(purchase(1.99), purchase(3.01), purchase(3.5)).customer

    assert [one.gap for one in customer.occasions] == [0, 2]
    assert (customer.gaps, customer.cycle_gaps, customer.cycle_gap_sum) == (1, 1, 2)


def test_rhythm_keeps_the_gaps_of_earlier_cycles_but_not_the_one_that_ended_in_dormancy() -> None:
    customer = fold_story(purchases(0, 10, 20), purchases(500, 507)).customer

    assert customer.cycle == 2
    assert customer.gaps == 3
    assert (customer.cycle_occasions, customer.cycle_gap_sum) == (2, 7)


def test_an_inquiry_is_no_occasion() -> None:
    assert days_of(inquiry(1)) == []


@pytest.mark.parametrize(
    ("step", "count", "kept"),
    [
        (1, 200, 128),  # daily: 128 local days, which is more than 64 occasions
        (2, 200, 64),  # every other day 64 occasions are 128 days
        (7, 200, 64),  # weekly: 64 occasions, which is more than 128 days
        (7, 10, 10),
    ],
)
def test_the_memory_holds_128_days_or_64_occasions_whichever_is_more(step: int, count: int, kept: int) -> None:
    customer = fold_story(purchases(*range(0, step * count, step))).customer

    assert len(customer.occasions) == kept
    assert customer.cycle_occasions == count
    dropped = (count - kept - 1) * step
    assert customer.forgotten_day == (FIRST_DAY + dropped if kept < count else None)


@given(st.lists(st.integers(1, 9), max_size=160))
def test_what_the_memory_drops_is_never_needed_for_128_days_and_64_occasions(gaps: list[int]) -> None:
    days = [sum(gaps[:place]) for place in range(len(gaps) + 1)]

    kept = [one for one, _ in days_of(purchases(*days))]

    assert kept == days[-len(kept) :]
    assert {one for one in days if one > days[-1] - 128} <= set(kept)
    assert set(days[-64:]) <= set(kept)
    assert len(kept) <= 128


def test_the_last_purchase_of_the_day_begins_the_silence_also_when_it_is_told_first() -> None:
    forwards = fold_story(purchase(1.2), purchase(1.8)).customer

    assert forwards.bought_at == (day(1.8),)


def test_the_first_currency_is_the_customers_own_and_another_is_unknown_without_a_rate() -> None:
    story = [purchase(1, 100, currency="EUR"), purchase(2, 100, currency="USD"), purchase(3, 7, currency="EUR")]

    customer = fold_story(story).customer

    assert customer.currency == "EUR"
    assert [one.amount for one in customer.occasions] == [100, None, 7]


def test_a_day_with_an_unknown_amount_is_an_occasion_of_unknown_amount() -> None:
    assert days_of(purchase(1, 100), purchase(1.5, 100, currency="USD")) == [(1, None)]


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "wanted"),
    [
        (100, "USD", 0.5, 50),
        (1, "USD", 0.5, 0),  # 0.5 cents and 1.5 cents: half to even
        (3, "USD", 0.5, 2),
        (5, "USD", 0.5, 2),
        (1_000, "JPY", 0.0061, 610),  # no decimals to two
        (1_000, "KWD", 3.0, 300),  # three decimals to two
        (100, "CHF", None, None),
    ],
)
def test_amounts_are_converted_to_the_base_currency_half_to_even(
    amount: int, currency: str, rate: float | None, wanted: int | None
) -> None:
    policy = Policy(base_currency="EUR", rates={} if rate is None else {currency: rate})

    customer = fold_story(purchase(1, amount, currency=currency), policy=policy).customer

    assert customer.currency == "EUR"
    assert [one.amount for one in customer.occasions] == [wanted]


def test_a_refund_is_converted_at_its_own_rate() -> None:
    policy = Policy(base_currency="EUR", rates={"USD": 0.5})

    assert days_of(purchase(1, 100), refund(2, 60, currency="USD"), policy=policy) == [(1, 70)]


def test_a_refund_without_a_rate_changes_no_amount() -> None:
    assert days_of(purchase(1, 100), refund(2, 60, currency="USD")) == [(1, 100)]


def test_instants_of_occasions_are_kept_for_the_newest_eight() -> None:
    customer = fold_story(purchases(*range(0, 100, 5))).customer

    assert customer.bought_at == tuple(Instant(day(one)) for one in range(60, 100, 5))

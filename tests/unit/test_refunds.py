"""Refunds: what they net, what they carry, and occasions that stop counting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customer import Customer
from shared.domain.instants import DAY
from shared.domain.rhythm.gaps import last_purchase
from shared.domain.stages import Stage
from tests.builders import BEGIN, complaint, day, fold_story, path, purchase, purchases, refund

FIRST_DAY = BEGIN // DAY


def amounts(customer: Customer) -> dict[int, int | None]:
    """The net amount of each day of the story."""
    return {one.day - FIRST_DAY: one.amount for one in customer.occasions}


def test_a_refund_nets_the_order_that_it_names() -> None:
    story = [purchase(1, 100, order="a"), purchase(2, 100, order="b"), refund(3, 40, order="a")]

    assert amounts(fold_story(story).customer) == {1: 60, 2: 100}


def test_a_refund_of_no_known_order_nets_the_newest_occasions_until_it_is_used_up() -> None:
    story = [*purchases(1, 2, 3, amount=100), refund(4, 150)]

    assert amounts(fold_story(story).customer) == {1: 100, 2: 50}


def test_a_refund_acts_on_earlier_purchases_only() -> None:
    story = [purchase(1, 100), refund(2, 30), purchase(3, 100)]

    assert amounts(fold_story(story).customer) == {1: 70, 3: 100}


def test_what_a_refund_cannot_net_is_carried_to_the_next_purchases() -> None:
    customer = fold_story(purchase(1, 100), refund(2, 250), purchases(3, 4, amount=100)).customer

    assert amounts(customer) == {3: 0, 4: 50}
    assert customer.carried_refund == 0


def test_more_than_the_named_order_had_left_is_carried_and_nets_no_other() -> None:
    customer = fold_story(purchase(1, 100, order="a"), purchase(2, 100, order="b"), refund(3, 130, order="b")).customer

    assert amounts(customer) == {1: 100}
    assert customer.carried_refund == 30


def test_an_order_can_be_refunded_in_parts_but_not_twice() -> None:
    story = [
        purchase(1, 100, order="a"),
        purchase(1.5, 50, order="b"),
        refund(2, 60, order="a"),
        refund(3, 60, order="a"),
    ]

    customer = fold_story(story).customer

    assert amounts(customer) == {1: 50}
    assert customer.carried_refund == 20


def test_part_of_a_day_refunded_leaves_the_occasion() -> None:
    customer = fold_story(purchase(1.1, 100, order="a"), purchase(1.2, 50, order="b"), refund(2, order="a")).customer

    assert amounts(customer) == {1: 50}
    assert customer.cycle_occasions == 1


def test_a_day_whose_orders_are_all_refunded_is_no_occasion_any_more() -> None:
    story = [
        purchase(1.1, 100, order="a"),
        purchase(1.2, 50, order="b"),
        refund(2, 100, order="a"),
        refund(3, 50, order="b"),
    ]

    customer = fold_story(story).customer

    assert customer.occasions == ()
    assert customer.cycle_occasions == 0
    assert last_purchase(customer) is None


def test_a_purchase_for_nothing_keeps_its_day_whatever_else_is_refunded() -> None:
    customer = fold_story(
        purchase(1.1, 100, order="a"), purchase(1.2, 0, order="b"), refund(2, 100, order="a")
    ).customer

    assert amounts(customer) == {1: 0}
    assert customer.cycle_occasions == 1


@pytest.mark.parametrize("emptied", [0, 1, 2, 3])
def test_an_emptied_occasion_leaves_rhythm_and_tenure_as_if_it_had_not_been(emptied: int) -> None:
    days = [0, 10, 40, 45]
    left = [one for one in days if one != days[emptied]]

    refunded = fold_story(purchases(*days), refund(46, order=f"order {days[emptied]}")).customer
    without = fold_story(purchases(*left)).customer

    assert (refunded.occasions, refunded.cycle_occasions) == (without.occasions, without.cycle_occasions)
    assert (refunded.gaps, refunded.cycle_gaps) == (without.gaps, without.cycle_gaps)
    assert (refunded.cycle_gap_sum, refunded.cycle_gap_squares) == (without.cycle_gap_sum, without.cycle_gap_squares)
    assert refunded.long_gap == pytest.approx(without.long_gap)
    assert refunded.cycle_first_day == without.cycle_first_day
    assert last_purchase(refunded) == last_purchase(without)
    assert refunded.last_gap_r == pytest.approx(without.last_gap_r, rel=0.5)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=90), st.data())
def test_emptying_occasions_one_after_the_other_is_as_if_they_had_not_been(
    gaps: list[int], data: st.DataObject
) -> None:
    days = [sum(gaps[:place]) for place in range(len(gaps) + 1)]
    emptied = data.draw(st.lists(st.sampled_from(days[-16:]), unique=True, max_size=len(days) - 1))
    end = days[-1] + 1

    refunds = [refund(end + place / 100, order=f"order {one}") for place, one in enumerate(emptied)]
    refunded = fold_story(purchases(*days), refunds).customer
    without = fold_story(purchases(*(one for one in days if one not in emptied))).customer

    assert refunded.cycle_occasions == without.cycle_occasions
    assert refunded.cycle_gap_sum == without.cycle_gap_sum
    assert refunded.gaps == without.gaps
    assert refunded.long_gap == pytest.approx(without.long_gap)
    assert refunded.occasions == without.occasions[-len(refunded.occasions) :] or not refunded.occasions


def test_silence_goes_on_from_the_purchase_before_when_the_newest_is_refunded() -> None:
    customer = fold_story(purchases(0, 10, 20.5, 30), refund(31, order="order 30")).customer

    assert last_purchase(customer) == day(20.5)


def test_a_customer_whose_whole_memory_is_refunded_goes_on() -> None:
    story = [*purchases(*range(0, 700, 7), amount=1), refund(700, 1_000)]

    customer = fold_story(story, purchase(701, 10_000), until=702).customer

    assert customer.cycle_occasions == 100 - 64 + 1
    assert [one.day - FIRST_DAY for one in customer.occasions] == [701]
    assert last_purchase(customer) == day(701)


def test_after_more_refunds_than_instants_are_kept_silence_counts_from_the_day() -> None:
    customer = fold_story(purchases(*(one + 0.5 for one in range(0, 200, 10)), amount=10), refund(200, 90)).customer

    assert last_purchase(customer) == day(100)


def test_earlier_transitions_stand_when_their_purchase_is_refunded() -> None:
    folded = fold_story(purchases(0, 10, 20), refund(21, order="order 20"))

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]


def test_an_occasion_that_is_bought_again_counts_again() -> None:
    customer = fold_story(purchase(0), purchase(10), refund(10.2, order="order 10"), purchase(10.4)).customer

    assert customer.cycle_occasions == 2
    assert customer.cycle_gap_sum == 10


def test_a_refunded_purchase_is_no_step_towards_recovery() -> None:
    story = [*purchases(0, 10, 20, amount=100_00), complaint(21), complaint(21.5)]
    back = [purchase(30, 1, order="x"), refund(30.5, 1, order="x"), purchase(35, 1)]

    folded = fold_story(story, back)

    assert folded.customer.stage is Stage.DECLINE
    assert folded.customer.occasions_in_decline == 1


def test_volume_drops_of_an_emptied_occasion_are_forgotten() -> None:
    story = [*purchases(*range(0, 120, 10), amount=100_00), *purchases(130, amount=1)]
    hits = fold_story(story).customer.sharp_hits

    refunded = fold_story(story, refund(131, 1, order="order 130")).customer

    assert refunded.sharp_hits == max(0, hits - 1)

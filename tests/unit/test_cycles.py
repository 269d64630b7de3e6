"""Cycles: what begins anew with each, and what the relationship remembers."""

import pytest

from shared.domain.customer import Customer
from shared.domain.events import Fact
from shared.domain.instants import DAY
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import (
    complaint,
    contract,
    day,
    fold_story,
    inquiry,
    invoice,
    path,
    purchase,
    purchases,
    rating,
    referral,
    refund,
)

# Whoever does not buy more than before counts as falling.
FALLING = Policy(window_gaps=0.001, sharp_drop=1.0, gradual_drop=9.0)
LIVELY = [*purchases(*range(0, 130, 5)), referral(1), rating(2, 0.5), complaint(131), complaint(132), complaint(133)]
"""Somebody of whom much is known, and who is dissatisfied and falling in the end."""

OF_THE_CYCLE = (
    "cycle_first_day",
    "cycle_occasions",
    "cycle_gaps",
    "cycle_gap_sum",
    "cycle_gap_squares",
    "last_gap_r",
    "volumes",
    "opinions",
    "complaints",
    "sharp_hits",
    "sharp_hits_before",
    "gradual_hits",
    "gradual_hits_before",
    "dissatisfied",
    "leaving",
    "pledged",
    "origin",
    "declined_level",
    "silence_raised",
)


def of_the_cycle(customer: Customer) -> dict[str, object]:
    """What belongs to the current cycle."""
    return {name: getattr(customer, name) for name in OF_THE_CYCLE}


def test_before_it_ends_the_first_cycle_knows_a_lot() -> None:
    known = of_the_cycle(fold_story(LIVELY, until=300, policy=FALLING).customer)

    empty = of_the_cycle(Customer())
    assert {name for name in OF_THE_CYCLE if known[name] == empty[name]} == {"leaving"}


@pytest.mark.parametrize("again", [300, 2_000])
def test_a_new_cycle_knows_nothing_of_the_one_before(again: int) -> None:
    folded = fold_story(LIVELY, purchase(again, 77), policy=FALLING)

    fresh = fold_story(purchase(again, 77), policy=FALLING)
    assert folded.customer.cycle == 2
    assert of_the_cycle(folded.customer) == of_the_cycle(fresh.customer)


def test_a_new_cycle_keeps_rhythm_memory_and_what_is_owed() -> None:
    folded = fold_story(LIVELY, invoice(140, 5), contract(141, ends=9_000), purchase(300, 77), policy=FALLING)

    customer = folded.customer
    assert customer.gaps == 25
    assert len(customer.occasions) == 27
    assert customer.receivables == {"EUR": 5}
    assert len(customer.pledges) == 1


def test_the_first_inquiry_begins_the_cycle_that_the_first_purchase_goes_on_with() -> None:
    folded = fold_story(inquiry(0), rating(1, 0.5), purchase(2))

    assert [(one.target, one.cycle) for one in folded.transitions] == [(Stage.PROSPECT, 1), (Stage.EXPLORATION, 1)]
    assert len(folded.customer.opinions) == 1


def test_what_a_stranger_said_before_the_first_cycle_does_not_count_in_it() -> None:
    folded = fold_story(complaint(0), purchase(1))

    assert path(folded) == [Stage.EXPLORATION]
    assert folded.customer.opinions == ()


@pytest.mark.parametrize(
    ("story", "cycle"), [([purchase(0)], 1), ([purchase(0), purchase(400)], 2), ([purchase(0), inquiry(2_000)], 2)]
)
def test_cycles_are_counted_from_one(story: list[Fact], cycle: int) -> None:
    assert fold_story(story).customer.cycle == cycle


def test_a_first_purchase_that_is_taken_back_begins_no_second_cycle() -> None:
    folded = fold_story(purchase(0), refund(1), purchase(2), policy=Policy(formation_occasions=1))

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]
    assert folded.customer.cycle == 1
    assert folded.customer.cycle_first_day == day(2) // DAY

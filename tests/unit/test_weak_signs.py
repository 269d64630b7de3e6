"""Weak signs before silence: who shows which, and that they are told with their measured odds."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from shared.domain.events import Fact
from shared.domain.policy import DEFAULT
from shared.domain.rhythm.churn import WeakSign
from shared.domain.rhythm.reading import risk_reading
from tests.builders import day, fold_story, purchase, purchases
from tests.models import MODEL

SLOWING = WeakSign(code="slowing", with_it=0.58, without=0.49, customers=120)
SHRINKING = WeakSign(code="shrinking", with_it=0.53, without=0.5, customers=80)
LATER = WeakSign(code="of a later version", with_it=0.9, without=0.1, customers=80)
POLICY = replace(DEFAULT, churn=replace(MODEL, weak_signs=(SLOWING, SHRINKING, LATER)))


def shown(*story: Fact | Sequence[Fact]) -> tuple[WeakSign, ...]:
    customer = fold_story(*story).customer
    assert customer.last_at is not None
    found = risk_reading(customer, customer.last_at, POLICY)
    assert found is not None
    return found.weak_signs


@pytest.mark.parametrize(
    ("days", "slows"),
    [
        # The faded gap is 29.7 days, 46.5 and 10 against means of 22.5, 28 and 10; the last has too few gaps.
        ((0, 10, 20, 30, 90), False),
        ((0, 5, 10, 15, 20, 140), True),
        ((0, 10, 20, 30, 40), False),
        ((0, 5, 95), False),
    ],
)
def test_a_customer_slows_down_when_newer_gaps_are_half_as_long_again(days: tuple[int, ...], slows: bool) -> None:
    assert shown(purchases(*days)) == ((SLOWING,) if slows else ())


@pytest.mark.parametrize(
    ("amounts", "shrinks"),
    [
        ((100, 100, 100, 30, 30), True),
        ((100, 100, 100, 60, 60), False),
        ((100, 30, 30), False),
    ],
)
def test_a_customer_buys_less_when_its_last_two_amounts_are_below_half_its_mean(
    amounts: tuple[int, ...], shrinks: bool
) -> None:
    story = [purchase(10 * place, amount * 100) for place, amount in enumerate(amounts)]

    assert shown(story) == ((SHRINKING,) if shrinks else ())


def test_amounts_that_are_not_known_show_nothing() -> None:
    story = [purchase(10 * place, 100 * amount) for place, amount in enumerate((100, 100, 100, 30, 30))]
    customer = fold_story(story).customer
    *before, last = customer.occasions
    blind = replace(customer, occasions=(*before, replace(last, amount=None)))

    found = risk_reading(blind, day(40), POLICY)

    assert found is not None
    assert found.weak_signs == ()

"""Shops: what customers bought and when, as little as a test needs to say."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from shared.domain.customer import Customer, Occasion
from shared.domain.habit import Habit, habit_of
from shared.domain.instants import Day
from shared.fitting.spells import Histories, Spells, gather

TODAY = Day(20_000)


class Shopper(NamedTuple):
    """A customer as a fit reads it."""

    occasions: Sequence[Occasion]
    habit_before: Habit | None = None
    lines: Mapping[str, "Shopper"] = {}


def shopper(*days: int, amount: int | None = 10_00, lines: Mapping[str, Shopper] | None = None) -> Shopper:
    """A customer that bought on some days."""
    return Shopper(tuple(Occasion(Day(day), amount) for day in days), lines=lines or {})


def shop(*customers: Shopper, of: int | None = None) -> Histories:
    """The histories of customers."""
    return gather(((str(place), one) for place, one in enumerate(customers)), of)


def crowd(
    count: int,
    usual_gap: float = 20,
    leaves: float = 0.2,
    days: int = 400,
    seed: int = 1,
    amount: int | None = 10_00,
    until: int = TODAY,
    come: float = 0.5,
) -> list[Shopper]:
    """Customers that came over a part of so many days; after each purchase some leave, the others buy again."""
    chance = Random(seed)
    found = []
    for _ in range(count):
        day, bought = until - days + chance.randrange(round(days * come)), []
        pace = chance.gammavariate(2, usual_gap / 2)
        while day < until:
            bought.append(day)
            if chance.random() < leaves:
                break
            day += max(1, round(chance.expovariate(1 / pace)))
        found.append(shopper(*bought, amount=amount))
    return found


def spells_of_habit(habit: Habit) -> Spells:
    """One spell, that goes on."""
    return shop(Shopper((), habit)).whole


@st.composite
def habits(draw: st.DrawFn) -> Habit:
    """Any habit: days of one customer, some of their amounts unknown."""
    gaps = draw(st.lists(st.integers(1, 2_000), max_size=40))
    amounts = draw(st.lists(st.none() | st.integers(-10_000, 2**60), min_size=len(gaps) + 1, max_size=len(gaps) + 1))
    day, bought = 10_000, [Occasion(Day(10_000), amounts[0])]
    for gap, amount in zip(gaps, amounts[1:], strict=True):
        day += gap
        bought.append(Occasion(Day(day), amount))
    found = habit_of(bought)
    assert found is not None
    return found


def numbers(value: object) -> Iterable[float]:
    """Every number in what a message is made of."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int | float):
        yield value


def all_finite(value: object) -> bool:
    """Whether no number in it is infinite or not a number."""
    return all(map(isfinite, numbers(value)))


def remembered(customer: Customer) -> Histories:
    """The histories of one customer as the fold left it."""
    return gather([("anna", customer)])

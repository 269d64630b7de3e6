"""How a customer has bought so far, in a handful of numbers: all that a churn model looks at."""

from collections.abc import Iterable
from math import log
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.instants import Day

KEPT: Final = 0.7
"""What is left of a gap's weight after each further one: the newest weighs 0.3 of them all."""


class Bought(Protocol):
    """A local day with purchases; `amount` is in minor units, None where it is unknown."""

    @property
    def day(self) -> Day:
        """The day."""

    @property
    def amount(self) -> int | None:
        """What was bought on it."""


class Habit(Struct, frozen=True, array_like=True, gc=False):
    """All purchase days of a customer, whatever its cycles: O(1) in their number.

    Days of one kind are counted once however often something was bought. Gaps are in days, at least one.
    """

    first_day: Day
    last_day: Day
    repeats: int = 0
    """x: purchase days after the first."""
    log_sum: float = 0.0
    """Sum of ln(gap), and of its square."""
    log_squares: float = 0.0
    faded_sum: float = 0.0
    """Sum of the gaps, each weighed `KEPT` times as much as the one after it."""
    amounts: int = 0
    """How many of the days have a known amount, and the sum of these, minor units."""
    amount_sum: int = 0


def habit_after(habit: Habit | None, day: Day, amount: int | None) -> Habit:
    """The habit after one more purchase day.

    A day that comes again, in another cycle or time zone, is one day: none is earlier than the one before it.
    """
    known, value = (0, 0) if amount is None else (1, amount)
    if habit is None:
        return Habit(day, day, amounts=known, amount_sum=value)
    gap = day - habit.last_day
    if gap <= 0:
        return replace(habit, amounts=max(habit.amounts, known), amount_sum=habit.amount_sum + value)
    length = log(gap)
    return Habit(
        habit.first_day,
        day,
        habit.repeats + 1,
        habit.log_sum + length,
        habit.log_squares + length * length,
        KEPT * habit.faded_sum + gap,
        habit.amounts + known,
        habit.amount_sum + value,
    )


def habit_of(days: Iterable[Bought], before: Habit | None = None) -> Habit | None:
    """The habit that purchase days make, in their order, after those that are remembered as a habit only."""
    habit = before
    for bought in days:
        habit = habit_after(habit, bought.day, bought.amount)
    return habit


def faded_gap(habit: Habit) -> float | None:
    """The mean gap in days in which newer ones weigh more; None without a repeat purchase."""
    if not habit.repeats:
        return None
    return habit.faded_sum * (1 - KEPT) / (1 - KEPT**habit.repeats)

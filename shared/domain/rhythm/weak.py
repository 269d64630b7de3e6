"""Weak signs: what can be seen of a customer before silence. By itself each foretells little, and never is an alert."""

from typing import Final

from shared.domain.customer import Customer
from shared.domain.habit import Habit, faded_gap
from shared.domain.rhythm.churn import ChurnModel, WeakSign

LEAST_GAPS: Final = 4
"""Who has fewer gaps shows none."""
SLOWER: Final = 1.5
"""Slowing: the faded gap is more than so many times the customer's mean gap."""
SMALLER: Final = 0.5
"""Shrinking: the last two amounts are, on average, less than this share of the mean of all."""


def slowing(customer: Customer, habit: Habit) -> bool:
    """Newer gaps are longer than the customer's gaps on average."""
    faded = faded_gap(habit)
    return faded is not None and faded > SLOWER * (habit.last_day - habit.first_day) / habit.repeats


def shrinking(customer: Customer, habit: Habit) -> bool:
    """The last two amounts are smaller than usual; they must be known."""
    newest = [occasion.amount for occasion in customer.occasions[-2:] if occasion.amount is not None]
    return len(newest) == 2 and sum(newest) / 2 < SMALLER * habit.amount_sum / habit.amounts


SIGNS: Final = {"slowing": slowing, "shrinking": shrinking}
"""By the codes that models measure their odds under."""


def shown_by(customer: Customer, habit: Habit, model: ChurnModel) -> tuple[WeakSign, ...]:
    """002-12: the weak signs that a customer shows now, of those that the model has measured the odds of."""
    if habit.repeats < LEAST_GAPS:
        return ()
    return tuple(sign for sign in model.weak_signs if sign.code in SIGNS and SIGNS[sign.code](customer, habit))

"""When silence is an alert by the churn model in force: overdue first, then likely to buy no more (002-13, 004-11)."""

from typing import Final

from msgspec.structs import replace

from shared.domain.customer import Customer
from shared.domain.decisions import Guard
from shared.domain.guards import at_least
from shared.domain.habit import Habit, habit_of
from shared.domain.instants import DAY, LATEST, SECOND, Instant, due
from shared.domain.policy import Policy
from shared.domain.rhythm import churn
from shared.domain.rhythm.churn import ChurnModel, p_no_purchase
from shared.domain.rhythm.gaps import last_purchase

NEVER: Final = Instant(LATEST + SECOND)
"""Beyond all time: no silence is long enough."""


def threshold_of(model: ChurnModel, policy: Policy) -> float:
    """The probability from which on silence is an alert: the policy's own, else what the budget of alerts came to."""
    return model.threshold if policy.churn_threshold is None else policy.churn_threshold


def habit(customer: Customer) -> Habit | None:
    """How the customer has bought so far, in all its cycles."""
    return habit_of(customer.occasions, customer.habit_before)


def overdue_from(customer: Customer, model: ChurnModel, policy: Policy) -> Instant | None:
    """When the customer has missed one cycle of its own, a whole second; None without a purchase in this cycle."""
    last_at = last_purchase(customer)
    if last_at is None:
        return None
    before, newest = customer.habit_before, customer.occasions[-1].day
    first, forgotten = (customer.occasions[0].day, 0) if before is None else (before.first_day, before.repeats + 1)
    days = churn.overdue_days(model.members, forgotten + len(customer.occasions) - 1, newest - first)
    return due(last_at + max(days, policy.churn_floor_days) * DAY)


def silent_from(customer: Customer, model: ChurnModel, policy: Policy) -> Instant | None:
    """When the customer will be silent if it buys nothing, a whole second; None without a purchase, or when never."""
    last_at, overdue_at, known = last_purchase(customer), overdue_from(customer, model, policy), habit(customer)
    if last_at is None or overdue_at is None or known is None:
        return None
    horizon, threshold = policy.churn_horizon_days, threshold_of(model, policy)
    return churn.silent_at(model.members, known, last_at, overdue_at, horizon, threshold)


def foreseen(customer: Customer, policy: Policy) -> Customer:
    """The customer with what it would be asked once it is overdue, so that people can read it before."""
    model = policy.churn
    if model is None or customer.silent_at is not None:
        return customer
    found = silent_from(customer, model, policy)
    return replace(customer, silent_at=NEVER if found is None else found)


def risk(customer: Customer, at: Instant, policy: Policy) -> float | None:
    """P0: the probability of no purchase within the horizon from an instant on; None without a model or a purchase."""
    last_at, known = last_purchase(customer), habit(customer)
    if policy.churn is None or last_at is None or known is None:
        return None
    return p_no_purchase(policy.churn.members, known, max(0, at - last_at) / DAY, policy.churn_horizon_days)


def likely_gone(customer: Customer, at: Instant, model: ChurnModel, policy: Policy) -> tuple[Guard, ...]:
    """002-13, 004-11: both guards of the silent branch, with their values: P0, and the silence against one cycle."""
    last_at, overdue_at = last_purchase(customer), overdue_from(customer, model, policy)
    if last_at is None or overdue_at is None:
        return ()
    return (
        at_least("p_no_purchase", "002-13", risk(customer, at, policy), threshold_of(model, policy)),
        at_least("silence_days", "004-11", (at - last_at) / DAY, (overdue_at - last_at) / DAY),
    )

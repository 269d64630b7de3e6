"""When silence is an alert by the churn model in force: overdue first, then likely to buy no more (002-13, 004-11)."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from shared.domain.customer import Customer
from shared.domain.decisions import Guard
from shared.domain.guards import at_least
from shared.domain.habit import Habit, habit_of
from shared.domain.instants import DAY, LATEST, SECOND, Instant, due
from shared.domain.policy import Policy
from shared.domain.rhythm import churn
from shared.domain.rhythm.calendar import exposure, seasons_of
from shared.domain.rhythm.churn import LONGEST_DAYS, SURE, ChurnModel, first_second, foretold, logit
from shared.domain.rhythm.gaps import last_purchase

NEVER: Final = Instant(LATEST + SECOND)
"""Beyond all time: no silence is long enough."""
DAY_SECONDS: Final = 86_400
CENTURY: Final = int(LONGEST_DAYS) * DAY_SECONDS
SCANNED_DAYS: Final = 800
"""How far each day is looked at where a calendar lets risk fall again before a peak."""

Chance = Callable[[Instant, float], float]
"""P0: the probability of no purchase in so many days from an instant on."""


def threshold_of(model: ChurnModel, policy: Policy) -> float:
    """The probability from which on silence is an alert: the policy's own, else what the budget of alerts came to."""
    return model.threshold if policy.churn_threshold is None else policy.churn_threshold


def habit(customer: Customer) -> Habit | None:
    """How the customer has bought so far, in all its cycles."""
    return habit_of(customer.occasions, customer.habit_before)


def chance_of(customer: Customer, policy: Policy) -> Chance | None:
    """P0 of a customer that buys nothing until the instant asked for; None without a model or a purchase.

    Days count as the calendar of the policy says.
    """
    last_at, known = last_purchase(customer), habit(customer)
    if policy.churn is None or last_at is None or known is None:
        return None
    told = foretold(policy.churn.members, known)
    return lambda at, ahead: told(*counted_days(last_at, at, ahead, policy))


def counted_days(last_at: Instant, at: Instant, ahead: float, policy: Policy) -> tuple[float, float]:
    """The silence at an instant, and the days ahead of it, both as the calendar of the policy counts them."""
    if not policy.calendar:
        return max(0, at - last_at) / DAY, ahead
    seasons, until = seasons_of(tuple(policy.calendar.values())), Instant(min(round(at + ahead * DAY), LATEST))
    return exposure(seasons, last_at, max(at, last_at)), exposure(seasons, at, until)


def overdue_from(customer: Customer, model: ChurnModel, policy: Policy) -> Instant | None:
    """When the customer has missed one cycle of its own, a whole second; None without a purchase in this cycle."""
    last_at = last_purchase(customer)
    if last_at is None:
        return None
    before, newest = customer.habit_before, customer.occasions[-1].day
    first, forgotten = (customer.occasions[0].day, 0) if before is None else (before.first_day, before.repeats + 1)
    days = churn.overdue_days(model.members, forgotten + len(customer.occasions) - 1, max(0, newest - first))
    # Who looks so many days ahead does not wait longer than that for a slow buyer.
    return _after(last_at, max(min(days, policy.churn_horizon_days), policy.churn_floor_days), policy)


def silent_from(customer: Customer, model: ChurnModel, policy: Policy) -> Instant | None:
    """When the customer will be silent if it buys nothing, a whole second; None without a purchase, or when never.

    The first second, from being overdue on, at which P0 over the horizon reaches the threshold.
    """
    last_at, overdue_at = last_purchase(customer), overdue_from(customer, model, policy)
    chance = chance_of(customer, policy)
    if last_at is None or overdue_at is None or chance is None:
        return None
    horizon, threshold = policy.churn_horizon_days, threshold_of(model, policy)
    wanted, since = logit(threshold), last_at // SECOND

    def short(second: int) -> float:
        share = chance(Instant((since + second) * SECOND), horizon)
        # How far, in log-odds, for the search; reached or not exactly as the guard will see it.
        away = abs(wanted - logit(share))
        return -away if share >= threshold else max(away, SURE)

    begin = overdue_at // SECOND - since
    end = max(begin, min(begin + CENTURY, LATEST // SECOND - since))
    found = first_second(short, _first_day(short, begin, end) if policy.calendar else begin, end)
    return None if found is None else Instant((since + found) * SECOND)


def foreseen(customer: Customer, policy: Policy) -> Customer:
    """The customer with what it would be asked once it is overdue, so that people can read it before."""
    model = policy.churn
    if model is None or customer.silent_at is not None:
        return customer
    found = silent_from(customer, model, policy)
    return replace(customer, silent_at=NEVER if found is None else found)


def risk(customer: Customer, at: Instant, policy: Policy) -> float | None:
    """P0: the probability of no purchase within the horizon from an instant on; None without a model or a purchase."""
    chance = chance_of(customer, policy)
    return None if chance is None else chance(at, policy.churn_horizon_days)


def median_wait(customer: Customer, at: Instant, policy: Policy, share: float = 0.5) -> float | None:
    """In how many days the next purchase comes with a probability of `share`; None when not within a century."""
    chance = chance_of(customer, policy)
    if chance is None:
        return None
    found = first_second(lambda second: chance(at, second / DAY_SECONDS) - (1 - share), 1, CENTURY)
    return None if found is None else found / DAY_SECONDS


def likely_gone(customer: Customer, at: Instant, model: ChurnModel, policy: Policy) -> tuple[Guard, ...]:
    """002-13, 004-11: both guards of the silent branch, with their values: P0, and the silence against one cycle."""
    last_at, overdue_at = last_purchase(customer), overdue_from(customer, model, policy)
    if last_at is None or overdue_at is None:
        return ()
    return (
        at_least("p_no_purchase", "002-13", risk(customer, at, policy), threshold_of(model, policy)),
        at_least("silence_days", "004-11", (at - last_at) / DAY, (overdue_at - last_at) / DAY),
    )


def _after(start: Instant, days: float, policy: Policy) -> Instant:
    """The first whole second that is so many ordinary days later."""
    plain = due(start + days * DAY)
    if not policy.calendar:
        return plain
    seasons, begin = seasons_of(tuple(policy.calendar.values())), -(-start // SECOND)
    last = min(CENTURY, LATEST // SECOND - begin)
    found = first_second(lambda second: days - exposure(seasons, start, Instant((begin + second) * SECOND)), 1, last)
    return NEVER if found is None else Instant((begin + found) * SECOND)


def _first_day(short: Callable[[int], float], begin: int, end: int) -> int:
    """The last of the days, one after another, before risk first reaches the threshold, or the last one looked at."""
    at = begin
    for _ in range(SCANNED_DAYS):
        if short(at) <= 0:
            return max(begin, at - DAY_SECONDS)
        if at >= end:
            break
        at = min(at + DAY_SECONDS, end)
    return at

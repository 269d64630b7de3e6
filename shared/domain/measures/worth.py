"""What is at stake with a customer, in short: margin earned, margin of a year to come, the usual order."""

from statistics import median
from typing import NamedTuple

from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal, deals

MONTHS = 12
YEAR_DAYS = 365


class Earned(NamedTuple):
    """Margin in minor units of the case's currency, over the deals whose cost is known, and the days of these."""

    margin: int
    occasions: int


def earned(case: Case, *, days: float | None = None) -> Earned | None:
    """What a customer's deals earned, over all time or the last so many days; None where no cost is known."""
    margins = [(deal.day, deal.margin) for deal in kept(case, days=days) if deal.margin is not None]
    if not margins:
        return None
    return Earned(sum(margin for _, margin in margins), len({day for day, _ in margins}))


def margin_ahead(case: Case) -> float | None:
    """The margin of the months that saving is worth, minor units: the mean of an occasion, and one every m days.

    Unlike its lifetime value (004-2) it takes for granted that the customer stays: p(save) says how likely that is.
    """
    found = earned(case)
    if found is None:
        return None
    length = case.policy.save_months * YEAR_DAYS / MONTHS
    return found.margin / found.occasions * length / case.state.median_gap


def usual_order(case: Case) -> float | None:
    """The median net amount of a purchase, minor units; None where no amount is known."""
    amounts = [deal.amount for deal in kept(case) if deal.amount is not None]
    return float(median(amounts)) if amounts else None


def kept(case: Case, *, days: float | None = None) -> list[Deal]:
    """The deals that were not fully refunded, over all time or the last so many local days."""
    since = None if days is None else case.today - days
    return [deal for deal in deals(case) if not deal.refunded and (since is None or deal.day > since)]

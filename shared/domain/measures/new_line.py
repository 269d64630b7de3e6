"""An old customer tries a new line of business: what decides whether it stays with it."""

from shared.domain.customer import Customer
from shared.domain.events import Purchase
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import of_cycle
from shared.domain.measures.deals import window_days
from shared.domain.measures.factors import is_old
from shared.domain.measures.reading import Reading, mean_of, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.satisfaction import told_by
from shared.domain.opinions import satisfaction


def tried_line(case: Case) -> str | None:
    """The newest line that was first bought after the first occasion of this cycle and is not usual yet; None: none.

    A line is usual from as many occasions on as formation asks for.
    """
    begun = case.state.cycle_first_day
    days = {line: own.cycle_first_day for line, own in case.state.lines.items()}
    newest = max(((day, line) for line, day in days.items() if day is not None), default=None)
    if begun is None or newest is None or newest[0] <= begun:
        return None
    usual = case.state.lines[newest[1]].cycle_occasions >= case.policy.formation_occasions
    return None if usual else newest[1]


@measure("001-14", card=Card.CUSTOMER, unit="score", low=-1, high=1, en="Factors of a new line", zh="新业务影响因素")
def new_line_factors(case: Case) -> Reading:
    """Mean of the known factors of an old customer's new line, -1 to 1 each (001-14).

    The lowest s of the old lines, or s of the whole where none has one; the usage of the old ones, (n0 - n1)/(n0 + n1)
    with the occasions of the last W and of the W before; the adoption of the new line, its occasions over those that
    formation asks for; s of the new line; and the firm's outlook.
    """
    line = tried_line(case) if is_old(case) else None
    if line is None:
        return unknown("a purchase of an old customer in a line that is new to it")
    own = case.state.lines[line]
    parts = {
        "old_line_satisfaction": _satisfied(case, line),
        "old_line_usage": _usage(case, own),
        "new_line_adoption": own.cycle_occasions / case.policy.formation_occasions,
        "new_line_satisfaction": satisfaction(own),
        "company_outlook": case.policy.company_outlook,
    }
    bought = [one for one in of_cycle(case, Purchase) if line in (one.line, *(item.line for item in one.items))]
    return told_by(mean_of(parts), bought)


def _satisfied(case: Case, line: str) -> float | None:
    """What is said of no line, only of the relationship, counts where the old lines have no opinion of their own."""
    others = (satisfaction(own) for name, own in case.state.lines.items() if name != line)
    return min((s for s in others if s is not None), default=satisfaction(case.state))


def _usage(case: Case, new: Customer) -> float | None:
    """A day on which only the new line, or beside it something of no line, was bought is not one of the old lines."""
    length, tried = window_days(case), {occasion.day for occasion in new.occasions}
    other = {one.day for own in case.state.lines.values() if own is not new for one in own.occasions}
    ages = [case.today - one.day for one in case.state.occasions if one.day in other or one.day not in tried]
    now, before = sum(age < length for age in ages), sum(length <= age < 2 * length for age in ages)
    return (now - before) / (now + before) if now + before else None

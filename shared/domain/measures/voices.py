"""What a customer said of us in this cycle, as opinions."""

from bisect import bisect_right

from shared.domain.customer import Customer
from shared.domain.events import Event
from shared.domain.measures.case import Case
from shared.domain.measures.categories import this_cycle
from shared.domain.opinions import opinion_of


def opinions(case: Case) -> list[tuple[Event, float]]:
    """The opinions since the first purchase of this cycle, the oldest first, with what each says, from -1 to 1.

    How a delivery is taken depends on how many occasions there had been by then (000-3).
    """
    begun = [one.deals[0].at for one in this_cycle(case)]
    found: list[tuple[Event, float]] = []
    for event in case.events:
        count = bisect_right(begun, event.occurred_at)
        x = opinion_of(event, Customer(cycle_occasions=count), case.policy) if count else None
        if x is not None:
            found.append((event, x))
    return found

"""People for the survey: a story told with the builders, folded, as the tallies see it."""

from collections.abc import Sequence
from typing import Any

from shared.domain import events
from shared.domain.controls import Governance
from shared.domain.events import ACTIONS
from shared.domain.instants import Day, local_day
from shared.domain.lifecycle import fold
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.survey.person import Person
from tests.builders import ANNA, instant_of
from tests.builders import purchase as bought

FEW = Policy(report_group_customers=1, report_prior_gaps=1, report_check_customers=1)
"""A policy for which a handful of customers is enough."""


def on(day: float) -> Day:
    """The local day of a day of the story."""
    return local_day(instant_of(day), "UTC")


def person(*story: events.Fact | Sequence[events.Fact], until: float, policy: Policy = FEW) -> Person:
    """A customer with a story, as of a day of it."""
    told: list[Any] = [one for part in story for one in (part if isinstance(part, Sequence) else [part])]
    as_of = instant_of(until)
    folded = fold(ANNA, told, Governance.of([], policy), as_of)
    facts = [one for one in told if not isinstance(one, ACTIONS)]
    case = Case(ANNA, facts, folded.customer, policy, as_of, transitions=folded.transitions, alerts=folded.alerts)
    return Person(case, [one for one in told if isinstance(one, ACTIONS)])


def sale(day: float, amount: int = 100_00, cost: int = 60_00, **more: Any) -> events.Purchase:
    """A purchase whose cost is known."""
    return bought(day, amount, cost=cost, **more)


def worth(margin: int, until: float = 10, **more: Any) -> Person:
    """A customer of one purchase with so much margin."""
    return person(sale(0, 1_000_00, 1_000_00 - margin, **more), until=until)


def profile(day: float = 0, **more: Any) -> events.Profile:
    """What is known of a customer."""
    return events.Profile(**head(day, "profile"), **more)


def head(day: float, kind: str) -> dict[str, Any]:
    """What every event carries."""
    at = instant_of(day)
    return {"id": f"{kind} of day {day}", "source": "shop", "customer_id": ANNA, "occurred_at": at, "received_at": at}

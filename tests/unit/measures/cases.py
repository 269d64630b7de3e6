"""Cases for the measures: a story told with the builders, folded, as a measure sees it."""

from collections.abc import Sequence
from typing import Any

from shared.domain import events
from shared.domain.controls import Governance
from shared.domain.lifecycle import fold
from shared.domain.measures.all import MEASURES
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading
from shared.domain.policy import Policy
from tests.builders import ANNA, instant_of


def case_of(
    *story: events.Fact | Sequence[events.Fact],
    until: float,
    policy: Policy | None = None,
) -> Case:
    """A customer with a story, as of a day of it. Figures of all customers come with the policy's `population`."""
    told: list[Any] = [one for part in story for one in (part if isinstance(part, Sequence) else [part])]
    as_of = instant_of(until)
    folded = fold(ANNA, [one for one in told if one.occurred_at <= as_of], Governance.of([], policy), as_of)
    return Case(
        ANNA,
        told,
        folded.customer,
        policy or Policy(),
        as_of,
        transitions=[one for one in folded.transitions if one.line is None],
        alerts=folded.alerts,
    )


def reading(name: str, case: Case) -> Reading:
    """What a measure says of a case."""
    return MEASURES[name].function(case)

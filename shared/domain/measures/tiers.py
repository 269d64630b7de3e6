"""Which tier of value a customer is in, and how that changed."""

from typing import Final, NamedTuple

from shared.domain.measures.books import A_PURCHASE_WITH_COST, earned, iso, margin_of
from shared.domain.measures.case import Case
from shared.domain.measures.deals import currency_of, deals, ids
from shared.domain.measures.reading import MOST_EVIDENCE, Reading, known, unknown
from shared.domain.measures.registry import Card, measure

TIERS: Final = {
    "A": ("A: the most valuable fifth", "A 级:最有价值的 20%"),
    "B": ("B: the middle half", "B 级:中间的 50%"),
    "C": ("C: the least valuable", "C 级:价值最低的 30%"),
}
A_POPULATION: Final = "tier borders of a population job, in the customer's currency"


class Borders(NamedTuple):
    """The margin at or above which a customer is in tier A, and below which it is in C; minor units."""

    a: float
    c: float

    def tier(self, margin: float, lifted: float = 0.0) -> str:
        """The tier of a margin, with each border lifted by a share of its own size."""
        if margin >= self.a + lifted * abs(self.a):
            return "A"
        return "C" if margin < self.c + lifted * abs(self.c) else "B"


@measure(
    "004-4",
    card=Card.VALUE,
    unit="word",
    words=TIERS,
    en="Value tier",
    zh="价值层次",
    amounts=("margin", "tier_a", "tier_c"),
)
def tier(case: Case) -> Reading:
    """Tier A, B or C by the margin so far against the borders of the population (004-4): A at or above `tier_a`, C
    below `tier_c`."""
    borders, margin = _borders(case), earned(deals(case))
    if borders is None or margin is None:
        return _lacking(margin is None, borders is None)
    return known(
        borders.tier(margin.amount),
        coverage=margin.coverage,
        evidence=margin.evidence,
        parts={"margin": float(margin.amount), "tier_a": borders.a, "tier_c": borders.c},
    )


@measure("004-5", card=Card.VALUE, unit="word", words=TIERS, en="Value tier, held steady", zh="稳定后的价值层次")
def steady_tier(case: Case) -> Reading:
    """The tier that changes only when the margin lies beyond a border by 10 % of it (004-5), by today's borders.

    `parts` are its history: the day of each change, as in `2024-03-01`, with the tier from then on; the newest eight.
    """
    borders, margin = _borders(case), earned(deals(case))
    if borders is None or margin is None:
        return _lacking(margin is None, borders is None)
    course = _course(case, borders)
    return known(
        next(reversed(course.values())),
        coverage=margin.coverage,
        evidence=ids(deal.event for deal in deals(case) if iso(deal.day) in course),
        parts={**course},
    )


def _course(case: Case, borders: Borders) -> dict[str, str]:
    """The day of each change of tier with the tier from then on, the newest eight."""
    margin, held, slack = 0, "", case.policy.tier_slack
    course: dict[str, str] = {}
    for deal in deals(case):
        amount = margin_of(deal)
        if amount is None:
            continue
        margin += amount
        best, worst = borders.tier(margin, -slack), borders.tier(margin, slack)
        now = min(max(held, best), worst) if held else borders.tier(margin)
        if now != held:
            course[iso(deal.day)] = held = now
    return dict(list(course.items())[-MOST_EVIDENCE:])


def _borders(case: Case) -> Borders | None:
    found = case.population
    if found.tier_a is None or found.tier_c is None or found.currency is None or found.currency != currency_of(case):
        return None
    return Borders(found.tier_a, found.tier_c)


def _lacking(margin: bool, borders: bool) -> Reading:
    return unknown(*(name for lacks, name in ((margin, A_PURCHASE_WITH_COST), (borders, A_POPULATION)) if lacks))

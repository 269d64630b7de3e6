"""Tiers by margin: where their borders lie, and any group of customers told by tier once that is known."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from shared.domain.policy import Policy
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Sketch, Slice

Amounts = dict[str, int]
"""Minor units by currency: amounts of different currencies are never added up."""


class Tier(StrEnum):
    """How much of the margin a customer brings (004-4). `UNKNOWN`: the cost of a purchase was never told."""

    A = "A"
    B = "B"
    C = "C"
    UNKNOWN = "unknown"


class Borders(Struct, frozen=True, kw_only=True):
    """At or above `a` a customer is tier A, below `c` tier C; margins in minor units of one currency."""

    a: float
    c: float


class TierPart(Struct, frozen=True, kw_only=True):
    """The customers of one tier in a group: heads, their margins, and what was noted beside them."""

    tier: Tier
    heads: int
    margin: Amounts
    noted: Amounts = {}


class Spread:
    """The margins of a group of customers, by currency."""

    def __init__(self) -> None:
        self.sketches: dict[str, Sketch] = {}
        self.heads = 0
        self._unknown = 0
        self._noted: dict[str, float] = {}

    def add(self, person: Person, noted: float = 0.0) -> None:
        """Count a customer; one whose margin is unknown by its head alone."""
        self.heads += 1
        if person.margin is not None and person.currency is not None:
            self.sketches.setdefault(person.currency, Sketch()).add(person.margin, noted)
            return
        self._unknown += 1
        if noted and person.currency is not None:
            self._noted[person.currency] = self._noted.get(person.currency, 0.0) + noted

    @property
    def known(self) -> int:
        """How many margins are known."""
        return sum(sketch.count for sketch in self.sketches.values())

    @property
    def margin(self) -> Amounts:
        """The sum of the known margins."""
        return {currency: round(sketch.total) for currency, sketch in sorted(self.sketches.items())}

    def borders(self, policy: Policy) -> dict[str, Borders]:
        """004-4: the borders of the tiers in each currency that enough customers are counted in."""
        least = max(2, policy.report_group_customers)
        return {
            currency: _borders(sketch, policy) for currency, sketch in self.sketches.items() if sketch.count >= least
        }

    def by_tier(self, borders: Mapping[str, Borders]) -> list[TierPart]:
        """The group by tier, without tiers that nobody is in. Without borders of its currency a tier is unknown."""
        parts = [self._part(tier, borders) for tier in (Tier.A, Tier.B, Tier.C)]
        return [part for part in (*parts, self._rest(borders)) if part.heads]

    def _part(self, tier: Tier, borders: Mapping[str, Borders]) -> TierPart:
        found = {
            currency: sketch.between(*_range(tier, borders[currency]))
            for currency, sketch in sorted(self.sketches.items())
            if currency in borders
        }
        return _told(tier, found, 0)

    def _rest(self, borders: Mapping[str, Borders]) -> TierPart:
        found = {
            currency: sketch.between(None, None)
            for currency, sketch in sorted(self.sketches.items())
            if currency not in borders
        }
        for currency, noted in self._noted.items():
            found.setdefault(currency, Slice()).weight += noted
        return _told(Tier.UNKNOWN, found, self._unknown)


def _borders(sketch: Sketch, policy: Policy) -> Borders:
    best = max(1, round(policy.report_top_share * sketch.count))
    worst = min(sketch.count - best, round(policy.report_worst_share * sketch.count))
    a, c = sketch.border(sketch.count - best), sketch.border(worst)
    assert a is not None
    assert c is not None
    return Borders(a=a, c=c)


def _range(tier: Tier, borders: Borders) -> tuple[float | None, float | None]:
    match tier:
        case Tier.A:
            return borders.a, None
        case Tier.B:
            return borders.c, borders.a
        case _:
            return None, borders.c


def _told(tier: Tier, found: Mapping[str, Slice], more: int) -> TierPart:
    return TierPart(
        tier=tier,
        heads=more + round(sum(part.count for part in found.values())),
        margin={currency: round(part.total) for currency, part in found.items() if part.count},
        noted={currency: round(part.weight) for currency, part in found.items() if part.weight},
    )


def added(amounts: Iterable[tuple[str | None, int | None]]) -> Amounts:
    """Amounts by currency; those that are unknown add nothing."""
    found: Amounts = {}
    for currency, amount in amounts:
        if currency is not None and amount is not None:
            found[currency] = found.get(currency, 0) + amount
    return found

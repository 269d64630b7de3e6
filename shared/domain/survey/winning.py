"""Who becomes a customer: target, prospect, customer by channel, region, industry and level (002-7, 002-19, 001-10)."""

from itertools import combinations
from typing import Final

from msgspec import Struct

from shared.domain.events import Inquiry, Purchase
from shared.domain.policy import Policy
from shared.domain.survey.groups import Groups
from shared.domain.survey.person import Person

STEPS: Final = {"view": "aware", "ask": "considering", "quote": "probing", "sample": "probing", "negotiate": "probing"}
"""How far the asking had come, by the kind of the inquiry (002-1, 002-19)."""

_ORDER: Final = ("aware", "considering", "probing")


class Won(Struct, kw_only=True):
    """Of so many on record how many came at least as far as asking, and how many bought.

    Whoever bought without asking came as far; `asked_rate` is of the targets, `won_rate` of those who came to ask.
    """

    value: str
    targets: int = 0
    prospects: int = 0
    customers: int = 0
    asked_rate: float | None = None
    won_rate: float | None = None


class Winning(Struct, frozen=True, kw_only=True):
    """Conversion of everybody, and by each dimension; within one the groups add up to everybody."""

    everybody: Won
    by: dict[str, list[Won]]


DIMENSIONS: Final = ("channel", "lead_source", "region", "industry", "level", "rating", "step")
"""Channel of the first contact, where the lead came from, region, industry, level (001-10), what others say of it
(`good` above 0, `bad` below), and how far the asking had come before the first purchase."""


FACTORS: Final = ("industry", "level", "rating")
"""What the odds of a first purchase go by (001-10)."""

MOST_CELLS: Final = 200
"""Cells that the population tells of, the largest first."""


class WinningTally:
    """Counts how far each customer came."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._everybody = Won(value="")
        self._by = {name: Groups(lambda: Won(value="")) for name in DIMENSIONS}
        self._cells = Groups(lambda: Won(value=""), most=2_000)

    def add(self, person: Person) -> None:
        """Count a customer."""
        words = words_of(person)
        bought = bool(person.deals)
        asked = bought or bool(person.case.of(Inquiry))
        groups = [self._by[name].of(words[name]) for name in DIMENSIONS]
        for won in (self._everybody, *groups, *map(self._cells.of, cells_of(words))):
            won.targets += 1
            won.prospects += asked
            won.customers += bought

    def told(self) -> Winning:
        """What was counted."""
        return Winning(
            everybody=_rated(self._everybody, "everybody"),
            by={name: [_rated(won, word) for word, won in groups.items()] for name, groups in self._by.items()},
        )

    def conversion(self) -> dict[str, float]:
        """001-10: the share of prospects that became customers in each cell that has enough of them."""
        least = max(1, self._policy.report_group_customers)
        large = [(cell, won) for cell, won in self._cells.named() if won.prospects >= least]
        largest = sorted(large, key=lambda one: -one[1].prospects)[:MOST_CELLS]
        return {cell: won.customers / won.prospects for cell, won in largest}


def words_of(person: Person) -> dict[str, str | None]:
    """A customer's word in each dimension; None where it is not known."""
    return {
        "channel": _channel(person),
        **{name: _text(person.case.profile(name)) for name in ("lead_source", "region", "industry", "level")},
        "rating": _rating(person.case.profile("external_rating")),
        "step": _step(person),
    }


def cells_of(words: dict[str, str | None]) -> list[str]:
    """The cells of the odds that a customer is counted in: each of its factors that are known, and all joined."""
    known = [f"{name}={words[name]}" for name in FACTORS if words[name] is not None]
    return ["/".join(some) for size in range(1, len(known) + 1) for some in combinations(known, size)]


def _channel(person: Person) -> str | None:
    contacts: list[Inquiry | Purchase] = [*person.case.of(Inquiry), *person.case.of(Purchase)]
    named = [one for one in contacts if one.channel is not None]
    return min(named, key=lambda one: one.occurred_at).channel if named else None


def _step(person: Person) -> str | None:
    before = person.deals[0].at if person.deals else person.case.as_of
    kinds = [STEPS[one.kind or "ask"] for one in person.case.of(Inquiry) if one.occurred_at <= before]
    return max(kinds, key=_ORDER.index, default=None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _rating(value: object) -> str | None:
    if not isinstance(value, float | int):
        return None
    return "good" if value > 0 else "bad" if value < 0 else "neutral"


def _rated(won: Won, word: str) -> Won:
    won.value = word
    won.asked_rate = won.prospects / won.targets if won.targets else None
    won.won_rate = won.customers / won.prospects if won.prospects else None
    return won

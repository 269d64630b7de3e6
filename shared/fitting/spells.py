"""Spells: the silence after each purchase day of a customer, with what was known of it right then.

They are replayed from what the scorer remembers of each customer, so that no event is read again.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np

from shared.domain.habit import Bought, Habit, habit_after
from shared.domain.instants import Day
from shared.fitting.arrays import Flags, Floats, Ints

SAMPLE_CUSTOMERS: Final = 50_000
"""Customers that a fit looks at, at most: more make it slower, not better."""
MOST_SPELLS: Final = 1_000_000
"""No customer is added to a sample that holds more spells than this, those of its lines too."""
NEVER: Final = 2**31 - 1
"""The next day of a spell that has not ended."""


class Remembered(Protocol):
    """What is read of a customer or of one of its lines: the days in memory, and the habit before them."""

    @property
    def habit_before(self) -> Habit | None:
        """Of the days that the memory has dropped."""

    @property
    def occasions(self) -> Sequence[Bought]:
        """The days that it holds, in their order."""


class Relationship(Remembered, Protocol):
    """A customer with its business lines."""

    @property
    def lines(self) -> Mapping[str, Remembered]:
        """Each line by its name."""


class Spell(NamedTuple):
    """A silence: the habit right after a purchase day, and the day that ended it, None while it goes on."""

    habit: Habit
    next_day: Day | None
    line: str | None
    customer: int


def spells_of(known: Remembered, customer: int = 0, line: str | None = None) -> Iterator[Spell]:
    """All spells that the memory still tells of, in their order; the first begins on the newest day that it dropped."""
    habit = known.habit_before
    for bought in known.occasions:
        if habit is not None:
            yield Spell(habit, bought.day, line, customer)
        habit = habit_after(habit, bought.day, bought.amount)
    if habit is not None:
        yield Spell(habit, None, line, customer)


class Spells(NamedTuple):
    """Spells as columns, each customer's together and in the order of their days. Days as in the domain."""

    customer: Ints
    first: Ints
    day: Ints
    next: Ints
    """The day that ended it, `NEVER` while it goes on."""
    repeats: Ints
    log_sum: Floats
    log_squares: Floats
    faded_sum: Floats
    amounts: Ints
    amount_sum: Floats

    def where(self, chosen: Flags | Ints) -> "Spells":
        """Those of them."""
        return Spells(
            customer=self.customer[chosen],
            first=self.first[chosen],
            day=self.day[chosen],
            next=self.next[chosen],
            repeats=self.repeats[chosen],
            log_sum=self.log_sum[chosen],
            log_squares=self.log_squares[chosen],
            faded_sum=self.faded_sum[chosen],
            amounts=self.amounts[chosen],
            amount_sum=self.amount_sum[chosen],
        )

    def known_at(self, day: Day) -> "Spells":
        """What was known at a day's first instant: nothing of it or of later days."""
        past = self.where(self.day < day)
        return past._replace(next=np.where(past.next < day, past.next, NEVER))

    def newest(self) -> "Spells":
        """The last one of each customer."""
        return self.where(np.append(self.customer[1:] != self.customer[:-1], True)[: len(self.day)])

    @property
    def gap(self) -> Ints:
        """How many days each lasted, at least one; beyond `NEVER / 2` while it goes on."""
        return np.asarray(np.maximum(1, self.next - self.day))

    @property
    def ended(self) -> Flags:
        """Whether a purchase ended it."""
        return np.asarray(self.next != NEVER)


@dataclass(frozen=True, slots=True)
class Histories:
    """The spells of a sample of customers: of the whole relationships, and of each line. `share`: how many of all."""

    whole: Spells
    lines: dict[str, Spells]
    share: float = 1.0


class _Columns:
    """Spells as they come in, a line after another."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._sums = array("d")

    def add(self, spell: Spell) -> None:
        habit, following = spell.habit, NEVER if spell.next_day is None else spell.next_day
        self._numbers.extend((spell.customer, habit.first_day, habit.last_day, following, habit.repeats, habit.amounts))
        self._sums.extend((habit.log_sum, habit.log_squares, habit.faded_sum, float(habit.amount_sum)))

    def told(self) -> Spells:
        numbers = np.frombuffer(self._numbers, dtype=np.int64).reshape(-1, 6).T.copy()
        sums = np.frombuffer(self._sums, dtype=np.float64).reshape(-1, 4).T.copy()
        customer, first, day, following, repeats, amounts = numbers
        log_sum, log_squares, faded_sum, amount_sum = sums
        return Spells(customer, first, day, following, repeats, log_sum, log_squares, faded_sum, amounts, amount_sum)


class Gathering:
    """Histories in the making: fed one customer after another, in bounded memory."""

    def __init__(self) -> None:
        self.customers = 0
        self.spells = 0
        self._whole = _Columns()
        self._lines: dict[str, _Columns] = {}

    @property
    def full(self) -> bool:
        """Whether further customers are of no use."""
        return self.customers >= SAMPLE_CUSTOMERS or self.spells >= MOST_SPELLS

    def add(self, customer: Relationship) -> None:
        """Look at a customer, unless there are enough."""
        if self.full:
            return
        self._take(self._whole, spells_of(customer, self.customers))
        for line, own in customer.lines.items():
            self._take(self._lines.setdefault(line, _Columns()), spells_of(own, self.customers, line))
        self.customers += 1

    def told(self, of: int | None = None) -> Histories:
        """What was gathered, as a sample of so many customers; None: of those that were added."""
        share = self.customers / of if of else 1.0
        lines = {line: columns.told() for line, columns in sorted(self._lines.items())}
        return Histories(self._whole.told(), lines, min(1.0, share))

    def _take(self, columns: _Columns, spells: Iterator[Spell]) -> None:
        for spell in spells:
            columns.add(spell)
            self.spells += 1


def gather(customers: Iterable[tuple[str, Relationship]], of: int | None = None) -> Histories:
    """The histories of customers by their ids, in the order given, as a sample of so many."""
    gathering = Gathering()
    for _, customer in customers:
        if gathering.full:
            break
        gathering.add(customer)
    return gathering.told(of)

"""Who is won, kept, won back and lost, and whether the first purchase is followed by a second."""

from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from shared.domain.customer import Customer
from shared.domain.instants import DAY, Day, Instant
from shared.domain.opinions import opinion_of
from shared.domain.policy import Policy
from shared.domain.survey.groups import Groups
from shared.domain.survey.periods import name_of, period_of
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Sketch
from shared.domain.survey.tiers import Amounts, added


class Part(Struct, kw_only=True):
    """Customers of a kind in a period, and what they bought in it (the lost: what they had bought in the one before).

    `money` is in minor units by currency; amounts that are unknown add nothing to it.
    """

    heads: int = 0
    money: Amounts = field(default_factory=dict)

    def add(self, currency: str | None, amount: int | None) -> None:
        """Count a customer."""
        self.heads += 1
        self.money = added([*self.money.items(), (currency, amount)])


class Period(Struct, kw_only=True):
    """001-17: a period's customers, split by where they came from; `complete` says that it has ended.

    Acquired: never bought before. Retained: bought in the period before too. Reactivated: bought before that, but not
    in it. Lost: bought in the period before and not in this one. `rate` (000-1) = retained of those who bought before.
    """

    period: str
    complete: bool = False
    acquired: Part = field(default_factory=Part)
    retained: Part = field(default_factory=Part)
    reactivated: Part = field(default_factory=Part)
    lost: Part = field(default_factory=Part)
    rate: float | None = None


class Reach(Struct, kw_only=True):
    """003-2: of so many customers how many reached the purchase count within the period, and their share."""

    customers: int = 0
    reached: int = 0
    rate: float | None = None


class Contentment(StrEnum):
    """What customers said between their first and second purchase, or since the first: 000-6's s of order 1."""

    CONTENT = "content"
    DISCONTENT = "discontent"
    UNKNOWN = "unknown"


class Second(Struct, frozen=True, kw_only=True):
    """000-6: of so many first buyers how many bought a second time in time, and after how many days (median)."""

    first: int
    second: int
    rate: float | None
    median_days: float | None


class Keeping(Struct, frozen=True, kw_only=True):
    """Retention in its several senses; each says which.

    `own_window` (000-1): of those who bought in the W before the last, who bought in the last, each by its own W.
    `actions` and `yielded` (001-16): what people did with alerts, and the margin of the purchases that followed.
    """

    months: int
    periods: list[Period]
    occasions: int
    days: float
    reach: Reach
    by_line: dict[str, Reach]
    own_window: Reach
    second_days: float
    second: Second
    second_by: dict[Contentment, Second]
    yield_days: float
    actions: int
    yielded: Amounts


class _Seconds:
    def __init__(self) -> None:
        self.first = 0
        self.days = Sketch()

    def told(self) -> Second:
        rate = self.days.count / self.first if self.first else None
        return Second(first=self.first, second=self.days.count, rate=rate, median_days=self.days.median())


_FIRST: Final = Customer(cycle_occasions=1)
"""Whoever has bought once: then it says something how an order is delivered (000-3)."""


class KeepingTally:
    """Counts each customer's occasions by period."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._periods: dict[int, Period] = {}
        self._reach, self._own = Reach(), Reach()
        self._lines = Groups(Reach)
        self._first = _Seconds()
        self._seconds = {one: _Seconds() for one in Contentment}
        self._actions = 0
        self._yielded: Amounts = {}

    def add(self, person: Person) -> None:
        """Count a customer."""
        self._yield(person)
        if not person.bought:
            return
        self._split(person)
        self._count(person)
        self._second(person)

    def told(self, today: Day) -> Keeping:
        """What was counted: the newest periods up to a day, and the rest."""
        policy, seconds = self._policy, self._seconds
        return Keeping(
            months=policy.report_months,
            periods=self._newest(period_of(today, policy.report_months)),
            occasions=policy.report_retention_occasions,
            days=policy.report_retention_days,
            reach=rated(self._reach),
            by_line={line: rated(reach) for line, reach in self._lines.items()},
            own_window=rated(self._own),
            second_days=policy.report_second_days,
            second=self._first.told(),
            second_by={one: found.told() for one, found in seconds.items()},
            yield_days=policy.report_yield_days,
            actions=self._actions,
            yielded=self._yielded,
        )

    def _newest(self, newest: int) -> list[Period]:
        first = newest - self._policy.report_periods + 1
        shown = [(number, period) for number, period in sorted(self._periods.items()) if first <= number <= newest]
        for number, period in shown:
            before = period.retained.heads + period.lost.heads
            period.complete = number < newest
            period.rate = period.retained.heads / before if before else None
        return [period for _, period in shown]

    def _period(self, number: int) -> Period:
        if number not in self._periods:
            self._periods[number] = Period(period=name_of(number, self._policy.report_months))
        return self._periods[number]

    def _split(self, person: Person) -> None:
        months, amounts = self._policy.report_months, dict[int, int]()
        for one in person.bought:
            number = period_of(one.day, months)
            amounts[number] = amounts.get(number, 0) + (one.amount or 0)
        newest = period_of(person.case.today, months)
        for place, (number, amount) in enumerate(sorted(amounts.items())):
            period = self._period(number)
            again = period.retained if number - 1 in amounts else period.reactivated
            (again if place else period.acquired).add(person.currency, amount)
            if number + 1 not in amounts and number < newest:
                self._period(number + 1).lost.add(person.currency, amount)

    def _count(self, person: Person) -> None:
        policy, today = self._policy, person.case.today
        recent = [one for one in person.bought if one.day > today - policy.report_retention_days]
        _reached(self._reach, len(recent) >= policy.report_retention_occasions)
        for line in person.lines:
            days = [one for one in person.of_line(line) if one.day > today - policy.report_retention_days]
            _reached(self._lines.of(line), len(days) >= policy.report_retention_occasions)
        if person.bought_between(today - 2 * person.window, today - person.window):
            _reached(self._own, person.bought_between(today - person.window, today))

    def _second(self, person: Person) -> None:
        first, second = person.bought[0], person.bought[1] if len(person.bought) > 1 else None
        limit = self._policy.report_second_days
        if person.case.today - first.day < limit:
            return  # it still has time
        said = contentment(person, first.deals[0].at, second.deals[0].at if second else None)
        for counted in (self._first, self._seconds[said]):
            counted.first += 1
            if second is not None and second.day - first.day <= limit:
                counted.days.add(second.day - first.day)

    def _yield(self, person: Person) -> None:
        acted = [action.occurred_at for action in person.actions]
        self._actions += len(acted)
        length = self._policy.report_yield_days * DAY
        followed = [deal for deal in person.deals if any(at < deal.at <= at + length for at in acted)]
        earned = ((person.currency, deal.margin) for deal in followed)
        self._yielded = added([*self._yielded.items(), *earned])


def contentment(person: Person, first: Instant, second: Instant | None) -> Contentment:
    """000-6: what a customer said of its first order: the mean opinion after it, before the second one."""
    opinions = [
        opinion
        for event in person.case.events
        if event.occurred_at > first and (second is None or event.occurred_at < second)
        and (opinion := opinion_of(event, _FIRST, person.case.policy)) is not None
    ]  # fmt: skip
    if not opinions:
        return Contentment.UNKNOWN
    return Contentment.CONTENT if sum(opinions) >= 0 else Contentment.DISCONTENT


def rated(reach: Reach) -> Reach:
    """With the share that reached it; unknown of nobody."""
    rate = reach.reached / reach.customers if reach.customers else None
    return Reach(customers=reach.customers, reached=reach.reached, rate=rate)


def _reached(reach: Reach, whether: bool) -> None:
    reach.customers += 1
    reach.reached += whether

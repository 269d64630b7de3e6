"""The silences that a history really had, and how a stream of alerts looks against them."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil
from statistics import fmean, median
from typing import Final, NamedTuple

from msgspec import Struct

from services.cli.backtest.plan import AlertPlan
from shared.domain.instants import Day

_SLACK: Final = 1e-9
"""A product that should be whole may lie a hair above."""


class Silence(NamedTuple):
    """What began with a day of purchases: until the next one, or for good. `mean` is that of the gaps before it."""

    customer_id: str
    day: Day
    next_day: Day | None
    mean: float | None

    def outlasts(self, length: float) -> bool:
        """Whether nothing was bought for more than so many days."""
        return self.next_day is None or self.next_day - self.day > length


class Alarm(NamedTuple):
    """An alert as it is judged: whose, on which day, and how sure it was of no purchase, where it said so."""

    customer_id: str
    day: Day
    chance: float | None = None


class Judged(NamedTuple):
    """An alert that counts: its silence, how long that had lasted, and whether nothing was bought for the horizon."""

    alarm: Alarm
    silence: Silence
    after: int
    right: bool


class Verdict(Struct, frozen=True, kw_only=True):
    """How alerts turned out. Of the churn silences some were found, so many days (the median) before they were full."""

    silences: int
    churned: int
    judged: list[Judged]
    found: int
    lead: float | None
    outside: int = 0
    voided: int = 0
    late: int = 0
    repeated: int = 0

    @property
    def precision(self) -> float | None:
        """The share of the alerts that were right; None without an alert."""
        return fmean(one.right for one in self.judged) if self.judged else None

    @property
    def recall(self) -> float | None:
        """The share of the churn silences that were found; None without one."""
        return self.found / self.churned if self.churned else None


def silences_in(days: Mapping[str, Sequence[Day]], plan: AlertPlan, last: Day) -> list[Silence]:
    """The silences that can be judged: those that began after the start, and so long before the end that all is known.

    They are in the order of customers, and of days within each.
    """
    found: list[Silence] = []
    for customer_id, bought in days.items():
        nexts: list[Day | None] = [*bought[1:], None]
        for place, (day, next_day) in enumerate(zip(bought, nexts, strict=True)):
            if plan.start < day <= last - plan.gap:
                found.append(Silence(customer_id, day, next_day, (day - bought[0]) / place if place else None))
    return found


def mean_gap(days: Mapping[str, Sequence[Day]], until: Day) -> float | None:
    """The mean gap of all customers up to a day; None where there is none."""
    gaps = [later - day for bought in days.values() for day, later in pairwise(bought) if later <= until]
    return fmean(gaps) if gaps else None


def judge(alarms: Iterable[Alarm], silences: Sequence[Silence], plan: AlertPlan) -> Verdict:
    """How alerts turned out against the silences that can be judged.

    One counts for the silence that it falls into, the first of it alone, and only so early that its outcome is known:
    while the silence is not longer than gap less horizon. A purchase on its day voids it.
    """
    by_customer: dict[str, list[Silence]] = {}
    for one in silences:
        by_customer.setdefault(one.customer_id, []).append(one)
    outside = voided = late = repeated = 0
    judged: dict[Silence, Judged] = {}
    for alarm in sorted(alarms, key=lambda one: (one.customer_id, one.day)):
        silence = _fallen_into(by_customer.get(alarm.customer_id, []), alarm.day)
        if silence is None:
            outside += 1
        elif not silence.outlasts(after := alarm.day - silence.day):
            voided += 1
        elif after > plan.gap - plan.horizon:
            late += 1
        elif silence in judged:
            repeated += 1
        else:
            judged[silence] = Judged(alarm, silence, after, silence.outlasts(after + plan.horizon))
    early = [plan.gap - one.after for one in judged.values() if one.silence.outlasts(plan.gap)]
    return Verdict(
        silences=len(silences),
        churned=sum(one.outlasts(plan.gap) for one in silences),
        judged=list(judged.values()),
        found=len(early),
        lead=median(early) if early else None,
        outside=outside,
        voided=voided,
        late=late,
        repeated=repeated,
    )


def alarms_of(unit: Mapping[Silence, float], count: int, plan: AlertPlan) -> list[Alarm]:
    """The alerts of a rule that speaks when silence reaches so many times a unit of the customer's own, in days.

    How many times is chosen in hindsight: so that as many alerts are judged as asked for. Of silences that the last of
    these cannot be told from, as many as are needed are taken, evenly from all.
    """
    reach = {silence: _last_day(silence, plan) / own for silence, own in unit.items()}
    reached = sorted((times for times in reach.values() if times > 0), reverse=True)[:count]
    if not reached:
        return []
    times = reached[-1]
    alike = [silence for silence, own in reach.items() if own == times]
    needed = len(reached) - sum(own > times for own in reach.values())
    chosen = [alike[place * len(alike) // needed] for place in range(needed)]
    chosen += (silence for silence, own in reach.items() if own > times)
    spoken = ((silence, max(1, ceil(times * unit[silence] - _SLACK))) for silence in chosen)
    return [Alarm(silence.customer_id, Day(silence.day + after)) for silence, after in spoken]


def _last_day(silence: Silence, plan: AlertPlan) -> int:
    """The last day of a silence on which an alert would count."""
    most = plan.gap - plan.horizon
    return most if silence.next_day is None else min(most, silence.next_day - silence.day - 1)


def _fallen_into(silences: Sequence[Silence], day: Day) -> Silence | None:
    place = bisect_right(silences, day, key=lambda silence: silence.day)
    return silences[place - 1] if place else None

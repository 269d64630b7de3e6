"""004-6: praise, complaints and referrals per hundred occasions, month by month, and whether one of them explodes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from shared.domain.events import Complaint, Praise, Referral
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.survey.periods import name_of, period_of
from shared.domain.survey.person import Person

VOICES: Final[Mapping[str, type[Praise | Complaint | Referral]]] = {
    "praise": Praise,
    "complaint": Complaint,
    "referral": Referral,
}


class Point(Struct, frozen=True, kw_only=True):
    """A month of a curve: how many, per hundred occasions, smoothed, and the growth of the smoothed rate.

    `rate` is unknown in a month without an occasion, and then the smoothed rate stays as it was; `growth` is its ratio
    to the month before, unknown while that was 0 or unknown.
    """

    month: str
    complete: bool
    count: int
    occasions: int
    rate: float | None
    smoothed: float | None
    growth: float | None


class Curve(Struct, frozen=True, kw_only=True):
    """One kind of word of mouth. `exploding`: its growth was above the limit in the newest complete months running."""

    voice: str
    points: list[Point]
    exploding: bool


class MouthTally:
    """Counts voices and occasions by month."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._occasions: dict[int, int] = {}
        self._voices: dict[str, dict[int, int]] = {voice: {} for voice in VOICES}

    def add(self, person: Person) -> None:
        """Count what a customer bought and said."""
        for one in person.bought:
            _count(self._occasions, one.day)
        for voice, kind in VOICES.items():
            for event in person.case.of(kind):
                _count(self._voices[voice], person.day(event.occurred_at))

    def told(self, today: Day) -> list[Curve]:
        """The curves up to the month of a day, each from the first month that anything happened in."""
        newest = period_of(today, 1)
        months = [month for counts in (self._occasions, *self._voices.values()) for month in counts if month <= newest]
        if not months:
            return []
        return [self._curve(voice, range(min(months), newest + 1)) for voice in VOICES]

    def _curve(self, voice: str, months: range) -> Curve:
        points = list(self._points(voice, months))
        shown = self._policy.report_periods * self._policy.report_months
        return Curve(voice=voice, points=points[-shown:], exploding=explodes(points, self._policy))

    def _points(self, voice: str, months: range) -> Iterator[Point]:
        smoothed: float | None = None
        for month in months:
            before, count = smoothed, self._voices[voice].get(month, 0)
            occasions = self._occasions.get(month, 0)
            rate = 100 * count / occasions if occasions else None
            smoothed = _smoothed(before, rate, self._policy.report_mouth_weight)
            yield Point(
                month=name_of(month, 1),
                complete=month < months.stop - 1,
                count=count,
                occasions=occasions,
                rate=rate,
                smoothed=smoothed,
                growth=smoothed / before if before and smoothed is not None else None,
            )


def explodes(points: Sequence[Point], policy: Policy) -> bool:
    """Whether the growth ratio was above the limit in each of the newest complete months (004-6: > 2 twice)."""
    newest = [point.growth for point in points if point.complete][-policy.report_mouth_hits :]
    if len(newest) < policy.report_mouth_hits:
        return False
    return all(growth is not None and growth > policy.report_mouth_growth for growth in newest)


def _smoothed(before: float | None, rate: float | None, weight: float) -> float | None:
    if rate is None or before is None:
        return before if rate is None else rate
    return weight * rate + (1 - weight) * before


def _count(counts: dict[int, int], day: Day) -> None:
    month = period_of(day, 1)
    counts[month] = counts.get(month, 0) + 1

"""A customer's history as the theory would tell it, and the course that it expects: the values stories are made of."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from msgspec import Struct

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Outcome, ReasonCode, Severity
from shared.domain.controls import Control, Governance
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.events import Event, Fact, order_key
from shared.domain.instants import Instant
from shared.domain.lifecycle import Outcome as Folded
from shared.domain.lifecycle import advance, fold, step
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.stages import Signal, Stage
from tests.builders import ANNA, days_in, instant_of

PRECISION: Final = 1
"""Decimals of a day that an expected course is told in: 0.1 day is two hours and a half."""

NUMBER: Final = re.compile(r"\b\d{3}-\d{1,2}\b")
"""The number of a concept, as in 002-13."""

Told = Fact | Sequence[Fact]


class Move(NamedTuple):
    """A transition as a story expects it: on which day, to which stage, because of what."""

    day: float
    stage: Stage
    signal: Signal
    cause: str = "event"
    line: str | None = None
    cycle: int = 1


class Raised(NamedTuple):
    """An alert as a story expects it, with what has become of it at the end of the story."""

    kind: AlertKind
    day: float
    reason: str
    severity: Severity
    line: str | None = None
    status: AlertStatus = AlertStatus.OPEN
    closed: float | None = None
    outcome: Outcome | None = None

    def resolved(self, day: float, outcome: Outcome) -> "Raised":
        """The alert, closed on a day."""
        return self._replace(status=AlertStatus.RESOLVED, closed=day, outcome=outcome)

    def muted(self) -> "Raised":
        """The alert, of an imported history: told, but to nobody."""
        return self._replace(status=AlertStatus.MUTED)


class Course(Struct, frozen=True):
    """What became of a customer: its moves in the order of being decided, its alerts in the order of being raised."""

    moves: tuple[Move, ...]
    alerts: tuple[Raised, ...] = ()


CLIMBED: Final = (
    Move(0, Stage.EXPLORATION, Signal.PURCHASED),
    Move(62, Stage.FORMATION, Signal.CONFIRMED),
    Move(186, Stage.STABILITY, Signal.COMMITTED),
)
"""Where half a year of buying every 31 days leads: to stability, with the seventh purchase and tenure of 186 days."""


class Folding(NamedTuple):
    """What one way of folding a story made of it."""

    customer: Customer
    transitions: list[Transition]
    alerts: list[Alert]

    @property
    def course(self) -> Course:
        """The same, as a story expects it."""
        raised = sorted(self.alerts, key=lambda alert: alert.number)
        return Course(tuple(map(_move, self.transitions)), tuple(map(_raised, raised)))


class Story(Struct, frozen=True, kw_only=True):
    """A history, and what the theory makes of it.

    `says` is what the theory says, with the numbers of its concepts. `told` are the events, in any order, `until` the
    day at which we look. `late` are those of the events that arrived after `until` was reached: `believed` is the
    course without them. `at_end` are fields of the customer's state at the end, `evidence` fields of the newest alert
    of a kind. `advice` is the action that is recommended at the end, `measures` what measures tell, by day.
    """

    slug: str
    title: str
    zh: str
    says: str
    told: tuple[Event, ...]
    until: float
    course: Course
    policy: Policy = Policy()
    controls: tuple[Control, ...] = ()
    late: tuple[Event, ...] = ()
    believed: Course | None = None
    at_end: Mapping[str, Any] = {}
    evidence: Mapping[AlertKind, Mapping[str, Any]] = {}
    advice: str | None = None
    measures: Mapping[float, Mapping[str, Any]] = {}

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts that the story tells of, in the order of their numbers."""
        return tuple(sorted(set(NUMBER.findall(self.says)), key=lambda one: tuple(map(int, one.split("-")))))

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened, whenever it arrived."""
        return (*self.told, *self.late)

    @property
    def governance(self) -> Governance:
        """The rule in force over the story."""
        return Governance.of(self.controls, self.policy)

    @property
    def end(self) -> Instant:
        """The instant at which we look."""
        return instant_of(self.until)


def events(*told: Told) -> tuple[Event, ...]:
    """Events one by one and in sequences, as one history."""
    parts: Iterable[Sequence[Fact]] = (part if isinstance(part, Sequence) else (part,) for part in told)
    return tuple(cast(Event, one) for part in parts for one in part)


def course(*parts: Move | Raised) -> Course:
    """A course of moves and alerts, told in the order in which they come."""
    moves = tuple(part for part in parts if isinstance(part, Move))
    return Course(moves, tuple(part for part in parts if isinstance(part, Raised)))


def told_at_once(story: Story, told: Iterable[Event]) -> Folding:
    """Fold a history in one go, in the order in which it is given."""
    folded = fold(ANNA, told, story.governance, story.end)
    return Folding(folded.customer, folded.transitions, folded.alerts)


def told_step_by_step(story: Story) -> Folding:
    """Fold event by event, each as it happens, then let time pass up to the end."""
    governance = story.governance
    folding = Folding(Customer(), [], [])
    for event in sorted(story.events, key=order_key):
        folding = _after(folding, step(ANNA, folding.customer, event, governance))
    return _after(folding, advance(ANNA, folding.customer, story.end, governance))


def _after(before: Folding, outcome: Folded) -> Folding:
    """What was decided so far and now; an alert that was decided on again takes the place of itself."""
    alerts = {(alert.line, alert.kind, alert.effective_at): alert for alert in (*before.alerts, *outcome.alerts)}
    return Folding(outcome.customer, [*before.transitions, *outcome.transitions], list(alerts.values()))


def seen(story: Story, day: float) -> Case:
    """The customer on a day of the story, as measures see it."""
    as_of, governance = instant_of(day), story.governance
    known = [event for event in story.events if event.occurred_at <= as_of]
    folded = fold(ANNA, known, governance, as_of)
    policy = governance.books[folded.customer.controls].policy
    return Case(ANNA, known, folded.customer, policy, as_of, transitions=folded.transitions, alerts=folded.alerts)


def rounded(at: Instant | None) -> float | None:
    """The day of the story, as precise as a course is told; None for never."""
    day = days_in(at)
    return None if day is None else round(day, PRECISION)


def _move(made: Transition) -> Move:
    day = rounded(made.effective_at) or 0.0
    return Move(day, made.target, made.reason.signal, made.cause, made.line, made.cycle)


def _raised(alert: Alert) -> Raised:
    day, cause = rounded(alert.effective_at) or 0.0, alert.reason
    reason = ReasonCode(cause) if cause in tuple(ReasonCode) else cause
    closed = rounded(alert.closed_at)
    return Raised(alert.kind, day, reason, alert.severity, alert.line, alert.status, closed, alert.outcome)

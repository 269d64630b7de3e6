"""How customers move between stages, in heads and margin, and how the sleeping ones wake (001-7, 004-11)."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from shared.domain.events import Contact, Inquiry, PriceChange
from shared.domain.instants import DAY, Instant
from shared.domain.paths import PathType, path_of
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Sketch
from shared.domain.survey.tiers import Amounts, Borders, Spread, TierPart


class PathPart(Struct, frozen=True, kw_only=True):
    """The customers of one path type in a group: heads and the sum of their known margins."""

    path: PathType
    heads: int
    margin: Amounts


class Move(Struct, frozen=True, kw_only=True):
    """All moves from one stage to another. Who moved so twice counts twice; margins are those of the whole history."""

    source: Stage
    target: Stage
    heads: int
    margin: Amounts
    by_tier: list[TierPart]
    by_path: list[PathPart]


class WakeCause(Struct, frozen=True, kw_only=True):
    """Wakings that followed one cause: `inquiry`, `contact`, `price_cut`, or `by_itself`."""

    cause: str
    count: int
    median_days: float | None


class Moves(Struct, frozen=True, kw_only=True):
    """The transition matrix, the courses that relationships took, and the wakings.

    `dormancies` counts how often a customer fell asleep; `woken` how often a purchase ended that (004-11).
    """

    moves: list[Move]
    paths: list[PathPart]
    dormancies: int
    woken: int
    wake_rate: float | None
    wake_days: float | None
    causes: list[WakeCause]


class _Cell:
    def __init__(self) -> None:
        self.spread = Spread()
        self.paths: dict[PathType, Spread] = {}

    def add(self, person: Person, path: PathType) -> None:
        self.spread.add(person)
        self.paths.setdefault(path, Spread()).add(person)


class MovesTally:
    """Counts each customer's current transitions."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._cells: dict[tuple[Stage, Stage], _Cell] = {}
        self._paths: dict[PathType, Spread] = {}
        self._dormancies = 0
        self._causes: dict[str, Sketch] = {}
        self._days = Sketch()

    def add(self, person: Person) -> None:
        """Count a customer's moves."""
        moves = person.moves
        path = path_of(moves)
        self._paths.setdefault(path, Spread()).add(person)
        for move in moves:
            self._cells.setdefault((move.source, move.target), _Cell()).add(person, path)
        self._dormancies += sum(move.target is Stage.DORMANT for move in moves)
        for asleep, awake in _wakings(person):
            days = (awake - asleep) / DAY
            self._days.add(days)
            cause = wake_cause(person, asleep, awake, self._policy)
            self._causes.setdefault(cause, Sketch()).add(days)

    def told(self, borders: Mapping[str, Borders]) -> Moves:
        """What was counted, by the tiers that these borders make."""
        return Moves(
            moves=[_move(*stages, cell, borders) for stages, cell in self._cells.items()],
            paths=_parts(self._paths),
            dormancies=self._dormancies,
            woken=self._days.count,
            wake_rate=self._days.count / self._dormancies if self._dormancies else None,
            wake_days=self._days.median(),
            causes=[
                WakeCause(cause=cause, count=days.count, median_days=days.median())
                for cause, days in sorted(self._causes.items(), key=lambda one: (-one[1].count, one[0]))
            ],
        )


def wake_cause(person: Person, asleep: Instant, awake: Instant, policy: Policy) -> str:
    """What a waking purchase is put down to (004-11): the newest inquiry, contact or price cut shortly before it."""
    since = max(asleep, awake - policy.report_wake_days * DAY)
    causes = [
        *((one.occurred_at, "inquiry") for one in person.case.of(Inquiry)),
        *((one.occurred_at, "contact") for one in person.case.of(Contact)),
        *((one.occurred_at, "price_cut") for one in person.case.of(PriceChange) if one.percent < 0),
    ]
    return max((cause for cause in causes if since <= cause[0] <= awake), default=(awake, "by_itself"))[1]


def _wakings(person: Person) -> Iterator[tuple[Instant, Instant]]:
    """When each sleep began that a purchase has ended, and when that was."""
    asleep: Instant | None = None
    for move in person.moves:
        if move.target is Stage.DORMANT:
            asleep = move.effective_at
        elif move.source is Stage.DORMANT and move.target is Stage.EXPLORATION and asleep is not None:
            yield asleep, move.effective_at


def _move(source: Stage, target: Stage, cell: _Cell, borders: Mapping[str, Borders]) -> Move:
    return Move(
        source=source,
        target=target,
        heads=cell.spread.heads,
        margin=cell.spread.margin,
        by_tier=cell.spread.by_tier(borders),
        by_path=_parts(cell.paths),
    )


def _parts(paths: Mapping[PathType, Spread]) -> list[PathPart]:
    return [
        PathPart(path=path, heads=spread.heads, margin=spread.margin)
        for path, spread in sorted(paths.items(), key=lambda one: list(PathType).index(one[0]))
    ]

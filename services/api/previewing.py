"""What a policy would do, found by folding everybody with and without it: who moves, which alerts come and which go.

Nothing is written. Memory is bounded: customers are streamed, and only so many findings are kept.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

from msgspec import Struct, field

from services.api.errors import PreviewBusy, PreviewTooLong, StoreFailed
from shared.domain.alerts import Alert, AlertStatus
from shared.domain.controls import Governance, PolicyChange
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.errors import LifestageError
from shared.domain.ids import SHARDS
from shared.domain.instants import Instant
from shared.domain.lifecycle import Outcome, fold
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.ports.audit import Audit, Audited

log: Final = logging.getLogger(__name__)

CHUNK: Final = 100
"""Customers folded in one go, beside the event loop."""

_UNSEEN: Final = frozenset({AlertStatus.HELD, AlertStatus.MUTED})

T = TypeVar("T")
AlertName = tuple[str, str | None, Instant]
Alerts = dict[AlertName, Alert]
Course = dict[Instant, Stage]


class Parting(NamedTuple):
    """Where two courses of one lifecycle part: the stage of each, and when."""

    line: str | None
    source: Stage
    target: Stage
    at: Instant


class Moved(NamedTuple):
    """A customer whose stage would be another one: without the change at `source`, with it at `target`, since `at`.

    `line` says in which business line; None is the relationship as a whole.
    """

    customer_id: str
    line: str | None
    source: Stage
    target: Stage
    at: Instant


class Signalled(NamedTuple):
    """An alert that only one of both policies raises."""

    customer_id: str
    alert: Alert


class Preview(Struct, kw_only=True):
    """What would happen up to a horizon. Lists hold the first so many; the counts are complete."""

    customers: int = 0
    parked: int = 0
    """Customers that are parked now, of whom nothing can be told."""
    broken: int = 0
    """Customers whose fold raises under the changed policy, so that they would be parked."""
    moved: int = 0
    moved_at_once: int = 0
    raised: int = 0
    raised_at_once: int = 0
    withdrawn: int = 0
    moves: list[Moved] = field(default_factory=list)
    raises: list[Signalled] = field(default_factory=list)
    withdraws: list[Signalled] = field(default_factory=list)


class Question(Struct, frozen=True, kw_only=True):
    """A change of the policy, how far to look, and how many findings of each kind to keep."""

    change: PolicyChange
    horizon: Instant
    most: int
    first: Policy | None = None


async def preview(audit: Audit, asked: Question, told: Callable[[int], None] | None = None) -> Preview:
    """Fold everybody of a store with and without a change. `told` hears of each shard that is done.

    Each shard is read from one snapshot. `withdrawn` are alerts that come by the horizon as things are and would not
    with the change; an alert that the change brings forward counts as both.
    """
    found = Preview()
    for shard in range(SHARDS):
        async with audit.look(shard) as look:
            controls = await look.controls()
            rules = Rules(
                Governance.of(controls, asked.first), Governance.of([*controls, asked.change], asked.first), asked
            )
            async for chunk in _chunks(look.customers()):
                await asyncio.to_thread(look_at, chunk, rules, found)
        if told is not None:
            told(shard)
    return found


class Rules(NamedTuple):
    """What governs without the change, and with it."""

    without: Governance
    changed: Governance
    asked: Question


def look_at(chunk: Sequence[Audited], rules: Rules, found: Preview) -> None:
    for audited in chunk:
        found.customers += 1
        if audited.known.parked:
            found.parked += 1
            continue
        try:
            _compare(audited, rules, found)
        except Exception:  # whatever one customer's events make the fold raise parks that customer alone
            found.broken += 1


def _compare(audited: Audited, rules: Rules, found: Preview) -> None:
    name, asked, start = audited.known.customer_id, rules.asked, _start(audited.known.customer, rules)
    events = audited.events if start is None else ()
    without = fold(name, events, rules.without, asked.horizon, start)
    changed = fold(name, events, rules.changed, asked.horizon, start)
    _note_moves(name, parted(start or Customer(), without, changed), asked, found)
    before = {} if start is None else _seen(start.every_alert)
    _note_alerts(name, before, _seen(without.alerts), _seen(changed.alerts), asked, found)


def _note_moves(name: str, partings: Sequence[Parting], asked: Question, found: Preview) -> None:
    found.moved += bool(partings)
    found.moved_at_once += any(parting.at == asked.change.effective_at for parting in partings)
    for parting in partings:
        _keep(found.moves, Moved(name, *parting), asked.most)


def _note_alerts(name: str, before: Alerts, without: Alerts, changed: Alerts, asked: Question, found: Preview) -> None:
    for key, alert in changed.items():
        if key not in without and key not in before:
            found.raised += 1
            found.raised_at_once += alert.effective_at == asked.change.effective_at
            _keep(found.raises, Signalled(name, alert), asked.most)
    for key, alert in without.items():
        if key not in changed and key not in before:
            found.withdrawn += 1
            _keep(found.withdraws, Signalled(name, alert), asked.most)


def parted(start: Customer, without: Outcome, changed: Outcome) -> list[Parting]:
    """Where two outcomes of one start part: for each lifecycle the first instant at which its stages differ.

    The whole relationship goes first, then the lines by their names.
    """
    courses = [_by_lifecycle(outcome.transitions) for outcome in (without, changed)]
    lifecycles = sorted({*courses[0], *courses[1]}, key=lambda line: line or "")
    found = (_parted(line, start, *(course.get(line, {}) for course in courses)) for line in lifecycles)
    return [parting for parting in found if parting is not None]


def _parted(line: str | None, start: Customer, without: Course, changed: Course) -> Parting | None:
    own = start if line is None else start.lines.get(line, Customer())
    source = target = own.stage
    for at in sorted({*without, *changed}):
        source, target = without.get(at, source), changed.get(at, target)
        if source is not target:
            return Parting(line, source, target, at)
    return None


def _by_lifecycle(transitions: Iterable[Transition]) -> dict[str | None, Course]:
    """The stage after everything of each instant; transitions come in the order of the fold."""
    courses: dict[str | None, Course] = {}
    for one in transitions:
        courses.setdefault(one.line, {})[one.effective_at] = one.target
    return courses


def _start(customer: Customer, rules: Rules) -> Customer | None:
    """The stored state, where everything decided so far comes before the change; else the fold begins anew."""
    if customer.decided is None or customer.decided[0] >= rules.asked.change.effective_at:
        return None
    in_step = rules.without.in_step(customer.controls, customer.control, Instant(customer.decided[0]))
    return customer if in_step else None


def _seen(alerts: Iterable[Alert]) -> Alerts:
    return {(one.kind, one.line, one.effective_at): one for one in alerts if one.status not in _UNSEEN}


def _keep(kept: list[T], one: T, most: int) -> None:
    if len(kept) < most:
        kept.append(one)


async def _chunks(customers: AsyncIterator[Audited]) -> AsyncIterator[list[Audited]]:
    chunk: list[Audited] = []
    async for customer in customers:
        chunk.append(customer)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class Previews:
    """Previews for whoever asks the api: one at a time, each within a deadline."""

    def __init__(self, audit: Audit, seconds: float) -> None:
        self._audit = audit
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def preview(self, asked: Question) -> Preview:
        """What a change would do. Raises PreviewBusy, PreviewTooLong or StoreFailed."""
        if self._turn.locked():
            raise PreviewBusy
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    return await preview(self._audit, asked)
            except TimeoutError:
                raise PreviewTooLong(self._seconds) from None
            except LifestageError:
                raise
            except Exception as error:
                log.warning("the store did not answer a preview", extra={"error": repr(error)}, exc_info=error)
                raise StoreFailed from error

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


class Parting(NamedTuple):
    """Where two courses of stages part: the stage of each, and when."""

    source: Stage
    target: Stage
    at: Instant


class Moved(NamedTuple):
    """A customer whose stage would be another one: without the change at `source`, with it at `target`, since `at`."""

    customer_id: str
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
    _note_move(name, parted(Customer().stage if start is None else start.stage, without, changed), asked, found)
    before = {} if start is None else _seen(start.alerts)
    _note_alerts(name, before, _seen(without.alerts), _seen(changed.alerts), asked, found)


def _note_move(name: str, parting: Parting | None, asked: Question, found: Preview) -> None:
    if parting is not None:
        found.moved += 1
        found.moved_at_once += parting.at == asked.change.effective_at
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


def parted(stage: Stage, without: Outcome, changed: Outcome) -> Parting | None:
    """Where two courses that begin at one stage first are at different ones; None where they never are."""
    courses = [_by_instant(without.transitions), _by_instant(changed.transitions)]
    source = target = stage
    for at in sorted({*courses[0], *courses[1]}):
        source, target = courses[0].get(at, source), courses[1].get(at, target)
        if source is not target:
            return Parting(source, target, at)
    return None


def _by_instant(transitions: Iterable[Transition]) -> dict[Instant, Stage]:
    """The stage after everything of each instant; they come in the order of the fold."""
    return {one.effective_at: one.target for one in transitions}


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

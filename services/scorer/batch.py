"""One transaction of the scorer: read, decide, write; position and result commit together (DESIGN §5)."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.scorer.intake import Entered, conflicts, heard, late_customers, read, sort_out
from services.scorer.ledger import Tally
from services.scorer.score import Horizon, Scoring
from services.scorer.walking import PORTION, enters_second, live_after, set_off, stretch, walks_on
from shared.domain.controls import CONTROLS, FeedChange, Governance, ModelChange, PolicyChange, Release, Retry, Tick
from shared.domain.errors import MalformedRecord
from shared.domain.events import Event, Fact
from shared.domain.instants import Instant
from shared.ports.log import Record
from shared.ports.store import Changes, Message, Position, Store, Unit, Walk

CHUNK = 2_000
"""Timers fired, or customers walked where no events come meanwhile, in one transaction."""


class Scored(Struct, frozen=True, kw_only=True):
    """What one transaction did. Records from `position.next_offset` on are to be given again."""

    position: Position
    governance: Governance
    tally: Tally
    events: int = 0
    repeated: int = 0
    conflicts: int = 0
    dead_letters: int = 0
    messages: Sequence[Message] = ()
    """What goes out to the topics now that it is committed."""
    timer_delay: int = 0
    """How far timers are behind a tick that did not fit one transaction, microseconds."""
    received: tuple[Instant, ...] = ()
    """The receipt times of the new events, for their age at the commit."""


async def score(
    store: Store, position: Position, governance: Governance, partitions: int, records: Sequence[Record]
) -> Scored:
    """Apply records exactly once, however often they are delivered. Raises Fenced when the partition has moved on.

    One transaction. It ends early where a tick has more to do than fits: a control to take every customer through,
    or more timers than a chunk. While `walks_on` says so of the position, no record is looked at.
    """
    if position.walk is not None and walks_on(position):
        return await _walk(store, position, governance, position.walk)
    entered = read(records, partitions)
    if entered and _crosses(entered[0], position, governance):
        return await _begin_walk(store, position, governance, entered[0])
    return await _score(store, position, governance, _before_walking(entered, position, governance))


async def _score(store: Store, position: Position, governance: Governance, entered: Sequence[Entered]) -> Scored:
    async with store.begin(position.partition) as unit:
        timers, horizon = await _due(
            unit, max((one.tick_at for one in entered if one.tick_at is not None), default=None)
        )
        batch = _within(entered, horizon)
        intake = sort_out(batch)
        clashes = await unit.add_events(list(intake.events.values()))
        fresh = {stored.offset: stored.event for key, stored in intake.events.items() if key not in clashes}
        new = list(fresh.values())
        retried = {one.entry.customer_id for one in batch if isinstance(one.entry, Retry)}
        known = await unit.load(sorted({event.customer_id for event in new} | {name for _, name in timers} | retried))
        late = late_customers(new, known, governance, retried & known.keys())
        histories = await unit.histories(late) if late else {}
        scoring = Scoring(position, governance, known, timers, horizon, histories)
        scoring.expect(new)
        complete = _enter(scoring, batch, fresh)
        next_offset = batch[-1].record.offset + complete if batch else position.next_offset
        walk = _walk_after(scoring, batch, position) if complete else position.walk
        live = live_after(batch, position.live) if complete else position.live
        moved = scoring.finish(position, next_offset, walk, live=live)
        changes = scoring.ledger.changes
        changes.dead_letters, changes.conflicts = intake.dead_letters, conflicts(intake, clashes)
        changes.heard = heard(new)
        await unit.advance(position, moved)
        await unit.save(changes)
    repeated = len(clashes) + len(intake.repeated) - len(changes.conflicts)
    delay = 0 if complete or horizon is None else (batch[-1].tick_at or horizon.at) - horizon.at
    received = tuple(one.received_at for one in new)
    return _scored(scoring, moved, changes, events=len(new), repeated=repeated, received=received, timer_delay=delay)


def _enter(scoring: Scoring, batch: Sequence[Entered], new: Mapping[int, Event]) -> bool:
    """Go through the batch in the order of the log. `new` are the events that are not stored yet, by their offset.

    False when its last tick has more timers than are loaded.
    """
    for entered in batch:
        entry, decided_at = entered.entry, entered.record.appended_at
        match entry:
            case Fact():
                event = new.get(entered.record.offset)
                if event is not None:
                    scoring.event(event, decided_at)
            case Tick():
                if not scoring.tick(entered.tick_at or decided_at, decided_at):
                    return False
            case Retry():
                scoring.retry(entry.customer_id, decided_at)
            case PolicyChange() | ModelChange() | FeedChange() | Release():
                scoring.control(entry)
            case MalformedRecord():
                pass
            case _:
                assert_never(entry)
    return True


async def _begin_walk(store: Store, position: Position, governance: Governance, tick: Entered) -> Scored:
    """A tick reaches a control: fire what was due before it, then set off the walk there. The tick comes again."""
    at = governance.next_at(_reached(position, governance))
    assert at is not None, "only a tick that reaches a control begins a walk"
    async with store.begin(position.partition) as unit:
        timers, horizon = await _due(unit, Instant(at - 1))
        known = await unit.load(sorted({name for _, name in timers}))
        late = late_customers((), known, governance, ())
        scoring = Scoring(position, governance, known, timers, horizon, await unit.histories(late) if late else {})
        complete = scoring.fire(Instant(at - 1), tick.record.appended_at)
        if not complete:
            return await _commit(unit, scoring, position, position.walk, live=position.live)
        scoring.reach(at)
        return await _commit(unit, scoring, position, set_off(at, position.walk), live=live_after([tick], False))


async def _walk(store: Store, position: Position, governance: Governance, walk: Walk) -> Scored:
    """Take the next customers of the partition through the controls: all of a portion, or a chunk of everybody."""
    async with store.begin(position.partition) as unit:
        next_ones = await stretch(unit, walk, PORTION if position.live else CHUNK, governance)
        known = {row.customer_id: row for row in next_ones.customers}
        late = late_customers((), known, governance, ())
        scoring = Scoring(position, governance, known, histories=await unit.histories(late) if late else {})
        scoring.walk(next_ones.customers)
        return await _commit(unit, scoring, position, next_ones.onward, live=position.live)


async def _commit(unit: Unit, scoring: Scoring, position: Position, walk: Walk | None, *, live: bool) -> Scored:
    moved = scoring.finish(position, position.next_offset, walk, live=live)
    changes = scoring.ledger.changes
    await unit.advance(position, moved)
    await unit.save(changes)
    return _scored(scoring, moved, changes)


async def _due(unit: Unit, until: Instant | None) -> tuple[Sequence[tuple[Instant, str]], Horizon | None]:
    """The timers due up to an instant, and how far they reach when there may be more of them."""
    if until is None:
        return (), None
    timers = await unit.due(until, CHUNK)
    if len(timers) < CHUNK:
        return timers, None
    return timers, Horizon(at=timers[-1][0], customer_id=timers[-1][1])


def _within(entered: Sequence[Entered], horizon: Horizon | None) -> Sequence[Entered]:
    """The batch up to the first tick that may find timers beyond those that are loaded."""
    if horizon is None:
        return entered
    for place, one in enumerate(entered):
        if one.tick_at is not None and one.tick_at >= horizon.at:
            return entered[: place + 1]
    return entered


def _before_walking(entered: Sequence[Entered], position: Position, governance: Governance) -> Sequence[Entered]:
    """The batch up to what may set off a walk or give it its turn: a control, a tick that reaches one (it comes again),
    and while a walk is open every tick."""
    if position.walk is None and not governance.controls and {type(one.entry) for one in entered}.isdisjoint(CONTROLS):
        return entered
    for place, one in enumerate(entered):
        if _crosses(one, position, governance):
            return entered[:place]
        if isinstance(one.entry, CONTROLS) or (position.walk is not None and one.tick_at is not None):
            return entered[: place + 1]
    return entered


def _reached(position: Position, governance: Governance) -> int:
    return 0 if position.stream_time is None else governance.applied_at(position.stream_time)


def _crosses(one: Entered, position: Position, governance: Governance) -> bool:
    """Whether a tick reaches a control that stream time has not reached yet."""
    at = governance.next_at(_reached(position, governance))
    return one.tick_at is not None and at is not None and at <= one.tick_at


def _walk_after(scoring: Scoring, batch: Sequence[Entered], position: Position) -> Walk | None:
    """A control that took effect before it arrived sets a walk off at once; a live tick gives an open walk its turn."""
    last, walk, reached = (batch[-1] if batch else None), position.walk, scoring.stream_time
    if last is None or reached is None:
        return walk
    if scoring.ledger.changes.controls and isinstance(last.entry, CONTROLS) and last.entry.effective_at <= reached:
        return set_off(last.entry.effective_at, walk)
    if walk is not None and last.tick_at is not None and enters_second(reached, position):
        return replace(walk, turn=True)
    return walk


def _scored(
    scoring: Scoring,
    moved: Position,
    changes: Changes,
    *,
    events: int = 0,
    repeated: int = 0,
    received: tuple[Instant, ...] = (),
    timer_delay: int = 0,
) -> Scored:
    return Scored(
        position=moved,
        governance=scoring.governance,
        tally=scoring.ledger.tally,
        events=events,
        repeated=repeated,
        conflicts=len(changes.conflicts),
        dead_letters=len(changes.dead_letters),
        messages=changes.messages,
        received=received,
        timer_delay=timer_delay,
    )

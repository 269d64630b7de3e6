"""One batch of one partition, scored: what the records and the passing of time change. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TypeVarTuple

from msgspec import Struct

from services.scorer.ledger import Ledger
from services.scorer.refold import alerts_after, correct, named, transitions_after
from shared.adapters.codec import decode_customer
from shared.domain.controls import Control, Governance
from shared.domain.customer import Customer
from shared.domain.errors import HistoryNeeded
from shared.domain.events import Event, OrderKey, follows, order_key
from shared.domain.ids import shard_of
from shared.domain.instants import EARLIEST, Instant
from shared.domain.lifecycle import advance, fold, step
from shared.ports.store import Base, History, Known, Position, Walk

Given = TypeVarTuple("Given")


class Horizon(Struct, frozen=True, kw_only=True):
    """How far the partition's timers are loaded: all up to and including (`at`, `customer_id`)."""

    at: Instant
    customer_id: str

    def covers(self, due_at: Instant, customer_id: str) -> bool:
        """Whether every timer up to this one is loaded."""
        return (due_at, customer_id) <= (self.at, self.customer_id)


class Scoring:
    """A partition's batch in work. Its methods are called in the order of the log."""

    def __init__(
        self,
        position: Position,
        governance: Governance,
        known: Mapping[str, Known],
        timers: Iterable[tuple[Instant, str]] = (),
        horizon: Horizon | None = None,
        histories: Mapping[str, History] | None = None,
    ) -> None:
        self.stream_time = position.stream_time
        self.ledger = Ledger(known, histories or {}, position.outbox, governance)
        self._histories = histories or {}
        self._horizon = horizon
        self._timers = list(timers)
        heapify(self._timers)
        self._unwalked: dict[str, set[tuple[str, str]]] = {}

    @property
    def governance(self) -> Governance:
        """The rule in force, with the controls of this batch."""
        return self.ledger.governance

    def expect(self, events: Iterable[Event]) -> None:
        """Name the new events of the batch, so that a history folded again does not run ahead of the log."""
        for event in events:
            if event.customer_id in self._histories:
                self._unwalked.setdefault(event.customer_id, set()).add((event.source, event.id))

    def event(self, event: Event, decided_at: Instant) -> None:
        """Take in a new event: a step, or the customer folded again when it is late."""
        known = self.ledger.customer(event.customer_id)
        if known.customer_id in self._unwalked:
            self._unwalked[known.customer_id].discard((event.source, event.id))
        if known.parked:
            return
        self._careful(known, decided_at, event.id, self._take, event)
        self._await(known)

    def tick(self, at: Instant, decided_at: Instant) -> bool:
        """Let time pass in the partition. False when not every due timer was loaded: the tick must come again."""
        if not self.fire(at, decided_at):
            return False
        self.reach(at)
        return True

    def reach(self, at: Instant) -> None:
        """Stream time moves on, never back."""
        self.stream_time = at if self.stream_time is None else max(self.stream_time, at)

    def fire(self, until: Instant, decided_at: Instant) -> bool:
        """Fire the timers due up to an instant, in the order (due time, customer)."""
        while self._timers and self._timers[0][0] <= until:
            due_at, customer_id = self._timers[0]
            if self._horizon is not None and not self._horizon.covers(due_at, customer_id):
                return False
            heappop(self._timers)
            known = self.ledger.known.get(customer_id)
            if known is not None and not known.parked:
                self._come_due(known, due_at, decided_at)
        return self._horizon is None or self._horizon.at > until

    def control(self, control: Control) -> None:
        """Learn of a control; repeats of an id are ignored."""
        if all(one.id != control.id for one in self.governance.controls):
            self.ledger.governance = Governance.of(
                [*self.governance.controls, control], self.governance.books[0].policy
            )
            self.ledger.changes.controls.append(control)

    def walk(self, customers: Sequence[Known]) -> None:
        """Take customers to stream time, through the controls that have taken effect by then."""
        until = EARLIEST if self.stream_time is None else self.stream_time
        for known in customers:
            if not known.parked:
                self._careful(known, until, None, self._catch_up, until)
        self.ledger.tally.walked += len(customers)

    def again(self, customers: Sequence[Known], decided_at: Instant) -> Walk:
        """Fold a chunk of customers again from their beginning, parked ones too."""
        for known in customers:
            if known.parked:
                self.ledger.unpark(known)
            self._careful(known, decided_at, None, self._fold_again)
        last = customers[-1].customer_id
        return Walk(effective_at=decided_at, shard=shard_of(last), customer_id=last)

    def retry(self, customer_id: str, decided_at: Instant) -> None:
        """Fold a parked customer again, from its beginning."""
        known = self.ledger.known.get(customer_id)
        if known is not None and known.parked:
            self.ledger.unpark(known)
            self._careful(known, decided_at, None, self._fold_again)
            self._await(known)

    def finish(self, position: Position, next_offset: int, walk: Walk | None, *, live: bool) -> Position:
        """Close the book; the position to commit with it."""
        self.ledger.finish()
        return Position(
            partition=position.partition,
            next_offset=next_offset,
            version=position.version + 1,
            epoch=position.epoch,
            stream_time=self.stream_time,
            outbox=self.ledger.outbox,
            walk=walk,
            live=live,
        )

    def _careful(
        self,
        known: Known,
        decided_at: Instant,
        event_id: str | None,
        decide: Callable[[Known, Instant, *Given], None],
        *given: *Given,
    ) -> None:
        """Whatever one customer's events make the fold raise must not stop its neighbours."""
        try:
            decide(known, decided_at, *given)
        except HistoryNeeded:
            raise
        except Exception as error:
            self.ledger.park(known.customer_id, error, decided_at, event_id)

    def _take(self, known: Known, decided_at: Instant, event: Event) -> None:
        customer, base = known.customer, known.base
        if out_of_step(customer, self.governance):
            self._fold_again(known, decided_at)
        elif follows(event, customer.decided):
            outcome = step(known.customer_id, customer, event, self.governance, self.stream_time)
            self.ledger.stepped(known, outcome, decided_at)
        elif base is not None and (newest := newest_input(known)) is not None and order_key(event) > newest:
            self._step_again(known, base, event, decided_at)
        else:
            self._fold_again(known, decided_at)

    def _catch_up(self, known: Known, decided_at: Instant, until: Instant) -> None:
        if out_of_step(known.customer, self.governance):
            self._fold_again(known, decided_at)
        before, outcome = known.customer, advance(known.customer_id, known.customer, until, self.governance)
        if (outcome.customer.due_at, outcome.customer.controls) != (before.due_at, before.controls):
            self.ledger.passed(known, outcome, decided_at)

    def _await(self, known: Known) -> None:
        """Some tick of this batch, not this one perhaps, may reach the customer's due time."""
        if known.customer.due_at is not None:
            heappush(self._timers, (known.customer.due_at, known.customer_id))

    def _come_due(self, known: Known, due_at: Instant, decided_at: Instant) -> None:
        """A timer row is due; the customer may be due later by now, or not at all: timers are lazy."""
        if known.customer.due_at == due_at:
            self._careful(known, decided_at, None, self._catch_up, due_at)
            self.ledger.tally.timers += 1
        if known.armed_at is not None and known.armed_at <= due_at:
            self.ledger.rearm(known)
        if known.customer.due_at != due_at:
            self._await(known)

    def _step_again(self, known: Known, base: Base, event: Event, decided_at: Instant) -> None:
        """The event comes before timers that have fired, but after every earlier input: start from there."""
        assert known.customer.decided is not None, "a customer with a base has decided something since"
        start = decode_customer(base.state)
        fired = advance(known.customer_id, start, Instant(known.customer.decided[0]), self.governance)
        outcome = step(known.customer_id, start, event, self.governance, self.stream_time)
        stood = self.ledger.numbered(known, base.since, fired.transitions, decided_at)
        open_then = named(start.every_alert)
        correction = correct(
            stood, outcome.transitions, {**open_then, **named(fired.alerts)}, {**open_then, **named(outcome.alerts)}
        )
        self.ledger.corrected(known, outcome, correction, decided_at)

    def _fold_again(self, known: Known, decided_at: Instant) -> None:
        """The whole history, or what follows a snapshot, folded anew."""
        customer_id, history = known.customer_id, self._histories.get(known.customer_id)
        if history is None:
            raise HistoryNeeded(f"customer {customer_id!r} must be folded again, and its history is not loaded")
        unwalked = self._unwalked.get(customer_id, set())
        checkpoint = history.checkpoint
        walked = [event for event in history.events if (event.source, event.id) not in unwalked]
        outcome = fold(customer_id, walked, self.governance, self.stream_time, checkpoint)
        stood, alerts_stood = self.ledger.stood(customer_id)
        open_then = {} if checkpoint is None else named(checkpoint.every_alert)
        correction = correct(
            transitions_after(checkpoint, stood),
            outcome.transitions,
            alerts_after(checkpoint, alerts_stood),
            {**open_then, **named(outcome.alerts)},
        )
        self.ledger.forget_snapshots(customer_id, 0 if checkpoint is None else checkpoint.inputs)
        self.ledger.corrected(known, outcome, correction, decided_at)


def newest_input(known: Known) -> OrderKey | None:
    """The place in the order of the newest event that a customer has been through; timers do not count."""
    return known.customer.decided if known.base is None else decode_customer(known.base.state).decided


def out_of_step(customer: Customer, governance: Governance) -> bool:
    """Whether a control has sorted in among what this customer has been through: then it is folded from the start.

    So is who is said to have been through more controls than there are: a migration asks for it that way.
    """
    if customer.controls > len(governance.controls):
        return True
    if not governance.controls or customer.decided is None:
        return False
    return not governance.in_step(customer.controls, customer.control, Instant(customer.decided[0]))


def is_behind(customer: Customer, governance: Governance, position: Position) -> bool:
    """Whether a walk, an open one or one to come, has yet to take this customer through a control.

    One that is to come matters to whom something later than its control has happened already.
    """
    reached, walking = position.stream_time, position.walk is not None
    applied = 0 if reached is None else governance.applied_at(reached)
    if walking and customer.controls < applied:
        return True
    return (walking or applied < len(governance.controls)) and out_of_step(customer, governance)

"""One open transaction of one partition in memory: it changes copies, which take their place when it commits."""

from collections.abc import Mapping, Sequence
from heapq import nsmallest

from msgspec import structs

from shared.adapters import codec
from shared.adapters.checkpoints import comes_after, taken_at
from shared.adapters.gaps import Commit, prunable
from shared.adapters.memory.tables import Dossier, KeptAlert, Row, Tables
from shared.domain.alerts import AlertStatus
from shared.domain.customer import Customer
from shared.domain.errors import Fenced
from shared.domain.ids import alert_id, shard_of, shards_of
from shared.domain.instants import Instant
from shared.ports.store import (
    Changes,
    Clash,
    DeadLetter,
    History,
    Key,
    Known,
    Message,
    Position,
    StoredEvent,
)


class MemoryUnit:
    """A transaction of one partition."""

    def __init__(self, tables: Tables, partition: int) -> None:
        self._tables = tables
        self._partition = partition
        self._ledger = tables.ledger(partition)
        self._holds = False
        self._position: Position | None = None
        self._commits: list[Commit] = []
        self._dossiers: dict[str, Dossier] = {}
        self._timers: dict[str, Instant | None] = {}
        self._changes: list[Changes] = []

    async def advance(self, expected: Position, new: Position) -> None:
        """Move the position; from here on this transaction holds the partition."""
        if not self._holds:
            await self._ledger.turn.acquire()
            self._holds = True
        current = self._position or self._ledger.position
        if current is None or (current.version, current.epoch) != (expected.version, expected.epoch):
            raise Fenced(self._partition)
        self._position = structs.replace(new, epoch=current.epoch)
        self._commits.append(Commit(new.version, current.epoch, expected.next_offset, new.next_offset))

    async def add_events(self, events: Sequence[StoredEvent]) -> Mapping[Key, Clash]:
        """Store the events that are new; tell those whose name is stored already."""
        clashes: dict[Key, Clash] = {}
        for stored in events:
            event = stored.event
            dossier = self._write(event.customer_id)
            kept = dossier.events.setdefault((event.source, event.id), stored)
            if kept is not stored:
                key = (event.customer_id, event.source, event.id)
                clashes[key] = Clash(stored=stored, kept=kept.body)
        return clashes

    async def load(self, customer_ids: Sequence[str]) -> Mapping[str, Known]:
        """The rows of those customers that are known."""
        found = {name: self._read(name).row for name in customer_ids}
        return {name: row.known(name, self._armed_at(name)) for name, row in found.items() if row is not None}

    async def due(self, until: Instant, most: int) -> Sequence[tuple[Instant, str]]:
        """The partition's due timer rows, the earliest first."""
        timers = {**self._ledger.timers, **self._timers}
        return nsmallest(most, [(at, name) for name, at in timers.items() if at is not None and at <= until])

    async def histories(self, before: Mapping[str, int | None]) -> Mapping[str, History]:
        """Histories to fold again, each from the snapshot that the late event leaves valid."""
        return {name: _history(self._read(name), late) for name, late in before.items()}

    async def walk(self, shard: int, customer_id: str, most: int) -> Sequence[Known]:
        """The partition's customers after a cursor."""
        shards = shards_of(self._partition, self._tables.partitions)
        names = self._tables.dossiers.keys() | self._dossiers.keys()
        keys = ((shard_of(name), name) for name in names)
        after = sorted(key for key in keys if key[0] in shards and key > (shard, customer_id))
        rows = ((name, self._read(name).row) for _, name in after)
        return [row.known(name, self._armed_at(name)) for name, row in rows if row is not None][:most]

    async def save(self, changes: Changes) -> None:
        """Take the changes down, to be seen by everybody when this commits."""
        self._changes.append(changes)
        for saved in changes.customers:
            self._write(saved.known.customer_id).row = Row.of(saved)
        self._timers.update(changes.timers)
        self._save_decisions(changes)
        for stored in changes.conflicts:
            event = stored.event
            conflicts = self._write(event.customer_id).conflicts
            conflicts.setdefault((event.source, event.id, stored.offset), stored)
        for name in changes.unparked:
            self._write(name).parked = None
        for parked in changes.parked:
            self._write(parked.customer_id).parked = parked
        for name, inputs in changes.stale_snapshots.items():
            dossier = self._write(name)
            dossier.snapshots = {kept: state for kept, state in dossier.snapshots.items() if kept <= inputs}
        for snapshot in changes.snapshots:
            state = codec.encode_customer(snapshot.customer)
            self._write(snapshot.customer_id).snapshots[snapshot.customer.inputs] = state

    async def recount(self) -> None:
        """Nothing to do: heads and moves are counted when they are asked for."""

    def commit(self) -> None:
        """Put the copies in the place of what was there."""
        self._tables.dossiers.update(self._dossiers)
        for name, due_at in self._timers.items():
            if due_at is None:
                self._ledger.timers.pop(name, None)
            else:
                self._ledger.timers[name] = due_at
        for changes in self._changes:
            self._add(changes.messages, changes.dead_letters)
            for control in changes.controls:
                self._ledger.controls.setdefault(control.id, control)
            self._ledger.heard.update({(one.source, one.hour): one.events for one in changes.heard})
        if self._position is not None:
            self._ledger.position = self._position
            self._ledger.commits.extend(self._commits)
            if (oldest := prunable(self._position.version)) is not None:
                self._ledger.commits = [commit for commit in self._ledger.commits if commit.version > oldest]

    def end(self) -> None:
        """Let the next one have the partition."""
        if self._holds:
            self._holds = False
            self._ledger.turn.release()

    def _save_decisions(self, changes: Changes) -> None:
        for numbered in changes.transitions:
            transitions = self._write(numbered.customer_id).transitions
            if numbered.number in transitions:
                raise ValueError(f"{numbered.customer_id!r} has a transition {numbered.number} already")
            transitions[numbered.number] = numbered
        for wrong in changes.retractions:
            self._write(wrong.customer_id).retracted.setdefault(wrong.number, wrong.retracted_at)
        for raised in changes.alerts:
            name, alert = raised.customer_id, raised.alert
            dossier = self._write(name)
            key = alert_id(name, alert.line, alert.kind, alert.effective_at)
            level, currency = (None, None) if dossier.row is None else (dossier.row.level, dossier.row.currency)
            dossier.alerts[key] = KeptAlert(key, alert, level, currency)
        numbers = [message.number for message in changes.messages]
        if len(set(numbers)) < len(numbers) or not self._ledger.outbox.keys().isdisjoint(numbers):
            raise ValueError(f"a number of {numbers} is in the outbox of partition {self._partition} already")

    def _add(self, messages: Sequence[Message], dead_letters: Sequence[DeadLetter]) -> None:
        for message in messages:
            self._ledger.outbox[message.number] = message
        for letter in dead_letters:
            self._tables.ledger(letter.partition).dead_letters.setdefault(letter.offset, letter)

    def _armed_at(self, customer_id: str) -> Instant | None:
        timers = self._timers if customer_id in self._timers else self._ledger.timers
        return timers.get(customer_id)

    def _read(self, customer_id: str) -> Dossier:
        return self._dossiers.get(customer_id) or self._tables.dossiers.get(customer_id) or Dossier()

    def _write(self, customer_id: str) -> Dossier:
        if customer_id not in self._dossiers:
            self._dossiers[customer_id] = self._read(customer_id).copy()
        return self._dossiers[customer_id]


def _history(dossier: Dossier, late: int | None) -> History:
    checkpoint = _checkpoint(dossier, late)
    events = [codec.decode_event(stored.body) for stored in dossier.events.values()]
    standing = [each for each in dossier.transitions.values() if each.number not in dossier.retracted]
    alerts = [kept.alert for kept in dossier.sorted_alerts() if kept.alert.status is not AlertStatus.WITHDRAWN]
    return History(
        checkpoint=checkpoint,
        events=[event for event in events if comes_after(event, checkpoint)],
        transitions=sorted(standing, key=lambda each: (each.transition.effective_at, each.number)),
        alerts=alerts,
    )


def _checkpoint(dossier: Dossier, late: int | None) -> Customer | None:
    if late is None:
        return None
    for _, state in sorted(dossier.snapshots.items(), reverse=True):
        customer = codec.decode_customer(state)
        if taken_at(customer) < late:
            return customer
    return None

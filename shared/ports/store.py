"""The store as the scorer sees it: one transaction per batch in which position and result commit together."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct, field

from shared.domain.alerts import Alert
from shared.domain.controls import Control
from shared.domain.customer import Customer, CustomerType
from shared.domain.decisions import Transition
from shared.domain.events import Event
from shared.domain.feeds import Heard
from shared.domain.instants import Instant

Key = tuple[str, str, str]
"""What names an event: (customer_id, source, id)."""


class Walk(Struct, frozen=True, kw_only=True):
    """A walk over the partition's customers that a control has set off: its effect, and how far it has come.

    It sets off after one customer, goes to the end of the partition, and from its beginning to where it set off.
    """

    effective_at: Instant
    shard: int
    customer_id: str
    """Everybody up to and including this customer has been walked since it set off, or since it began anew."""
    from_shard: int = 0
    from_customer_id: str = ""
    """The customer after whom it set off. A walk that stands at the beginning has set off there, whatever this says."""
    turn: bool = False
    """Whether a live tick has let it go on, and it has not yet."""


class Position(Struct, frozen=True, kw_only=True):
    """Where a partition's fold stands. Advanced by compare-and-set on (version, epoch)."""

    partition: int
    next_offset: int = 0
    version: int = 0
    epoch: int = 0
    stream_time: Instant | None = None
    outbox: int = 0
    """The number of the newest outbox message."""
    walk: Walk | None = None
    live: bool = False
    """Whether the newest tick told the log's time; false where ticks tell their own, and before there are any."""


class StoredEvent(Struct, frozen=True, kw_only=True, gc=False):
    """An event as it came from the log: the decoded value and its bytes, which are the record of truth."""

    event: Event
    body: bytes
    offset: int


class Clash(Struct, frozen=True, kw_only=True, gc=False):
    """A record under the name of an event that is stored already, and whether its payload differs."""

    stored: StoredEvent
    kept: bytes
    """The body that came first and is kept."""


class Base(Struct, frozen=True, array_like=True, gc=False):
    """The state right after the newest input, kept while timers or controls have acted since.

    A late event that comes after that input starts from here; as few do, the state is kept as its bytes. `since` are
    the numbers of the transitions decided after it, in the order of the fold.
    """

    state: bytes
    since: tuple[int, ...]


class Known(Struct, kw_only=True, gc=False):
    """A customer's row: the state now, the base to start again from where there is one, bookkeeping."""

    customer_id: str
    customer: Customer
    state: bytes | None = None
    """The bytes that `customer` was read from; None once it is another one."""
    base: Base | None = None
    version: int = 0
    numbered: int = 0
    """The highest transition number given out."""
    armed_at: Instant | None = None
    """The due time in the timer row, which may be earlier than the state's: timers are lazy."""
    parked: bool = False


class Saved(Struct, frozen=True, kw_only=True, gc=False):
    """A customer's row to be written, with the columns that queries filter by."""

    known: Known
    type: CustomerType
    level: int | None
    """Median volume of the last occasions, minor units of `currency`: what the customer is worth keeping for."""
    currency: str | None


class Numbered(Struct, frozen=True, kw_only=True, gc=False):
    """A transition with its number among the customer's, 1…n without a gap."""

    customer_id: str
    number: int
    transition: Transition
    decided_at: Instant
    """The log's time of the record that brought the decision about."""


class Retraction(Struct, frozen=True, kw_only=True, gc=False):
    """An earlier transition that is taken back: it stays, marked. Once is for ever: later ones change nothing."""

    customer_id: str
    number: int
    retracted_at: Instant


class RaisedAlert(Struct, frozen=True, kw_only=True, gc=False):
    """An alert, to be inserted or to replace what is stored under its name. Its customer is saved in the same batch."""

    customer_id: str
    alert: Alert
    changed_at: Instant


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """A message for the world. `number` is gapless within the partition."""

    number: int
    topic: str
    customer_id: str
    payload: bytes


class DeadLetter(Struct, frozen=True, kw_only=True, gc=False):
    """A record that could not be used, kept whole with the reason."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes
    reason: str
    appended_at: Instant
    retried: bool = False


class Parked(Struct, frozen=True, kw_only=True, gc=False):
    """A customer whose events make the fold raise: its events are stored, nothing is decided until retried."""

    customer_id: str
    error: str
    parked_at: Instant
    event_id: str | None = None


class Snapshot(Struct, frozen=True, kw_only=True, gc=False):
    """A customer's state right after one of its inputs, so that a long history need not be folded from its start."""

    customer_id: str
    customer: Customer


class History(Struct, kw_only=True):
    """What folding a customer again needs: everything since a snapshot (or since ever), and what was decided then."""

    checkpoint: Customer | None
    events: list[Event]
    """The customer's events and actions after the checkpoint, in no particular order."""
    transitions: list[Numbered]
    """All the customer's current (not retracted) transitions, by (effective_at, number)."""
    alerts: list[Alert]
    """All the customer's alerts that are not withdrawn, by (effective_at, kind)."""


class Changes(Struct, kw_only=True):
    """Everything a batch writes, one statement per table. No customer, alert or number occurs twice in a list."""

    customers: list[Saved] = field(default_factory=list)
    timers: dict[str, Instant | None] = field(default_factory=dict)
    """New due time of a customer's timer row; None removes the row."""
    transitions: list[Numbered] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    alerts: list[RaisedAlert] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    conflicts: list[StoredEvent] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    """How many of the new events came from each source, by the hour of their receipt; added to what is there."""
    parked: list[Parked] = field(default_factory=list)
    unparked: list[str] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    stale_snapshots: dict[str, int] = field(default_factory=dict)
    """Customers whose snapshots after more than so many inputs no longer hold (a late event came before them)."""


class Unit(Protocol):
    """One open transaction of one partition."""

    async def advance(self, expected: Position, new: Position) -> None:
        """Move the partition's position by compare-and-set on (version, epoch). Raises Fenced when it has moved."""

    async def add_events(self, events: Sequence[StoredEvent]) -> Mapping[Key, Clash]:
        """Store the events that are new; tell those whose name is stored already.

        `events` names no event twice.
        """

    async def load(self, customer_ids: Sequence[str]) -> Mapping[str, Known]:
        """The rows of those customers that are known."""

    async def due(self, until: Instant, most: int) -> Sequence[tuple[Instant, str]]:
        """The partition's timer rows due at or before an instant, in the order (due time, customer), at most `most`."""

    async def histories(self, before: Mapping[str, int | None]) -> Mapping[str, History]:
        """Histories to fold again. The value is the instant of the late event: the newest snapshot whose newest
        input (`decided`) lies strictly before it may serve as the checkpoint; None asks for the whole history."""

    async def walk(self, shard: int, customer_id: str, most: int) -> Sequence[Known]:
        """The partition's customers after a cursor in (shard, customer_id) order, at most so many."""

    async def save(self, changes: Changes) -> None:
        """Write everything, one statement per table; once a transaction.

        A customer that is saved was loaded or walked before, or is new: heads and moves are kept by what changes.
        """

    async def recount(self) -> None:
        """Count the partition's heads and moves anew; for when they were kept wrong. After `advance`."""


class Store(Protocol):
    """Where positions, events and what was decided live together."""

    async def claim(self, partition: int) -> Position:
        """Take a partition over: its epoch rises, so that no earlier owner can commit any more."""

    async def position(self, partition: int) -> Position | None:
        """The committed position, read anew: tells after a broken commit whether it happened."""

    async def controls(self, partition: int) -> Sequence[Control]:
        """The controls that the partition has processed."""

    async def parked_count(self) -> int:
        """How many customers are parked."""

    def begin(self, partition: int) -> AbstractAsyncContextManager[Unit]:
        """A transaction of one partition: committed when the block ends well, rolled back when it raises."""

    async def unpublished(self, partition: int, most: int) -> Sequence[Message]:
        """Outbox messages that the relay has not marked as published, in order."""

    async def published(self, partition: int, number: int) -> None:
        """Mark the outbox as published up to and including a number; never backwards."""

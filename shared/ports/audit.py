"""What `verify`, `digest` and `rebuild` read: everything of one shard, from one snapshot of the store."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from shared.domain.controls import Control
from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.ports.queries import PlacedAlert, PlacedTransition
from shared.ports.store import Known, Message, Position


class Audited(Struct, frozen=True, kw_only=True):
    """Everything stored of one customer."""

    known: Known
    events: Sequence[Event]
    transitions: Sequence[PlacedTransition]
    alerts: Sequence[PlacedAlert]
    timer_at: Instant | None
    """The due time of its timer row, if it has one."""


class CommitGap(Struct, frozen=True, kw_only=True):
    """A place where a partition's record of commits breaks I4."""

    partition: int
    version: int
    problem: str


class TallyGap(Struct, frozen=True, kw_only=True):
    """A tally of a partition that is not what a count over its customers or transitions gives."""

    partition: int
    problem: str


class Look(Protocol):
    """One consistent view of one shard (I3 compares rows with each other, so they must be of one instant)."""

    async def position(self) -> Position | None:
        """The position of the shard's partition, as of this view."""

    async def controls(self) -> Sequence[Control]:
        """The controls of the shard's partition, as of this view."""

    def customers(self) -> AsyncIterator[Audited]:
        """The shard's customers in the order of their ids, streamed."""

    def states(self) -> AsyncIterator[bytes]:
        """The states of the shard's customers that are not parked, as bytes, in the order of their ids, streamed."""


class Audit(Protocol):
    """Read-only inspection of a whole store."""

    def look(self, shard: int) -> AbstractAsyncContextManager[Look]:
        """A view of one shard, from one database snapshot."""

    async def commit_gaps(self) -> Sequence[CommitGap]:
        """Versions that are missing or doubled, and epochs or offsets that fall (I4)."""

    async def outbox_gaps(self) -> Sequence[tuple[int, int]]:
        """(partition, number) after which a number is missing in the outbox (I8)."""

    async def outbox(self, partition: int) -> Sequence[Message]:
        """The partition's whole outbox in order."""

    async def tally_gaps(self) -> Sequence[TallyGap]:
        """Tallies that differ from a count of what they stand for, both as of one moment."""

    async def misplaced(self) -> Mapping[str, int]:
        """What must be 0 (I1, I2): events also in dead letters, rows in a shard that is not the customer's."""

"""What the api asks of the store: committed facts only, each list paged by keyset."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Severity
from shared.domain.controls import Control
from shared.domain.customer import Customer, CustomerType
from shared.domain.decisions import Transition
from shared.domain.events import Event
from shared.domain.feeds import Heard
from shared.domain.ids import AlertId
from shared.domain.instants import Instant
from shared.domain.stages import Stage
from shared.ports.store import DeadLetter, Parked, Position


class CustomerView(Struct, frozen=True, kw_only=True):
    """A customer as committed. `as_of` is the later of its partition's stream time and its newest event."""

    customer_id: str
    customer: Customer
    type: CustomerType
    version: int
    parked: bool
    as_of: Instant | None


class PlacedTransition(Struct, frozen=True, kw_only=True):
    """A transition with its number, when the log brought it about, and when it was taken back, if it was."""

    customer_id: str
    number: int
    transition: Transition
    decided_at: Instant
    retracted_at: Instant | None


class PlacedAlert(Struct, frozen=True, kw_only=True):
    """An alert with its id and customer. `as_of` as for the customer.

    `level` and `currency` are the customer's as they were when the alert was last written.
    """

    id: AlertId
    customer_id: str
    alert: Alert
    level: int | None
    currency: str | None
    as_of: Instant | None


class StageCount(Struct, frozen=True, kw_only=True):
    """Heads of one stage, type and currency, and the sum of their levels in minor units of that currency."""

    stage: Stage
    type: CustomerType
    heads: int
    currency: str | None
    level: int


class MoveCount(Struct, frozen=True, kw_only=True):
    """How many current transitions lead from one stage to another."""

    source: Stage
    target: Stage
    count: int


class CustomerFilter(Struct, frozen=True, kw_only=True):
    """Which customers to list; None means any. `alert` asks for an open alert of that kind."""

    stage: Stage | None = None
    type: CustomerType | None = None
    alert: AlertKind | None = None


class AlertFilter(Struct, frozen=True, kw_only=True):
    """Which alerts to list; None means any."""

    statuses: tuple[AlertStatus, ...]
    kind: AlertKind | None = None
    severity: Severity | None = None
    customer_id: str | None = None
    currency: str | None = None
    """Only those whose value at risk is known, in this currency."""


CustomerCursor = tuple[int, str]
"""(shard, customer_id) of the last one listed."""

AlertCursor = tuple[int, int, int, str]
"""(severity rank, level, effective_at, id) of the last one listed: alerts come with the most urgent first.

An unknown level counts as 0.
"""

AlertValueCursor = tuple[str, int, int, int, int, str]
"""(currency, value at risk, then as an `AlertCursor`) of the last one listed; ("", 0) where the value is unknown."""


class Queries(Protocol):
    """Reads. Nothing here waits for the log or changes anything."""

    async def customer(self, customer_id: str) -> CustomerView | None:
        """One customer, or None when no event mentions it."""

    async def customers(
        self, wanted: CustomerFilter, after: CustomerCursor | None, most: int
    ) -> Sequence[CustomerView]:
        """Customers in (shard, customer_id) order after a cursor."""

    async def events(
        self, customer_id: str, *, before: tuple[Instant, str] | None = None, most: int | None = None
    ) -> Sequence[Event]:
        """The customer's events and actions, newest first by (occurred_at, id), before a cursor if one is given.

        There may be more than `most`, where events of several sources share the last one's time and id.
        """

    async def transitions(self, customer_id: str) -> Sequence[PlacedTransition]:
        """All transitions of a customer, retracted ones too, by (effective_at, number)."""

    async def transitions_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[PlacedTransition]]:
        """All transitions of several customers, each by (effective_at, number); who has none is left out."""

    async def alerts_of(self, customer_id: str) -> Sequence[PlacedAlert]:
        """All alerts of a customer, withdrawn and muted ones too (not the held), by (effective_at, kind)."""

    async def alerts(self, wanted: AlertFilter, after: AlertCursor | None, most: int) -> Sequence[PlacedAlert]:
        """Alerts, the most urgent first: by severity, level, then the newest; after a cursor."""

    async def alerts_by_value(
        self, wanted: AlertFilter, after: AlertValueCursor | None, most: int
    ) -> Sequence[PlacedAlert]:
        """Alerts, the largest value at risk first; of equal ones the most urgent; after a cursor.

        Amounts of two currencies are never compared: one currency follows another, from Z to A. Alerts whose value
        at risk is unknown come last.
        """

    async def ranks(self, alerts: Sequence[PlacedAlert], most: int) -> Mapping[AlertId, int]:
        """The places of these among all open alerts of the same currency, in the order of `alerts_by_value`, from 1.

        Only so many of each currency are counted. One that comes after them, that is not open now, or whose value at
        risk is unknown, is left out.
        """

    async def alert(self, alert_id: AlertId) -> PlacedAlert | None:
        """One alert by its id, or None; a held one is not told."""

    async def stage_counts(self) -> Sequence[StageCount]:
        """Heads and levels by stage, type and currency: kept, not counted when asked for."""

    async def move_counts(self) -> Sequence[MoveCount]:
        """The transition matrix in heads: kept, not counted when asked for."""

    async def positions(self) -> Sequence[Position]:
        """Every partition's committed position."""

    async def heard(self, since: int) -> Sequence[Heard]:
        """The events of every source by hour, from an hour on, all partitions together; by source and hour."""

    async def controls(self, partition: int) -> Sequence[Control]:
        """The controls that a partition has processed."""

    async def conflicts(self, customer_id: str) -> int:
        """How many records clashed with stored events of this customer."""


class Workbench(Protocol):
    """What an operator looks at and puts right."""

    async def dead_letters(self, after: tuple[int, int] | None, most: int) -> Sequence[DeadLetter]:
        """Dead letters that were not retried, by (partition, offset)."""

    async def mark_retried(self, letters: Sequence[tuple[int, int]]) -> None:
        """Those records were appended again."""

    async def parked(self, after: tuple[int, str] | None, most: int) -> Sequence[Parked]:
        """Parked customers by (shard, customer_id)."""


class ApiKey(Struct, frozen=True, kw_only=True):
    """A bearer key. Only the SHA-256 of the secret is kept."""

    id: str
    name: str
    hashed: bytes
    scopes: frozenset[str]
    created_at: Instant
    revoked_at: Instant | None = None


class Keys(Protocol):
    """The bearer keys of an instance."""

    async def find(self, hashed: bytes) -> ApiKey | None:
        """The key with this hash that is not revoked."""

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""

    async def every(self) -> Sequence[ApiKey]:
        """All keys, the oldest first."""

    async def revoke(self, key_id: str, at: Instant) -> bool:
        """Revoke a key; False when there is none of that id."""

    async def first(self, key: ApiKey) -> bool:
        """Store a key only where there is none yet; True when this call did. Safe when processes start together."""

"""What a store in memory holds: a dossier for each customer, a ledger for each partition."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from shared.adapters import codec
from shared.adapters.gaps import Commit
from shared.domain.alerts import Alert
from shared.domain.controls import Control
from shared.domain.customer import Customer, CustomerType
from shared.domain.ids import AlertId
from shared.domain.instants import Instant
from shared.ports.store import DeadLetter, Known, Message, Numbered, Parked, Position, Saved, StoredEvent


@dataclass(frozen=True, slots=True)
class Row:
    """A customer's row. States are kept as bytes, so that nobody shares a value with the store."""

    state: bytes
    base: bytes | None
    version: int
    numbered: int
    parked: bool
    newest_at: Instant | None
    stage: str
    type: CustomerType
    level: int | None
    currency: str | None

    @classmethod
    def of(cls, saved: Saved) -> "Row":
        """The row that stands for what is to be saved."""
        known = saved.known
        return cls(
            state=codec.encode_customer(known.customer),
            base=None if known.base is None else codec.encode_base(known.base),
            version=known.version,
            numbered=known.numbered,
            parked=known.parked,
            newest_at=known.customer.newest_at,
            stage=known.customer.stage,
            type=saved.type,
            level=saved.level,
            currency=saved.currency,
        )

    def customer(self) -> Customer:
        """The state."""
        return codec.decode_customer(self.state)

    def known(self, customer_id: str, armed_at: Instant | None) -> Known:
        """The row as the scorer knows it, with its timer."""
        return Known(
            customer_id=customer_id,
            customer=self.customer(),
            state=self.state,
            base=None if self.base is None else codec.decode_base(self.base),
            version=self.version,
            numbered=self.numbered,
            armed_at=armed_at,
            parked=self.parked,
        )


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert, with what the customer was worth when it was last written."""

    id: AlertId
    alert: Alert
    level: int | None
    currency: str | None


@dataclass(slots=True)
class Dossier:
    """Everything stored of one customer but its timer."""

    row: Row | None = None
    events: dict[tuple[str, str], StoredEvent] = field(default_factory=dict)
    conflicts: dict[tuple[str, str, int], StoredEvent] = field(default_factory=dict)
    transitions: dict[int, Numbered] = field(default_factory=dict)
    retracted: dict[int, Instant] = field(default_factory=dict)
    alerts: dict[AlertId, KeptAlert] = field(default_factory=dict)
    snapshots: dict[int, bytes] = field(default_factory=dict)
    parked: Parked | None = None

    def sorted_alerts(self) -> list[KeptAlert]:
        """The alerts by (effective_at, kind)."""
        return sorted(self.alerts.values(), key=lambda kept: (kept.alert.effective_at, kept.alert.kind, kept.id))

    def copy(self) -> "Dossier":
        """Another one of the same contents, to be changed by a transaction."""
        return Dossier(
            row=self.row,
            events=dict(self.events),
            conflicts=dict(self.conflicts),
            transitions=dict(self.transitions),
            retracted=dict(self.retracted),
            alerts=dict(self.alerts),
            snapshots=dict(self.snapshots),
            parked=self.parked,
        )


@dataclass(slots=True)
class Ledger:
    """Everything stored of one partition beside its customers."""

    position: Position | None = None
    commits: list[Commit] = field(default_factory=list)
    timers: dict[str, Instant] = field(default_factory=dict)
    outbox: dict[int, Message] = field(default_factory=dict)
    published: int = 0
    dead_letters: dict[int, DeadLetter] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    heard: Counter[tuple[str, int]] = field(default_factory=Counter)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Whoever moves the position holds it until the transaction ends."""


class Tables:
    """The whole store. Only committed facts are in it."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.dossiers: dict[str, Dossier] = {}
        self.ledgers: dict[int, Ledger] = {}

    def ledger(self, partition: int) -> Ledger:
        """A partition's ledger."""
        return self.ledgers.setdefault(partition, Ledger())

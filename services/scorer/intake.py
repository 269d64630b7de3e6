"""Records read and sorted out before anything is decided: what they are, which are new, what must be loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from services.scorer.score import newest_input, out_of_step
from shared.adapters.codec import Entry, decode, same_payload
from shared.domain.controls import Governance, Tick
from shared.domain.errors import MalformedRecord
from shared.domain.events import OWN_SOURCE, Event, Fact, follows, order_key, precedes
from shared.domain.feeds import Heard, hour_of
from shared.domain.ids import partition_of, shard_of
from shared.domain.instants import Instant
from shared.ports.log import Record
from shared.ports.store import Clash, DeadLetter, Key, Known, StoredEvent


class Entered(Struct, frozen=True, kw_only=True, gc=False):
    """A record with its meaning, or with the reason why it has none."""

    record: Record
    entry: Entry | MalformedRecord

    @property
    def tick_at(self) -> Instant | None:
        """The time that a tick tells: its own in a replay or on a test clock, else the log's append time."""
        if not isinstance(self.entry, Tick):
            return None
        return self.record.appended_at if self.entry.at is None else self.entry.at


class Intake(Struct, kw_only=True):
    """A batch's events and dead letters. An event that repeats one of the same batch is told apart here already."""

    events: dict[Key, StoredEvent] = field(default_factory=dict)
    repeated: list[StoredEvent] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)


def key_of(event: Event) -> Key:
    """What names an event."""
    return (event.customer_id, event.source, event.id)


def read(records: Sequence[Record], partitions: int) -> list[Entered]:
    """Decode records. One that cannot be read, or lies in the wrong partition, is kept with the reason."""
    entered = []
    for record in records:
        try:
            entry = decode(record.value)
            _check_place(record, entry, partitions)
        except MalformedRecord as error:
            entered.append(Entered(record=record, entry=error))
        else:
            entered.append(Entered(record=record, entry=entry))
    return entered


def sort_out(batch: Sequence[Entered]) -> Intake:
    """The batch's events by name, the first one of each; and its dead letters."""
    intake = Intake()
    for entered in batch:
        entry, record = entered.entry, entered.record
        if isinstance(entry, Fact):
            stored = StoredEvent(event=entry, body=record.value, offset=record.offset)
            if intake.events.setdefault(key_of(entry), stored) is not stored:
                intake.repeated.append(stored)
        elif isinstance(entry, MalformedRecord):
            intake.dead_letters.append(_dead(record, str(entry)))
    return intake


def conflicts(intake: Intake, clashes: Mapping[Key, Clash]) -> list[StoredEvent]:
    """The records whose name is taken by an event with another payload; mere repeats are not among them."""
    kept = {key: clash.kept for key, clash in clashes.items()}
    arrived = [clash.stored for clash in clashes.values()] + intake.repeated
    return [
        stored
        for stored in arrived
        if not same_payload(stored.body, kept.get(key_of(stored.event)) or intake.events[key_of(stored.event)].body)
    ]


def late_customers(
    new: Iterable[Event], known: Mapping[str, Known], governance: Governance, retried: Iterable[str]
) -> dict[str, Instant | None]:
    """The customers whose history must be loaded, each with the instant from which it is folded again.

    An event is late when its place in the order lies before an input already folded, of the store or of this batch.
    None asks for the whole history: a control has sorted in among what the customer has been through.
    """
    newest: dict[str, Event] = {}
    late: dict[str, Instant | None] = {}
    for event in new:
        customer_id, before = event.customer_id, newest.get(event.customer_id)
        row = known.get(customer_id) if before is None else None
        if (before is not None and precedes(event, before)) or (row is not None and _is_late(event, row)):
            late[customer_id] = min(late.get(customer_id) or event.occurred_at, event.occurred_at)
        else:
            newest[customer_id] = event
    behind = (name for name, row in known.items() if out_of_step(row.customer, governance))
    return late | dict.fromkeys([*behind, *retried])


def _is_late(event: Event, known: Known) -> bool:
    """Whether an event precedes the newest input of its customer; no base is read where it comes after everything."""
    if follows(event, known.customer.decided):
        return False
    newest = newest_input(known)
    return newest is not None and order_key(event) < newest


def _check_place(record: Record, entry: Entry, partitions: int) -> None:
    customer_id = getattr(entry, "customer_id", None)
    if customer_id is None:
        return
    wanted = partition_of(shard_of(customer_id), partitions)
    if wanted != record.partition:
        raise MalformedRecord(f"customer {customer_id!r} belongs in partition {wanted}, not {record.partition}")


def _dead(record: Record, reason: str) -> DeadLetter:
    return DeadLetter(
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        reason=reason,
        appended_at=record.appended_at,
    )


def heard(new: Iterable[Event]) -> list[Heard]:
    """How many events came from each source in each hour; imports tell nothing of how a source is doing."""
    counted = Counter((event.source, hour_of(event.received_at)) for event in new if _told(event))
    return [Heard(source=source, hour=hour, events=events) for (source, hour), events in counted.items()]


def _told(event: Event) -> bool:
    return not event.backfill and event.source != OWN_SOURCE

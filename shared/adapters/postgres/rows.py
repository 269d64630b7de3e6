"""Values as rows, sorted by their key, so that two transactions never lock them crosswise."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from shared.adapters import codec
from shared.adapters.checkpoints import taken_at
from shared.domain.alerts import SEVERITIES
from shared.domain.controls import Control
from shared.domain.events import type_name
from shared.domain.feeds import Heard
from shared.domain.ids import alert_id, shard_of
from shared.domain.instants import Instant
from shared.ports.store import (
    DeadLetter,
    Message,
    Numbered,
    Parked,
    RaisedAlert,
    Retraction,
    Saved,
    Snapshot,
    StoredEvent,
    Walk,
)

Row = tuple[Any, ...]
_RANK: Final = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def columns(rows: Sequence[Row]) -> Iterable[tuple[Any, ...]]:
    """The rows as the arrays that `unnest` takes; there must be one row at least."""
    return zip(*rows, strict=True)


def key_rows(customer_ids: Iterable[str]) -> list[Row]:
    """(shard, customer_id)."""
    return sorted((shard_of(name), name) for name in customer_ids)


def walk_columns(walk: Walk | None) -> Row:
    """walk_effective_at, walk_shard, walk_customer_id, walk_from_shard, walk_from_customer_id, walk_turn."""
    if walk is None:
        return None, None, None, None, None, False
    return (
        walk.effective_at,
        walk.shard,
        walk.customer_id,
        walk.from_shard,
        walk.from_customer_id,
        walk.turn,
    )


def event_rows(events: Sequence[StoredEvent]) -> list[Row]:
    """shard, customer_id, source, id, type, occurred_at, received_at, log_offset, body."""
    rows: list[Row] = []
    for stored in events:
        event = stored.event
        name = event.customer_id
        rows.append(
            (
                shard_of(name),
                name,
                event.source,
                event.id,
                type_name(event),
                event.occurred_at,
                event.received_at,
                stored.offset,
                stored.body.decode(),
            )
        )
    return sorted(rows, key=itemgetter(0, 1, 2, 3))


def conflict_rows(events: Sequence[StoredEvent]) -> list[Row]:
    """shard, customer_id, source, id, log_offset, received_at, body."""
    return [
        (shard, name, source, key, offset, received_at, body)
        for shard, name, source, key, _, _, received_at, offset, body in event_rows(events)
    ]


STAGE, TYPE, VERSION, NUMBERED, LEVEL, CURRENCY, PARKED, STATE, BASE = 2, 3, 6, 7, 9, 10, 11, 12, 13
"""Places in a row of a customer."""

LINE, SOURCE, TARGET = 3, 4, 5
"""Places in a row of a transition."""


def customer_rows(customers: Sequence[Saved]) -> list[Row]:
    """shard, customer_id, stage, type, cycle, since, version, numbered, newest_at, level, currency, parked, state,
    base."""
    rows: list[Row] = []
    for saved in customers:
        known = saved.known
        state = known.customer
        rows.append(
            (
                shard_of(known.customer_id),
                known.customer_id,
                state.stage,
                saved.type,
                state.cycle,
                state.since,
                known.version,
                known.numbered,
                state.newest_at,
                saved.level,
                saved.currency,
                known.parked,
                known.state or codec.encode_customer(state),
                None if known.base is None else codec.encode_base(known.base),
            )
        )
    return sorted(rows, key=itemgetter(0, 1))


def timer_rows(timers: Mapping[str, Instant | None], partition: int) -> list[Row]:
    """shard, customer_id, partition, due_at; of the timers that are set."""
    return sorted((shard_of(name), name, partition, due_at) for name, due_at in timers.items() if due_at is not None)


def transition_rows(transitions: Sequence[Numbered]) -> list[Row]:
    """shard, customer_id, number, line, source, target, effective_at, decided_at, body."""
    rows: list[Row] = []
    for numbered in transitions:
        transition = numbered.transition
        rows.append(
            (
                shard_of(numbered.customer_id),
                numbered.customer_id,
                numbered.number,
                transition.line,
                transition.source,
                transition.target,
                transition.effective_at,
                numbered.decided_at,
                codec.encode_transition(transition).decode(),
            )
        )
    return sorted(rows, key=itemgetter(0, 1, 2))


def retraction_rows(retractions: Sequence[Retraction]) -> list[Row]:
    """shard, customer_id, number, retracted_at."""
    return sorted(
        (shard_of(each.customer_id), each.customer_id, each.number, each.retracted_at) for each in retractions
    )


def alert_rows(alerts: Sequence[RaisedAlert], customers: Sequence[Saved]) -> list[Row]:
    """shard, id, customer_id, kind, status, severity, worth, level, currency, risk_currency, value_at_risk,
    effective_at, changed_at, body.

    The worth is the customer's at this moment: the order of urgency needs it in the alert's own index.
    """
    levels = {saved.known.customer_id: (saved.level or 0, saved.level, saved.currency) for saved in customers}
    rows: list[Row] = []
    for raised in alerts:
        alert = raised.alert
        name = raised.customer_id
        rows.append(
            (
                shard_of(name),
                alert_id(name, alert.line, alert.kind, alert.effective_at),
                name,
                alert.kind,
                alert.status,
                _RANK[alert.severity],
                *levels.get(name, (0, None, None)),
                *alert.evidence.at_risk,
                alert.effective_at,
                raised.changed_at,
                codec.encode_alert(alert).decode(),
            )
        )
    return sorted(rows, key=itemgetter(0, 1))


def message_rows(messages: Sequence[Message], partition: int) -> list[Row]:
    """partition, number, topic, customer_id, payload."""
    rows = [(partition, each.number, each.topic, each.customer_id, each.payload) for each in messages]
    return sorted(rows, key=itemgetter(1))


def dead_letter_rows(letters: Sequence[DeadLetter]) -> list[Row]:
    """partition, log_offset, key, value, reason, appended_at, retried."""
    rows = [
        (each.partition, each.offset, each.key, each.value, printable(each.reason), each.appended_at, each.retried)
        for each in letters
    ]
    return sorted(rows, key=itemgetter(0, 1))


def heard_rows(heard: Sequence[Heard], partition: int) -> list[Row]:
    """partition, source, hour, events."""
    return sorted((partition, one.source, one.hour, one.events) for one in heard)


def control_rows(controls: Sequence[Control], partition: int) -> list[Row]:
    """partition, id, effective_at, body."""
    rows = [(partition, each.id, each.effective_at, codec.encode(each).decode()) for each in controls]
    return sorted(rows, key=itemgetter(1))


def parked_rows(parked: Sequence[Parked]) -> list[Row]:
    """shard, customer_id, parked_at, event_id, error; of one that was parked twice, the last."""
    newest = {each.customer_id: each for each in parked}
    rows = [
        (shard_of(name), name, each.parked_at, each.event_id, printable(each.error)) for name, each in newest.items()
    ]
    return sorted(rows, key=itemgetter(0, 1))


def snapshot_rows(snapshots: Sequence[Snapshot]) -> list[Row]:
    """shard, customer_id, inputs, at, state; of two after as many inputs, the last."""
    newest = {(each.customer_id, each.customer.inputs): each.customer for each in snapshots}
    rows = [
        (shard_of(name), name, inputs, taken_at(customer), codec.encode_customer(customer))
        for (name, inputs), customer in newest.items()
    ]
    return sorted(rows, key=itemgetter(0, 1, 2))


def printable(said: str) -> str:
    """A text that PostgreSQL accepts: an error may quote the NUL or the half surrogate that it is about."""
    return said.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()

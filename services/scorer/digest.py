"""One SHA-256 over what is true of every customer, so that two runs can be compared (INVARIANTS, end)."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from msgspec import msgpack, to_builtins
from msgspec.structs import replace

from shared.domain.alerts import Alert, AlertStatus
from shared.domain.ids import SHARDS
from shared.ports.audit import Audit, Audited

_encoder: Final = msgpack.Encoder(order="deterministic")


async def digest(audit: Audit, *, current: bool = False, told: Callable[[int], None] | None = None) -> str:
    """The digest of a store, in hexadecimal. `current` leaves out what depends on the order of arrival.

    It does not depend on the adapter, on the number of partitions or scorers, or on how batches were cut.
    `told` hears of each shard that is done.
    """
    hashed = sha256()
    for shard in range(SHARDS):
        async with audit.look(shard) as look:
            async for customer in look.customers():
                hashed.update(_encoder.encode(_current(customer) if current else _full(customer)))
        if told is not None:
            told(shard)
    return hashed.hexdigest()


def _current(audited: Audited) -> Any:
    """State, current transitions and current alerts, without the numbers that tell in which order they came."""
    transitions = [placed.transition for placed in audited.transitions if placed.retracted_at is None]
    alerts = [placed.alert for placed in audited.alerts if placed.alert.status is not AlertStatus.WITHDRAWN]
    transitions.sort(key=lambda one: (one.effective_at, one.line or "", one.source, one.target))
    return to_builtins((audited.known.customer_id, audited.known.customer, transitions, _ordered(alerts)))


def _full(audited: Audited) -> Any:
    """The same, with what was taken back, under the numbers it was given."""
    transitions = [
        (placed.number, placed.transition, placed.retracted_at is not None)
        for placed in sorted(audited.transitions, key=lambda one: one.number)
    ]
    alerts = _ordered([placed.alert for placed in audited.alerts])
    return to_builtins((audited.known.customer_id, audited.known.customer, transitions, alerts))


def _ordered(alerts: list[Alert]) -> list[Alert]:
    # When somebody acted, by the wall clock, is no part of what is true of the customer.
    timeless = [replace(alert, acted_at=None) for alert in alerts]
    return sorted(timeless, key=lambda alert: (alert.effective_at, alert.kind, alert.line or ""))

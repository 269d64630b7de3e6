"""Rows that were read, as values; the columns that each takes are named in its first line."""

import asyncpg

from shared.adapters import codec
from shared.domain.ids import AlertId
from shared.domain.instants import Instant
from shared.ports.queries import PlacedAlert, PlacedTransition
from shared.ports.store import Known, Position, Walk


def known(row: asyncpg.Record) -> Known:
    """From customer_id, state, base, version, numbered, armed_at, parked; what comes after them is left alone."""
    name, state, base, version, numbered, armed_at, parked = row[:7]
    return Known(
        customer_id=name,
        customer=codec.decode_customer(state),
        state=state,
        base=None if base is None else codec.decode_base(base),
        version=version,
        numbered=numbered,
        armed_at=armed_at,
        parked=parked,
    )


def position(row: asyncpg.Record) -> Position:
    """From partition, next_offset, version, epoch, stream_time, outbox, walk_effective_at, walk_shard,
    walk_customer_id, walk_from_shard, walk_from_customer_id, walk_turn, live."""
    partition, next_offset, version, epoch, stream_time, outbox, *walk, live = row
    return Position(
        partition=partition,
        next_offset=next_offset,
        version=version,
        epoch=epoch,
        stream_time=stream_time,
        outbox=outbox,
        walk=_walk(*walk),
        live=live,
    )


def _walk(
    effective_at: Instant | None, shard: int, name: str, from_shard: int | None, from_name: str | None, turn: bool
) -> Walk | None:
    """One that a migration has set off does not say where: at the beginning."""
    if effective_at is None:
        return None
    return Walk(
        effective_at=effective_at,
        shard=shard,
        customer_id=name,
        from_shard=from_shard or 0,
        from_customer_id=from_name or "",
        turn=turn,
    )


def placed_transition(row: asyncpg.Record) -> PlacedTransition:
    """From customer_id, number, decided_at, retracted_at, body."""
    name, number, decided_at, retracted_at, body = row
    return PlacedTransition(
        customer_id=name,
        number=number,
        transition=codec.decode_transition(body),
        decided_at=decided_at,
        retracted_at=retracted_at,
    )


def placed_alert(row: asyncpg.Record) -> PlacedAlert:
    """From id, customer_id, level, currency, body, and the customer's `as_of`."""
    key, name, level, currency, body, as_of = row
    return PlacedAlert(
        id=AlertId(key),
        customer_id=name,
        alert=codec.decode_alert(body),
        level=level,
        currency=currency,
        as_of=as_of,
    )

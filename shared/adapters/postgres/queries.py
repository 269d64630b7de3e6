"""What the api asks of PostgreSQL. Lists are read in the order of an index, so that a page costs what it holds.

Filters that are not given are left out by the planner, which is why a `READER` plans every call anew.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters import codec
from shared.adapters.postgres import alert_lists, values
from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.rows import columns, key_rows
from shared.adapters.postgres.store import CONTROLS, POSITION_COLUMNS
from shared.adapters.postgres.tables import OPEN
from shared.domain.controls import Control
from shared.domain.customer import CustomerType
from shared.domain.events import Event
from shared.domain.feeds import Heard
from shared.domain.ids import AlertId, shard_of, shard_of_alert
from shared.domain.instants import Instant
from shared.domain.stages import Stage
from shared.ports.queries import (
    AlertCursor,
    AlertFilter,
    AlertValueCursor,
    CustomerCursor,
    CustomerFilter,
    CustomerView,
    MoveCount,
    PlacedAlert,
    PlacedTransition,
    StageCount,
)
from shared.ports.store import Position

UNLIMITED: Final = 2**62

# The first parameter of these is the number of partitions, by which a shard tells its partition.
CUSTOMER_VIEW: Final = """
    SELECT customer.customer_id, customer.state, customer.type, customer.version, customer.parked,
        greatest(customer.newest_at, position.stream_time)
    FROM customer LEFT JOIN position ON position.partition = customer.shard * $1::integer / 256
"""

CUSTOMER: Final = f"{CUSTOMER_VIEW} WHERE customer.shard = $2 AND customer.customer_id = $3"

LISTED: Final = """
    WHERE (customer.shard, customer.customer_id) > ($2::smallint, $3::text)
        AND ($4::text IS NULL OR customer.stage = $4) AND ($5::text IS NULL OR customer.type = $5)
"""

ALERTED: Final = f"""
        AND (customer.shard, customer.customer_id) IN (
            SELECT alert.shard, alert.customer_id FROM alert
            WHERE alert.kind = $7 AND alert.{OPEN} AND (alert.shard, alert.customer_id) > ($2, $3)
        )
"""

PAGE: Final = "ORDER BY customer.shard, customer.customer_id LIMIT $6"

CUSTOMERS: Final = f"{CUSTOMER_VIEW} {LISTED} {PAGE}"
CUSTOMERS_ALERTED: Final = f"{CUSTOMER_VIEW} {LISTED} {ALERTED} {PAGE}"

# Two events of different sources may have the same time and id: a page does not end between them.
EVENTS: Final = """
    SELECT body FROM (
        SELECT occurred_at, id, source, body FROM event
        WHERE shard = $1 AND customer_id = $2 AND ($3::timestamptz IS NULL OR (occurred_at, id) < ($3, $4::text))
        ORDER BY occurred_at DESC, id DESC FETCH FIRST ($5::bigint) ROWS WITH TIES
    ) AS page
    ORDER BY occurred_at DESC, id DESC, source DESC
"""

TRANSITIONS: Final = """
    SELECT customer_id, number, decided_at, retracted_at, body FROM transition
    WHERE shard = $1 AND customer_id = $2
    ORDER BY effective_at, number
"""

TRANSITIONS_OF_MANY: Final = """
    SELECT customer_id, number, decided_at, retracted_at, body
    FROM unnest($1::smallint[], $2::text[]) AS wanted (shard, customer_id)
    JOIN transition USING (shard, customer_id)
    ORDER BY customer_id, effective_at, number
"""

STAGE_COUNTS: Final = """
    SELECT stage, type, currency, sum(heads)::bigint, sum(level) FROM heads
    GROUP BY stage, type, currency HAVING sum(heads) <> 0 ORDER BY stage, type, currency
"""

MOVE_COUNTS: Final = """
    SELECT source, target, sum(count)::bigint FROM moves
    GROUP BY source, target HAVING sum(count) <> 0 ORDER BY source, target
"""

POSITIONS: Final = f"SELECT {POSITION_COLUMNS} FROM position ORDER BY partition"

HEARD: Final = """
    SELECT source, hour, sum(events)::bigint FROM feed WHERE hour >= $1 GROUP BY source, hour ORDER BY source, hour
"""

CONFLICTS: Final = "SELECT count(*) FROM conflict WHERE shard = $1 AND customer_id = $2"


class PostgresQueries:
    """Reads over a pool of connections; `partitions` is how many the log has."""

    def __init__(self, engine: AsyncEngine, partitions: int) -> None:
        self._engine = engine
        self._partitions = partitions

    async def customer(self, customer_id: str) -> CustomerView | None:
        """One customer, or None."""
        found = await self._fetch(CUSTOMER, self._partitions, shard_of(customer_id), customer_id)
        return _view(found[0]) if found else None

    async def customers(
        self, wanted: CustomerFilter, after: CustomerCursor | None, most: int
    ) -> Sequence[CustomerView]:
        """Customers in (shard, customer_id) order after a cursor."""
        given = (self._partitions, *(after or (-1, "")), wanted.stage, wanted.type, most)
        if wanted.alert is None:
            return [_view(row) for row in await self._fetch(CUSTOMERS, *given)]
        return [_view(row) for row in await self._fetch(CUSTOMERS_ALERTED, *given, wanted.alert)]

    async def events(
        self, customer_id: str, *, before: tuple[Instant, str] | None = None, most: int | None = None
    ) -> Sequence[Event]:
        """The customer's events and actions, newest first."""
        limit = UNLIMITED if most is None else most
        found = await self._fetch(EVENTS, shard_of(customer_id), customer_id, *(before or (None, None)), limit)
        return [codec.decode_event(row[0]) for row in found]

    async def transitions(self, customer_id: str) -> Sequence[PlacedTransition]:
        """All transitions of a customer."""
        found = await self._fetch(TRANSITIONS, shard_of(customer_id), customer_id)
        return [values.placed_transition(row) for row in found]

    async def transitions_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[PlacedTransition]]:
        """All transitions of several customers."""
        if not customer_ids:
            return {}
        found = await self._fetch(TRANSITIONS_OF_MANY, *columns(key_rows(customer_ids)))
        placed = groupby(map(values.placed_transition, found), lambda one: one.customer_id)
        return {name: list(transitions) for name, transitions in placed}

    async def alerts_of(self, customer_id: str) -> Sequence[PlacedAlert]:
        """All alerts of a customer but the held."""
        found = await self._fetch(alert_lists.OF_CUSTOMER, self._partitions, shard_of(customer_id), customer_id)
        return [values.placed_alert(row) for row in found]

    async def alerts(self, wanted: AlertFilter, after: AlertCursor | None, most: int) -> Sequence[PlacedAlert]:
        """Alerts, the most urgent first."""
        given = (*alert_lists.given(wanted), *(after or (None,) * 4), most)
        return [values.placed_alert(row) for row in await self._fetch(alert_lists.BY_URGENCY, self._partitions, *given)]

    async def alerts_by_value(
        self, wanted: AlertFilter, after: AlertValueCursor | None, most: int
    ) -> Sequence[PlacedAlert]:
        """Alerts by currency, the largest value at risk first."""
        given = (*alert_lists.given(wanted), *(after or (None,) * 6), most)
        return [values.placed_alert(row) for row in await self._fetch(alert_lists.BY_VALUE, self._partitions, *given)]

    async def ranks(self, alerts: Sequence[PlacedAlert], most: int) -> Mapping[AlertId, int]:
        """The places of open alerts among all those of their currency."""
        least = alert_lists.least_of(alerts)
        if not least:
            return {}
        found = await self._fetch(alert_lists.RANKS, *columns(least), [placed.id for placed in alerts], most)
        return {AlertId(key): rank for key, rank in found}

    async def alert(self, alert_id: AlertId) -> PlacedAlert | None:
        """One alert by its id, which names its shard."""
        try:
            shard = shard_of_alert(alert_id)
        except ValueError:
            return None
        found = await self._fetch(alert_lists.ONE, self._partitions, shard, alert_id)
        return values.placed_alert(found[0]) if found else None

    async def stage_counts(self) -> Sequence[StageCount]:
        """Heads and levels by stage, type and currency."""
        return [
            StageCount(
                stage=Stage(stage), type=CustomerType(kind), currency=currency or None, heads=heads, level=int(level)
            )
            for stage, kind, currency, heads, level in await self._fetch(STAGE_COUNTS)
        ]

    async def move_counts(self) -> Sequence[MoveCount]:
        """The transition matrix in heads."""
        return [
            MoveCount(source=Stage(source), target=Stage(target), count=count)
            for source, target, count in await self._fetch(MOVE_COUNTS)
        ]

    async def positions(self) -> Sequence[Position]:
        """Every partition's committed position."""
        return [values.position(row) for row in await self._fetch(POSITIONS)]

    async def heard(self, since: int) -> Sequence[Heard]:
        """The events of every source by hour."""
        found = await self._fetch(HEARD, since)
        return [Heard(source=source, hour=hour, events=events) for source, hour, events in found]

    async def controls(self, partition: int) -> Sequence[Control]:
        """The controls that a partition has processed."""
        return [codec.decode_control(row[0]) for row in await self._fetch(CONTROLS, partition)]

    async def conflicts(self, customer_id: str) -> int:
        """How many records clashed with stored events of this customer."""
        [row] = await self._fetch(CONFLICTS, shard_of(customer_id), customer_id)
        return int(row[0])

    async def _fetch(self, statement: str, *given: object) -> list[asyncpg.Record]:
        async with connected(self._engine) as raw:
            return await raw.fetch(statement, *given)


def _view(row: asyncpg.Record) -> CustomerView:
    customer_id, state, kind, version, parked, as_of = row
    return CustomerView(
        customer_id=customer_id,
        customer=codec.decode_customer(state),
        type=CustomerType(kind),
        version=version,
        parked=parked,
        as_of=as_of,
    )

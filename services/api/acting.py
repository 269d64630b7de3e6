"""What people do with an alert: a record appended to the customer's partition, and waited for until it is processed."""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from services.api.errors import BadIdempotencyKey, BadUntil, NotProcessedYet, ReusedIdempotencyKey
from services.api.times import stamp
from shared.adapters import codec
from shared.domain.alerts import OPEN, AlertStatus, Outcome
from shared.domain.errors import ClosedAlert, LogTimeout, UnknownAlert
from shared.domain.events import OWN_SOURCE, Acknowledge, AlertAction, Event, Resolve, Snooze
from shared.domain.ids import AlertId, CustomerId, EventId, partition_of, shard_of, shard_of_alert
from shared.domain.instants import DAY, EARLIEST, Instant
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.ports.queries import PlacedAlert, Queries
from shared.web.waiting import behind

_PAGE: Final = 200
_LONGEST_KEY: Final = 200
_LONGEST_SNOOZE: Final = 366 * DAY


class Desk:
    """Where people act on alerts. The api decides nothing: the fold does, and the answer tells what came of it."""

    def __init__(self, queries: Queries, writer: LogWriter, clock: Callable[[], Instant], seconds: float) -> None:
        self._queries = queries
        self._writer = writer
        self._clock = clock
        self._seconds = seconds

    async def alert(self, alert_id: str) -> PlacedAlert:
        """An alert that people can see. Raises UnknownAlert."""
        try:
            shard_of_alert(alert_id)
        except ValueError:
            raise UnknownAlert(alert_id[:64]) from None
        placed = await self._queries.alert(AlertId(alert_id))
        if placed is None or placed.alert.status is AlertStatus.HELD:
            raise UnknownAlert(alert_id)
        return placed

    async def acknowledge(self, alert_id: str, actor: str, key: str | None) -> PlacedAlert:
        """Somebody has seen it."""
        placed = await self.alert(alert_id)
        return await self._act(placed, Acknowledge(**self._fact(placed, actor, key)), key)

    async def snooze(self, alert_id: str, actor: str, key: str | None, until: Instant) -> PlacedAlert:
        """Put it off until an instant. Raises BadUntil when that has passed, or lies too far away."""
        placed = await self.alert(alert_id)
        as_of = EARLIEST if placed.as_of is None else placed.as_of
        if not as_of < until <= as_of + _LONGEST_SNOOZE:
            raise BadUntil(
                f"until {stamp(max(until, EARLIEST))} cannot be used: it must be later than {stamp(as_of)}, the time"
                f" that the log has reached, and at most {_LONGEST_SNOOZE // DAY} days after it"
            )
        return await self._act(placed, Snooze(**self._fact(placed, actor, key), until=until), key)

    async def resolve(
        self, alert_id: str, actor: str, key: str | None, outcome: Outcome, note: str | None
    ) -> PlacedAlert:
        """Close it, and say how it went."""
        placed = await self.alert(alert_id)
        extra = None if note is None else {"note": note}
        return await self._act(placed, Resolve(**self._fact(placed, actor, key), outcome=outcome, extra=extra), key)

    def _fact(self, placed: PlacedAlert, actor: str, key: str | None) -> dict[str, Any]:
        """What all actions carry. `occurred_at` is the time that the api's answers on this customer speak of."""
        if key is not None and not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
            raise BadIdempotencyKey
        now = self._clock()
        return {
            "id": EventId(key or str(uuid4())),
            "source": OWN_SOURCE,
            "customer_id": CustomerId(placed.customer_id),
            "occurred_at": now if placed.as_of is None else placed.as_of,
            "received_at": now,
            "alert_id": placed.id,
            "actor": actor,
            "at": now,
        }

    async def _act(self, placed: PlacedAlert, action: AlertAction, key: str | None) -> PlacedAlert:
        stored = None if key is None else await self._stored(action, placed.alert.effective_at)
        if stored is not None:
            if not _same(stored, action):
                raise ReusedIdempotencyKey(action.id)
            return placed  # sent again: it has been done
        if placed.alert.status not in OPEN:
            raise ClosedAlert(placed.id, placed.alert.status)
        partition = partition_of(shard_of(placed.customer_id), self._writer.partitions)
        record = Appending(partition, placed.customer_id.encode(), codec.encode(action))
        try:
            async with asyncio.timeout(self._seconds):
                [offset] = await self._writer.append(EVENTS, [record])
        except TimeoutError as error:
            raise LogTimeout("the action was not acknowledged in time") from error
        if await behind(self._queries.positions, {partition: offset}, self._seconds):
            raise NotProcessedYet(self._seconds)
        return await self.alert(placed.id)

    async def _stored(self, action: AlertAction, since: Instant) -> Event | None:
        """The action that bears the same id already, if there is one; none is older than its alert."""
        before: tuple[Instant, str] | None = None
        while True:
            page = await self._queries.events(action.customer_id, before=before, most=_PAGE)
            for event in page:
                if event.source == OWN_SOURCE and event.id == action.id:
                    return event
            if len(page) < _PAGE or page[-1].occurred_at < since:
                return None
            before = (page[-1].occurred_at, page[-1].id)


def _same(stored: Event, action: AlertAction) -> bool:
    """Whether two actions of one id ask for the same; when they were asked for does not count."""
    match stored, action:
        case Acknowledge(), Acknowledge():
            return stored.alert_id == action.alert_id
        case Snooze(), Snooze():
            return (stored.alert_id, stored.until) == (action.alert_id, action.until)
        case Resolve(), Resolve():
            return (stored.alert_id, stored.outcome) == (action.alert_id, action.outcome)
        case _:
            return False

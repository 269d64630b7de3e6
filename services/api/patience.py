"""Questions to the store with a deadline; a store that does not answer makes a 503, is counted and logged."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final, TypeVar

from services.api.errors import StoreFailed
from shared.domain.controls import Control
from shared.domain.errors import LifestageError
from shared.domain.events import Event
from shared.domain.feeds import Heard
from shared.domain.ids import AlertId
from shared.domain.instants import Instant
from shared.ports.models import KeptModels, StoredRefit
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
    Queries,
    StageCount,
)
from shared.ports.store import Position
from shared.ports.surveys import Reports, StoredSurvey
from shared.telemetry.metrics import ApiMetrics

log: Final = logging.getLogger(__name__)
T = TypeVar("T")


class Patient:
    """Asks for an answer within a deadline, or gives none at all (`StoreFailed`)."""

    def __init__(self, metrics: ApiMetrics, seconds: float) -> None:
        self._metrics = metrics
        self._seconds = seconds

    async def _asked(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except LifestageError:
            raise
        except Exception as error:
            self._metrics.store_failed(type(error).__name__)
            log.warning("the store did not answer", extra={"error": repr(error)}, exc_info=error)
            raise StoreFailed from error


class PatientReports(Patient):
    """What reports are answered from, each answer within a deadline."""

    def __init__(self, reports: Reports, metrics: ApiMetrics, seconds: float) -> None:
        super().__init__(metrics, seconds)
        self._reports = reports

    async def newest(self) -> StoredSurvey | None:
        return await self._asked(self._reports.newest())

    async def events_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
        return await self._asked(self._reports.events_of(customer_ids))


class PatientModels(Patient):
    """What is answered of refits, each answer within a deadline."""

    def __init__(self, models: KeptModels, metrics: ApiMetrics, seconds: float) -> None:
        super().__init__(metrics, seconds)
        self._models = models

    async def newest(self, most: int, before: int | None = None) -> Sequence[StoredRefit]:
        return await self._asked(self._models.newest(most, before))

    async def of(self, version: str) -> StoredRefit | None:
        return await self._asked(self._models.of(version))


class PatientQueries(Patient):
    """The same questions, each answered within a deadline."""

    def __init__(self, queries: Queries, metrics: ApiMetrics, seconds: float) -> None:
        super().__init__(metrics, seconds)
        self._queries = queries

    async def customer(self, customer_id: str) -> CustomerView | None:
        return await self._asked(self._queries.customer(customer_id))

    async def customers(
        self, wanted: CustomerFilter, after: CustomerCursor | None, most: int
    ) -> Sequence[CustomerView]:
        return await self._asked(self._queries.customers(wanted, after, most))

    async def events(
        self, customer_id: str, *, before: tuple[Instant, str] | None = None, most: int | None = None
    ) -> Sequence[Event]:
        return await self._asked(self._queries.events(customer_id, before=before, most=most))

    async def transitions(self, customer_id: str) -> Sequence[PlacedTransition]:
        return await self._asked(self._queries.transitions(customer_id))

    async def transitions_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[PlacedTransition]]:
        return await self._asked(self._queries.transitions_of(customer_ids))

    async def alerts_of(self, customer_id: str) -> Sequence[PlacedAlert]:
        return await self._asked(self._queries.alerts_of(customer_id))

    async def alerts(self, wanted: AlertFilter, after: AlertCursor | None, most: int) -> Sequence[PlacedAlert]:
        return await self._asked(self._queries.alerts(wanted, after, most))

    async def alerts_by_value(
        self, wanted: AlertFilter, after: AlertValueCursor | None, most: int
    ) -> Sequence[PlacedAlert]:
        return await self._asked(self._queries.alerts_by_value(wanted, after, most))

    async def ranks(self, alerts: Sequence[PlacedAlert], most: int) -> Mapping[AlertId, int]:
        return await self._asked(self._queries.ranks(alerts, most))

    async def alert(self, alert_id: AlertId) -> PlacedAlert | None:
        return await self._asked(self._queries.alert(alert_id))

    async def stage_counts(self) -> Sequence[StageCount]:
        return await self._asked(self._queries.stage_counts())

    async def move_counts(self) -> Sequence[MoveCount]:
        return await self._asked(self._queries.move_counts())

    async def positions(self) -> Sequence[Position]:
        return await self._asked(self._queries.positions())

    async def controls(self, partition: int) -> Sequence[Control]:
        return await self._asked(self._queries.controls(partition))

    async def heard(self, since: int) -> Sequence[Heard]:
        return await self._asked(self._queries.heard(since))

    async def conflicts(self, customer_id: str) -> int:
        return await self._asked(self._queries.conflicts(customer_id))

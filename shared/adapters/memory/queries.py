"""What the api asks, answered from memory: committed facts only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.adapters import codec
from shared.adapters.memory.tables import Dossier, Row, Tables
from shared.domain.alerts import OPEN, SEVERITIES, AlertStatus
from shared.domain.controls import Control
from shared.domain.customer import CustomerType
from shared.domain.events import Event
from shared.domain.feeds import Heard
from shared.domain.ids import AlertId, partition_of, shard_of
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


class MemoryQueries:
    """Reads of a store in memory."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def customer(self, customer_id: str) -> CustomerView | None:
        """One customer, or None."""
        row = self._dossier(customer_id).row
        return None if row is None else self._view(customer_id, row)

    async def customers(
        self, wanted: CustomerFilter, after: CustomerCursor | None, most: int
    ) -> Sequence[CustomerView]:
        """Customers in (shard, customer_id) order after a cursor."""
        keys = sorted((shard_of(name), name) for name in self._tables.dossiers)
        dossiers = ((name, self._dossier(name)) for shard, name in keys if after is None or (shard, name) > after)
        found = ((name, each.row) for name, each in dossiers if each.row is not None and _matches(each, wanted))
        return [self._view(name, row) for (name, row), _ in zip(found, range(most), strict=False)]

    async def events(
        self, customer_id: str, *, before: tuple[Instant, str] | None = None, most: int | None = None
    ) -> Sequence[Event]:
        """The customer's events and actions, newest first."""
        events = [codec.decode_event(stored.body) for stored in self._dossier(customer_id).events.values()]
        wanted = [event for event in events if before is None or (event.occurred_at, event.id) < before]
        wanted.sort(key=lambda event: (event.occurred_at, event.id, event.source), reverse=True)
        if not wanted or not most:
            return wanted if most is None else []
        last = wanted[:most][-1]
        return [event for event in wanted if (event.occurred_at, event.id) >= (last.occurred_at, last.id)]

    async def transitions(self, customer_id: str) -> Sequence[PlacedTransition]:
        """All transitions of a customer."""
        return placed_transitions(self._dossier(customer_id))

    async def transitions_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[PlacedTransition]]:
        """All transitions of several customers."""
        placed = {name: placed_transitions(self._dossier(name)) for name in customer_ids}
        return {name: transitions for name, transitions in placed.items() if transitions}

    async def alerts_of(self, customer_id: str) -> Sequence[PlacedAlert]:
        """All alerts of a customer but the held."""
        dossier = self._dossier(customer_id)
        placed = placed_alerts(customer_id, dossier, self._as_of(customer_id, dossier.row))
        return [each for each in placed if each.alert.status is not AlertStatus.HELD]

    async def alerts(self, wanted: AlertFilter, after: AlertCursor | None, most: int) -> Sequence[PlacedAlert]:
        """Alerts, the most urgent first."""
        found = sorted(await self._alerts(wanted), key=_urgency, reverse=True)
        return [each for each in found if after is None or _urgency(each) < after][:most]

    async def alerts_by_value(
        self, wanted: AlertFilter, after: AlertValueCursor | None, most: int
    ) -> Sequence[PlacedAlert]:
        """Alerts by currency, the largest value at risk first."""
        found = sorted(await self._alerts(wanted), key=_worth, reverse=True)
        return [each for each in found if after is None or _worth(each) < after][:most]

    async def ranks(self, alerts: Sequence[PlacedAlert], most: int) -> Mapping[AlertId, int]:
        """The places of open alerts among all those of their currency."""
        wanted = {placed.id for placed in alerts}
        found = sorted(await self._alerts(AlertFilter(statuses=OPEN)), key=_worth, reverse=True)
        counted = Counter[str]()
        ranks: dict[AlertId, int] = {}
        for each in found:
            currency, _ = each.alert.evidence.at_risk
            counted[currency] += 1
            if currency and each.id in wanted and counted[currency] <= most:
                ranks[each.id] = counted[currency]
        return ranks

    async def alert(self, alert_id: AlertId) -> PlacedAlert | None:
        """One alert by its id."""
        for name, dossier in self._tables.dossiers.items():
            if alert_id in dossier.alerts:
                return next((each for each in await self.alerts_of(name) if each.id == alert_id), None)
        return None

    async def stage_counts(self) -> Sequence[StageCount]:
        """Heads and levels by stage, type and currency."""
        levels: dict[tuple[str, CustomerType, str | None], list[int]] = defaultdict(list)
        for row in self._rows():
            levels[row.stage, row.type, row.currency].append(row.level or 0)
        return [
            StageCount(stage=Stage(stage), type=kind, currency=currency, heads=len(each), level=sum(each))
            for (stage, kind, currency), each in sorted(
                levels.items(), key=lambda group: (group[0][0], group[0][1], group[0][2] or "")
            )
        ]

    async def move_counts(self) -> Sequence[MoveCount]:
        """The transition matrix in heads."""
        moves = Counter(
            (numbered.transition.source, numbered.transition.target)
            for dossier in self._tables.dossiers.values()
            for numbered in dossier.transitions.values()
            if numbered.number not in dossier.retracted and numbered.transition.line is None
        )
        return [
            MoveCount(source=source, target=target, count=count) for (source, target), count in sorted(moves.items())
        ]

    async def positions(self) -> Sequence[Position]:
        """Every partition's committed position."""
        ledgers = (ledger.position for _, ledger in sorted(self._tables.ledgers.items()))
        return [position for position in ledgers if position is not None]

    async def heard(self, since: int) -> Sequence[Heard]:
        """The events of every source by hour."""
        together = Counter[tuple[str, int]]()
        for ledger in self._tables.ledgers.values():
            together.update({key: events for key, events in ledger.heard.items() if key[1] >= since})
        return [Heard(source=source, hour=hour, events=events) for (source, hour), events in sorted(together.items())]

    async def controls(self, partition: int) -> Sequence[Control]:
        """The controls that a partition has processed."""
        return sorted(
            self._tables.ledger(partition).controls.values(), key=lambda control: (control.effective_at, control.id)
        )

    async def conflicts(self, customer_id: str) -> int:
        """How many records clashed with stored events of this customer."""
        return len(self._dossier(customer_id).conflicts)

    async def _alerts(self, wanted: AlertFilter) -> list[PlacedAlert]:
        names: Iterable[str] = self._tables.dossiers if wanted.customer_id is None else (wanted.customer_id,)
        return [each for name in names for each in await self.alerts_of(name) if _wants(wanted, each)]

    def _dossier(self, customer_id: str) -> Dossier:
        return self._tables.dossiers.get(customer_id) or Dossier()

    def _rows(self) -> Iterator[Row]:
        return (dossier.row for dossier in self._tables.dossiers.values() if dossier.row is not None)

    def _as_of(self, customer_id: str, row: Row | None) -> Instant | None:
        position = self._tables.ledger(partition_of(shard_of(customer_id), self._tables.partitions)).position
        times = (None if row is None else row.newest_at, None if position is None else position.stream_time)
        return max((at for at in times if at is not None), default=None)

    def _view(self, customer_id: str, row: Row) -> CustomerView:
        return CustomerView(
            customer_id=customer_id,
            customer=row.customer(),
            type=row.type,
            version=row.version,
            parked=row.parked,
            as_of=self._as_of(customer_id, row),
        )


def placed_transitions(dossier: Dossier) -> list[PlacedTransition]:
    """A customer's transitions by (effective_at, number)."""
    placed = [
        PlacedTransition(
            customer_id=numbered.customer_id,
            number=numbered.number,
            transition=numbered.transition,
            decided_at=numbered.decided_at,
            retracted_at=dossier.retracted.get(numbered.number),
        )
        for numbered in dossier.transitions.values()
    ]
    return sorted(placed, key=lambda each: (each.transition.effective_at, each.number))


def placed_alerts(customer_id: str, dossier: Dossier, as_of: Instant | None) -> list[PlacedAlert]:
    """A customer's alerts by (effective_at, kind)."""
    return [
        PlacedAlert(
            id=kept.id,
            customer_id=customer_id,
            alert=kept.alert,
            level=kept.level,
            currency=kept.currency,
            as_of=as_of,
        )
        for kept in dossier.sorted_alerts()
    ]


def _urgency(placed: PlacedAlert) -> AlertCursor:
    alert = placed.alert
    return (SEVERITIES.index(alert.severity), placed.level or 0, alert.effective_at, placed.id)


def _worth(placed: PlacedAlert) -> AlertValueCursor:
    return (*placed.alert.evidence.at_risk, *_urgency(placed))


def _matches(dossier: Dossier, wanted: CustomerFilter) -> bool:
    row = dossier.row
    if row is None or wanted.stage not in (None, row.stage) or wanted.type not in (None, row.type):
        return False
    open_kinds = (kept.alert.kind for kept in dossier.alerts.values() if kept.alert.status in OPEN)
    return wanted.alert is None or wanted.alert in open_kinds


def _wants(wanted: AlertFilter, placed: PlacedAlert) -> bool:
    alert = placed.alert
    return (
        alert.status in wanted.statuses
        and wanted.kind in (None, alert.kind)
        and wanted.severity in (None, alert.severity)
        and wanted.currency in (None, alert.evidence.at_risk[0])
    )

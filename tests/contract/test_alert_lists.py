"""Alerts as the api lists them: by urgency, filtered, paged, and what was written last."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from msgspec import structs

from shared.domain.alerts import OPEN, SEVERITIES, AlertKind, AlertStatus, Severity
from shared.domain.ids import alert_id
from shared.domain.instants import Instant
from shared.ports.queries import AlertCursor, AlertFilter, PlacedAlert, Queries
from shared.ports.store import Changes, Position
from tests.builders import day
from tests.contract.stores import HOME, Place, commit, names, raised, saved, state

ANNA, BO, CHEN = names(3)


@pytest.fixture
async def position(place: Place) -> Position:
    return await place.store.claim(HOME)


def urgency(placed: PlacedAlert) -> AlertCursor:
    alert = placed.alert
    return (SEVERITIES.index(alert.severity), placed.level or 0, alert.effective_at, placed.id)


async def pages(queries: Queries, most: int, after: AlertCursor | None = None, **wanted: Any) -> list[PlacedAlert]:
    found: list[PlacedAlert] = []
    filters = AlertFilter(**{"statuses": OPEN, **wanted})
    while page := await queries.alerts(filters, urgency(found[-1]) if found else after, most):
        assert len(page) <= most
        found.extend(page)
    return found


def told(placed: Sequence[PlacedAlert]) -> list[tuple[str, AlertKind]]:
    return [(each.customer_id, each.alert.kind) for each in placed]


async def test_the_most_urgent_alert_comes_first_then_the_worthier_customer_then_the_newer(
    place: Place, position: Position
) -> None:
    rows = [saved(ANNA, level=100, currency="EUR"), saved(BO, level=200, currency="EUR"), saved(CHEN)]
    times = (day(1), Instant(day(1) + 1))
    alerts = [raised(name, at, severity=severity) for name, at, severity in product((ANNA, BO, CHEN), times, Severity)]
    alerts = [structs.replace(each, alert=structs.replace(each.alert, line=f"{n}")) for n, each in enumerate(alerts)]
    await commit(place.store, position, Changes(customers=rows, alerts=alerts))

    found = await pages(place.queries, 5)

    ranked = [(SEVERITIES.index(each.alert.severity), each.customer_id, each.alert.effective_at) for each in found]
    assert ranked == [(rank, name, at) for rank in (3, 2, 1, 0) for name in (BO, ANNA, CHEN) for at in reversed(times)]
    assert await pages(place.queries, 100) == found
    assert await pages(place.queries, 7, after=urgency(found[9])) == found[10:]


async def test_paging_on_gives_each_alert_once_while_others_are_raised(place: Place, position: Position) -> None:
    many = names(20)
    early = [raised(name, day(2)) for name in many]
    position = await commit(place.store, position, Changes(alerts=early))
    first = await place.queries.alerts(AlertFilter(statuses=OPEN), None, 6)

    more = [raised(name, day(1), severity=severity) for name in many for severity in (Severity.CRITICAL, Severity.LOW)]
    more = [structs.replace(each, alert=structs.replace(each.alert, line=each.alert.severity)) for each in more]
    await commit(place.store, position, Changes(alerts=more))
    rest = await pages(place.queries, 6, after=urgency(first[-1]))

    of_before = [each for each in rest if each.alert.severity is Severity.MEDIUM]
    assert len({each.id for each in [*first, *rest]}) == len(first) + len(rest)
    assert len(first) + len(of_before) == len(many)
    assert len(rest) - len(of_before) == len(many)


async def test_alerts_are_filtered_and_the_held_are_shown_to_nobody(place: Place, position: Position) -> None:
    alerts = [
        raised(ANNA, day(1)),
        raised(ANNA, day(2), kind=AlertKind.DORMANT, status=AlertStatus.RESOLVED),
        raised(BO, day(3), severity=Severity.HIGH, status=AlertStatus.ACKNOWLEDGED),
        raised(BO, day(4), kind=AlertKind.END_INTENT, status=AlertStatus.WITHDRAWN),
        raised(CHEN, day(5), status=AlertStatus.HELD),
    ]
    await commit(place.store, position, Changes(alerts=alerts))

    async def found(**wanted: Any) -> list[tuple[str, AlertKind]]:
        return told(await pages(place.queries, 1, **wanted))

    assert await found() == [(BO, AlertKind.SILENCE), (ANNA, AlertKind.SILENCE)]
    assert await found(statuses=(AlertStatus.RESOLVED,)) == [(ANNA, AlertKind.DORMANT)]
    assert await found(statuses=tuple(AlertStatus), customer_id=BO) == [
        (BO, AlertKind.SILENCE),
        (BO, AlertKind.END_INTENT),
    ]
    assert await found(severity=Severity.HIGH) == [(BO, AlertKind.SILENCE)]
    assert await found(statuses=tuple(AlertStatus), kind=AlertKind.SILENCE) == [
        (BO, AlertKind.SILENCE),
        (ANNA, AlertKind.SILENCE),
    ]
    assert await found(statuses=(AlertStatus.HELD,)) == []
    assert await found(statuses=()) == []
    assert told(await place.queries.alerts_of(BO)) == [(BO, AlertKind.SILENCE), (BO, AlertKind.END_INTENT)]
    assert await place.queries.alerts_of(CHEN) == []
    assert await place.queries.alert(alert_id(CHEN, None, AlertKind.SILENCE, day(5))) is None


async def test_an_alert_is_found_by_its_id_as_it_was_written_last(place: Place, position: Position) -> None:
    open_alert = raised(ANNA, day(1))
    resolved = raised(ANNA, day(1), status=AlertStatus.RESOLVED, severity=Severity.HIGH, closed_at=day(3))
    customer = state(newest_at=day(2))
    rows = [saved(ANNA, customer, level=7, currency="EUR")]
    position = await commit(place.store, position, Changes(customers=rows, alerts=[open_alert]))
    rows = [saved(ANNA, customer, level=9, currency="USD")]

    await commit(place.store, position, Changes(customers=rows, alerts=[resolved]))

    key = alert_id(ANNA, None, AlertKind.SILENCE, day(1))
    assert await place.queries.alert(key) == PlacedAlert(
        id=key, customer_id=ANNA, alert=resolved.alert, level=9, currency="USD", as_of=day(2)
    )
    assert await pages(place.queries, 10) == []


async def test_the_alerts_of_a_customer_come_by_time_then_kind(place: Place, position: Position) -> None:
    alerts = [
        raised(ANNA, day(2)),
        raised(ANNA, day(1)),
        raised(ANNA, day(1), kind=AlertKind.DISSATISFACTION, status=AlertStatus.MUTED),
        raised(ANNA, day(1), kind=AlertKind.VOLUME_DROP_SHARP, status=AlertStatus.WITHDRAWN),
    ]
    await commit(place.store, position, Changes(alerts=alerts))

    found = await place.queries.alerts_of(ANNA)

    assert [each.alert for each in found] == [alerts[2].alert, alerts[1].alert, alerts[3].alert, alerts[0].alert]

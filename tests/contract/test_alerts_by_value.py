"""Alerts as the api lists and ranks them by what is at risk: currency by currency, paged, only open ones ranked."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

import pytest
from msgspec import structs

from shared.domain.alerts import OPEN, SEVERITIES, AlertStatus, Evidence, Severity
from shared.domain.ids import alert_id
from shared.domain.instants import Instant
from shared.ports.queries import AlertFilter, AlertValueCursor, PlacedAlert
from shared.ports.store import Changes, Position, RaisedAlert
from tests.builders import day
from tests.contract.stores import HOME, Place, commit, names, raised, saved

NAMES: Final = names(60)
ANNA, BO, CHEN, DORA, EVE = NAMES[:5]
MOST: Final = 1_000


@pytest.fixture
async def position(place: Place) -> Position:
    return await place.store.claim(HOME)


def risk(value: int, currency: str = "EUR") -> Evidence:
    return Evidence(currency=currency, p_no_purchase=0.5, horizon_days=90.0, value_at_risk=value)


def worth(placed: PlacedAlert) -> AlertValueCursor:
    alert = placed.alert
    urgency = (SEVERITIES.index(alert.severity), placed.level or 0, alert.effective_at, placed.id)
    return (*alert.evidence.at_risk, *urgency)


async def pages(place: Place, most: int, after: AlertValueCursor | None = None, **wanted: Any) -> list[PlacedAlert]:
    found: list[PlacedAlert] = []
    filters = AlertFilter(**{"statuses": OPEN, **wanted})
    while page := await place.queries.alerts_by_value(filters, worth(found[-1]) if found else after, most):
        assert len(page) <= most
        found.extend(page)
    return found


async def listed(place: Place, **wanted: Any) -> list[str]:
    return [each.customer_id for each in await pages(place, 2, **wanted)]


async def ranked(place: Place, most: int = MOST, **wanted: Any) -> Mapping[str, int]:
    """The ranks of everything that is listed, by customer."""
    found = await place.queries.alerts(AlertFilter(**{"statuses": tuple(AlertStatus), **wanted}), None, 500)
    customers = {each.id: each.customer_id for each in found}
    return {customers[key]: rank for key, rank in (await place.queries.ranks(found, most)).items()}


async def test_the_largest_value_at_risk_comes_first_and_equal_ones_by_urgency(
    place: Place, position: Position
) -> None:
    rows = [saved(CHEN, level=100, currency="EUR"), saved(DORA, level=200, currency="EUR")]
    alerts = [
        raised(ANNA, day(1), evidence=risk(5), severity=Severity.CRITICAL),
        raised(BO, day(1), evidence=risk(2**62)),
        raised(CHEN, day(1), evidence=risk(7)),
        raised(DORA, day(1), evidence=risk(7)),
        raised(EVE, day(1), evidence=risk(7), severity=Severity.HIGH),
        raised(EVE, Instant(day(1) + 1), evidence=risk(7), severity=Severity.HIGH),
    ]
    await commit(place.store, position, Changes(customers=rows, alerts=alerts))

    found = await pages(place, 2)

    assert [each.customer_id for each in found] == [BO, EVE, EVE, DORA, CHEN, ANNA]
    assert found[1].alert.effective_at > found[2].alert.effective_at
    assert await pages(place, 100) == found
    assert await pages(place, 3, after=worth(found[3])) == found[4:]


async def test_currencies_follow_one_another_and_unknown_values_come_last(place: Place, position: Position) -> None:
    alerts = [
        raised(ANNA, day(1), evidence=risk(1, "USD")),
        raised(BO, day(1), evidence=risk(900, "EUR")),
        raised(CHEN, day(1), severity=Severity.CRITICAL),
        raised(DORA, day(1), evidence=risk(90_000, "JPY")),
        raised(EVE, day(1), evidence=risk(0, "EUR")),
    ]
    await commit(place.store, position, Changes(alerts=alerts))

    assert await listed(place) == [ANNA, DORA, BO, EVE, CHEN]
    assert await listed(place, currency="EUR") == [BO, EVE]
    assert await listed(place, currency="CNY") == []
    assert await listed(place, severity=Severity.CRITICAL) == [CHEN]
    of_currency = await place.queries.alerts(AlertFilter(statuses=OPEN, currency="JPY"), None, 10)
    assert [each.customer_id for each in of_currency] == [DORA]


async def test_open_alerts_are_ranked_within_their_currency(place: Place, position: Position) -> None:
    alerts = [
        raised(ANNA, day(1), evidence=risk(10)),
        raised(BO, day(1), evidence=risk(30), status=AlertStatus.SNOOZED),
        raised(CHEN, day(1), evidence=risk(20)),
        raised(DORA, day(1), evidence=risk(1, "USD")),
        raised(EVE, day(1)),
        raised(NAMES[5], day(1), evidence=risk(99), status=AlertStatus.RESOLVED),
        raised(NAMES[6], day(1), evidence=risk(98), status=AlertStatus.HELD),
    ]
    await commit(place.store, position, Changes(alerts=alerts))

    assert await ranked(place) == {BO: 1, CHEN: 2, ANNA: 3, DORA: 1}
    assert await ranked(place, customer_id=ANNA) == {ANNA: 3}
    assert await ranked(place, most=2) == {BO: 1, CHEN: 2, DORA: 1}
    assert await ranked(place, customer_id=EVE) == {}


async def test_ranks_follow_what_was_written_last(place: Place, position: Position) -> None:
    alerts = [raised(ANNA, day(1), evidence=risk(10)), raised(BO, day(1), evidence=risk(30))]
    position = await commit(place.store, position, Changes(alerts=alerts))
    seen = await place.queries.alerts(AlertFilter(statuses=OPEN), None, 10)
    before = await ranked(place)

    closed = raised(BO, day(1), evidence=risk(30), status=AlertStatus.RESOLVED)
    await commit(place.store, position, Changes(alerts=[closed]))

    assert before == {BO: 1, ANNA: 2}
    assert await place.queries.ranks(seen, MOST) == {alert_id(ANNA, None, closed.alert.kind, day(1)): 1}


@pytest.mark.parametrize("most", [1, 7, 200])
async def test_every_alert_has_the_rank_of_its_place_however_it_is_paged(
    place: Place, position: Position, most: int
) -> None:
    await commit(place.store, position, Changes(alerts=made(Random(most))))

    found = await pages(place, most)
    ranks = await place.queries.ranks(found, MOST)

    assert len({each.id for each in found}) == len(found) == 3 * len(NAMES)
    assert [worth(each) for each in found] == sorted(map(worth, found), reverse=True)
    for currency in ("EUR", "USD"):
        of_currency = await pages(place, most, currency=currency)
        assert of_currency == [each for each in found if each.alert.evidence.at_risk[0] == currency]
        assert [ranks[each.id] for each in of_currency] == list(range(1, len(of_currency) + 1))


def made(random: Random) -> list[RaisedAlert]:
    """Three alerts for everybody, with many equal values, some of them unknown."""
    some = [Evidence(), *(risk(value, currency) for value in range(4) for currency in ("EUR", "USD"))]
    alerts = [
        raised(name, day(number), evidence=random.choice(some), severity=random.choice(SEVERITIES))
        for name in NAMES
        for number in (1, 2, 3)
    ]
    return [structs.replace(each, alert=structs.replace(each.alert, number=n)) for n, each in enumerate(alerts)]

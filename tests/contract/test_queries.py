"""What the api asks: one customer, lists with filters and cursors, counts. Only committed facts are told."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest
from msgspec import structs

from shared.domain.alerts import AlertKind, AlertStatus
from shared.domain.customer import CustomerType
from shared.domain.ids import AlertId, CustomerId
from shared.domain.instants import Instant
from shared.domain.policy import DEFAULT
from shared.domain.stages import Stage
from shared.ports.queries import CustomerFilter, CustomerView, MoveCount, Queries, StageCount
from shared.ports.store import Changes, Position, Retraction
from tests.builders import day, policy_from, purchase
from tests.contract.stores import HOME, Place, commit, cursor, moved, names, raised, saved, state, stored

ANNA, BO, CHEN, DORA = names(4)
EVERYBODY = CustomerFilter()
Item = TypeVar("Item")


@pytest.fixture
def queries(place: Place) -> Queries:
    return place.queries


@pytest.fixture
async def position(place: Place) -> Position:
    return await place.store.claim(HOME)


async def paged(page: Callable[[Any], Awaitable[Sequence[Item]]], after: Callable[[Item], Any]) -> list[Item]:
    """A list read page by page, from each page's last."""
    found: list[Item] = []
    while items := await page(after(found[-1]) if found else None):
        found.extend(items)
    return found


def ids(views: Sequence[CustomerView]) -> list[str]:
    return [view.customer_id for view in views]


async def listed(queries: Queries, wanted: CustomerFilter, most: int = 100) -> list[str]:
    return ids(await paged(lambda after: queries.customers(wanted, after, most), lambda view: cursor(view.customer_id)))


async def test_a_customer_that_no_event_mentions_is_unknown(queries: Queries) -> None:
    assert await queries.customer("nobody") is None
    assert await queries.events("nobody") == []
    assert await queries.transitions("nobody") == []
    assert await queries.alerts_of("nobody") == []
    assert await queries.conflicts("nobody") == 0
    assert await queries.alert(AlertId("00" + "0" * 30)) is None
    assert await queries.alert(AlertId("nonsense")) is None


async def test_a_customer_is_told_as_committed(place: Place, position: Position) -> None:
    customer = state(stage=Stage.DECLINE, after=purchase(3), cycle=2)
    row = saved(ANNA, customer, version=7, parked=True, type=CustomerType.ESTABLISHED)
    await commit(place.store, position, Changes(customers=[row]), stream_time=day(2))

    view = await place.queries.customer(ANNA)

    assert view == CustomerView(
        customer_id=ANNA, customer=customer, type=CustomerType.ESTABLISHED, version=7, parked=True, as_of=day(3)
    )


@pytest.mark.parametrize(
    ("newest", "stream", "as_of"), [(3, 2, 3), (2, 3, 3), (None, 3, 3), (2, None, 2), (None, None, None)]
)
async def test_as_of_is_the_later_of_stream_time_and_newest_event(
    place: Place, position: Position, newest: int | None, stream: int | None, as_of: int | None
) -> None:
    customer = state(newest_at=None if newest is None else day(newest))
    changes = Changes(customers=[saved(ANNA, customer)], alerts=[raised(ANNA, day(1))])
    await commit(place.store, position, changes, stream_time=None if stream is None else day(stream))
    elsewhere = await place.store.claim(HOME + 1)
    await commit(place.store, elsewhere, stream_time=day(50))

    view = await place.queries.customer(ANNA)
    [alert] = await place.queries.alerts_of(ANNA)

    assert view is not None
    assert view.as_of == alert.as_of == (None if as_of is None else day(as_of))


async def test_customers_are_listed_each_once_also_while_others_are_added(place: Place, position: Position) -> None:
    everybody = names(30)
    early, late = everybody[::2], everybody[1::2]
    position = await commit(place.store, position, Changes(customers=[saved(name) for name in early]))
    first = await place.queries.customers(EVERYBODY, None, 7)

    await commit(place.store, position, Changes(customers=[saved(name) for name in late]))
    rest = await paged(
        lambda after: place.queries.customers(EVERYBODY, after or cursor(first[-1].customer_id), 7),
        lambda view: cursor(view.customer_id),
    )

    last = first[-1].customer_id
    assert ids(first) == early[:7]
    assert ids(rest) == [name for name in everybody if cursor(name) > cursor(last)]


async def test_customers_of_several_partitions_are_listed_in_the_order_of_shards(place: Place) -> None:
    everybody: list[CustomerId] = []
    for partition in (3, 0, 2):
        some = names(5, partition)
        await commit(place.store, await place.store.claim(partition), Changes(customers=[saved(name) for name in some]))
        everybody += some

    assert await listed(place.queries, EVERYBODY, 4) == sorted(everybody, key=cursor)


async def test_customers_are_filtered_by_stage_type_and_open_alert(place: Place, position: Position) -> None:
    falling = state(stage=Stage.DECLINE)
    rows = [saved(ANNA, falling), saved(BO, falling, type=CustomerType.ESTABLISHED), saved(CHEN)]
    alerts = [
        raised(ANNA, day(1), status=AlertStatus.SNOOZED),
        raised(ANNA, day(2)),
        raised(BO, day(1), status=AlertStatus.RESOLVED),
        raised(BO, day(1), kind=AlertKind.END_INTENT),
        raised(CHEN, day(1), status=AlertStatus.HELD),
    ]
    await commit(place.store, position, Changes(customers=rows, alerts=alerts))

    async def found(**wanted: Any) -> list[str]:
        return await listed(place.queries, CustomerFilter(**wanted), 1)

    assert await found(stage=Stage.DECLINE) == [ANNA, BO]
    assert await found(stage=Stage.DECLINE, type=CustomerType.ESTABLISHED) == [BO]
    assert await found(type=CustomerType.NEW) == [ANNA, CHEN]
    assert await found(alert=AlertKind.SILENCE) == [ANNA]
    assert await found(alert=AlertKind.END_INTENT, stage=Stage.DECLINE) == [BO]
    assert await found(alert=AlertKind.END_INTENT, type=CustomerType.NEW) == []


async def test_events_come_newest_first_and_each_once_page_by_page(place: Place, position: Position) -> None:
    events = [purchase(number // 3, customer=ANNA, id=f"{number:02}") for number in range(10)]
    await commit(place.store, position, events=[stored(each, place) for place, each in enumerate(events)])

    pages = await paged(
        lambda before: place.queries.events(ANNA, before=before, most=4), lambda event: (event.occurred_at, event.id)
    )

    assert pages == await place.queries.events(ANNA) == events[::-1]
    assert len(await place.queries.events(ANNA, most=4)) == 4
    assert await place.queries.events(ANNA, before=(Instant(day(1) + 1), "")) == events[5::-1]
    assert await place.queries.events(ANNA, most=0) == []


async def test_a_page_of_events_does_not_end_between_two_sources_that_share_time_and_id(
    place: Place, position: Position
) -> None:
    events = [purchase(1, customer=ANNA, id="7", source=source) for source in ("shop", "web", "till")]
    events.append(purchase(1, customer=ANNA, id="6"))
    await commit(place.store, position, events=[stored(each, place) for place, each in enumerate(events)])

    first = await place.queries.events(ANNA, most=2)
    second = await place.queries.events(ANNA, before=(first[-1].occurred_at, first[-1].id), most=2)

    assert [event.source for event in first] == ["web", "till", "shop"]
    assert second == [events[3]]


async def test_transitions_come_by_time_then_number_with_what_was_taken_back(place: Place, position: Position) -> None:
    transitions = [moved(ANNA, 1, day(5)), moved(ANNA, 2, day(1)), moved(ANNA, 3, day(1)), moved(BO, 1, day(1))]
    gone = [Retraction(customer_id=ANNA, number=2, retracted_at=day(6))]
    await commit(place.store, position, Changes(transitions=transitions, retractions=gone))

    placed = await place.queries.transitions(ANNA)
    together = await place.queries.transitions_of([BO, ANNA, "nobody"])

    assert [(each.number, each.retracted_at) for each in placed] == [(2, day(6)), (3, None), (1, None)]
    assert {name: list(each) for name, each in together.items()} == {
        ANNA: list(placed),
        BO: list(await place.queries.transitions(BO)),
    }
    assert await place.queries.transitions_of([]) == {}
    assert placed[1].transition == transitions[2].transition
    assert (placed[1].customer_id, placed[1].decided_at) == (ANNA, transitions[2].decided_at)


async def test_counts_tell_heads_levels_and_moves(place: Place, position: Position) -> None:
    falling = state(stage=Stage.DECLINE)
    rows = [
        saved(ANNA, falling, level=100, currency="EUR"),
        saved(BO, falling, level=2**40, currency="EUR"),
        saved(CHEN, falling, level=5, currency="JPY"),
        saved(DORA),
    ]
    target, trial = Stage.TARGET, Stage.EXPLORATION
    transitions = [
        moved(ANNA, 1, day(1)),
        moved(BO, 1, day(1)),
        moved(ANNA, 2, day(2), trial, Stage.DECLINE),
        moved(BO, 2, day(2), trial, Stage.FORMATION),
    ]
    gone = [Retraction(customer_id=BO, number=2, retracted_at=day(6))]
    await commit(place.store, position, Changes(customers=rows, transitions=transitions, retractions=gone))

    new = CustomerType.NEW
    assert await place.queries.stage_counts() == [
        StageCount(stage=Stage.DECLINE, type=new, heads=2, currency="EUR", level=2**40 + 100),
        StageCount(stage=Stage.DECLINE, type=new, heads=1, currency="JPY", level=5),
        StageCount(stage=trial, type=new, heads=1, currency=None, level=0),
    ]
    assert await place.queries.move_counts() == [
        MoveCount(source=trial, target=Stage.DECLINE, count=1),
        MoveCount(source=target, target=trial, count=2),
    ]


async def test_positions_and_controls_are_told_by_partition(place: Place, position: Position) -> None:
    control = policy_from(1, DEFAULT)
    other = await place.store.claim(0)
    position = await commit(place.store, position, Changes(controls=[control]), next_offset=5)

    assert await place.queries.positions() == [other, position]
    assert await place.queries.controls(HOME) == [control]
    assert await place.queries.controls(0) == []


async def test_conflicts_are_counted_once_each(place: Place, position: Position) -> None:
    clash = stored(purchase(1, customer=ANNA), 4)
    again = structs.replace(clash, offset=9)
    position = await commit(place.store, position, Changes(conflicts=[clash, again]), next_offset=10)
    await commit(place.store, position, Changes(conflicts=[clash]))

    assert await place.queries.conflicts(ANNA) == 2
    assert await place.queries.conflicts(BO) == 0

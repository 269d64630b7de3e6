"""What folding again and passing of time need: histories with and without snapshots, due timers, the walk."""

import pytest
from msgspec import structs

from shared.domain.alerts import AlertStatus
from shared.domain.customer import Customer
from shared.domain.events import Event, order_key
from shared.domain.instants import LATEST, Instant
from shared.domain.stages import Stage
from shared.ports.store import Changes, History, Parked, Position, Retraction, Snapshot, Store
from tests.builders import acknowledged, complaint, day, purchase
from tests.contract.stores import HOME, Place, commit, cursor, moved, names, raised, saved, state, stored

ANNA, BO, CHEN, DORA, EMIL = names(5)


@pytest.fixture
def store(place: Place) -> Store:
    return place.store


@pytest.fixture
async def position(store: Store) -> Position:
    return await store.claim(HOME)


def snapshot(name: str, after: Event, inputs: int) -> Snapshot:
    return Snapshot(customer_id=name, customer=state(after=after, inputs=inputs))


async def history(store: Store, before: Instant | None, name: str = ANNA) -> History:
    async with store.begin(HOME) as unit:
        return (await unit.histories({name: before}))[name]


def shown(events: list[Event]) -> list[Event]:
    return sorted(events, key=order_key)


async def test_a_whole_history_has_every_event_and_the_decisions_that_stand(store: Store, position: Position) -> None:
    events: list[Event] = [purchase(3, customer=ANNA), purchase(1, customer=ANNA), purchase(2, customer=BO)]
    alert = raised(ANNA, day(2))
    action = acknowledged(4, alert.alert, customer=ANNA)
    withdrawn = raised(ANNA, day(3), status=AlertStatus.WITHDRAWN)
    changes = Changes(
        customers=[saved(ANNA)],
        transitions=[moved(ANNA, 1, day(3)), moved(ANNA, 2, day(1)), moved(ANNA, 3, day(1)), moved(ANNA, 4, day(2))],
        retractions=[Retraction(customer_id=ANNA, number=4, retracted_at=day(5))],
        alerts=[alert, withdrawn, raised(ANNA, day(4), status=AlertStatus.HELD), raised(BO, day(1))],
    )
    await commit(store, position, changes, [stored(each, place) for place, each in enumerate([*events, action])])

    found = await history(store, None)

    assert found.checkpoint is None
    assert shown(found.events) == [events[1], events[0], action]
    assert [each.number for each in found.transitions] == [2, 3, 1]
    assert found.transitions[0] == moved(ANNA, 2, day(1))
    assert sorted(each.effective_at for each in found.alerts) == [day(2), day(4)]


async def test_a_customer_of_whom_nothing_is_stored_has_an_empty_history(store: Store) -> None:
    assert await history(store, day(1)) == History(checkpoint=None, events=[], transitions=[], alerts=[])


async def test_a_history_begins_after_the_newest_snapshot_strictly_before_the_late_event(
    store: Store, position: Position
) -> None:
    events = [purchase(number, customer=ANNA) for number in (1, 2, 3, 4)]
    snapshots = [snapshot(ANNA, event, inputs) for inputs, event in enumerate(events, 1)]
    changes = Changes(customers=[saved(ANNA)], snapshots=snapshots)
    await commit(store, position, changes, [stored(each, place) for place, each in enumerate(events)])

    at_once, later = await history(store, day(3)), await history(store, Instant(day(3) + 1))
    too_early, whole = await history(store, day(1)), await history(store, None)

    assert (at_once.checkpoint, shown(at_once.events)) == (snapshots[1].customer, events[2:])
    assert (later.checkpoint, later.events) == (snapshots[2].customer, events[3:])
    assert (too_early.checkpoint, shown(too_early.events)) == (None, events)
    assert (whole.checkpoint, shown(whole.events)) == (None, events)


async def test_inputs_at_the_instant_of_the_snapshot_come_after_it_if_their_place_does(
    store: Store, position: Position
) -> None:
    before, at, after = (purchase(2, customer=ANNA, id=name) for name in "abc")
    effect = complaint(2, customer=ANNA, id="0")
    changes = Changes(customers=[saved(ANNA)], snapshots=[snapshot(ANNA, at, 2)])
    inputs: list[Event] = [before, at, after, effect]
    await commit(store, position, changes, [stored(each, place) for place, each in enumerate(inputs)])

    assert shown((await history(store, day(3))).events) == [after, effect]


async def test_stale_snapshots_are_removed_and_the_valid_ones_stay(store: Store, position: Position) -> None:
    events = [purchase(number, customer=ANNA) for number in (1, 2, 3)]
    snapshots = [snapshot(ANNA, event, inputs) for inputs, event in enumerate(events, 1)]
    others = [snapshot(BO, purchase(3, customer=BO), 3)]
    position = await commit(store, position, Changes(snapshots=[*snapshots, *others]))
    renewed = Snapshot(customer_id=ANNA, customer=state(stage=Stage.DECLINE, after=events[1], inputs=3))

    await commit(store, position, Changes(stale_snapshots={ANNA: 1}, snapshots=[renewed]))

    assert (await history(store, LATEST)).checkpoint == renewed.customer
    assert (await history(store, day(2))).checkpoint == snapshots[0].customer
    assert (await history(store, LATEST, BO)).checkpoint == others[0].customer


async def test_a_snapshot_after_as_many_inputs_takes_the_place_of_the_old_one(store: Store, position: Position) -> None:
    first, second, third = (
        Snapshot(customer_id=ANNA, customer=state(after=purchase(1), inputs=4, cycle=cycle)) for cycle in (1, 2, 3)
    )
    position = await commit(store, position, Changes(snapshots=[first]))
    await commit(store, position, Changes(snapshots=[second, third]))

    assert (await history(store, LATEST)).checkpoint == third.customer


async def test_timers_come_due_in_the_order_of_time_then_customer(store: Store, position: Position) -> None:
    timers: dict[str, Instant | None] = {
        CHEN: day(2),
        ANNA: day(2),
        BO: day(1),
        DORA: Instant(day(2) + 1),
        EMIL: LATEST,
    }
    await commit(store, position, Changes(timers=timers))
    elsewhere = await store.claim(HOME + 1)
    await commit(store, elsewhere, Changes(timers={names(1, HOME + 1)[0]: day(1)}))

    async with store.begin(HOME) as unit:
        upto = [(day(1), BO), *sorted([(day(2), ANNA), (day(2), CHEN)])]
        assert await unit.due(day(2), 10) == upto
        assert await unit.due(day(2), 2) == upto[:2]
        assert await unit.due(Instant(day(1) - 1), 10) == []
        assert [name for _, name in await unit.due(LATEST, 10)][3:] == [DORA, EMIL]


async def test_timers_are_set_moved_and_removed(store: Store, position: Position) -> None:
    position = await commit(store, position, Changes(timers={ANNA: day(1), BO: day(2), CHEN: day(3)}))

    await commit(store, position, Changes(timers={ANNA: day(4), BO: None, DORA: day(2), EMIL: None}))

    async with store.begin(HOME) as unit:
        assert await unit.due(LATEST, 10) == [(day(2), DORA), (day(3), CHEN), (day(4), ANNA)]


async def test_the_walk_meets_every_customer_of_the_partition_once_in_order(store: Store, position: Position) -> None:
    here = names(25)
    await commit(store, position, Changes(customers=[saved(name, Customer(cycle=3)) for name in reversed(here)]))
    await commit(store, await store.claim(HOME + 1), Changes(customers=[saved(names(1, HOME + 1)[0])]))

    met: list[str] = []
    shard, customer_id = 0, ""
    async with store.begin(HOME) as unit:
        while chunk := await unit.walk(shard, customer_id, 7):
            assert len(chunk) <= 7
            met.extend(known.customer_id for known in chunk)
            shard, customer_id = cursor(met[-1])

    assert met == here
    assert chunk == []


async def test_the_walk_gives_whole_rows(store: Store, position: Position) -> None:
    row = saved(ANNA, state(stage=Stage.DECLINE), version=5, armed_at=day(3), parked=True)
    await commit(store, position, Changes(customers=[row], timers={ANNA: day(3)}))

    async with store.begin(HOME) as unit:
        assert await unit.walk(0, "", 10) == [row.known]
        assert await unit.walk(255, "", 10) == []


async def test_parked_customers_are_listed_until_they_are_tried_again(place: Place, position: Position) -> None:
    parked = [Parked(customer_id=name, error="no \x00", parked_at=day(1), event_id="7") for name in (ANNA, BO)]
    rows = [saved(name, parked=True) for name in (ANNA, BO)]
    position = await commit(place.store, position, Changes(customers=rows, parked=[*parked, parked[0]]))
    listed = await place.workbench.parked(None, 10)

    await commit(place.store, position, Changes(customers=[saved(ANNA)], unparked=[ANNA, ANNA]))

    assert [each.customer_id for each in listed] == [ANNA, BO]
    assert structs.replace(listed[0], error="") == structs.replace(parked[0], error="")
    assert [each.customer_id for each in await place.workbench.parked(None, 10)] == [BO]
    assert await place.workbench.parked(cursor(BO), 10) == []

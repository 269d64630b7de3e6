"""What a store is given comes back as it was: events once and to the byte, rows, decisions, controls, dead letters."""

from collections.abc import Sequence

import pytest
from msgspec import structs

from shared.adapters import codec
from shared.domain.policy import DEFAULT
from shared.domain.stages import Stage
from shared.ports.store import Changes, Clash, DeadLetter, Position, Retraction, Store
from tests.builders import day, policy_from, purchase
from tests.contract.stores import (
    HOME,
    Place,
    based,
    commit,
    message,
    moved,
    names,
    raised,
    saved,
    state,
    stored,
)

ANNA, BO, CHEN = names(3)


@pytest.fixture
def store(place: Place) -> Store:
    return place.store


def onward(position: Position, next_offset: int = 1) -> Position:
    return structs.replace(position, version=position.version + 1, next_offset=next_offset)


async def test_an_event_is_stored_once_and_its_first_payload_is_kept(place: Place) -> None:
    first, again, other = (
        stored(purchase(1, amount, customer=ANNA), offset) for offset, amount in enumerate((1, 1, 2))
    )
    new = stored(purchase(2, customer=ANNA), 3)
    position = await commit(place.store, await place.store.claim(HOME), events=[first])

    async with place.store.begin(HOME) as unit:
        repeated = await unit.add_events([again])
        clashes = await unit.add_events([other, new])
        await unit.advance(position, onward(position, 4))

    key = (ANNA, "shop", first.event.id)
    assert repeated == {key: Clash(stored=again, kept=first.body)}
    assert clashes == {key: Clash(stored=other, kept=first.body)}
    assert await place.queries.events(ANNA) == [new.event, first.event]


async def test_the_same_id_from_another_source_or_of_another_customer_is_another_event(place: Place) -> None:
    events = [
        stored(purchase(1, customer=name, source=source), offset)
        for offset, (name, source) in enumerate([(ANNA, "shop"), (ANNA, "web"), (BO, "shop")])
    ]

    async with place.store.begin(HOME) as unit:
        assert await unit.add_events(events) == {}

    assert [len(await place.queries.events(name)) for name in (ANNA, BO)] == [2, 1]


async def test_a_body_comes_back_byte_for_byte(place: Place) -> None:
    event = purchase(1, customer=ANNA, id="é\\u0000", extra={"note": 'tab\t "quoted" \U0001f600'})
    odd = structs.replace(stored(event), body=codec.encode(event).replace(b'{"type"', b'{ "type"'))
    await commit(place.store, await place.store.claim(HOME), events=[odd])

    async with place.store.begin(HOME) as unit:
        [clash] = (await unit.add_events([stored(event, 1)])).values()

    assert clash.kept == odd.body


async def test_a_row_comes_back_as_it_was_saved(store: Store) -> None:
    event = purchase(3, customer=ANNA)
    customer = state(stage=Stage.DECLINE, after=event, log_sum=0.1 + 0.2, receivables={"EUR": 5}, closed={"silence": 7})
    full = saved(
        ANNA, customer, base=based(state(after=event), 3, 4), version=2**40, numbered=4, armed_at=day(9), parked=True
    )
    position = await commit(
        store, await store.claim(HOME), Changes(customers=[full, saved(BO)], timers={ANNA: day(9), BO: None})
    )
    async with store.begin(HOME) as unit:
        first = await unit.load([BO, ANNA, CHEN])

    await commit(store, position, Changes(customers=[saved(ANNA, version=7)], timers={ANNA: None, BO: day(8)}))
    async with store.begin(HOME) as unit:
        second = await unit.load([ANNA, BO])

    assert first == {ANNA: full.known, BO: saved(BO).known}
    assert codec.encode_customer(first[ANNA].customer) == codec.encode_customer(customer)
    assert second == {ANNA: saved(ANNA, version=7).known, BO: saved(BO, armed_at=day(8)).known}


async def test_what_was_loaded_can_be_changed_without_changing_what_is_stored(store: Store) -> None:
    await commit(store, await store.claim(HOME), Changes(customers=[saved(ANNA)]))

    async with store.begin(HOME) as unit:
        known = (await unit.load([ANNA]))[ANNA]
        known.version, known.customer.receivables["EUR"] = 99, 99

    async with store.begin(HOME) as unit:
        assert await unit.load([ANNA]) == {ANNA: saved(ANNA).known}


async def test_a_retraction_marks_a_transition_and_leaves_it_there(place: Place) -> None:
    first, second = moved(ANNA, 1, day(1)), moved(ANNA, 2, day(2))
    position = await commit(place.store, await place.store.claim(HOME), Changes(transitions=[first]))
    gone = [Retraction(customer_id=ANNA, number=number, retracted_at=day(5)) for number in (1, 2)]

    await commit(place.store, position, Changes(transitions=[second], retractions=gone))

    placed = await place.queries.transitions(ANNA)
    assert [(each.number, each.retracted_at, each.decided_at) for each in placed] == [
        (1, day(5), first.decided_at),
        (2, day(5), second.decided_at),
    ]
    assert [each.transition for each in placed] == [first.transition, second.transition]


async def test_controls_are_kept_once_in_the_order_of_their_effect(store: Store) -> None:
    late, early = policy_from(9, DEFAULT), policy_from(3, DEFAULT)
    position = await commit(store, await store.claim(HOME), Changes(controls=[late]))
    position = await commit(store, position, Changes(controls=[early, structs.replace(late, effective_at=day(1))]))

    assert await store.controls(HOME) == [early, late]
    assert await store.controls(HOME + 1) == []


async def test_a_dead_letter_is_kept_once_and_whole(place: Place) -> None:
    position = await place.store.claim(HOME)
    letter = DeadLetter(
        partition=HOME, offset=5, key=None, value=b"\x00\xff", reason="NUL \x00, half \ud800", appended_at=day(1)
    )
    await commit(place.store, position, Changes(dead_letters=[letter]), next_offset=6)
    await place.workbench.mark_retried([(HOME, 5)])

    await commit(place.store, onward(position, 6), Changes(dead_letters=[letter]))

    assert await place.workbench.dead_letters(None, 10) == []


async def test_a_batch_of_thousands_is_kept_as_a_small_one_is(place: Place) -> None:
    everybody = names(1_500)
    events = [stored(purchase(1, customer=name), offset) for offset, name in enumerate(everybody)]
    again = [structs.replace(each, offset=each.offset + 5_000) for each in events[::3]]
    new = [stored(purchase(2, customer=name), 2_000 + offset) for offset, name in enumerate(everybody)]
    position = await commit(place.store, await place.store.claim(HOME), write_all(everybody, 1), events)

    async with place.store.begin(HOME) as unit:
        clashes = await unit.add_events([*again, *new])
        await unit.advance(position, onward(position, 9_000))
        await unit.save(write_all(everybody, 2))
    async with place.store.begin(HOME) as unit:
        known = await unit.load(everybody)
        due = await unit.due(day(2), 5_000)

    assert clashes.keys() == {(each.event.customer_id, "shop", each.event.id) for each in again}
    assert [known[name] for name in everybody] == [saved(name, version=2, armed_at=day(2)).known for name in everybody]
    assert due == [(day(2), name) for name in sorted(everybody)]
    assert [each.number for each in await place.audit.outbox(HOME)] == list(range(1, 3_001))
    last = everybody[-1]
    assert [each.level for each in await place.queries.alerts_of(last)] == [1, 2]
    assert [each.number for each in await place.queries.transitions(last)] == [1, 2]
    assert await place.queries.events(last) == [new[-1].event, events[-1].event]


def write_all(customers: Sequence[str], number: int) -> Changes:
    """Something of everything for each of many customers."""
    first = (number - 1) * len(customers) + 1
    return Changes(
        customers=[saved(name, version=number, level=number, armed_at=day(number)) for name in customers],
        timers={name: day(number) for name in customers},
        transitions=[moved(name, number, day(number)) for name in customers],
        alerts=[raised(name, day(number)) for name in customers],
        messages=[message(first + place, name) for place, name in enumerate(customers)],
    )

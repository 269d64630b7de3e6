"""The scorer's transactions over every store: once, in the open, in chunks, and one bad customer stops no other."""

from collections.abc import Iterable, Sequence

import pytest
from msgspec import json

from services.scorer import batch, score
from services.scorer.batch import Scored
from shared.adapters.codec import Entry
from shared.domain.alerts import AlertStatus
from shared.domain.controls import Governance, Retry
from shared.domain.customer import Customer
from shared.domain.errors import Fenced
from shared.domain.events import Event
from shared.domain.ids import CustomerId
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import Outcome, step
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC, Record
from tests import scoring
from tests.builders import day, inquiry, policy_from, purchase, purchases
from tests.contract.stores import HOME, PARTITIONS, Place, names

ANNA, BO, CHEN = names(3)
CROWD = names(12, prefix="crowd-")


class Log:
    """A partition's log that grows, scored as far as it goes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.records: list[Record] = []

    async def said(self, *entries: Entry | bytes, sizes: Sequence[int] = (1_000,)) -> list[Scored]:
        """Append entries and score them."""
        self.records += scoring.records_of(entries, HOME, len(self.records))
        return await scoring.run(self.place.store, self.records, sizes, partition=HOME, partitions=PARTITIONS)

    async def told(self) -> dict[str, scoring.Told]:
        """Everything that was ever said of everybody."""
        return await scoring.told(self.place.audit)

    async def stages(self) -> dict[str, Stage]:
        """Where everybody stands."""
        return {name: scoring.state_of(one).stage for name, one in (await self.told()).items()}

    async def messages(self, topic: str, after: int = 0) -> list[dict[str, object]]:
        """What one topic is told after a number, decoded."""
        outbox = await scoring.outbox(self.place.audit, HOME)
        return [
            json.decode(message.payload, type=dict[str, object])
            for message in outbox
            if message.topic == topic and message.number > after
        ]


@pytest.fixture
def log(place: Place) -> Log:
    return Log(place)


async def test_an_event_seen_again_has_no_effect_whether_in_the_same_batch_or_later(log: Log) -> None:
    bought = purchase(0, customer=ANNA)

    first = await log.said(bought, bought)
    later = await log.said(bought)

    assert [(one.events, one.repeated, one.conflicts) for one in (*first, *later)] == [(1, 1, 0), (0, 1, 0)]
    assert scoring.state_of((await log.told())[ANNA]).inputs == 1


async def test_of_two_events_under_one_name_the_first_wins_and_the_other_is_kept(log: Log) -> None:
    first, other = purchase(0, 100, customer=ANNA), purchase(0, 999, customer=ANNA)

    together = await log.said(first, other)
    later = await log.said(other)

    assert [one.conflicts for one in (*together, *later)] == [1, 1]
    assert [one.amount for one in scoring.state_of((await log.told())[ANNA]).occasions] == [100]


async def test_the_same_name_of_another_customer_or_source_is_another_event(log: Log) -> None:
    same = [purchase(0, customer=ANNA), purchase(0, customer=BO), purchase(0, customer=ANNA, source="crm")]

    (scored,) = await log.said(*same)

    assert (scored.events, scored.repeated) == (3, 0)


async def test_every_record_that_cannot_be_read_is_a_dead_letter_and_its_neighbours_go_through(log: Log) -> None:
    elsewhere = names(1, partition=HOME + 1)[0]

    scored = await log.said(
        b"\xff",
        purchase(0, customer=ANNA),
        b"{}",
        purchase(0, customer=elsewhere),
        purchase(10, customer=ANNA),
        b"[",
        sizes=(2,),
    )

    letters = await log.place.workbench.dead_letters(None, 10)
    assert [letter.offset for letter in letters] == [0, 2, 3, 5]
    assert sum(one.dead_letters for one in scored) == 4
    assert (await log.stages()) == {ANNA: Stage.EXPLORATION}


async def test_a_late_purchase_takes_back_the_decline_it_disproves_with_one_correction_on_each_topic(log: Log) -> None:
    await log.said(*purchases(0, 10, 20, 30, customer=ANNA), scoring.tick(day(120)))
    before = len(await scoring.outbox(log.place.audit, HOME))

    await log.said(purchase(100, customer=ANNA))

    said = (await log.told())[ANNA]
    assert scoring.state_of(said).stage is Stage.FORMATION
    assert [(number, one.target, at is not None) for number, one, _, at in said.transitions] == [
        (1, Stage.EXPLORATION, False),
        (2, Stage.FORMATION, False),
        (3, Stage.DECLINE, True),
    ]
    assert [alert.status for alert in said.alerts] == [AlertStatus.WITHDRAWN]
    corrections = await log.messages(TRANSITIONS_TOPIC, before)
    withdrawals = await log.messages(ALERTS_TOPIC, before)
    assert [(one["number"], one["retracted"]) for one in corrections] == [(3, True)]
    assert [one["status"] for one in withdrawals] == ["withdrawn"]


async def test_many_timers_due_at_one_tick_are_fired_in_chunks_each_once_and_in_order(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 5)
    await log.said(*(purchase(place % 3, customer=name) for place, name in enumerate(CROWD)))

    scored = await log.said(scoring.tick(day(185)))

    assert len(scored) > 2
    assert await log.stages() == dict.fromkeys(CROWD, Stage.DECLINE)
    declines = [one for one in await log.messages(TRANSITIONS_TOPIC) if one["target"] == "decline"]
    assert len(declines) == len(CROWD)
    assert [(one["effective_at"], one["customer_id"]) for one in declines] == sorted(
        (one["effective_at"], one["customer_id"]) for one in declines
    )
    assert scored[-1].position.stream_time == day(185)


async def test_a_tick_that_comes_too_late_fires_nothing_and_turns_no_time_back(log: Log) -> None:
    await log.said(purchase(0, customer=ANNA), scoring.tick(day(100)))

    (scored,) = await log.said(scoring.tick(day(50)))

    assert scored.position.stream_time == day(100)
    assert await log.stages() == {ANNA: Stage.EXPLORATION}


async def test_nothing_fires_while_no_tick_comes_however_far_other_customers_have_got(log: Log) -> None:
    await log.said(purchase(0, customer=ANNA), purchase(1_000, customer=BO))

    assert await log.stages() == {ANNA: Stage.EXPLORATION, BO: Stage.EXPLORATION}


async def test_a_purchase_before_the_tick_that_would_have_fired_prevents_the_decline(log: Log) -> None:
    await log.said(purchase(0, customer=ANNA), purchase(100, customer=ANNA), scoring.tick(day(185)))

    assert [one.target for _, one, *_ in (await log.told())[ANNA].transitions] == [Stage.EXPLORATION]


async def test_a_policy_reaches_every_customer_in_chunks_at_its_own_time(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 5)
    strict = policy_from(100, Policy(version=2, long_gap_sigmas=0.1))
    await log.said(*(purchase(0, customer=name) for name in CROWD), strict)

    await log.said(scoring.tick(day(99)))
    before = await log.stages()
    scored = await log.said(scoring.tick(day(101)))

    moved = [one for said in (await log.told()).values() for _, one, *_ in said.transitions if one.target == "decline"]
    assert before == dict.fromkeys(CROWD, Stage.EXPLORATION)
    assert {(one.effective_at, one.cause, one.reason.policy) for one in moved} == {(day(100), "policy", 2)}
    assert len(moved) == len(CROWD)
    assert (scored[-1].position.stream_time, scored[-1].position.walk) == (day(101), None)


async def test_a_policy_that_arrives_late_changes_what_was_decided_since(log: Log) -> None:
    await log.said(*purchases(0, 10, customer=ANNA), scoring.tick(day(50)))

    await log.said(policy_from(5, Policy(version=2, formation_occasions=2)))

    assert [(one.target, one.effective_at) for _, one, *_ in (await log.told())[ANNA].transitions] == [
        (Stage.EXPLORATION, day(0)),
        (Stage.FORMATION, day(10)),
    ]


async def test_a_control_repeated_is_taken_in_once(log: Log) -> None:
    strict = policy_from(100, Policy(version=2))

    await log.said(strict, purchase(0, customer=ANNA), strict, scoring.tick(day(150)), strict)

    controls = await log.place.store.controls(HOME)
    assert list(controls) == [strict]
    assert scoring.state_of((await log.told())[ANNA]).controls == 1


def failing_for(monkeypatch: pytest.MonkeyPatch, name: CustomerId) -> None:
    """A program whose fold raises for one customer."""

    def failing(
        customer_id: str, customer: Customer, event: Event, governance: Governance, stream_time: Instant | None
    ) -> Outcome:
        if customer_id == name:
            raise ZeroDivisionError("a customer like no other")
        return step(customer_id, customer, event, governance, stream_time)

    monkeypatch.setattr(score, "step", failing)
    monkeypatch.setattr(score, "fold", failing)


def bought(who: Iterable[CustomerId], *days: float) -> list[Entry]:
    """Everybody bought on these days."""
    return [purchase(one, customer=name) for one in days for name in who]


async def test_a_customer_whose_fold_raises_is_parked_and_the_neighbours_go_on(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_for(monkeypatch, BO)

    scored = await log.said(*bought([ANNA, BO, CHEN], 0, 10, 20), scoring.tick(day(300)), sizes=(4,))

    assert await log.stages() == {ANNA: Stage.DORMANT, BO: Stage.TARGET, CHEN: Stage.DORMANT}
    assert sum(one.tally.parked for one in scored) == 1
    (parked,) = await log.place.workbench.parked(None, 10)
    assert (parked.customer_id, parked.error) == (BO, "ZeroDivisionError: a customer like no other")


async def test_a_parked_customer_is_folded_from_everything_that_came_when_it_is_retried(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        failing_for(broken, BO)
        await log.said(*bought([ANNA, BO], 0, 10), inquiry(15, customer=BO))

    await log.said(Retry(customer_id=BO), *bought([BO], 20), scoring.tick(day(21)))

    said = (await log.told())[BO]
    assert scoring.state_of(said).inputs == 4
    assert [one.target for _, one, *_ in said.transitions] == [Stage.EXPLORATION, Stage.FORMATION]
    assert list(await log.place.workbench.parked(None, 10)) == []


async def test_a_retry_that_fails_again_leaves_the_customer_parked(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_for(monkeypatch, BO)
    await log.said(*bought([BO], 0))

    await log.said(Retry(customer_id=BO), Retry(customer_id="nobody"))

    assert [one.customer_id for one in await log.place.workbench.parked(None, 10)] == [BO]


async def test_an_owner_of_yesterday_commits_nothing(log: Log) -> None:
    old = await log.place.store.claim(HOME)
    await log.said(purchase(0, customer=ANNA))

    with pytest.raises(Fenced):
        await batch.score(log.place.store, old, Governance(), PARTITIONS, log.records)

    assert scoring.state_of((await log.told())[ANNA]).inputs == 1


async def test_a_history_longer_than_a_snapshot_is_corrected_from_there(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [*range(0, 400, 2)]
    await log.said(*bought([ANNA], *days), sizes=(50,))

    await log.said(*bought([ANNA], 397), scoring.tick(Instant(day(400) + DAY)))

    state = scoring.state_of((await log.told())[ANNA])
    assert state.inputs == 201
    assert [one.day - day(0) // DAY for one in state.occasions[-3:]] == [396, 397, 398]

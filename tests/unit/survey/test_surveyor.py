"""Surveys beside a scorer: when one is due, one at a time, and what it brings to govern."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from services.scorer import periodic as module
from services.scorer.issuing import effect, issue
from services.scorer.periodic import Periodic
from services.scorer.survey import Conducted, NothingToSurvey, SurveyRunning, conduct
from services.scorer.surveyor import Surveyor, model_of
from shared.adapters import codec
from shared.adapters.memory.log import MemoryLog, MemoryLogWriter
from shared.adapters.memory.store import MemoryStore
from shared.domain.controls import Control, Governance, Model, ModelChange
from shared.domain.errors import LogTimeout
from shared.domain.events import Event
from shared.domain.instants import SECOND, Instant
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from shared.ports.log import EVENTS, Appending
from shared.ports.store import Position
from shared.ports.surveys import StoredSurvey
from tests.builders import day, policy_from, purchase, purchases
from tests.scoring import score, tick
from tests.unit.survey.people import person, sale
from tests.unit.survey.test_survey import surveyed


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = day(100)

    def __call__(self) -> Instant:
        return self.at


class Bed:
    """A store, a log and a surveyor on them."""

    def __init__(self, *, every: float = 3_600, apply: bool = False, live: bool = False) -> None:
        self.store, self.log, self.clock = MemoryStore(1), MemoryLog(1), Clock()
        surveyor = Surveyor(
            self.store,
            self.store.surveys,
            self.log.writer(),
            self.store.positions,
            apply=apply,
            live=live,
            clock=self.clock,
        )
        self.surveyor = Periodic(surveyor, every=every, clock=self.clock)

    async def told(self, *events: Event, until: float = 60) -> None:
        await score(self.store, [*events, tick(day(until))])

    def appended(self) -> list[codec.Entry]:
        return [codec.decode(record.value) for record in self.log.partition(EVENTS, 0).read(0, 100)]


async def test_a_survey_is_stored_with_what_everybody_told() -> None:
    bed = Bed()
    await bed.told(*purchases(0, 10, 20), purchase(5, customer="bo"))

    conducted = await conduct(bed.store, bed.store.surveys, clock=bed.clock)

    stored = await bed.store.surveys.newest()
    assert stored == conducted.stored
    assert stored is not None
    assert (stored.id, stored.made_at, stored.survey.as_of) == (1, day(100), day(60))
    assert (stored.survey.customers, stored.survey.parked, stored.survey.gaps) == (2, 0, 2)


async def test_without_ticks_a_survey_speaks_of_the_newest_event() -> None:
    store = MemoryStore(1)
    await score(store, [purchase(5, customer="bo"), purchase(9)])

    conducted = await conduct(store, store.surveys)

    assert conducted.stored.survey.as_of == day(9)


async def test_there_is_no_survey_of_nobody() -> None:
    bed = Bed()
    with pytest.raises(NothingToSurvey, match="no customer"):
        await conduct(bed.store, bed.store.surveys)

    assert await bed.store.surveys.newest() is None


async def test_one_survey_is_made_at_a_time() -> None:
    bed = Bed()
    await bed.told(purchase(1))

    async with bed.store.surveys.alone() as first:
        assert first
        with pytest.raises(SurveyRunning, match="already"):
            await conduct(bed.store, bed.store.surveys)

    assert (await conduct(bed.store, bed.store.surveys)).stored.id == 1


async def test_the_policy_of_the_figures_is_the_one_in_force() -> None:
    bed = Bed()
    await bed.told(purchase(1))
    await score(bed.store, [purchase(1), tick(day(60)), policy_from(61, Policy(version=9)), tick(day(62))])

    conducted = await conduct(bed.store, bed.store.surveys)

    assert (conducted.policy.version, conducted.stored.survey.policy) == (9, 9)


async def test_told_hears_of_every_shard_and_pauses_are_kept() -> None:
    bed, heard = Bed(), list[int]()
    await bed.told(purchase(1))

    await conduct(bed.store, bed.store.surveys, share=0.5, told=heard.append)

    assert heard == list(range(1, 257))


async def test_the_first_survey_is_made_at_once_where_there_is_history() -> None:
    bed = Bed()
    await bed.told(purchase(1))

    assert await bed.surveyor.due()
    await bed.surveyor.once()

    assert not await bed.surveyor.due()


async def test_what_comes_to_an_empty_instance_is_surveyed_after_a_period() -> None:
    bed = Bed(every=3_600)

    assert not await bed.surveyor.due()
    await bed.told(purchase(1))
    bed.clock.at = Instant(day(100) + 3_599 * SECOND)
    assert not await bed.surveyor.due()
    bed.clock.at = Instant(day(100) + 3_600 * SECOND)
    assert await bed.surveyor.due()


async def test_the_next_survey_is_due_a_period_after_the_newest() -> None:
    bed = Bed(every=60)
    await bed.told(purchase(1))
    await bed.surveyor.once()

    bed.clock.at = Instant(day(100) + 59 * SECOND)
    early = await bed.surveyor.due()
    bed.clock.at = Instant(day(100) + 60 * SECOND)

    assert (early, await bed.surveyor.due()) == (False, True)


async def test_a_survey_governs_only_where_that_is_wanted() -> None:
    quiet, applying = Bed(), Bed(apply=True)
    for bed in (quiet, applying):
        await bed.told(*purchases(0, 10, 20))
        await bed.surveyor.once()

    [control] = applying.appended()

    assert quiet.appended() == []
    assert isinstance(control, ModelChange)
    assert (control.id, control.effective_at) == ("survey-1", Instant(day(60) + SECOND))
    assert control.model.population is not None
    assert (control.model.version, control.model.population.version) == ("survey-1", "survey-1")


async def test_a_surveyor_that_runs_makes_surveys_until_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.0)
    bed = Bed()
    await bed.told(purchase(1))
    task = asyncio.create_task(bed.surveyor.run())

    while await bed.store.surveys.newest() is None:
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()


async def test_where_no_surveys_are_wanted_none_is_made() -> None:
    bed = Bed(every=0)
    await bed.told(purchase(1))

    await asyncio.wait_for(bed.surveyor.run(), 5)

    assert await bed.store.surveys.newest() is None


async def test_a_model_takes_effect_after_every_partitions_time() -> None:
    async def positions() -> list[Position]:
        return [Position(partition=0, stream_time=Instant(7)), Position(partition=1, stream_time=day(5))]

    async def none() -> list[Position]:
        return [Position(partition=0)]

    def now() -> Instant:
        return Instant(day(3) + 1)

    assert await effect(positions, live=False, clock=now) == day(5) + SECOND
    assert await effect(positions, live=True, clock=now) == day(5) + SECOND
    assert await effect(none, live=False, clock=now) == day(3) + 61 * SECOND
    assert await effect(none, live=True, clock=now) == day(3) + 61 * SECOND


def conducted(population: Population, policy: Policy) -> Conducted:
    survey = replace(surveyed(person(sale(0), until=1)), population=population)
    return Conducted(stored=StoredSurvey(id=4, made_at=day(1), survey=survey), policy=policy)


def test_priors_change_only_where_there_were_enough_gaps_to_tell_them() -> None:
    policy = Policy(mu0=1.5, sigma0=0.7)
    told = Population(everybody=Figures(customers=9, mu0=3.0, sigma0=0.5))

    assert model_of(conducted(told, policy)) == Model(
        version="survey-4", mu0=3.0, sigma0=0.5, population=replace(told, version="survey-4")
    )
    few = model_of(conducted(Population(everybody=Figures(customers=9)), policy))
    equal = model_of(conducted(Population(everybody=Figures(customers=9, mu0=3.0, sigma0=0.0)), policy))
    assert [(one.mu0, one.sigma0) for one in (few, equal)] == [(1.5, 0.7), (1.5, 0.7)]


def test_a_population_governs_until_the_next_and_a_new_policy_keeps_it() -> None:
    told = Population(version="survey-1", tier_a=5.0)
    with_population = Model(version="m1", mu0=3.0, sigma0=0.5, population=told)
    controls: list[Control] = [
        ModelChange(id="a", effective_at=day(1), model=with_population),
        policy_from(2, Policy(version=2)),
        ModelChange(id="b", effective_at=day(3), model=Model(version="m2", mu0=4.0, sigma0=0.5)),
    ]

    policies = Governance.of(controls).policies

    assert [policy.population for policy in policies] == [Population(), told, told, told]
    assert [(policy.version, policy.model, policy.mu0) for policy in policies[1:]] == [
        (1, "m1", 3.0), (2, "m1", 3.0), (2, "m2", 4.0)
    ]  # fmt: skip


def test_a_model_of_before_there_were_populations_can_still_be_read() -> None:
    old = b'{"type":"model","id":"a","effective_at":5,"model":{"version":"m1","mu0":3.0,"sigma0":0.5}}'

    control = codec.decode_control(old)

    assert isinstance(control, ModelChange)
    assert control.model.population is None


class SlowWriter(MemoryLogWriter):
    """A writer that cannot tell, so many times, whether the log has taken what it was given."""

    def __init__(self, log: MemoryLog, failures: int) -> None:
        super().__init__(log, 1)
        self.left = failures

    async def append(self, topic: str, records: Sequence[Appending]) -> Sequence[int]:
        self.left -= 1
        if self.left >= 0:
            raise LogTimeout
        return await super().append(topic, records)


async def test_a_log_that_does_not_answer_is_asked_again_and_in_the_end_given_up() -> None:
    log = MemoryLog(1)

    model = model_of(conducted(Population(), Policy()))
    await issue(model, SlowWriter(log, 4), day(9))
    with pytest.raises(LogTimeout):
        await issue(model, SlowWriter(log, 5), day(9))

    assert len(log.partition(EVENTS, 0).read(0, 100)) == 1

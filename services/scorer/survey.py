"""The survey as a job: every customer read once, from one snapshot of its shard, and the result stored."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from msgspec import Struct

from services.scorer.periodic import NotNow
from services.scorer.refold import in_order
from shared.domain.controls import Governance
from shared.domain.events import ACTIONS
from shared.domain.ids import SHARDS
from shared.domain.instants import Instant
from shared.domain.lifecycle import as_of
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.survey.person import Person
from shared.domain.survey.survey import Surveying
from shared.ports.audit import Audit, Audited, Look
from shared.ports.clock import now
from shared.ports.store import Numbered
from shared.ports.surveys import StoredSurvey, Surveys

STRETCH_SECONDS: Final = 0.02
"""How long a survey works before it lets others in."""


class SurveyRunning(NotNow):
    """Somebody else makes a survey."""

    code = "survey_running"

    def __init__(self) -> None:
        super().__init__("a survey of this instance is being made already: wait for it to end")


class NothingToSurvey(NotNow):
    """There is no customer."""

    code = "nothing_to_survey"

    def __init__(self) -> None:
        super().__init__("there is no customer to look at yet: post or import events first")


class Conducted(Struct, frozen=True, kw_only=True):
    """A survey that was made and stored, and the policy that was in force."""

    stored: StoredSurvey
    policy: Policy


class Pace:
    """Lets others in every now and then, so that a share of the time is theirs."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._began = monotonic()

    async def keep(self) -> None:
        """Rest, if it has worked for long enough."""
        worked = monotonic() - self._began
        if worked >= STRETCH_SECONDS:
            await asyncio.sleep(worked * (1 / self._share - 1))
            self._began = monotonic()


async def conduct(
    audit: Audit,
    surveys: Surveys,
    *,
    first: Policy | None = None,
    share: float = 1.0,
    clock: Callable[[], Instant] = now,
    told: Callable[[int], None] | None = None,
) -> Conducted:
    """Look at every customer, each shard from one snapshot, and store what they tell.

    `first` is the policy before any control, `share` the part of the time to work in; `told` hears how many shards are
    done. Raises SurveyRunning, and NothingToSurvey.
    """
    async with surveys.alone() as alone:
        if not alone:
            raise SurveyRunning
        sounding = _Sounding(first, Pace(share))
        for shard in range(SHARDS):
            async with audit.look(shard) as look:
                await sounding.look(look)
            if told is not None:
                told(shard + 1)
        if sounding.surveying is None or sounding.as_of is None:
            raise NothingToSurvey
        stored = await surveys.add(sounding.surveying.told(sounding.as_of), clock())
        return Conducted(stored=stored, policy=sounding.surveying.policy)


class _Sounding:
    """A survey as it goes from shard to shard."""

    def __init__(self, first: Policy | None, pace: Pace) -> None:
        self._first, self._pace = first, pace
        self.surveying: Surveying | None = None
        self._reached: Instant | None = None
        self._newest: Instant | None = None

    @property
    def as_of(self) -> Instant | None:
        """What every shard has reached: the earliest stream time or, without any, the time of the newest event."""
        return self._newest if self._reached is None else self._reached

    async def look(self, look: Look) -> None:
        """Everybody in a shard."""
        position, governance = await look.position(), Governance.of(await look.controls(), self._first)
        reached = None if position is None else position.stream_time
        if reached is not None:
            self._reached = reached if self._reached is None else min(self._reached, reached)
        async for audited in look.customers():
            at = as_of(audited.known.customer, reached)
            if at is not None:
                self._customer(audited, governance, at)
            await self._pace.keep()

    def _customer(self, audited: Audited, governance: Governance, at: Instant) -> None:
        if self.surveying is None:
            self.surveying = Surveying(governance.books[governance.applied_at(at)].policy)
        self._newest = at if self._newest is None else max(self._newest, at)
        if audited.known.parked:
            self.surveying.parked += 1
        else:
            self.surveying.add(person_of(audited, governance, at))


def person_of(audited: Audited, governance: Governance, at: Instant) -> Person:
    """A stored customer as the survey sees it, by the policy that is in force for it."""
    customer = audited.known.customer
    standing = [
        Numbered(customer_id=one.customer_id, number=one.number, transition=one.transition, decided_at=one.decided_at)
        for one in audited.transitions
        if one.retracted_at is None
    ]
    case = Case(
        audited.known.customer_id,
        [event for event in audited.events if not isinstance(event, ACTIONS)],
        customer,
        governance.books[min(customer.controls, len(governance.books) - 1)].policy,
        at,
        transitions=[one.transition for one in in_order(standing)],
        alerts=[placed.alert for placed in audited.alerts],
    )
    return Person(case, [event for event in audited.events if isinstance(event, ACTIONS)])

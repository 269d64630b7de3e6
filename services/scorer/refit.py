"""The refit as a job: customers' states read once, a model fitted to them, kept and brought to govern."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct, structs

from services.scorer.fitting import Asked, fitted
from services.scorer.issuing import effect, issue
from services.scorer.periodic import NotNow
from services.scorer.survey import Pace
from shared.domain.controls import Governance
from shared.domain.ids import SHARDS
from shared.domain.instants import Instant, local_day
from shared.fitting.report import Refit
from shared.ports.audit import Audit
from shared.ports.clock import now
from shared.ports.log import LogWriter
from shared.ports.models import Models, StoredRefit
from shared.ports.queries import Queries
from shared.web.waiting import reached

TRIAL: Final = "trial"
"""The version of a model that is fitted and not kept."""


class RefitRunning(NotNow):
    """Somebody else makes a refit."""

    code = "refit_running"

    def __init__(self) -> None:
        super().__init__("a refit of this instance is being made already: wait for it to end")


class NothingToFit(NotNow):
    """There is no customer, or no time has passed."""

    code = "nothing_to_fit"

    @classmethod
    def nobody(cls) -> "NothingToFit":
        """There is no customer."""
        return cls("there is no customer to look at yet: post or import events first")

    @classmethod
    def timeless(cls) -> "NothingToFit":
        """No tick has come."""
        return cls(
            "time has not begun in every partition: start the instance, or set its test clock with POST /v1/clock"
        )


class Refitting(Struct, frozen=True, kw_only=True):
    """What a refit is made from. `live` says that time is the wall clock's; `share` is the part of it to work in."""

    audit: Audit
    queries: Queries
    models: Models
    partitions: int
    live: bool
    share: float = 1.0
    clock: Callable[[], Instant] = now

    async def trial(self, told: Callable[[int], None] | None = None) -> Refit:
        """A refit that is neither kept nor brought to govern; `told` hears how many shards are read.

        Raises RefitRunning, NothingToFit and FitFailed.
        """
        async with self._alone():
            return await fitted(await self._asked(), self._states(told))

    async def made(self, writer: LogWriter, told: Callable[[int], None] | None = None) -> StoredRefit:
        """A refit that is kept, and whose model governs where it was accepted. One that is cut off leaves nothing.

        Raises as `trial` does, and LogTimeout where it is kept and the log does not take its model: `hand_in` then
        does so later.
        """
        async with self._alone():
            asked = await self._asked()
            number = await self.models.number()
            asked = structs.replace(asked, version=f"refit-{number}")
            refit = await fitted(asked, self._states(told))
            at = None
            if refit.model is not None:
                at = await effect(self.queries.positions, live=self.live, clock=self.clock)
            stored = StoredRefit(id=number, made_at=self.clock(), effective_at=at, refit=refit)
            # Kept first: a model that is issued and unknown could be explained to nobody.
            await self.models.add(stored)
            await hand_in(stored, writer)
            return stored

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self.models.alone() as alone:
            if not alone:
                raise RefitRunning
            yield

    async def _asked(self) -> Asked:
        known_until = reached(await self.queries.positions(), self.partitions)
        if known_until is None:
            raise NothingToFit.timeless()
        customers = sum(count.heads for count in await self.queries.stage_counts())
        if not customers:
            raise NothingToFit.nobody()
        governance = Governance.of(await self.queries.controls(0))
        policy = governance.books[governance.applied_at(known_until)].policy
        day = local_day(known_until, policy.time_zone)
        return Asked(as_of=day, policy=policy, version=TRIAL, customers=customers)

    async def _states(self, told: Callable[[int], None] | None) -> AsyncGenerator[bytes]:
        """The states of all customers, shard by shard."""
        pace = Pace(self.share)
        for shard in range(SHARDS):
            async with self.audit.look(shard) as look:
                async for body in look.states():
                    yield body
                    await pace.keep()
            if told is not None:
                told(shard + 1)


async def hand_in(stored: StoredRefit, writer: LogWriter) -> None:
    """Bring a refit's model to govern, if it has one; again and again, if need be. Raises LogTimeout."""
    if stored.refit.model is not None and stored.effective_at is not None:
        await issue(stored.refit.model, writer, stored.effective_at)

"""Surveys made again and again beside a scorer, and what they find brought to govern through the log."""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from msgspec import structs

from services.scorer.survey import Conducted, NothingToSurvey, SurveyRunning, conduct
from shared.adapters.spread import records_of
from shared.domain.controls import Model, ModelChange
from shared.domain.errors import LogTimeout
from shared.domain.instants import SECOND, Instant
from shared.ports.audit import Audit
from shared.ports.clock import now
from shared.ports.log import EVENTS, LogWriter
from shared.ports.surveys import Surveys
from shared.web.waiting import Positions

log: Final = logging.getLogger(__name__)

BESIDE: Final = 0.25
"""The share of the time that a survey beside a scorer works; the rest is the scorer's."""

FIRST_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 60.0
AHEAD_SECONDS: Final = 60
"""How far ahead of now a model takes effect: until then every partition has it."""

TRIES: Final = 5


async def issue(conducted: Conducted, writer: LogWriter, effective_at: Instant) -> ModelChange:
    """Append what a survey found to every partition, to take effect at an instant. Raises LogTimeout in the end.

    A control that is there already is ignored by the fold, so that it can be appended again until all have it.
    """
    model = model_of(conducted)
    control = ModelChange(id=model.version, effective_at=effective_at, model=model)
    records = records_of(control, range(writer.partitions))
    for left in reversed(range(TRIES)):
        try:
            await writer.append(EVENTS, records)
            break
        except LogTimeout:
            if not left:
                raise
            log.warning("the log does not take a model", extra={"model": model.version})
    return control


def model_of(conducted: Conducted) -> Model:
    """The model that a survey makes: its population, and its priors where there were enough gaps to tell them."""
    policy, version = conducted.policy, f"survey-{conducted.stored.id}"
    population = structs.replace(conducted.stored.survey.population, version=version)
    mu0, sigma0 = population.everybody.mu0, population.everybody.sigma0
    if mu0 is None or not sigma0:
        mu0, sigma0 = policy.mu0, policy.sigma0
    return Model(version=version, mu0=mu0, sigma0=sigma0, population=population)


async def effect(positions: Positions, *, live: bool, clock: Callable[[], Instant] = now) -> Instant:
    """When a model may take effect: later than every partition's stream time.

    On a test clock that is a second later, because time passes only when somebody says so.
    """
    reached = max((one.stream_time for one in await positions() if one.stream_time is not None), default=Instant(0))
    at = max(clock() + AHEAD_SECONDS * SECOND, reached + SECOND) if live or not reached else reached + SECOND
    return Instant(-(-at // SECOND) * SECOND)


class Surveyor:
    """Makes a survey whenever the newest has become too old, for as long as it runs; one at a time over the fleet."""

    def __init__(
        self,
        audit: Audit,
        surveys: Surveys,
        writer: LogWriter,
        positions: Positions,
        *,
        every: float,
        apply: bool,
        live: bool,
        clock: Callable[[], Instant] = now,
    ) -> None:
        self._audit, self._surveys, self._writer, self._positions = audit, surveys, writer, positions
        self._every, self._apply, self._live, self._clock = every, apply, live, clock
        self._waits_since: Instant | None = None

    async def run(self) -> None:
        """Work until cancelled, unless no surveys are wanted. One that fails is made again a little later."""
        if not self._every:
            return
        await asyncio.sleep(min(FIRST_SECONDS, self._every))
        while True:
            try:
                if await self.due():
                    await self.once()
            except (SurveyRunning, NothingToSurvey) as reason:
                log.info("no survey was made", extra={"why": str(reason)})
            except Exception:
                log.exception("a survey failed, it is made again later")
            await asyncio.sleep(min(LOOK_SECONDS, self._every))

    async def due(self) -> bool:
        """Whether a survey should be made now: at once where there is history and none was ever made."""
        since = await self._surveys.made_at()
        if since is None and self._waits_since is None:
            if await self._surveys.history():
                return True
            self._waits_since = self._clock()
        counted = self._waits_since if since is None else since
        return counted is not None and self._clock() - counted >= self._every * SECOND

    async def once(self) -> None:
        """Make a survey, store it and, where that is wanted, let it govern."""
        self._waits_since = self._clock()
        begun = monotonic()
        conducted = await conduct(self._audit, self._surveys, share=BESIDE, clock=self._clock)
        survey = conducted.stored.survey
        log.info("surveyed", extra={"customers": survey.customers, "seconds": round(monotonic() - begun, 1)})
        if self._apply:
            at = await effect(self._positions, live=self._live, clock=self._clock)
            control = await issue(conducted, self._writer, at)
            log.info("a model takes effect", extra={"model": control.id, "effective_at": at})

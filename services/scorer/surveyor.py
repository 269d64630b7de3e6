"""Surveys made again and again beside a scorer, and what they find brought to govern through the log."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from msgspec import structs

from services.scorer.issuing import effect, issue
from services.scorer.survey import Conducted, conduct
from shared.domain.controls import Model
from shared.domain.instants import Instant
from shared.ports.audit import Audit
from shared.ports.clock import now
from shared.ports.log import LogWriter
from shared.ports.surveys import Surveys
from shared.web.waiting import Positions

log: Final = logging.getLogger(__name__)

BESIDE: Final = 0.25
"""The share of the time that a survey beside a scorer works; the rest is the scorer's."""


def model_of(conducted: Conducted) -> Model:
    """The model that a survey makes: its population, and its priors where there were enough gaps to tell them."""
    policy, version = conducted.policy, f"survey-{conducted.stored.id}"
    population = structs.replace(conducted.stored.survey.population, version=version)
    mu0, sigma0 = population.everybody.mu0, population.everybody.sigma0
    if mu0 is None or not sigma0:
        mu0, sigma0 = policy.mu0, policy.sigma0
    return Model(version=version, mu0=mu0, sigma0=sigma0, population=population)


class Surveyor:
    """What a periodic survey does; one is made at a time over the fleet."""

    name = "survey"

    def __init__(
        self,
        audit: Audit,
        surveys: Surveys,
        writer: LogWriter,
        positions: Positions,
        *,
        apply: bool,
        live: bool,
        clock: Callable[[], Instant] = now,
    ) -> None:
        self._audit, self._surveys, self._writer, self._positions = audit, surveys, writer, positions
        self._apply, self._live, self._clock = apply, live, clock

    async def prepare(self) -> None:
        """Nothing."""

    async def made_at(self) -> Instant | None:
        """When the newest survey was made."""
        return await self._surveys.made_at()

    async def history(self) -> bool:
        """Whether there is any customer to look at."""
        return await self._surveys.history()

    async def make(self) -> None:
        """Make a survey, store it and, where that is wanted, let it govern."""
        begun = monotonic()
        conducted = await conduct(self._audit, self._surveys, share=BESIDE, clock=self._clock)
        survey = conducted.stored.survey
        log.info("surveyed", extra={"customers": survey.customers, "seconds": round(monotonic() - begun, 1)})
        if self._apply:
            at = await effect(self._positions, live=self._live, clock=self._clock)
            await issue(model_of(conducted), self._writer, at)

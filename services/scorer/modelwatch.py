"""What is in the store of the model in force and of the refits, told as metrics by every scorer."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from shared.domain.instants import SECOND, Instant
from shared.domain.rhythm.in_force import churn_change
from shared.fitting.report import BackTest
from shared.ports.clock import now
from shared.ports.models import Models, StoredRefit
from shared.ports.queries import Queries
from shared.telemetry.model import ModelFigures, ModelMetrics
from shared.web.waiting import reached

log: Final = logging.getLogger(__name__)

EVERY_SECONDS: Final = 30.0
LOOKED_AT: Final = 20
"""Refits that are looked at for those refused in a row: beyond so many it does not matter how many more."""


class ModelWatch:
    """Reads the store every half minute, for as long as it runs."""

    def __init__(
        self,
        queries: Queries,
        models: Models,
        metrics: ModelMetrics,
        *,
        partitions: int,
        clock: Callable[[], Instant] = now,
    ) -> None:
        self._queries, self._models, self._metrics = queries, models, metrics
        self._partitions, self._clock = partitions, clock

    async def run(self) -> None:
        """Work until cancelled. What fails is tried again half a minute later."""
        while True:
            try:
                self._metrics.stands(await self.figures())
            except Exception:
                log.exception("the model in force could not be looked at, it is looked at again")
            await asyncio.sleep(EVERY_SECONDS)

    async def figures(self) -> ModelFigures:
        """How the model in force and the newest refits stand now."""
        made = await self._models.newest(LOOKED_AT)
        test = next((test for stored in made if (test := stored.refit.report.back_test) is not None), None)
        accepted = [stored.refit.accepted for stored in made]
        return ModelFigures(
            age=await self._age(),
            log_loss={} if test is None else log_losses(test),
            calibration_error=None if test is None else calibration_error(test, speaks=made[0]),
            drift=None if test is None else max(test.drift.values(), default=None),
            last_accepted=accepted[0] if accepted else None,
            refused=accepted.index(True) if True in accepted else len(accepted),
        )

    async def _age(self) -> float | None:
        """How long ago the model in force was fitted, seconds; None where the fallback speaks."""
        at = reached(await self._queries.positions(), self._partitions)
        change = None if at is None else churn_change(await self._queries.controls(0), at)
        if change is None:
            return None
        stored = await self._models.of(change.id)
        made_at = change.effective_at if stored is None else stored.made_at
        return max(0.0, (self._clock() - made_at) / SECOND)


def log_losses(test: BackTest) -> dict[str, float]:
    """The log-loss of each member and rule that says probabilities."""
    return {name: score.log_loss for name, score in test.scores.items() if score.log_loss is not None}


def calibration_error(test: BackTest, *, speaks: StoredRefit) -> float | None:
    """How far the probabilities of what speaks were off: the new blend's or, where it was refused, the old model's."""
    score = test.scores.get("blend" if speaks.refit.accepted else "in_force")
    return None if score is None else score.ece

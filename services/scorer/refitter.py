"""Refits made again and again beside a scorer."""

import logging
from time import monotonic
from typing import Final

from services.scorer.periodic import NotNow
from services.scorer.refit import Refitting, hand_in
from shared.adapters.spread import held_controls, lacking
from shared.domain.controls import ModelChange
from shared.domain.instants import Instant
from shared.ports.log import LogWriter
from shared.telemetry.model import ModelMetrics

log: Final = logging.getLogger(__name__)


class Refitter:
    """What a periodic refit does; one is made at a time over the fleet."""

    name = "refit"

    def __init__(self, refitting: Refitting, writer: LogWriter, metrics: ModelMetrics) -> None:
        self._refitting, self._writer, self._metrics = refitting, writer, metrics
        self._in_log: str | None = None

    async def prepare(self) -> None:
        """See that the newest accepted model is in the log: whoever made it may have died before he said so."""
        stored = await self._refitting.models.accepted()
        if stored is None or stored.refit.model is None or stored.effective_at is None:
            return
        model = stored.refit.model
        if model.version == self._in_log:
            return
        control = ModelChange(id=model.version, effective_at=stored.effective_at, model=model)
        held = await held_controls(self._refitting.queries, self._writer.partitions)
        if len(lacking(control, held)) == self._writer.partitions:
            await hand_in(stored, self._writer)
        self._in_log = model.version

    async def made_at(self) -> Instant | None:
        """When the newest refit was made, refused ones too."""
        return await self._refitting.models.made_at()

    async def history(self) -> bool:
        """Whether there is any customer."""
        return any(count.heads for count in await self._refitting.queries.stage_counts())

    async def make(self) -> None:
        """Make a refit."""
        begun = monotonic()
        try:
            stored = await self._refitting.made(self._writer)
        except NotNow:
            raise
        except Exception:
            self._metrics.refitted("failed")
            raise
        told, level = stored.refit, logging.INFO if stored.refit.accepted else logging.WARNING
        self._metrics.refitted("accepted" if told.accepted else "refused")
        seconds = round(monotonic() - begun, 1)
        log.log(level, "refitted", extra={"model": told.version, "verdict": told.reason, "seconds": seconds})

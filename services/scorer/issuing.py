"""A model brought to govern: appended to every partition, to take effect at one instant."""

import logging
from collections.abc import Callable
from typing import Final

from shared.adapters.spread import records_of
from shared.domain.controls import Model, ModelChange
from shared.domain.errors import LogTimeout
from shared.domain.instants import SECOND, Instant
from shared.ports.clock import now
from shared.ports.log import EVENTS, LogWriter
from shared.web.waiting import Positions

log: Final = logging.getLogger(__name__)

AHEAD_SECONDS: Final = 60
"""How far ahead of now a model takes effect: until then every partition has it."""

TRIES: Final = 5


async def issue(model: Model, writer: LogWriter, effective_at: Instant) -> ModelChange:
    """Append a model to every partition, to take effect at an instant. Raises LogTimeout in the end.

    A control that is there already is ignored by the fold, so that it can be appended again until all have it.
    """
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
    log.info("a model takes effect", extra={"model": control.id, "effective_at": effective_at})
    return control


async def effect(positions: Positions, *, live: bool, clock: Callable[[], Instant] = now) -> Instant:
    """When a model may take effect: later than every partition's stream time.

    On a test clock that is a second later, because time passes only when somebody says so.
    """
    reached = max((one.stream_time for one in await positions() if one.stream_time is not None), default=Instant(0))
    at = max(clock() + AHEAD_SECONDS * SECOND, reached + SECOND) if live or not reached else reached + SECOND
    return Instant(-(-at // SECOND) * SECOND)

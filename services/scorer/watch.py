"""A watch over the sources of events: one that falls silent is said so through the log, and so is its coming back."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final

from shared.adapters.spread import complete, held_controls, records_of
from shared.domain.controls import FeedChange, Governance
from shared.domain.feeds import COMPARED_DAYS, DAY_HOURS, Heard, fell_silent, hour_of, speaks_again
from shared.domain.instants import LATEST, SECOND, Instant
from shared.domain.policy import Policy
from shared.ports.clock import now
from shared.ports.log import EVENTS, LogWriter
from shared.ports.queries import Queries
from shared.telemetry.metrics import ScorerMetrics

log: Final = logging.getLogger(__name__)

EVERY_SECONDS: Final = 60.0
AHEAD_SECONDS: Final = 30
"""How far ahead of now a change takes effect: until then every partition has it."""
MINUTE: Final = 60 * SECOND


def changes(
    heard: Sequence[Heard], silent: Mapping[str, bool], at: Instant, effective_at: Instant, policy: Policy
) -> list[FeedChange]:
    """The sources that have fallen silent at an instant, or speak again; `silent` are those that a control spoke of."""
    hour, found = hour_of(at), []
    for source, told in groupby(heard, lambda one: one.source):
        hours = {one.hour: one.events for one in told}
        lasting = silent.get(source, False)
        if (speaks_again if lasting else fell_silent)(hours, hour, policy):
            name = f"feed {source} {'speaks' if lasting else 'silent'} {hour}"
            found.append(FeedChange(id=name, effective_at=effective_at, source=source, silent=not lasting))
    return found


class Watch:
    """Looks at the sources every minute, for as long as it runs.

    Several at once do no harm: a change has the same id whoever finds it, and what is in a partition already is
    ignored. A change that only some partitions have, because the log failed in between, is appended to the others.
    """

    def __init__(
        self,
        queries: Queries,
        writer: LogWriter,
        metrics: ScorerMetrics,
        *,
        policy: Policy | None = None,
        clock: Callable[[], Instant] = now,
    ) -> None:
        self._queries, self._writer, self._metrics, self._clock = queries, writer, metrics, clock
        self._policy = policy
        self._appended: dict[tuple[str, int], int] = {}

    async def run(self) -> None:
        """Work until cancelled. What fails is tried again a minute later."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.once()
            except Exception:
                log.exception("the sources could not be looked at, they are looked at again in a minute")

    async def once(self) -> list[FeedChange]:
        """Look at every source now; what has changed is appended to every partition."""
        at = self._clock()
        partitions = await held_controls(self._queries, self._writer.partitions)
        await complete(self._queries, self._writer, self._appended)
        governance = Governance.of([control for controls in partitions for control in controls], self._policy)
        book = governance.books[-1]
        silent = {source: silences[-1][1] == LATEST for source, silences in book.feeds.items()}
        heard = await self._queries.heard(hour_of(at) - DAY_HOURS * (COMPARED_DAYS + 1))
        found = changes(heard, silent, at, await self._effect(at), book.policy)
        for change in found:
            told = "a source fell silent" if change.silent else "a source speaks again"
            log.warning(told, extra={"source": change.source})
            await self._writer.append(EVENTS, records_of(change, range(self._writer.partitions)))
        self._metrics.silent_sources(sum({**silent, **{one.source: one.silent for one in found}}.values()))
        return found

    async def _effect(self, at: Instant) -> Instant:
        """A full minute, later than what every partition has reached, so that none has to be folded again."""
        positions = await self._queries.positions()
        reached = max((one.stream_time for one in positions if one.stream_time is not None), default=at)
        return Instant(-(-(max(at, reached) + AHEAD_SECONDS * SECOND) // MINUTE) * MINUTE)

"""What a committed batch tells the metrics."""

from collections import Counter
from collections.abc import Sequence

from services.scorer.batch import Scored
from shared.domain.instants import SECOND, Instant
from shared.ports.clock import now
from shared.ports.log import Record
from shared.ports.store import Position
from shared.telemetry.metrics import ScorerMetrics


def observe(
    metrics: ScorerMetrics, scored: Scored, before: Position, consumed: Sequence[Record], seconds: float
) -> None:
    """Count what a transaction did, after it was committed."""
    tally, done_at = scored.tally, now()
    kinds = Counter({"event": scored.events + scored.repeated + scored.conflicts, "malformed": scored.dead_letters})
    kinds["control"] = len(consumed) - kinds.total()
    metrics.batch(((kind, count) for kind, count in kinds.items() if count > 0), seconds, seconds)
    for outcome, count in (("new", scored.events), ("duplicate", scored.repeated), ("conflict", scored.conflicts)):
        if count:
            metrics.events(outcome, count)
    metrics.ages((done_at - received) / SECOND for received in scored.received)
    for (source, target, cause), count in tally.transitions.items():
        metrics.transition(source, target, cause, count)
    for (kind, status), count in tally.alerts.items():
        metrics.alert(kind, status, count)
    metrics.refolded(tally.refolds)
    metrics.retracted(tally.retractions)
    metrics.timers_fired(tally.timers)
    metrics.walked(tally.walked)
    metrics.dead_letters(scored.dead_letters)
    metrics.parked(tally.parked)
    reached = scored.position
    if reached.stream_time is not None and (scored.timer_delay or reached.stream_time != before.stream_time):
        metrics.ticked(
            reached.partition,
            stream_time=reached.stream_time / SECOND,
            at=done_at / SECOND,
            timer_delay=scored.timer_delay / SECOND,
        )


def stands(metrics: ScorerMetrics, position: Position, end: int, oldest: Record | None, at: Instant) -> None:
    """Tell how far a partition is behind the end of its log; `oldest` is its oldest record not processed yet."""
    waiting = 0.0 if oldest is None else max(0.0, (at - oldest.appended_at) / SECOND)
    metrics.reached(
        position.partition,
        next_offset=position.next_offset,
        lag=max(0, end - position.next_offset),
        lag_seconds=waiting,
        walking=position.walk is not None,
    )

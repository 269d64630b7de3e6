"""Every metric of every process but those of the churn model. Each is fed values; no label ever names a customer."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import Counter, Histogram

from shared.telemetry.catalogue import Catalogue

_AGE: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400)


class HttpMetrics:
    """Requests of any process that serves HTTP. `route` is the template, never the path that was asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._requests = catalogue.counter(
            "http_requests", "Requests answered, by class of status.", "route", "method", "status"
        )
        self._seconds = catalogue.histogram(
            "http_request_seconds", "Time from a request's headers to the end of its answer.", "route", "method"
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered; its status is counted by class: 2xx, 4xx, 5xx."""
        key = (route, method, status // 100)
        pair = self._known.get(key)
        if pair is None:
            pair = self._requests.labels(route, method, f"{key[2]}xx"), self._seconds.labels(route, method)
            self._known[key] = pair
        pair[0].inc()
        pair[1].observe(seconds)


class IngestMetrics:
    """The door: what was let in, what was turned away, and the ticks."""

    def __init__(self, catalogue: Catalogue) -> None:
        counter, gauge = catalogue.counter, catalogue.gauge
        self._accepted = counter("ingest_accepted_events", "Events that the log has acknowledged.")
        self._adjusted = counter("ingest_adjusted_events", "Events whose future time was set to the receipt.")
        self._rejected = counter("ingest_rejected_events", "Events turned away, by reason.", "code")
        self._refused = counter("ingest_refused_requests", "Requests refused as a whole, by reason.", "code")
        self._append = catalogue.histogram(
            "ingest_append_seconds", "Time that the log took to acknowledge the events of a request."
        )
        self._in_flight = gauge("ingest_in_flight_events", "Events handed to the log and not acknowledged yet.")
        self._timeouts = counter("ingest_log_timeouts", "Appends that the log did not acknowledge in time.")
        self._ticks = counter("ingest_ticks", "Ticks that the log has acknowledged, one per partition.")
        self._ticked_at = gauge(
            "ingest_last_tick_timestamp_seconds", "When this process last had its ticks acknowledged, Unix time."
        )
        self._settling = gauge("ingest_settling", "1 while ticks are held back after an outage, else 0.")

    def accepted(self, events: int, adjusted: int, seconds: float) -> None:
        """A request's events were acknowledged, after so many seconds."""
        self._accepted.inc(events)
        self._append.observe(seconds)
        if adjusted:
            self._adjusted.inc(adjusted)

    def rejected(self, code: str) -> None:
        """One event was turned away."""
        self._rejected.labels(code).inc()

    def refused(self, code: str) -> None:
        """A whole request was refused."""
        self._refused.labels(code).inc()

    def in_flight(self, events: int) -> None:
        """So many events wait for the log now."""
        self._in_flight.set(events)

    def timed_out(self) -> None:
        """The log did not answer in time."""
        self._timeouts.inc()

    def ticked(self, partitions: int, at_seconds: float) -> None:
        """A tick was acknowledged in so many partitions."""
        self._ticks.inc(partitions)
        self._ticked_at.set(at_seconds)

    def settling(self, holding: bool) -> None:
        """Ticks are held back, or no longer."""
        self._settling.set(holding)


class ApiMetrics:
    """What kept the api from answering, and what people did. Requests themselves are in HttpMetrics."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._store_errors = catalogue.counter("api_store_errors", "Reads that the store did not answer.", "error")
        self._actions = catalogue.counter("api_actions", "What people did with alerts.", "action", "outcome")

    def store_failed(self, error: str) -> None:
        """The store failed; `error` is the error's class or code."""
        self._store_errors.labels(error).inc()

    def acted(self, action: str, outcome: str) -> None:
        """Somebody acted on an alert; `outcome` is done, refused or timeout."""
        self._actions.labels(action, outcome).inc()


class ScorerMetrics:
    """The fold: what came in, what was decided, how far it is, and what went wrong."""

    def __init__(self, catalogue: Catalogue) -> None:
        counter, gauge, histogram = catalogue.counter, catalogue.gauge, catalogue.histogram
        self._records = counter("scorer_records", "Records of committed batches.", "kind")
        self._batch = histogram("scorer_batch_seconds", "Time from a batch's read to its commit.")
        self._transaction = histogram("scorer_transaction_seconds", "Time of a batch's database transaction.")
        self._events = counter("scorer_events", "Events, by what became of them.", "outcome")
        self._refolds = counter("scorer_refolds", "Customers folded again because an event came late.")
        self._transitions = counter("scorer_transitions", "Stage changes decided.", "source", "target", "cause")
        self._retractions = counter("scorer_retractions", "Stage changes taken back.")
        self._alerts = counter("scorer_alerts", "Alerts written, by the status they came to.", "kind", "status")
        self._timers = counter("scorer_timers_fired", "Timers that came due and were looked at.")
        self._walked = counter("scorer_walked_customers", "Customers that a walk has taken through a control.")
        self._dead_letters = counter("scorer_dead_letters", "Records that could not be used.")
        self._silent_sources = gauge("scorer_silent_sources", "Sources of events far below their own usual rate.")
        self._parkings = counter("scorer_parkings", "Customers parked because their fold raised.")
        self._fenced = counter("scorer_fenced_commits", "Batches given up because another scorer owns the partition.")
        self._unknown = counter("scorer_unknown_commits", "Commits whose outcome was unknown at first.")
        self._relayed = counter("scorer_relayed_messages", "Outbox messages that the log has acknowledged.", "topic")
        self._rebalances = counter("scorer_rebalances", "Changes of the partitions that this process works on.")
        self._owned = gauge("scorer_owned_partitions", "Partitions that this process works on.")
        self._halted = gauge("scorer_halted_partitions", "Owned partitions that cannot go on without an operator.")
        self._parked = gauge("scorer_parked_customers", "Customers parked now, in the whole store.")
        self._position = gauge("scorer_position", "Next offset to be processed.", "partition")
        self._walking = gauge("scorer_walking", "1 while a walk goes through a partition's customers.", "partition")
        self._lag = gauge("scorer_lag_records", "Records in the log that are not processed yet.", "partition")
        self._lag_seconds = gauge(
            "scorer_lag_seconds", "Age of the oldest record not processed yet; 0 where there is none.", "partition"
        )
        self._stream_time = gauge("scorer_stream_time_seconds", "Stream time, as Unix time.", "partition")
        self._tick_at = gauge(
            "scorer_last_tick_timestamp_seconds", "When the newest tick was processed, Unix time.", "partition"
        )
        self._timer_delay = gauge(
            "scorer_timer_delay_seconds", "How far the oldest due timer lies behind the stream time.", "partition"
        )
        self._outbox = gauge("scorer_outbox_backlog", "Outbox messages that are not relayed yet.", "partition")
        self._age = catalogue.bulk_histogram("event_age_seconds", "Time from an event's receipt to its commit.", _AGE)

    def silent_sources(self, count: int) -> None:
        """So many sources are silent."""
        self._silent_sources.set(count)

    def batch(self, kinds: Iterable[tuple[str, int]], seconds: float, transaction_seconds: float) -> None:
        """A batch was committed: its records by kind (event, action, tick, control, malformed) and its times."""
        for kind, count in kinds:
            self._records.labels(kind).inc(count)
        self._batch.observe(seconds)
        self._transaction.observe(transaction_seconds)

    def events(self, outcome: str, count: int) -> None:
        """Events were new, duplicate or conflict."""
        self._events.labels(outcome).inc(count)

    def ages(self, seconds: Iterable[float]) -> None:
        """How old events were, counted from their receipt, when their batch was committed."""
        self._age.observe(seconds)

    def refolded(self, customers: int) -> None:
        """Customers were folded again."""
        self._refolds.inc(customers)

    def transition(self, source: str, target: str, cause: str, count: int = 1) -> None:
        """Customers moved from one stage to another."""
        self._transitions.labels(source, target, cause).inc(count)

    def retracted(self, count: int) -> None:
        """Transitions were taken back."""
        self._retractions.inc(count)

    def alert(self, kind: str, status: str, count: int = 1) -> None:
        """Alerts came to a status."""
        self._alerts.labels(kind, status).inc(count)

    def timers_fired(self, count: int) -> None:
        """Timers came due."""
        self._timers.inc(count)

    def walked(self, count: int) -> None:
        """A walk has taken customers through a control."""
        self._walked.inc(count)

    def dead_letters(self, count: int) -> None:
        """Records were set aside."""
        self._dead_letters.inc(count)

    def parked(self, count: int) -> None:
        """Customers were parked."""
        self._parkings.inc(count)

    def fenced(self) -> None:
        """A commit was refused: the partition has another owner."""
        self._fenced.inc()

    def outcome_unknown(self) -> None:
        """A connection broke at the commit; the position row will tell."""
        self._unknown.inc()

    def relayed(self, topic: str, count: int) -> None:
        """Outbox messages were acknowledged by the log."""
        self._relayed.labels(topic).inc(count)

    def owns(self, partitions: int, halted: int = 0) -> None:
        """The partitions of this process have changed."""
        self._rebalances.inc()
        self._owned.set(partitions)
        self._halted.set(halted)

    def parked_now(self, customers: int) -> None:
        """So many customers are parked in the store."""
        self._parked.set(customers)

    def reached(self, partition: int, *, next_offset: int, lag: int, lag_seconds: float, walking: bool) -> None:
        """Where a partition stands, and whether a walk is open there."""
        label = str(partition)
        self._position.labels(label).set(next_offset)
        self._lag.labels(label).set(lag)
        self._lag_seconds.labels(label).set(lag_seconds)
        self._walking.labels(label).set(walking)

    def ticked(self, partition: int, *, stream_time: float, at: float, timer_delay: float = 0.0) -> None:
        """A tick was processed; both times are Unix time in seconds."""
        label = str(partition)
        self._stream_time.labels(label).set(stream_time)
        self._tick_at.labels(label).set(at)
        self._timer_delay.labels(label).set(timer_delay)

    def backlog(self, partition: int, messages: int) -> None:
        """So many messages of a partition's outbox wait for the relay."""
        self._outbox.labels(str(partition)).set(messages)

    def lost(self, partition: int) -> None:
        """A partition is another process's now: its figures must not linger here."""
        for gauge in (
            self._position, self._lag, self._lag_seconds, self._stream_time, self._tick_at, self._timer_delay,
            self._outbox, self._walking,
        ):  # fmt: skip
            gauge.remove(str(partition))

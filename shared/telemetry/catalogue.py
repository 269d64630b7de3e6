"""How metrics are made: the catalogue of one process, and a histogram that takes a batch at once."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SHORT: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Catalogue:
    """The metrics of one process: what it serves under `/metrics`."""

    def __init__(self, role: str) -> None:
        disable_created_metrics()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.gauge("process_info", "Which part of Lifestage this process runs.", "role").labels(role).set(1)

    def exposition(self) -> bytes:
        """The metrics as Prometheus scrapes them."""
        return generate_latest(self._registry)

    def counter(self, name: str, documentation: str, *labels: str) -> Counter:
        """A new counter; `_total` is added to its name."""
        return Counter(f"lifestage_{name}", documentation, labels, registry=self._registry)

    def gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        """A new gauge."""
        return Gauge(f"lifestage_{name}", documentation, labels, registry=self._registry)

    def histogram(self, name: str, documentation: str, *labels: str) -> Histogram:
        """A new histogram of short times in seconds."""
        return Histogram(f"lifestage_{name}", documentation, labels, buckets=_SHORT, registry=self._registry)

    def bulk_histogram(self, name: str, documentation: str, bounds: tuple[float, ...]) -> "BulkHistogram":
        """A new histogram that takes a batch of values at once."""
        histogram = BulkHistogram(f"lifestage_{name}", documentation, bounds)
        self._registry.register(histogram)
        return histogram


class BulkHistogram(Collector):
    """A histogram that takes a batch of values at once, without a lock and a walk over the buckets for each."""

    def __init__(self, name: str, documentation: str, bounds: tuple[float, ...]) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, values: Iterable[float]) -> None:
        """Count values; one below zero, the work of clocks that differ, counts as zero."""
        for value in values:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._sum += max(0.0, value)

    def collect(self) -> Iterator[Metric]:
        """What a scrape reads."""
        edges = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        reached = 0
        buckets: list[tuple[str, float]] = []
        for edge, count in zip(edges, self._counts, strict=True):
            reached += count
            buckets.append((edge, reached))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self._sum)

"""Metrics: names and help texts that Prometheus likes, and values that arrive where they are fed."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ApiMetrics, HttpMetrics, IngestMetrics, ScorerMetrics

STANDARD = "process_"


def everything() -> tuple[Catalogue, HttpMetrics, IngestMetrics, ApiMetrics, ScorerMetrics]:
    catalogue = Catalogue("up")
    return catalogue, HttpMetrics(catalogue), IngestMetrics(catalogue), ApiMetrics(catalogue), ScorerMetrics(catalogue)


def filled() -> Catalogue:
    """A catalogue in which every metric has a value."""
    catalogue, http, ingest, api, scorer = everything()
    http.answered("/v1/events", "POST", 202, 0.012)
    ingest.accepted(3, 1, 0.004)
    ingest.rejected("invalid_time")
    ingest.refused("busy")
    ingest.in_flight(7)
    ingest.timed_out()
    ingest.ticked(4, 1_767_225_600.5)
    ingest.settling(True)
    api.store_failed("TimeoutError")
    api.acted("snooze", "done")
    scorer.batch([("event", 3), ("tick", 4)], 0.2, 0.1)
    scorer.events("new", 3)
    scorer.ages([0.004, 0.3, 100_000.0, -0.2])
    scorer.transition("exploration", "decline", "silence")
    scorer.alert("silence", "open")
    scorer.relayed("lifecycle.alerts", 2)
    scorer.owns(4, halted=1)
    scorer.parked_now(2)
    scorer.reached(0, next_offset=12, lag=3, lag_seconds=1.5, walking=True)
    scorer.ticked(0, stream_time=1_767_225_600.0, at=1_767_225_601.0, timer_delay=2.0)
    scorer.backlog(0, 5)
    for count in (
        scorer.refolded,
        scorer.retracted,
        scorer.timers_fired,
        scorer.walked,
        scorer.dead_letters,
        scorer.parked,
    ):
        count(1)
    scorer.fenced()
    scorer.outcome_unknown()
    return catalogue


def values(catalogue: Catalogue) -> dict[str, float]:
    families = text_string_to_metric_families(catalogue.exposition().decode())
    return {
        sample.name + "".join(f"|{value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_names_and_help_texts_follow_prometheus_conventions() -> None:
    families = list(text_string_to_metric_families(filled().exposition().decode()))

    ours = [family for family in families if not family.name.startswith(STANDARD)]
    assert len(ours) > 40
    for family in ours:
        assert re.fullmatch(r"lifestage_[a-z]+(_[a-z]+)*", family.name)
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket", "_counter", "_gauge"))
        assert "milliseconds" not in family.name
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
        if family.type == "counter":
            assert all(sample.name == f"{family.name}_total" for sample in family.samples)


def test_no_label_can_name_a_customer() -> None:
    families = text_string_to_metric_families(filled().exposition().decode())

    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels == {
        "action", "cause", "code", "error", "kind", "le", "method", "outcome", "partition", "role", "route", "source",
        "status", "target", "topic",
    }  # fmt: skip


def test_what_is_fed_is_what_is_scraped() -> None:
    found = values(filled())

    assert found["lifestage_process_info|up"] == 1
    assert found["lifestage_http_requests_total|POST|/v1/events|2xx"] == 1
    assert found["lifestage_ingest_accepted_events_total"] == 3
    assert found["lifestage_ingest_settling"] == 1
    assert found["lifestage_scorer_records_total|tick"] == 4
    assert found["lifestage_scorer_lag_seconds|0"] == 1.5
    assert found["lifestage_scorer_owned_partitions"] == 4
    assert (found["lifestage_scorer_walking|0"], found["lifestage_scorer_walked_customers_total"]) == (1, 1)


def test_ages_are_counted_into_cumulative_buckets_and_none_is_negative() -> None:
    found = values(filled())

    assert found["lifestage_event_age_seconds_bucket|0.01"] == 2
    assert found["lifestage_event_age_seconds_bucket|0.5"] == 3
    assert found["lifestage_event_age_seconds_bucket|86400.0"] == 3
    assert found["lifestage_event_age_seconds_bucket|+Inf"] == 4
    assert found["lifestage_event_age_seconds_count"] == 4
    assert found["lifestage_event_age_seconds_sum"] == pytest.approx(100_000.304)


def test_a_partition_that_was_lost_leaves_no_figures_behind() -> None:
    catalogue, *_, scorer = everything()
    scorer.reached(3, next_offset=12, lag=3, lag_seconds=1.5, walking=True)
    scorer.ticked(3, stream_time=1.0, at=2.0)
    scorer.backlog(3, 1)

    scorer.lost(3)
    scorer.lost(3)

    assert not [name for name in values(catalogue) if name.endswith("|3")]

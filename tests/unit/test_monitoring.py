"""Rules, their tests, the dashboard and the run book agree with the catalogue of metrics and with one another."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import promql_parser
import pytest
from msgspec import Struct

from deploy.documents import metrics
from tests.deployment import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
OF_OTHERS = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"}


class Rule(Struct):
    """An alert or a recorded figure."""

    expr: str
    alert: str = ""
    record: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Group(Struct):
    """Rules that are evaluated together."""

    rules: list[Rule]


class Rules(Struct):
    """A file of rules."""

    groups: list[Group]


class AlertTest(Struct):
    """What a test expects of one alert at one time."""

    alertname: str
    exp_alerts: list[dict[str, Any]] = []


class Scenario(Struct):
    """One test of rules."""

    input_series: list[dict[str, str]]
    alert_rule_test: list[AlertTest] = []


class Scenarios(Struct):
    """A file of tests."""

    tests: list[Scenario]


RULES = [
    rule
    for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
    for group in msgspec.yaml.decode(path.read_bytes(), type=Rules).groups
    for rule in group.rules
]
SCENARIOS = [
    scenario
    for path in sorted((PROMETHEUS / "tests").glob("*.yml"))
    for scenario in msgspec.yaml.decode(path.read_bytes(), type=Scenarios).tests
]
ALERTS = sorted({rule.alert for rule in RULES if rule.alert})


def test_every_metric_that_a_rule_asks_for_exists() -> None:
    known = catalogued() | {rule.record for rule in RULES} | OF_OTHERS

    assert {name for rule in RULES for name in metrics_in(rule.expr)} <= known


def test_every_metric_that_the_dashboard_shows_exists() -> None:
    known = catalogued() | {rule.record for rule in RULES} | OF_OTHERS
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "lifestage.json").read_text(encoding="utf-8"))

    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]

    assert len(shown) > 20
    assert {name for expression in shown for name in metrics_in(expression)} <= known


def test_every_metric_that_a_test_of_rules_feeds_exists() -> None:
    fed = {series["series"] for scenario in SCENARIOS for series in scenario.input_series}

    assert {name for series in fed for name in metrics_in(series)} <= catalogued() | OF_OTHERS


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tested_both_firing_and_silent(alert: str) -> None:
    fires = {bool(each.exp_alerts) for test in SCENARIOS for each in test.alert_rule_test if each.alertname == alert}

    assert fires == {True, False}


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_leads_to_its_section_of_the_run_book(alert: str) -> None:
    rule = next(rule for rule in RULES if rule.alert == alert)
    path, _, anchor = rule.annotations["runbook"].partition("#")

    headings = re.findall(r"^#+ (.+)$", Path(ROOT, path).read_text(encoding="utf-8"), re.MULTILINE)

    assert rule.labels["severity"] in ("page", "ticket")
    assert anchor == alert.lower()
    assert alert in headings


def test_the_run_book_explains_no_alert_that_is_gone() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^#+ (Lifestage\w+)$", text, re.MULTILINE)) == ALERTS


def catalogued() -> set[str]:
    """Every name under which the program's metrics are stored."""
    return set(_stored(metrics()))


def _stored(exposition: str) -> Iterator[str]:
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE):
        yield from (f"{name}_bucket", f"{name}_sum", f"{name}_count") if kind == "histogram" else (name,)


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression selects."""
    found: set[str] = set()

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.MatrixSelector):
            node = node.vector_selector
        if isinstance(node, promql_parser.VectorSelector):
            assert node.name is not None, f"{expression} names no metric"
            found.add(node.name)

    promql_parser.walk(promql_parser.parse(expression.replace("$__rate_interval", "5m")), visit)
    return found

"""What a back-test says is what the scorer's functions say, with nothing known of what comes after."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from services.cli.backtest.alerts import refit_days, watch
from services.cli.backtest.history import event_of, midnight
from services.cli.backtest.plan import AlertPlan, RiskPlan
from services.cli.backtest.risks import MODEL, foretell
from services.cli.backtest.scoring import score_alerts, score_risks
from shared.domain.alerts import AlertKind
from shared.domain.controls import Governance, ModelChange
from shared.domain.instants import SECOND, Day, Instant
from shared.domain.lifecycle import fold
from shared.domain.policy import DEFAULT
from tests.unit.backtest.shops import begin, rows, shop, span_of, told, written

CUTOFF, HORIZON = 150, 40
RISKS = RiskPlan(cutoff=begin(CUTOFF), horizon=HORIZON)
ALERTS = AlertPlan(start=begin(100), horizon=20, gap=45, refit=28)
POLICY = replace(DEFAULT, churn_horizon_days=20.0, churn_silence_days=45.0)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the shop has sold."""
    return written(tmp_path_factory.mktemp("shop"), "".join(row for _, row in rows()))


def until(path: Path, day: int) -> Path:
    """The same shop as its file was after a day."""
    return written(path.parent, "".join(row for at, row in rows() if at <= day), name=f"until-{day}.csv")


def test_risks_are_the_same_whatever_happened_after_the_cut_off(known: Path) -> None:
    everything, then = foretell(shop(known), RISKS), foretell(shop(until(known, CUTOFF)), RISKS)

    said = dict(zip(then.customers, then.speaks.risks, strict=True))
    assert everything.speaks.name == MODEL
    assert dict(zip(everything.customers, everything.speaks.risks, strict=True)) == said
    assert len(said) == len(told(until(known, CUTOFF)).purchases)


def test_every_risk_is_a_probability_and_those_of_the_model_are_better_than_chance(known: Path) -> None:
    history = told(known)
    run = foretell(shop(known), RISKS)

    figures = score_risks(run, history.days("UTC"), RISKS, span_of(history))

    assert all(0 < chance < 1 for chance in run.speaks.risks)
    assert figures is not None
    assert (figures.rows[0].score.auc or 0) > 0.7
    assert {"MBG/NBD", "Pareto/NBD", "silence alone"} < {row.name for row in figures.rows}
    assert figures.days == HORIZON


def test_alerts_before_a_day_are_the_same_whatever_happened_after_it(known: Path) -> None:
    history, day = told(known), 190
    early = until(known, day)

    everything = watch(shop(known, POLICY), ALERTS, span_of(history))
    then = watch(shop(early, POLICY), ALERTS, span_of(told(early)))

    end = midnight(Day(span_of(told(early)).last + 1), "UTC")
    assert [one for one in everything.raised if one.at < end] == then.raised
    assert len(then.raised) > 20
    assert len(everything.raised) > len(then.raised)


def test_alerts_are_those_of_folding_each_customers_history_with_the_controls_of_the_refits(known: Path) -> None:
    history = told(known)
    span = span_of(history)
    run = watch(shop(known, POLICY), ALERTS, span)
    controls = [
        ModelChange(id=one.version, effective_at=Instant(midnight(one.as_of, "UTC") + SECOND), model=one.model)
        for one in run.refits
        if one.model is not None
    ]

    folded = [
        (alert.effective_at, name)
        for name, purchases in history.purchases.items()
        for alert in fold(
            name,
            [event_of(name, bought, "XOF") for bought in purchases],
            Governance.of(controls, POLICY),
            Instant(midnight(Day(span.last + 1), "UTC") - 1),
        ).alerts
        if alert.kind is AlertKind.SILENCE and alert.effective_at >= midnight(begin(101), "UTC")
    ]

    assert controls
    assert [(one.at, one.customer_id) for one in run.raised] == sorted(folded)


def test_refits_are_made_at_the_midnight_after_the_start_and_every_so_many_days(known: Path) -> None:
    assert refit_days(ALERTS, span_of(told(known))) == [begin(day) for day in (101, 129, 157, 185, 213)]


def test_the_rules_raise_as_many_alerts_as_the_model(known: Path) -> None:
    history = told(known)
    span = span_of(history)

    figures = score_alerts(watch(shop(known, POLICY), ALERTS, span), None, history.days("UTC"), ALERTS, span, "UTC")

    counts = [len(verdict.judged) for verdict in figures.verdicts.values()]
    assert counts[0] > 20
    assert counts == [counts[0]] * 3
    assert sum(figures.weeks) >= counts[0]


def test_a_calendar_is_shown_with_what_would_be_without_it(known: Path) -> None:
    pause = replace(DEFAULT, calendar={"works holidays": "2024-05-31..2024-06-20 x0"})

    run = foretell(shop(known, pause), RISKS)

    without = next(other for other in run.others if other.name == "without the calendar")
    assert all(chance > plain for chance, plain in zip(run.speaks.risks, without.risks, strict=True))
    assert without.risks == foretell(shop(known), replace(RISKS)).speaks.risks

"""How what was foretold came true: figures of the model, and of the rules that others use, over the same customers."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
from msgspec import Struct

from services.cli.backtest.alerts import AlertRun
from services.cli.backtest.plan import AlertPlan, RiskPlan, Span
from services.cli.backtest.risks import MODEL, OVER_MEAN, OWN_GAPS, PLAIN, SILENCE, Foretold, RiskRun
from services.cli.backtest.silences import Alarm, Silence, Verdict, alarms_of, judge, mean_gap, silences_in
from shared.domain.instants import Day, local_day
from shared.fitting import scores
from shared.fitting.arrays import Floats
from shared.fitting.figures import Bin, Lift, Score


class Figures(Struct, frozen=True, kw_only=True):
    """The figures of one way of judging. None: it says no probability, or what happened does not tell."""

    name: str
    score: Score
    brier: float | None = None


class RiskFigures(Struct, frozen=True, kw_only=True):
    """How risks came true: the share that bought nothing, the figures of each way, and what plots are drawn of."""

    customers: int
    left: float
    days: int
    """How many days after the cut-off are known: the horizon, or less where the file ends before."""
    rows: list[Figures]
    calibration: tuple[Bin, ...]
    lifts: dict[str, tuple[Lift, ...]]


class AlertFigures(Struct, frozen=True, kw_only=True):
    """How alerts came true, beside rules that raise as many; and over the alerts, what the model foretold of them."""

    verdicts: dict[str, Verdict]
    """By this model first, then by others; those of a rule raise as many alerts as this model."""
    weeks: list[int]
    """Alerts in each week after the start, the early and the late ones too."""
    calibration: tuple[Bin, ...]
    lifts: dict[str, tuple[Lift, ...]]


def score_risks(run: RiskRun, days: Mapping[str, Sequence[Day]], plan: RiskPlan, span: Span) -> RiskFigures | None:
    """The figures of risks; None where nothing after the cut-off is known."""
    end = min(plan.cutoff + plan.horizon, span.last)
    if end == plan.cutoff:
        return None
    gone = np.array([float(not any(plan.cutoff < day <= end for day in days[name])) for name in run.customers])
    ways = [run.speaks, *run.others]
    shown = {way.name: np.array(way.risks) for way in ways if way.name in (run.speaks.name, OVER_MEAN, SILENCE)}
    return RiskFigures(
        customers=len(gone),
        left=float(gone.mean()),
        days=end - plan.cutoff,
        rows=[_figures(way, gone) for way in ways],
        calibration=() if run.speaks.chances is None else scores.calibration(gone, np.array(run.speaks.chances)),
        lifts={name: scores.lift(gone, risks) for name, risks in shown.items()},
    )


def score_alerts(
    run: AlertRun, plain: AlertRun | None, days: Mapping[str, Sequence[Day]], plan: AlertPlan, span: Span, zone: str
) -> AlertFigures:
    """The figures of alerts, of those without the calendar, and of the rules: chosen in hindsight, to raise as many."""
    silences = silences_in(days, plan, span.last)
    alarms = _alarms(run, zone)
    verdict = judge(alarms, silences, plan)
    spoke = MODEL if any(made.accepted for made in run.refits) else OWN_GAPS
    others = {} if plain is None else {PLAIN: judge(_alarms(plain, zone), silences, plan)}
    rules = {name: alarms_of(unit, len(verdict.judged), plan) for name, unit in _units(silences, days, plan).items()}
    weeks = [0] * ((span.last - plan.start - 1) // 7 + 1)
    for alarm in alarms:
        weeks[(alarm.day - plan.start - 1) // 7] += 1
    told = [(one.alarm.chance, one.right) for one in verdict.judged if one.alarm.chance is not None]
    chances, gone = np.array([chance for chance, _ in told]), np.array([float(right) for _, right in told])
    return AlertFigures(
        verdicts={spoke: verdict, **others} | {name: judge(found, silences, plan) for name, found in rules.items()},
        weeks=weeks,
        calibration=scores.calibration(gone, chances) if told else (),
        lifts={MODEL: scores.lift(gone, chances)} if told else {},
    )


def _alarms(run: AlertRun, zone: str) -> list[Alarm]:
    return [Alarm(one.customer_id, local_day(one.at, zone), one.chance) for one in run.raised]


def _units(
    silences: Sequence[Silence], days: Mapping[str, Sequence[Day]], plan: AlertPlan
) -> dict[str, dict[Silence, float]]:
    """What the rules count silence in: days, or each customer's own mean interval; that of all for who bought once."""
    usual = mean_gap(days, plan.start)
    known = {silence: own for silence in silences if (own := silence.mean or usual) is not None}
    return {SILENCE: dict.fromkeys(silences, 1.0), OVER_MEAN: known}


def _figures(way: Foretold, gone: Floats) -> Figures:
    if way.chances is None:
        return Figures(name=way.name, score=Score(auc=scores.auc(gone, np.array(way.risks))))
    chances = np.array(way.chances)
    score = scores.score(gone, chances)
    if way.chances is not way.risks:
        score = Score(
            auc=scores.auc(gone, np.array(way.risks)), log_loss=score.log_loss, ece=score.ece, mean_p=score.mean_p
        )
    brier = fmean((chance - happened) ** 2 for chance, happened in zip(way.chances, gone, strict=True))
    return Figures(name=way.name, score=score, brier=brier)

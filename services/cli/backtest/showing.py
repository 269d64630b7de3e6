"""What a back-test tells people: a table, a sentence, and bars."""

from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Final

from rich.markup import escape
from rich.table import Table

from services.cli import terminal
from services.cli.backtest.alerts import AlertRun
from services.cli.backtest.bars import calibration_table, lift_table, weeks_table
from services.cli.backtest.history import History, Noted
from services.cli.backtest.plan import AlertPlan, RiskPlan, Span, date_of
from services.cli.backtest.risks import OVER_MEAN, SILENCE, RiskRun
from services.cli.backtest.scoring import AlertFigures, RiskFigures
from services.cli.backtest.silences import Verdict
from shared.domain.instants import Day
from shared.fitting.report import Refit

UNKNOWN: Final = "-"
MOST_ROWS: Final = 60
RULES: Final = (SILENCE, OVER_MEAN)


def show_history(name: str, history: History, span: Span) -> None:
    """What was read, and what could not be."""
    customers, rows = len(history.purchases), history.rows
    show = terminal.out.print
    show(
        f"[bold]{escape(name)}[/]: {rows:,} purchases of {customers:,} customers,"
        f" {date_of(span.first)} to {date_of(span.last)}"
    )
    _show_noted(history.skipped, "rows were skipped")
    _show_noted(history.unpriced, "purchases count without their amount")


def show_choices(chosen: Iterator[str]) -> None:
    """What nobody said."""
    if told := "; ".join(chosen):
        terminal.out.print(f"Chosen: {told}.")


def show_risks(run: RiskRun, figures: RiskFigures | None, plan: RiskPlan) -> None:
    """How the risks came true."""
    show = terminal.out.print
    last = date_of(plan.cutoff)
    show(f"Known: everything up to {last}. Asked: who buys nothing in the {plan.horizon} days after it?")
    show(f"{escape(run.refit.said)} {run.words}")
    if figures is None:
        show(f"[yellow]The file ends with {last}: what came of it is not known, and nothing can be scored.[/]")
        return
    if figures.days < plan.horizon:
        show(
            f"[yellow]The file ends {figures.days} days after the cut-off, before the horizon of {plan.horizon}: a"
            " probability is held against less time than it was said for.[/]"
        )
    show(_risk_table(figures), "")
    show(_risk_sentence(figures), "")
    if figures.calibration:
        show(calibration_table(figures.calibration, "customers"), "")
    if points := figures.lifts[run.speaks.name]:
        show(lift_table(points, figures.left), "")


def show_alerts(run: AlertRun, figures: AlertFigures, plan: AlertPlan) -> None:
    """How the alerts came true."""
    show = terminal.out.print
    show(
        f"Alerts after {date_of(plan.start)}, a refit every {plan.refit} days. One is right when nothing is bought in"
        f" the {plan.horizon} days after it; a silence of over {plan.gap} days is a customer gone."
    )
    show(_refit_table(run.refits[-MOST_ROWS:]), "")
    if len(run.refits) > MOST_ROWS:
        show(f"The newest {MOST_ROWS} of {len(run.refits):,} refits are shown.")
    for words in {made.reason: made.said for made in run.refits if not made.accepted}.values():
        show(f"[yellow]{escape(words)}[/]")
    if not any(made.accepted for made in run.refits):
        show("[yellow]No model was ever in force: the policy's own rule, each customer's own long gap, spoke.[/]")
    show(_alert_table(figures), "")
    show(*_alert_sentences(figures, plan), "", sep="\n")
    show(_weeks(figures.weeks, plan), "")
    if figures.calibration:
        show(calibration_table(figures.calibration, "alerts"), "")


def show_written(paths: Sequence[Path]) -> None:
    """Which files there are now."""
    if paths:
        terminal.out.print(f"Written: {escape(', '.join(map(str, paths)))}")
    else:
        terminal.out.print("[dim]Nothing was written: --out FILE keeps what is foretold, with plots beside it.[/]")


def percent(value: float | None) -> str:
    """A share for people."""
    return UNKNOWN if value is None else f"{value:.1%}"


def figure(value: float | None) -> str:
    """A figure to three places."""
    return UNKNOWN if value is None else f"{value:.3f}"


def _show_noted(noted: Noted, words: str) -> None:
    if not noted.count:
        return
    terminal.out.print(f"[yellow]{noted.count:,} {words}[/]")
    for one in noted.first:
        terminal.out.print(f"  {escape(one)}")
    if noted.count > len(noted.first):
        terminal.out.print(f"  … and {noted.count - len(noted.first):,} more")


def _risk_table(figures: RiskFigures) -> Table:
    table = _table("", "AUC", "log-loss", "Brier", "calibration error", "foretold")
    for row in figures.rows:
        score = row.score
        numbers = map(figure, (score.auc, score.log_loss, row.brier, score.ece))
        style = "bold" if row is figures.rows[0] else ""
        table.add_row(row.name, *numbers, percent(score.mean_p), style=style)
    return table


def _risk_sentence(figures: RiskFigures) -> str:
    first, others = figures.rows[0], figures.rows[1:]
    came = f"{percent(figures.left)} of {figures.customers:,} customers bought nothing"
    if first.score.auc is None:
        return f"{came}: there is nobody to tell them from, and no ranking can be better than another."
    rules = ", ".join(f"{row.name} {percent(row.score.auc)}" for row in others if row.name in RULES)
    return (
        f"Of two customers of whom one bought again and one did not, {first.name} gives the higher risk to the one"
        f" that did not in {percent(first.score.auc)} of cases ({rules}). It foretold that"
        f" {percent(first.score.mean_p)} would buy nothing; {came}."
    )


def _refit_table(refits: Sequence[Refit]) -> Table:
    table = _table(
        "refit", "came of it", "in force", "hazard's weight", "threshold", "alerts a week", "log-loss, tested"
    )
    in_force = "the policy's own rule"
    for made in refits:
        report, in_force = made.report, made.version if made.accepted else in_force
        members, tested = report.members, report.back_test
        blend = None if tested is None else tested.scores["blend"].log_loss
        table.add_row(
            str(date_of(made.as_of)),
            made.reason.replace("_", " "),
            in_force,
            UNKNOWN if members is None or members.hazard is None else f"{1 - members.weight:.0%}",
            figure(report.threshold),
            UNKNOWN if report.alerts_per_week is None else f"{report.alerts_per_week:,.1f}",
            figure(blend),
        )
    return table


def _weeks(weeks: Sequence[int], plan: AlertPlan) -> Table:
    """Alerts by week, or by so many weeks that they can be looked over."""
    step = max(1, ceil(len(weeks) / MOST_ROWS))
    begins = range(0, len(weeks), step)
    names = [str(date_of(Day(plan.start + 1 + 7 * week))) for week in begins]
    return weeks_table([sum(weeks[week : week + step]) for week in begins], names, step)


def _alert_table(figures: AlertFigures) -> Table:
    table = _table("", "judged", "right", "churn found", "days ahead, median", "late", "voided", "repeated", "outside")
    for name, one in figures.verdicts.items():
        lead = UNKNOWN if one.lead is None else f"{one.lead:g}"
        counts = (f"{count:,}" for count in (one.late, one.voided, one.repeated, one.outside))
        style = "bold" if one is next(iter(figures.verdicts.values())) else ""
        shares = (percent(one.precision), percent(one.recall))
        table.add_row(name, f"{len(one.judged):,}", *shares, lead, *counts, style=style)
    return table


def _alert_sentences(figures: AlertFigures, plan: AlertPlan) -> Iterator[str]:
    first, *others = figures.verdicts.items()
    verdict = first[1]
    raised, weeks = sum(figures.weeks), len(figures.weeks)
    yield (
        f"{raised:,} alerts in {weeks} weeks, {raised / max(1, weeks):.1f} a week; {verdict.outside:,} of them are of"
        f" silences from before the start, or too new to be judged. {verdict.silences:,} silences began in between,"
        f" {verdict.churned:,} of them over {plan.gap} days long."
    )
    yield _judged(verdict, plan)
    if others and verdict.judged:
        rules = "; ".join(f"{name} {percent(one.precision)} right" for name, one in others if name in RULES)
        yield f"With thresholds chosen in hindsight, so that they raise as many: {rules}."


def _judged(verdict: Verdict, plan: AlertPlan) -> str:
    if not verdict.judged:
        return "No alert could be judged: a history that goes on for longer after the start tells more."
    lead = "" if verdict.lead is None else f", half of them {verdict.lead:g} days or more before it was full"
    return (
        f"Of {len(verdict.judged):,} alerts that could be judged {percent(verdict.precision)} were right: nothing was"
        f" bought for {plan.horizon} days. They found {percent(verdict.recall)} of those long silences{lead}."
    )


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left")
    return table

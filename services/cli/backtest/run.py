"""A back-test from the file to what people read. Needs numpy and scipy: loaded only when this is what is wanted."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from services.cli import terminal
from services.cli.backtest import showing
from services.cli.backtest.alerts import AlertRun, watch
from services.cli.backtest.asking import policy_of
from services.cli.backtest.history import History
from services.cli.backtest.plan import AlertPlan, Asked, BadPlan, RiskPlan, Span, choices, date_of, plan_of
from services.cli.backtest.reading import Source, read, size_of
from services.cli.backtest.risks import RiskRun, foretell
from services.cli.backtest.scoring import score_alerts, score_risks
from services.cli.backtest.shop import Shop
from shared.domain.instants import Day, rfc3339
from shared.domain.policy import Policy
from shared.fitting.figures import Bin, Lift

CALIBRATION, LIFT = "calibration.png", "lift.png"


class Wanted(Struct, frozen=True, kw_only=True):
    """A back-test as it was asked for."""

    source: Source
    asked: Asked
    given: dict[str, object]
    """Changes of the policy."""
    zone_name: str
    out: Path | None
    plots: Path | None

    @property
    def plots_folder(self) -> Path | None:
        """Where plots go: as asked, else beside the file that is written; nowhere without one."""
        return self.plots or (self.out.parent if self.out is not None else None)


def backtest(wanted: Wanted) -> None:
    """Read, test, write and show. Raises what is wrong with the file, the plan or the policy."""
    if wanted.out is not None and not wanted.out.parent.is_dir():
        raise BadPlan(f"--out {wanted.out} lies in a folder that does not exist: make it first")
    with terminal.progress("reading", size_of(wanted.source)) as told:
        history = read(wanted.source, told)
    days = history.days(wanted.zone_name)
    span = Span(min(one[0] for one in days.values()), max(one[-1] for one in days.values()))
    plan = plan_of(wanted.asked, span)
    policy = policy_of(plan, wanted.given, history, wanted.source.reading.currency, wanted.zone_name)
    showing.show_history(wanted.source.path.name, history, span)
    showing.show_choices(choices(wanted.asked, plan))
    if isinstance(plan, RiskPlan):
        _risks(wanted, history, days, plan, span, policy)
    else:
        _alerts(wanted, history, days, plan, span, policy)


Days = dict[str, list[Day]]


def _risks(wanted: Wanted, history: History, days: Days, plan: RiskPlan, span: Span, policy: Policy) -> None:
    with terminal.progress("folding", history.rows) as told:
        run = foretell(Shop(history, policy, told), plan)
    figures = score_risks(run, days, plan, span)
    # Written first: whoever reads only the beginning of what is shown has the file all the same.
    written = [*_write(wanted.out, ("customer_id", "risk", "p_no_purchase"), _risk_rows(run))]
    if figures is not None:
        title = f"{wanted.source.path.name}: {plan.horizon} days after {date_of(plan.cutoff)}"
        written += _draw(wanted.plots_folder, title, figures.calibration, figures.lifts, figures.left)
    showing.show_risks(run, figures, plan)
    showing.show_written(written)


def _alerts(wanted: Wanted, history: History, days: Days, plan: AlertPlan, span: Span, policy: Policy) -> None:
    run, plain = _watched(history, plan, span, policy), None
    if policy.calendar:
        plain = _watched(history, plan, span, replace(policy, calendar={}))
    figures = score_alerts(run, plain, days, plan, span, policy.time_zone)
    written = [*_write(wanted.out, ("customer_id", "alerted_at"), _alert_rows(run))]
    right = next(iter(figures.verdicts.values())).precision
    title = f"{wanted.source.path.name}: {plan.horizon} days after each alert"
    written += _draw(wanted.plots_folder, title, figures.calibration, figures.lifts, right or 0.0)
    showing.show_alerts(run, figures, plan)
    showing.show_written(written)


def _watched(history: History, plan: AlertPlan, span: Span, policy: Policy) -> AlertRun:
    with terminal.progress("folding", history.rows) as told:
        return watch(Shop(history, policy, told), plan, span)


def _risk_rows(run: RiskRun) -> Iterable[Sequence[str]]:
    speaks = run.speaks
    chances = speaks.risks if speaks.chances is None else speaks.chances
    rows = zip(run.customers, speaks.risks, chances, strict=True)
    return ((name, f"{risk:.12g}", f"{chance:.12g}") for name, risk, chance in rows)


def _alert_rows(run: AlertRun) -> Iterable[Sequence[str]]:
    return ((one.customer_id, rfc3339(one.at)) for one in run.raised)


def _write(out: Path | None, header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[Path]:
    """Write a table, if that is wanted; what was written."""
    if out is None:
        return []
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return [out]


def _draw(
    folder: Path | None, title: str, bins: Sequence[Bin], lifts: dict[str, tuple[Lift, ...]], everybody: float
) -> list[Path]:
    """Draw plots as pictures, if anybody wants them and there is something to see; what was written."""
    if folder is None or not bins:
        return []
    # Loaded here: it takes half a second, which those who want no pictures do not wait.
    from services.cli.backtest.pictures import draw_calibration, draw_lift

    folder.mkdir(parents=True, exist_ok=True)
    draw_calibration(folder / CALIBRATION, f"Calibration. {title}", bins)
    draw_lift(folder / LIFT, f"Lift. {title}", lifts, everybody)
    return [folder / CALIBRATION, folder / LIFT]

"""How right the churn model is, as pictures and figures for the READMEs, made of CDNOW (`python -m docs.plots`).

The purchases are those of the package `lifetimes`; everything is what `lifestage backtest` would say of them. It takes
a few minutes. `--sample` reads the tenth of the customers that is published as a sample.
"""

from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from bench.histories import Row, cdnow
from docs.charts import Chart, calibration, lift, one_customer
from docs.course import Course, course_of
from docs.machine import READMES
from services.cli.backtest.alerts import watch
from services.cli.backtest.history import Bought, History
from services.cli.backtest.plan import AlertPlan, RiskPlan, Span, date_of, day_of
from services.cli.backtest.risks import RiskRun, foretell
from services.cli.backtest.scoring import AlertFigures, Figures, RiskFigures, score_alerts, score_risks
from services.cli.backtest.shop import Shop
from services.cli.backtest.showing import UNKNOWN, figure, percent
from shared.domain.policy import DEFAULT, Policy

FOLDER: Final = Path(__file__).parent / "plots"
BEGIN: Final = "<!-- figures: made by `python -m docs.plots` -->"
END: Final = "<!-- /figures -->"
ZONE: Final = "UTC"

ASKED: Final = (
    RiskPlan(cutoff=day_of(date(1997, 9, 30)), horizon=91),
    RiskPlan(cutoff=day_of(date(1997, 9, 30)), horizon=273),
    RiskPlan(cutoff=day_of(date(1997, 12, 31)), horizon=181),
)
"""What is asked for the table; the pictures are of the first."""
WATCHED: Final = AlertPlan(start=day_of(date(1997, 6, 30)), horizon=90, gap=180, refit=28)


class Words(NamedTuple):
    """What stands over the tables, in the language of a README."""

    risks: tuple[str, ...]
    alerts: tuple[str, ...]


WORDS: Final = {
    "README.md": Words(
        ("cut-off, days ahead", "", "AUC", "log-loss", "calibration error"),
        ("alerts", "judged", "right", "silences found", "days ahead, median"),
    ),
    "README.zh-CN.md": Words(
        ("截止日、向后天数", "", "AUC", "对数损失", "校准误差"),
        ("告警", "可评判", "正确", "找到的流失", "提前天数中位数"),
    ),
}


class Made(NamedTuple):
    """What the READMEs show: the figures of each question, and of alerts, and the pictures."""

    risks: list[tuple[RiskPlan, RiskFigures]]
    alerts: AlertFigures
    charts: Mapping[str, Chart]


def history_of(rows: Iterable[Row]) -> History:
    """Purchases as a back-test reads them."""
    found = History()
    for place, row in enumerate(rows, start=1):
        found.purchases.setdefault(row.customer_id, []).append(Bought(row.at, place, row.amount, "USD"))
    for purchases in found.purchases.values():
        purchases.sort()
    return found


def made_of(history: History) -> Made:
    """Everything that is shown, of one history."""
    days = history.days(ZONE)
    span = Span(min(one[0] for one in days.values()), max(one[-1] for one in days.values()))
    risks, first = list[tuple[RiskPlan, RiskFigures]](), list[RiskRun]()
    for plan in ASKED:
        run = foretell(Shop(history, _policy(plan.horizon), _silent), plan)
        figures = score_risks(run, days, plan, span)
        assert figures is not None, "the history goes on after each cut-off"
        risks.append((plan, figures))
        first = first or [run]
    watched = watch(Shop(history, _policy(WATCHED.horizon), _silent), WATCHED, span)
    alerts = score_alerts(watched, None, days, WATCHED, span, ZONE)
    course = course_of(history, first[0].refit, _policy(ASKED[0].horizon), ASKED[0], span)
    return Made(risks, alerts, _charts(risks[0][1], ASKED[0], course))


def tables(made: Made, words: Words) -> str:
    """The figures as tables of Markdown."""
    lines = _head(words.risks)
    for plan, figures in made.risks:
        for place, row in enumerate(figures.rows):
            asked = f"{date_of(plan.cutoff)}, {plan.horizon}" if place == 0 else ""
            lines.append(_row(asked, _bold(row.name, place), *_numbers(row)))
    lines += ["", *_head(words.alerts)]
    for place, (name, one) in enumerate(made.alerts.verdicts.items()):
        lead = UNKNOWN if one.lead is None else f"{one.lead:g}"
        shares = (percent(one.precision), percent(one.recall))
        lines.append(_row(_bold(name, place), f"{len(one.judged):,}", *shares, lead))
    return "\n".join(lines)


def with_tables(text: str, told: str) -> str:
    """The text with the tables between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{told}\n{END}{after}"


def write(made: Made, folder: Path) -> None:
    """Write the pictures."""
    folder.mkdir(exist_ok=True)
    for name, chart in made.charts.items():
        (folder / f"{name}.svg").write_text(chart.drawn(), encoding="utf-8")


def main() -> None:
    """Draw the pictures, and put the figures into both READMEs unless they are of a sample."""
    parser = ArgumentParser(description="How right the churn model is on CDNOW, as pictures and figures.")
    parser.add_argument("--sample", action="store_true", help="a tenth of the customers; the READMEs stay")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    asked = parser.parse_args()
    made = made_of(history_of(cdnow(sample=asked.sample)))
    write(made, asked.folder)
    if not asked.sample:
        for readme in READMES:
            text = readme.read_text(encoding="utf-8")
            readme.write_text(with_tables(text, tables(made, WORDS[readme.name])), encoding="utf-8")


def _charts(figures: RiskFigures, plan: RiskPlan, course: Course | None) -> Mapping[str, Chart]:
    asked = f"CDNOW, {figures.customers:,} customers known by {date_of(plan.cutoff)}, {plan.horizon} days ahead"
    drawn = {"calibration": calibration(figures, asked), "lift": lift(figures, asked)}
    return drawn if course is None else {**drawn, "one-customer": one_customer(course)}


def _policy(horizon: int) -> Policy:
    """As many alerts as there are silences that are taken for churn."""
    return replace(DEFAULT, churn_horizon_days=float(horizon), churn_silence_days=float(WATCHED.gap))


def _silent(done: int) -> None:
    """Nobody looks on."""


def _numbers(row: Figures) -> tuple[str, ...]:
    return tuple(map(figure, (row.score.auc, row.score.log_loss, row.score.ece)))


def _bold(name: str, place: int) -> str:
    return f"**{name}**" if place == 0 else name


def _head(words: tuple[str, ...]) -> list[str]:
    return [_row(*words), _row(*("---" for _ in words))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

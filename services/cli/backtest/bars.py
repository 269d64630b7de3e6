"""Plots for the terminal: bars made of letters, so that they can be read in any of them."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table

from shared.fitting.figures import Bin, Lift

WIDTH: Final = 40
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_MARK: Final = "┃"


def bar(share: float, mark: float | None = None, width: int = WIDTH) -> str:
    """A bar as long as a share of its width, and a mark where another share would end."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    letters = list(("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).ljust(width)[:width])
    if mark is not None:
        letters[min(width - 1, max(0, round(mark * width) - 1))] = _MARK
    return "".join(letters).rstrip()


def calibration_table(bins: Sequence[Bin], of: str) -> Table:
    """What was foretold against what happened: the bar is what happened, the mark what was foretold."""
    table = _plot(f"Calibration: bought nothing ({_MARK} as foretold)", of, "foretold", "happened", "")
    for one in bins:
        table.add_row(f"{one.customers:,}", f"{one.mean_p:.0%}", f"{one.share:.0%}", bar(one.share, one.mean_p))
    return table


def lift_table(points: Sequence[Lift], everybody: float) -> Table:
    """The share that bought nothing among the riskiest; the mark is the share of everybody."""
    table = _plot(f"Lift: bought nothing ({_MARK} everybody)", "the riskiest", "bought nothing", "lift", "")
    for one in points:
        times = one.found / one.called
        table.add_row(
            f"{one.called:.0%}", f"{times * everybody:.0%}", f"{times:.2f}", bar(times * everybody, everybody)
        )
    return table


def weeks_table(weeks: Sequence[int], names: Sequence[str], step: int) -> Table:
    """How many alerts came in every `step` weeks."""
    table = _plot("Alerts a week" if step == 1 else f"Alerts in {step} weeks each", "week of", "alerts", "")
    most = max(weeks, default=0) or 1
    for name, count in zip(names, weeks, strict=True):
        table.add_row(name, f"{count:,}", bar(count / most))
    return table


def _plot(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, header_style="dim", pad_edge=False)
    for heading in headings[:-1]:
        table.add_column(heading, justify="right")
    table.add_column(headings[-1], justify="left", no_wrap=True)
    return table

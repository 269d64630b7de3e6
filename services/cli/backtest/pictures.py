"""Plots as pictures: how far probabilities came true, and how well the riskiest were told from the rest."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from shared.fitting.figures import Bin, Lift

INCHES: Final = (6.4, 5.2)
DOTS: Final = 120
COLOURS: Final = ("#0969da", "#bc4c00", "#8250df", "#1a7f37")
_INK, _SOFT, _GRID = "#1f2328", "#59636e", "#d8dee4"


def draw_calibration(path: Path, title: str, bins: Sequence[Bin]) -> None:
    """Write the plot of what was foretold against what happened; a dot's area tells how many it stands for."""
    figure, axes = _paper(title, "probability of no purchase, as foretold", "share that bought nothing")
    axes.plot([0, 1], [0, 1], color=_SOFT, linewidth=1, linestyle="--", label="exactly right")
    most = max((one.customers for one in bins), default=1)
    across, up = [one.mean_p for one in bins], [one.share for one in bins]
    axes.plot(across, up, color=COLOURS[0], linewidth=1)
    sizes = [20 + 220 * one.customers / most for one in bins]
    axes.scatter(across, up, s=sizes, color=COLOURS[0], label="this model")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    _save(figure, axes, path)


def draw_lift(path: Path, title: str, lifts: Mapping[str, Sequence[Lift]], everybody: float) -> None:
    """Write the plot of the share that bought nothing among the riskiest, by how many of them one looks at."""
    figure, axes = _paper(title, "so many of all, the riskiest first", "share of them that bought nothing")
    axes.axhline(everybody, color=_SOFT, linewidth=1, linestyle="--", label="everybody")
    for (name, points), colour in zip(lifts.items(), COLOURS, strict=False):
        shares = [one.found / one.called * everybody for one in points]
        axes.plot([one.called for one in points], shares, color=colour, marker="o", markersize=4, label=name)
    axes.set_xlim(0, 1.02)
    _save(figure, axes, path)


def _paper(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=INCHES, dpi=DOTS, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=_INK, fontsize=11)
    axes.set_xlabel(across, color=_INK)
    axes.set_ylabel(up, color=_INK)
    axes.grid(color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Figure, axes: Axes, path: Path) -> None:
    axes.legend(frameon=False)
    figure.savefig(path)

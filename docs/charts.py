"""Charts of how right a model is: what was foretold against what happened, lift, and one customer's risk."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from docs.course import Course
from docs.svg import circle, document, line, num, rect, text, width_of
from services.cli.backtest.plan import date_of
from services.cli.backtest.scoring import RiskFigures
from shared.domain.instants import Day

COLOURS: Final = ("var(--buy)", "var(--medium)", "var(--buy2)")
TENTHS: Final = [place / 10 for place in range(11)]
MOST_RADIUS: Final = 9.0


class Chart(NamedTuple):
    """A picture: its title, what it says to whoever cannot see it, its size, and its shapes."""

    title: str
    told: str
    width: float
    height: float
    shapes: list[str]

    def drawn(self) -> str:
        """The picture as an SVG document."""
        return document(self.width, self.height, self.title, self.told, self.shapes)


class Paper(NamedTuple):
    """Where the plot lies in its picture, and what its sides stand for."""

    left: float
    top: float
    right: float
    bottom: float
    across: tuple[float, float] = (0.0, 1.0)
    up: tuple[float, float] = (0.0, 1.0)

    def x(self, value: float) -> float:
        """Where a value lies from left to right."""
        return self.left + (value - self.across[0]) / (self.across[1] - self.across[0]) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where a value lies from the bottom up."""
        return self.bottom - (value - self.up[0]) / (self.up[1] - self.up[0]) * (self.bottom - self.top)


def calibration(figures: RiskFigures, asked: str) -> Chart:
    """What was foretold against what happened; a dot's area tells for how many customers it stands."""
    paper = Paper(64, 76, 540, 412)
    most = max(one.customers for one in figures.calibration)
    shapes = [*_title("Calibration", asked), *_grid(paper, TENTHS, TENTHS)]
    shapes += _axes(paper, "probability of no purchase, as foretold", "share that bought nothing")
    shapes.append(line(paper.x(0), paper.y(0), paper.x(1), paper.y(1), 'stroke="var(--soft)" stroke-dasharray="4 3"'))
    dots = [(paper.x(one.mean_p), paper.y(one.share)) for one in figures.calibration]
    shapes.append(_curve(dots, COLOURS[0]))
    for (x, y), one in zip(dots, figures.calibration, strict=True):
        radius = 2.5 + (MOST_RADIUS - 2.5) * (one.customers / most) ** 0.5
        shapes.append(circle(x, y, radius, f'fill="{COLOURS[0]}"'))
    told = "; ".join(f"foretold {one.mean_p:.0%}, happened {one.share:.0%}" for one in figures.calibration)
    return Chart(f"Calibration. {asked}", f"{told}.", 560, 456, shapes)


def lift(figures: RiskFigures, asked: str) -> Chart:
    """The share that bought nothing among the riskiest, by the model and by the rules that everybody uses."""
    curves = {
        name: [(one.called, one.found / one.called * figures.left) for one in points]
        for name, points in figures.lifts.items()
    }
    shares = [share for points in curves.values() for _, share in points]
    low, high = int(min(shares) * 20) / 20, min(1.0, int(max(shares) * 20 + 1) / 20)
    paper = Paper(64, 76, 540, 378, up=(low, high))
    steps = [low + place * (high - low) / 5 for place in range(6)]
    shapes = [*_title("Lift", asked), *_grid(paper, TENTHS, steps)]
    shapes += _axes(paper, "so many of all customers, the riskiest first", "share of them that bought nothing")
    everybody = paper.y(figures.left)
    shapes.append(line(paper.left, everybody, paper.right, everybody, 'stroke="var(--soft)" stroke-dasharray="4 3"'))
    for points, colour in zip(curves.values(), COLOURS, strict=False):
        dots = [(paper.x(called), paper.y(share)) for called, share in points]
        shapes += [_curve(dots, colour), *(circle(x, y, 3, f'fill="{colour}"') for x, y in dots)]
    shapes += _legend(paper.left, 440, [*zip(curves, COLOURS, strict=False), ("everybody", "var(--soft)")])
    told = "; ".join(f"{name}: {points[0][1]:.0%} of the riskiest tenth" for name, points in curves.items())
    return Chart(f"Lift. {asked}", f"Bought nothing by {told}; {figures.left:.0%} of everybody.", 560, 456, shapes)


def one_customer(course: Course) -> Chart:
    """A customer's risk from day to day: purchases let it fall, silence lets it rise, in the end comes the alert."""
    paper = Paper(64, 76, 890, 258, across=(course.span.first, course.span.last))
    fitted, reached, base = paper.x(course.fitted), paper.y(course.threshold), paper.bottom
    shapes = _title("One customer", f"customer {course.customer_id} of CDNOW, the model fitted on what was known then")
    shapes += [*_grid(paper, [], [0, 0.25, 0.5, 0.75, 1]), *_months(paper)]
    shapes.append(
        text(paper.left, paper.top - 8, f"risk: no purchase in the next {course.horizon} days", 'class="soft"')
    )
    shapes.append(line(paper.left, reached, paper.right, reached, 'stroke="var(--high)" stroke-dasharray="4 3"'))
    shapes.append(line(fitted, paper.top, fitted, base, 'stroke="var(--soft)" stroke-dasharray="2 3"'))
    shapes.append(text(fitted + 4, paper.top + 10, f"model fitted, {date_of(course.fitted)}", 'class="soft free"'))
    for later, opacity in ((False, "0.4"), (True, "1")):
        dots = [(paper.x(day), paper.y(chance)) for day, chance in course.risks if (day >= course.fitted) is later]
        shapes.append(_curve(dots, COLOURS[0], f' opacity="{opacity}"'))
    shapes += (circle(paper.x(day), base, 3.5, 'fill="var(--good)"') for day in course.bought)
    x = paper.x(course.alerted)
    shapes += [line(x, paper.top, x, base, 'stroke="var(--high)" stroke-width="1.5"'), _flag(x, paper.top)]
    shapes += _legend(paper.left, 300, [("risk", COLOURS[0]), ("bought", "var(--good)"), ("threshold", "var(--high)")])
    alerted = date_of(Day(int(course.alerted)))
    told = f"{len(course.bought)} purchase days from {date_of(course.bought[0])} to {date_of(course.bought[-1])}"
    return Chart(f"Customer {course.customer_id}", f"{told}; the alert came on {alerted}.", 920, 316, shapes)


def _title(title: str, asked: str) -> list[str]:
    return [text(20, 27, title, 'class="title"'), text(20, 44, asked, 'class="soft"')]


def _grid(paper: Paper, across: Sequence[float], up: Sequence[float]) -> list[str]:
    """Faint lines, with their shares beside them; those from left to right are named too."""
    shapes = [line(paper.x(at), paper.top, paper.x(at), paper.bottom, 'stroke="var(--grid)"') for at in across]
    shapes += [line(paper.left, paper.y(at), paper.right, paper.y(at), 'stroke="var(--grid)"') for at in up]
    shapes += [
        text(paper.x(at), paper.bottom + 15, f"{at:.0%}", 'class="soft" text-anchor="middle"') for at in across[::2]
    ]
    return shapes + [text(paper.left - 6, paper.y(at) + 4, f"{at:.0%}", 'class="soft" text-anchor="end"') for at in up]


def _axes(paper: Paper, across: str, up: str) -> list[str]:
    middle = (paper.left + paper.right) / 2
    return [
        text(middle, paper.bottom + 32, across, 'class="soft" text-anchor="middle"'),
        text(paper.left, paper.top - 8, up, 'class="soft"'),
    ]


def _months(paper: Paper) -> list[str]:
    """The first day of each quarter under the plot."""
    shapes = []
    for day in range(int(paper.across[0]), int(paper.across[1]) + 1):
        begins = date_of(Day(day))
        if begins.day == 1 and begins.month % 3 == 1:
            x = paper.x(day)
            shapes.append(line(x, paper.bottom, x, paper.bottom + 4, 'stroke="var(--soft)"'))
            shapes.append(text(x, paper.bottom + 17, f"{begins:%Y-%m}", 'class="soft" text-anchor="middle"'))
    return shapes


def _curve(dots: Sequence[tuple[float, float]], colour: str, more: str = "") -> str:
    points = " ".join(f"{num(x)},{num(y)}" for x, y in dots)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"{more}/>'


def _flag(x: float, y: float) -> str:
    return text(x - 5, y + 10, "alert", 'class="free" text-anchor="end" style="fill: var(--high)"')


def _legend(left: float, y: float, entries: Sequence[tuple[str, str]]) -> list[str]:
    shapes, x = list[str](), left
    for name, colour in entries:
        shapes += [rect(x, y - 8, 10, 10, f'rx="2" fill="{colour}"'), text(x + 15, y + 1, name)]
        x += 15 + width_of(name) + 18
    return shapes

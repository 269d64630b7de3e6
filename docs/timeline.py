"""A story as a picture: stages as bands, alerts as flags, events as marks along the days."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

from docs.marks import Mark, mark_of
from docs.svg import Lanes, circle, document, line, num, rect, text, width_of
from shared.domain.alerts import AlertStatus
from shared.domain.controls import FeedChange
from shared.domain.events import Event, Purchase, order_key
from shared.domain.stages import RECOVERED, Stage
from tests.builders import days_in
from tests.stories.told import Move, Raised, Story

WIDTH: Final = 920.0
LEFT: Final = 84.0
RIGHT: Final = 896.0
BAND: Final = 24.0
FLAG: Final = 25.0
WORDS: Final = 14.0
STEM: Final = 40.0
DISC: Final = 19.0

COLOURS: Final = {
    Stage.PROSPECT: "#c3d0dd",
    Stage.EXPLORATION: "#8cc4f0",
    Stage.FORMATION: "#83d6c5",
    Stage.STABILITY: "#7cc98a",
    Stage.DECLINE: "#f3ac66",
    Stage.DORMANT: "#bdb2e6",
    Stage.ENDED: "#b4b9bf",
}
BUYS: Final = ("buy", "buy2", "buy3")
"""The colours of purchases: of all, or of each line."""


class Scale(NamedTuple):
    """Days to pixels."""

    until: float

    def x(self, day: float) -> float:
        """Where a day lies."""
        return LEFT + day / self.until * (RIGHT - LEFT)

    def steps(self) -> Iterable[int]:
        """The days that the axis names: about ten of them."""
        step = next(step for step in (2, 5, 10, 15, 30, 60, 90) if self.until / step <= 14)
        return range(0, int(self.until) + 1, step)


class Part(NamedTuple):
    """A horizontal part of a picture, as high as it has to be."""

    height: float
    shapes: list[str]


def picture(story: Story) -> str:
    """The picture of a story, an SVG document."""
    scale = Scale(story.until)
    parts, y = [title(story)], 0.0
    parts.append(flags(story, scale, parts[0].height))
    y = sum(part.height for part in parts)
    for name, moves, faint in bands_of(story):
        parts.append(band(name, moves, faint, scale, y))
        y += parts[-1].height
    happened = happenings(story, scale, y)
    foot = axis(scale, parts[0].height, y + happened.height)
    below = legend(story, y + happened.height + foot.height)
    parts = [parts[0], Part(foot.height, foot.shapes), *parts[1:], happened, below]
    height = y + happened.height + foot.height + below.height
    return document(WIDTH, height, f"{story.title} {story.zh}", told(story), (s for part in parts for s in part.shapes))


def told(story: Story) -> str:
    """The course in words."""
    moves = [f"day {num(move.day)}: {_of(move.line)}{move.stage.value}" for move in story.course.moves]
    raised = [f"day {num(alert.day)}: alert {flag_words(alert)}" for alert in story.course.alerts]
    return "; ".join([*moves, *raised]) + f"; seen on day {num(story.until)}."


def title(story: Story) -> Part:
    """Both titles, the day at which we look, and what is then true beside the stage."""
    names = f'{escape(story.title, quote=False)}<tspan class="zh" dx="12">{story.zh}</tspan>'
    beside = [name for name in ("lost", "waking") if story.at_end.get(name)]
    tier = [f"tier {story.at_end['tier']}"] if "tier" in story.at_end else []
    seen = ", ".join([f"seen on day {num(story.until)}", *beside, *tier])
    shapes = [f'<text x="20" y="27" class="title">{names}</text>']
    return Part(42, [*shapes, text(RIGHT, 27, seen, 'class="soft" text-anchor="end"')])


def flags(story: Story, scale: Scale, top: float) -> Part:
    """Alerts from being raised to being closed; one that a late event disproves is told as withdrawn."""
    alerts = [(alert, flag_words(alert)) for alert in story.course.alerts]
    held = story.course.alerts
    if story.believed is not None:
        alerts += [(_withdrawn(one), flag_words(_withdrawn(one))) for one in story.believed.alerts if one not in held]
    if not alerts:
        return Part(22, [text(20, top + 12, "no alert", 'class="soft"')])
    lanes, shapes = Lanes(10), [text(20, top + 12, "alerts", 'class="soft"')]
    placed = [(alert, words, lanes.place(*_reach(alert, words, scale))) for alert, words in alerts]
    bottom = top + lanes.rows * FLAG
    for alert, words, row in placed:
        shapes += _flag(alert, words, scale, top + row * FLAG, bottom)
    shapes.sort(key=lambda shape: shape.startswith("<text"))
    return Part(lanes.rows * FLAG + 4, shapes)


def flag_words(alert: Raised) -> str:
    """What the alert says, how urgently, why, and what became of it."""
    known = alert.reason != "unknown" and not alert.kind.value.startswith(alert.reason[:8])
    reason = f" ({alert.reason.replace('_', ' ')})" if known else ""
    end = alert.status.value if alert.outcome is None else alert.outcome.value
    return f"{_of(alert.line)}{alert.kind.value.replace('_', ' ')}{reason}, {alert.severity.value} → {end}"


def bands_of(story: Story) -> Iterator[tuple[str, Sequence[Move], bool]]:
    """The bands: of the whole relationship, of what was believed of it, of each line."""
    moves = story.course.moves
    lines = sorted({move.line for move in moves if move.line is not None})
    yield "whole" if lines else "stage", [move for move in moves if move.line is None], False
    if story.believed is not None:
        yield "believed", story.believed.moves, True
    for name in lines:
        yield name, [move for move in moves if move.line == name], False


def band(name: str, moves: Sequence[Move], faint: bool, scale: Scale, y: float) -> Part:
    """Stages in their colours, and under them why each began."""
    ends = [later.day for _, later in pairwise(moves)] + [scale.until]
    shapes = [text(20, y + 16, name, 'class="soft"')]
    opacity = ' opacity="0.45"' if faint else ""
    for move, end in zip(moves, ends, strict=True):
        left, width = scale.x(move.day), scale.x(end) - scale.x(move.day)
        shapes.append(rect(left, y, width, BAND, f'fill="{COLOURS[move.stage]}"{opacity}'))
        shapes.append(text(left + width / 2, y + 16, _fitting(move.stage, width), 'class="on" text-anchor="middle"'))
    lanes = Lanes(8)
    # From the right to the left, so that no line down to a lower row cuts through words.
    for move in sorted(moves, key=lambda one: -one.day):
        words, left = _cause(move), scale.x(move.day)
        begin = left + 3 if left + 3 + width_of(words) <= RIGHT + 12 else left - 3 - width_of(words)
        under = y + BAND + 11 + WORDS * lanes.place(begin, begin + width_of(words))
        shapes.append(line(left, y - 3, left, under, 'stroke="var(--ink)" stroke-width="1.2"'))
        shapes.append(text(begin, under, words, 'class="free"'))
    shapes.sort(key=lambda shape: shape.startswith("<text"))
    return Part(BAND + WORDS * lanes.rows + 10, shapes)


def happenings(story: Story, scale: Scale, y: float) -> Part:
    """Purchases as stems as high as their amounts, everything else as marks under the line."""
    bought = [event for event in story.events if isinstance(event, Purchase)]
    stem = STEM if bought else 0.0
    base, lanes = y + stem + 8, Lanes(1)
    shapes = [*_outages(story, scale, y), text(20, base, "events", 'class="soft"')]
    shapes.append(line(LEFT, base, RIGHT, base, 'stroke="var(--soft)"'))
    for purchase in bought:
        shapes += _stem(story, purchase, purchase.amount / max(one.amount for one in bought), scale, base)
    for event in sorted(story.events, key=order_key):
        if not isinstance(event, Purchase):
            x = scale.x(_day(event))
            under = base + 13 + DISC * lanes.place(x - 8, x + 8)
            shapes.append(line(x, base, x, under, 'stroke="var(--soft)" stroke-width="0.8"'))
            shapes += disc(x, under, mark_of(event))
    return Part(stem + 14 + DISC * lanes.rows, shapes)


def _stem(story: Story, event: Purchase, share: float, scale: Scale, base: float) -> list[str]:
    """A purchase, as high as its share of the largest; one that arrived late is dashed and hollow."""
    x, top = scale.x(_day(event)), base - 8 - (STEM - 12) * share
    colour, late = f"var(--{buy_colour(story, event.line)})", event in story.late
    dashes = ' stroke-dasharray="3 2"' if late else ""
    return [
        line(x, base, x, top, f'stroke="{colour}" stroke-width="2"{dashes}'),
        circle(x, top, 3.5, f'fill="{"var(--card)" if late else colour}" stroke="{colour}"'),
    ]


def disc(x: float, y: float, mark: Mark) -> list[str]:
    """A mark: a letter in a disc."""
    return [
        circle(x, y, 8, f'fill="var(--{mark.colour})"'),
        text(x, y + 3.6, mark.letter, 'class="glyph" text-anchor="middle"'),
    ]


def axis(scale: Scale, top: float, y: float) -> Part:
    """The days, and a faint line up from each that is named."""
    shapes = [text(20, y + 12, "day", 'class="soft"')]
    for day in scale.steps():
        shapes.append(line(scale.x(day), top - 4, scale.x(day), y, 'stroke="var(--grid)"'))
        shapes.append(text(scale.x(day), y + 12, str(day), 'class="soft" text-anchor="middle"'))
    return Part(22, shapes)


def legend(story: Story, y: float) -> Part:
    """What the marks of this story mean."""
    shapes, x, row = [line(20, y, RIGHT, y, 'stroke="var(--grid)"')], 28.0, y + 16
    for name, sign in _entries(story):
        if x + 14 + width_of(name) > RIGHT:
            x, row = 28.0, row + 20
        shapes += disc(x, row, sign) if isinstance(sign, Mark) else [circle(x, row, 4, sign)]
        shapes.append(text(x + 13, row + 4, name))
        x += 13 + width_of(name) + 24
    return Part(row - y + 16, shapes)


def _entries(story: Story) -> Iterator[tuple[str, Mark | str]]:
    """The entries of the legend: a name, and its mark or how its dot is drawn."""
    bought = [event for event in story.events if isinstance(event, Purchase)]
    for name in sorted({event.line or "" for event in bought}):
        colour = f"var(--{buy_colour(story, name)})"
        yield f"bought {name}".strip(), f'fill="{colour}" stroke="{colour}"'
    marks = (mark_of(event) for event in sorted(story.events, key=order_key) if not isinstance(event, Purchase))
    yield from ((mark.name, mark) for mark in dict.fromkeys(marks))
    if story.late:
        yield "arrived late", 'fill="var(--card)" stroke="var(--buy)"'


def buy_colour(story: Story, line: str | None) -> str:
    """The colour of a purchase, by its line."""
    lines = sorted({event.line for event in story.events if isinstance(event, Purchase) and event.line is not None})
    return BUYS[lines.index(line) % len(BUYS)] if line in lines else BUYS[0]


def _flag(alert: Raised, words: str, scale: Scale, y: float, bottom: float) -> list[str]:
    begin, end = scale.x(alert.day), scale.x(scale.until if alert.closed is None else alert.closed)
    shown = alert.status in (AlertStatus.OPEN, AlertStatus.RESOLVED)
    colour = f"var(--{alert.severity.value})" if shown else "var(--muted)"
    left, _ = _reach(alert, words, scale)
    shapes = [
        line(begin, y + 13, begin, bottom + 4, f'stroke="{colour}" stroke-width="1.5"'),
        rect(begin, y + 13, max(end - begin, 3), 5, f'fill="{colour}"{"" if shown else OUTLINED}'),
        text(left, y + 9, words, f'class="free" style="fill: {colour}"'),
    ]
    if alert.closed is not None:
        shapes.append(
            circle(max(end, begin + 3), y + 15.5, 4, f'fill="var(--card)" stroke="{colour}" stroke-width="1.5"')
        )
    return shapes


OUTLINED: Final = ' fill-opacity="0.25" stroke="var(--muted)" stroke-dasharray="3 2"'


def _reach(alert: Raised, words: str, scale: Scale) -> tuple[float, float]:
    """From where to where an alert with its words reaches: the words may begin left of it, at the right edge."""
    begin, end = scale.x(alert.day), scale.x(scale.until if alert.closed is None else alert.closed)
    left = min(begin, RIGHT - width_of(words))
    return left, max(end + 5, left + width_of(words))


def _withdrawn(alert: Raised) -> Raised:
    return alert._replace(status=AlertStatus.WITHDRAWN)


def _outages(story: Story, scale: Scale, y: float) -> list[str]:
    """The time in which a source said nothing, shaded."""
    changes = [change for change in story.controls if isinstance(change, FeedChange)]
    shapes = []
    for silent, speaks in pairwise(changes):
        left, right = scale.x(days_in(silent.effective_at) or 0), scale.x(days_in(speaks.effective_at) or 0)
        shapes.append(rect(left, y, right - left, STEM + 8, 'fill="var(--muted)" fill-opacity="0.22"'))
        shapes.append(text((left + right) / 2, y + 14, f"{silent.source} says nothing", 'text-anchor="middle"'))
    return shapes


def _fitting(stage: Stage, width: float) -> str:
    """The stage's name as far as there is room for it."""
    name = stage.value.capitalize()
    if width_of(name) * 1.08 + 4 <= width:
        return name
    return f"{name[:4]}." if width >= 36 and len(name) > 6 else ""


def _cause(move: Move) -> str:
    why = move.signal.value.partition("_")[0] if move.signal in RECOVERED.values() else move.signal.value
    by = "" if move.cause == "event" else f", by {move.cause}"
    cycle = f", cycle {move.cycle}" if move.cycle > 1 else ""
    return f"{num(move.day)} {why.replace('_', ' ')}{by}{cycle}"


def _of(line: str | None) -> str:
    return "" if line is None else f"{line}: "


def _day(event: Event) -> float:
    return days_in(event.occurred_at) or 0.0

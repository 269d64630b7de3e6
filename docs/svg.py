"""Small pieces of SVG as text: shapes, words, and a style that can be read by day and by night."""

from collections.abc import Iterable
from html import escape
from typing import Final

STYLE: Final = """
svg { font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", "Noto Sans CJK SC",
  "PingFang SC", "Microsoft YaHei", sans-serif; font-size: 11px;
  --card: #ffffff; --edge: #d0d7de; --ink: #1f2328; --soft: #59636e; --grid: #eaeef2; --late: #8250df;
  --low: #9a6700; --medium: #bc4c00; --high: #cf222e; --critical: #8e0b3a; --muted: #8c959f;
  --good: #1a7f37; --bad: #cf222e; --plain: #57606a; --buy: #0969da; --buy2: #8250df; --buy3: #bf3989 }
@media (prefers-color-scheme: dark) { svg {
  --card: #0d1117; --edge: #30363d; --ink: #e6edf3; --soft: #9198a1; --grid: #21262d; --late: #ab7df8;
  --low: #d29922; --medium: #f0883e; --high: #f85149; --critical: #ff6f9f; --muted: #6e7681;
  --good: #2ea043; --bad: #da3633; --plain: #6e7681; --buy: #4493f8; --buy2: #ab7df8; --buy3: #db61a2 } }
text { fill: var(--ink) } .soft { fill: var(--soft) } .title { font-size: 16px; font-weight: 600 }
.zh { fill: var(--soft); font-size: 14px; font-weight: 400 }
.free { paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round }
.on { fill: #10202b; font-weight: 600 } .glyph { fill: #ffffff; font-weight: 700; font-size: 10px }
""".strip()
"""Colours are variables, so that a picture follows the reader's preference."""

LETTER: Final = 6.1
"""How wide a letter of 11 px is at most on the average, px."""


def width_of(words: str) -> float:
    """How much room words take at 11 px; a Chinese character takes two letters' room."""
    return sum(LETTER if ord(letter) < 0x2E80 else 2 * LETTER for letter in words)


def num(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{round(value, 1):g}"


def rect(x: float, y: float, width: float, height: float, more: str) -> str:
    """A rectangle; `more` are further attributes."""
    return f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}" {more}/>'


def line(x1: float, y1: float, x2: float, y2: float, more: str) -> str:
    """A straight line."""
    return f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}" {more}/>'


def circle(x: float, y: float, radius: float, more: str) -> str:
    """A circle."""
    return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(radius)}" {more}/>'


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Words on one line, their baseline at y."""
    return f'<text x="{num(x)}" y="{num(y)}"{" " + more if more else ""}>{escape(words, quote=False)}</text>'


def document(width: float, height: float, title: str, told: str, shapes: Iterable[str]) -> str:
    """A whole picture on a card of its own; `title` and `told` are what it says to whoever cannot see it."""
    size = f'width="{num(width)}" height="{num(height)}" viewBox="0 0 {num(width)} {num(height)}"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title told">',
        f'<title id="title">{escape(title, quote=False)}</title>',
        f'<desc id="told">{escape(told, quote=False)}</desc>',
        f"<style>{STYLE}</style>",
        rect(0.5, 0.5, width - 1, height - 1, 'rx="8" fill="var(--card)" stroke="var(--edge)"'),
        *shapes,
        "</svg>",
    )
    return "\n".join(lines) + "\n"


class Lanes:
    """Rows for things that must not touch: each goes to the first row with room."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._taken: list[list[tuple[float, float]]] = []

    def place(self, left: float, right: float) -> int:
        """The row for something from left to right."""
        for row, taken in enumerate(self._taken):
            if all(right + self._gap <= begin or left >= end + self._gap for begin, end in taken):
                taken.append((left, right))
                return row
        self._taken.append([(left, right)])
        return len(self._taken) - 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._taken)

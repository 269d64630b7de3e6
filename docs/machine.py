"""The diagram of the state machine, drawn from the transition table, for the READMEs (`python -m docs.machine`)."""

from collections import defaultdict
from pathlib import Path
from typing import Final

from shared.domain.stages import MOVES, Signal, Stage

BEGIN: Final = "<!-- machine: made by `python -m docs.machine` from shared/domain/stages.py -->"
END: Final = "<!-- /machine -->"
READMES: Final = tuple(Path(__file__).parent.parent / name for name in ("README.md", "README.zh-CN.md"))


def diagram() -> str:
    """A Mermaid state diagram with one arrow for each pair of stages, labelled with the signals that lead along it."""
    arrows: defaultdict[tuple[Stage, Stage], list[Signal]] = defaultdict(list)
    for (source, signal), target in MOVES.items():
        arrows[source, target].append(signal)
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR"]
    for (source, target), signals in arrows.items():
        start = "[*]" if source is Stage.TARGET else source.value
        lines.append(f"    {start} --> {target.value}: {', '.join(signals)}")
    return "\n".join([*lines, "```"])


def with_diagram(text: str) -> str:
    """The text with the diagram between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{diagram()}\n{END}{after}"


def main() -> None:
    """Put the diagram into both READMEs."""
    for readme in READMES:
        readme.write_text(with_diagram(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The stories of the theory as pictures, and a page that tells them (`python -m docs.stories`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from docs.timeline import picture
from tests.stories.all import CHAPTERS, STORIES
from tests.stories.told import Story

FOLDER: Final = Path(__file__).parent / "stories"
INTRODUCTION: Final = """\
# Stories 客户故事

{count} customer histories that follow from the theory of the customer lifecycle. Each is told with events, and a test
holds its course, stages and alerts, against what the program makes of it (`tests/stories`). The numbers are those of
the concepts; 由客户生命周期理论推演的客户历史，每个故事都有测试核对其阶段与告警。

How to read a picture: on top the alerts, from the day they are raised to the day they are closed, with what became of
them; then the stages, and under each the day and the reason that it began; then what happened, orders as high as their
amounts. Colours follow the reader's preference for light or dark.

<!-- made by `python -m docs.stories` from tests/stories -->
"""


def pages() -> Mapping[Path, str]:
    """Every file of the folder with what it should say."""
    told = {FOLDER / f"{story.slug}.svg": picture(story) for story in STORIES}
    return {FOLDER / "README.md": index(), **told}


def index() -> str:
    """The page that lists the stories by their chapters."""
    parts = [INTRODUCTION.format(count=len(STORIES))]
    parts.append("".join(f"- [{en} {zh}](#{_anchor(f'{en} {zh}')}) ({len(told)})\n" for en, zh, told in CHAPTERS))
    for en, zh, told in CHAPTERS:
        parts.append(f"## {en} {zh}\n")
        parts += [entry(story) for story in told]
    return "\n".join(parts)


def entry(story: Story) -> str:
    """One story: its titles, its picture, what the theory says, the concepts."""
    advice = f" Advice at the end: `{story.advice}`." if story.advice else ""
    return (
        f"### {story.title} {story.zh}\n\n![{story.title}]({story.slug}.svg)\n\n{story.says}\n\n"
        f"Concepts: {', '.join(story.concepts)}.{advice}\n"
    )


def main() -> None:
    """Write every page, and remove the pictures of stories that are told no more."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for stale in set(FOLDER.iterdir()) - wanted.keys():
        stale.unlink()
    for path, content in wanted.items():
        path.write_text(content, encoding="utf-8")


def _anchor(heading: str) -> str:
    return "".join(letter for letter in heading.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


if __name__ == "__main__":
    main()

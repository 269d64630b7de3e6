"""The pictures of the stories, and the page that lists them, show what the stories tell."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.stories import FOLDER, pages
from docs.svg import Lanes
from docs.timeline import WIDTH
from tests.stories.all import STORIES
from tests.stories.told import Story

PAGES = pages()
PICTURES = {path: told for path, told in PAGES.items() if path.suffix == ".svg"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_committed_page_is_what_its_stories_tell(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path], "stale: run python -m docs.stories"


def test_there_is_no_picture_of_a_story_that_is_told_no_more() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {path.name for path in PAGES}


def test_every_story_is_listed_with_its_picture_its_sentences_and_its_concepts() -> None:
    page = PAGES[FOLDER / "README.md"]

    for story in STORIES:
        heading, picture = f"### {story.title} {story.zh}\n", f"]({story.slug}.svg)"
        entry = page.partition(heading)[2].partition("\n### ")[0]
        assert picture in entry
        assert story.says in entry
        assert ", ".join(story.concepts) in entry


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_keeps_within_its_card(path: Path) -> None:
    root = ElementTree.fromstring(PICTURES[path])
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    places = [
        (float(shape.attrib[across]), float(shape.attrib[down]))
        for shape in root.iter()
        for across, down in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy"))
        if across in shape.attrib
    ]

    assert width == WIDTH
    assert len(places) > 10
    assert all(0 < x < width and 0 < y < height for x, y in places)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_a_picture_names_both_titles_and_every_stage_in_words_too(story: Story) -> None:
    root = ElementTree.fromstring(PICTURES[FOLDER / f"{story.slug}.svg"])
    title, told = root[0].text or "", root[1].text or ""

    assert (story.title in title, story.zh in title) == (True, True)
    assert told.count("alert ") == len(story.course.alerts)
    assert all(move.stage.value in told for move in story.course.moves)


def test_things_that_would_touch_go_to_rows_of_their_own() -> None:
    lanes = Lanes(gap=2)

    rows = [lanes.place(0, 10), lanes.place(5, 8), lanes.place(12, 20), lanes.place(11, 12)]

    assert rows == [0, 1, 0, 1]
    assert lanes.rows == 2

"""All stories, in the order in which a relationship may go through them."""

from typing import Final

from tests.stories import beginnings, falling, growing, leaving, lines_of_business, needs, records, returning, silences
from tests.stories.told import Story

CHAPTERS: Final[tuple[tuple[str, str, tuple[Story, ...]], ...]] = (
    ("Beginnings", "潜在与考察", beginnings.STORIES),
    ("Growing and staying", "形成与稳定", growing.STORIES),
    ("Falling", "退化", (*falling.STORIES, *silences.STORIES)),
    ("The customer's own need", "客户自身需求", needs.STORIES),
    ("Leaving for good", "终止", leaving.STORIES),
    ("Coming back", "恢复与唤醒", returning.STORIES),
    ("Lines of business", "业务线", lines_of_business.STORIES),
    ("What is recorded", "记录与数据", records.STORIES),
)
"""Themes with their English and Chinese titles."""

STORIES: Final[tuple[Story, ...]] = tuple(story for _, _, stories in CHAPTERS for story in stories)

"""Every story takes the course that the theory expects, however it is told."""

from typing import Final

import pytest

from shared.domain.measures.all import MEASURES
from shared.domain.measures.reading import Scalar
from tests.stories.all import STORIES
from tests.stories.told import Story, seen, told_at_once, told_step_by_step

ADVISED: Final = "recommended_action"
"""The measure that says what to do next."""

READ: Final = [
    pytest.param(story, day, name, value, id=f"{story.slug}, day {day}: {name}")
    for story in STORIES
    for day, told in (*story.measures.items(), (story.until, {ADVISED: story.advice} if story.advice else {}))
    for name, value in told.items()
    if name in MEASURES
]
"""What measures say of the stories: each with its day, the measure's name, and the value."""

every_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)


@every_story
def test_a_story_takes_the_course_that_the_theory_expects(story: Story) -> None:
    folded = told_at_once(story, story.events)

    assert list(folded.course.moves) == list(story.course.moves)
    assert list(folded.course.alerts) == list(story.course.alerts)


@every_story
def test_a_story_ends_as_the_theory_expects(story: Story) -> None:
    folded = told_at_once(story, story.events)

    found = {name: getattr(folded.customer, name) for name in story.at_end}
    newest = {alert.kind: alert for alert in sorted(folded.alerts, key=lambda alert: alert.number)}
    facts = {
        kind: {name: getattr(newest[kind].evidence, name) for name in expected}
        for kind, expected in story.evidence.items()
    }

    assert found == story.at_end
    assert facts == story.evidence


@every_story
def test_a_story_told_backwards_or_step_by_step_is_the_same_story(story: Story) -> None:
    folded = told_at_once(story, story.events)
    backwards = told_at_once(story, tuple(reversed(story.events)))
    stepped = told_step_by_step(story)

    assert backwards == folded
    assert stepped.customer == folded.customer
    assert stepped.course == folded.course


@pytest.mark.parametrize("story", [one for one in STORIES if one.late], ids=lambda story: story.slug)
def test_without_what_came_late_another_story_was_believed(story: Story) -> None:
    believed = told_at_once(story, story.told)

    assert believed.course == story.believed
    assert believed.course != story.course


@pytest.mark.parametrize(("story", "day", "name", "value"), READ)
def test_measures_read_a_story_as_the_theory_does(story: Story, day: float, name: str, value: Scalar) -> None:
    case = seen(story, day)

    assert MEASURES[name].function(case).value == value


def test_stories_are_told_in_full() -> None:
    slugs = [story.slug for story in STORIES]

    assert len(set(slugs)) == len(STORIES) >= 28
    assert all(story.concepts for story in STORIES)
    assert all(story.end >= max(event.occurred_at for event in story.events) for story in STORIES)

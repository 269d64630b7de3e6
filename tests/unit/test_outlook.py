"""What comes next, and what would have to happen: said ahead, then done."""

from collections.abc import Sequence

import pytest

from shared.domain.events import Fact
from shared.domain.instants import DAY, Instant, due
from shared.domain.outlook import Next, Way, upcoming, ways
from shared.domain.policy import DEFAULT
from shared.domain.stages import Signal, Stage
from tests.builders import (
    complaint,
    contact,
    contract,
    day,
    days_in,
    end_intent,
    fold_story,
    inquiry,
    invoice,
    last,
    purchase,
    purchases,
    resolved,
)

REGULAR = purchases(0, 10, 20, 30, amount=100)
"""In formation, Q = 78.9 days; the level is 250."""

SILENT = [*REGULAR, contact(120)]
"""The same, fallen silent."""


def next_of(*story: Fact | Sequence[Fact], until: float | None = None) -> Next | None:
    """What silence will do to the stage after a story."""
    return upcoming(fold_story(*story, until=until).customer, DEFAULT)


def ways_of(*story: Fact | Sequence[Fact], until: float) -> list[Way]:
    """What would change the stage after a story."""
    return list(ways(fold_story(*story, until=until).customer, day(until), DEFAULT))


@pytest.mark.parametrize(
    ("story", "until", "stage", "because"),
    [
        (REGULAR, 30, Stage.DECLINE, Signal.SILENT),
        (REGULAR, 120, Stage.DORMANT, Signal.FADED),
        (REGULAR, 200, Stage.ENDED, Signal.SETTLED),
        ([purchase(0), complaint(1)], 1, Stage.DORMANT, Signal.FADED),
        ([*REGULAR, contract(31, ends=50), end_intent(40)], 40, Stage.ENDED, Signal.SETTLED),
    ],
)
def test_the_next_stage_and_its_signal_are_foretold(
    story: list[Fact], until: float, stage: Stage, because: Signal
) -> None:
    foretold = next_of(story, until=until)

    assert foretold is not None
    assert (foretold.stage, foretold.because) == (stage, because)
    moved = last(fold_story(story, until=days_in(foretold.at)))
    assert (moved.target, moved.effective_at) == (stage, foretold.at)


@pytest.mark.parametrize(
    "story",
    [
        [],
        [inquiry(0)],
        [*REGULAR, invoice(31), contact(200)],
        [*REGULAR, contract(31), contact(200)],
        [*REGULAR, contact(900)],
    ],
)
def test_where_silence_changes_nothing_nothing_is_foretold(story: list[Fact]) -> None:
    assert next_of(story) is None


@pytest.mark.parametrize(
    ("story", "until", "stages"),
    [
        ([], 0, {Stage.PROSPECT: "inquiry", Stage.EXPLORATION: "purchase"}),
        ([inquiry(0)], 1, {Stage.EXPLORATION: "purchase"}),
        ([purchase(0)], 1, {Stage.FORMATION: "purchase", Stage.EXPLORATION: "purchase"}),
        (REGULAR, 31, {Stage.STABILITY: "purchase", Stage.FORMATION: "purchase"}),
        (purchases(*range(0, 200, 20)), 181, {Stage.STABILITY: "purchase"}),
        ([*REGULAR, contact(200)], 200, {Stage.EXPLORATION: "purchase"}),
        ([*REGULAR, contact(900)], 900, {Stage.PROSPECT: "inquiry", Stage.EXPLORATION: "purchase"}),
    ],
)
def test_every_stage_has_its_ways_out(story: list[Fact], until: float, stages: dict[Stage, str]) -> None:
    assert {way.stage: way.by for way in ways_of(story, until=until)} == stages


def test_the_way_up_names_the_guards_that_are_missing() -> None:
    up = ways_of(purchase(0), until=1)[0]

    assert [(guard.name, guard.value, guard.threshold) for guard in up.missing] == [("occasions", 1, 3)]


def test_a_purchase_that_keeps_the_stage_must_come_before_silence_changes_it() -> None:
    foretold, keeping = next_of(REGULAR), ways_of(REGULAR, until=31)[-1]

    assert foretold is not None
    assert keeping.before == foretold.at


def test_the_way_back_from_decline_says_how_much_is_enough() -> None:
    way = ways_of(SILENT, until=120)[0]

    assert (way.stage, way.by, way.at_least, way.currency) == (Stage.FORMATION, "purchase", 125, "EUR")
    assert fold_story(SILENT, purchase(120, 125)).customer.stage is Stage.FORMATION
    assert fold_story(SILENT, purchase(120, 124)).customer.stage is Stage.DECLINE


def test_what_was_bought_since_counts_towards_the_way_back() -> None:
    """000-14: half the level of 250 is 125; 25 of it are there."""
    back = ways_of(SILENT, purchase(130, 25), until=131)[0]

    assert (back.by, back.at_least) == ("purchase", 100)


def test_the_usual_gap_is_over_at_its_last_instant() -> None:
    customer = fold_story(SILENT, purchase(130, 1)).customer
    over = due(day(130) + customer.median_gap * DAY)

    assert ways(customer, Instant(over - 1), DEFAULT)[-1].by == "second_purchase"
    assert ways(customer, over, DEFAULT)[-1].by == "two_purchases"


def test_after_a_purchase_in_decline_a_second_one_is_enough_while_the_usual_gap_lasts() -> None:
    story = [*SILENT, purchase(130, 1)]
    gap = fold_story(story).customer.median_gap

    soon, late = ways_of(story, until=131)[-1], ways_of(story, until=190)[-1]

    assert (soon.by, soon.before) == ("second_purchase", due(day(130 + gap)))
    assert late.by == "two_purchases"


def test_a_dissatisfied_customer_comes_back_through_an_answer() -> None:
    story = [purchase(0), complaint(1)]

    assert [way.by for way in ways_of(story, until=2)] == ["complaint_resolved"]
    assert fold_story(story, resolved(3), purchase(4)).customer.stage is Stage.EXPLORATION


def test_a_due_time_that_is_overdue_is_foretold_for_the_next_second() -> None:
    customer = fold_story(REGULAR).customer
    customer.decided = (day(150) + 1, 0, 0, "", "")

    foretold = upcoming(customer, DEFAULT)

    assert foretold is not None
    assert foretold.at == due(day(150) + 1)

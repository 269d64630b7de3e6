"""The state machine: the table is total, has every edge of CONCEPTS "Machine" and no other, and alone decides."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from shared.domain.stages import (
    CUSTOMER_STAGES,
    DECLINING,
    MOVES,
    RECOVERED,
    TRANSITIONS,
    Signal,
    Stage,
    next_stage,
    opens_cycle,
)

ROOT = Path(__file__).parents[2]
FORWARD = (Stage.TARGET, Stage.PROSPECT, Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY)


def test_the_table_is_total() -> None:
    assert TRANSITIONS.keys() == set(product(Stage, Signal))


def test_every_edge_of_the_machine_exists_and_no_other() -> None:
    edges = {(source, target) for (source, _), target in MOVES.items()}

    assert edges == {
        (Stage.TARGET, Stage.PROSPECT),
        (Stage.TARGET, Stage.EXPLORATION),
        (Stage.PROSPECT, Stage.EXPLORATION),
        (Stage.EXPLORATION, Stage.FORMATION),
        (Stage.FORMATION, Stage.STABILITY),
        (Stage.EXPLORATION, Stage.DECLINE),
        (Stage.FORMATION, Stage.DECLINE),
        (Stage.STABILITY, Stage.DECLINE),
        (Stage.DECLINE, Stage.EXPLORATION),
        (Stage.DECLINE, Stage.FORMATION),
        (Stage.DECLINE, Stage.STABILITY),
        (Stage.DECLINE, Stage.DORMANT),
        (Stage.DECLINE, Stage.ENDED),
        (Stage.DORMANT, Stage.ENDED),
        (Stage.DORMANT, Stage.EXPLORATION),
        (Stage.ENDED, Stage.EXPLORATION),
        (Stage.ENDED, Stage.PROSPECT),
    }


@pytest.mark.parametrize("stage", FORWARD)
def test_a_signal_leads_at_most_one_stage_forward(stage: Stage) -> None:
    # A first purchase may come unasked: then there was nothing to be a prospect of (002-17).
    most = 2 if stage is Stage.TARGET else 1

    reached = {next_stage(stage, signal) for signal in Signal} & set(FORWARD)

    assert max(FORWARD.index(one) for one in reached) - FORWARD.index(stage) <= most


@pytest.mark.parametrize("stage", CUSTOMER_STAGES)
@pytest.mark.parametrize("signal", DECLINING)
def test_every_decline_signal_sends_every_customer_stage_to_decline(stage: Stage, signal: Signal) -> None:
    assert next_stage(stage, signal) is Stage.DECLINE


def test_a_line_that_is_still_tried_goes_with_another_that_soured_and_no_other_stage_does() -> None:
    """001-14."""
    assert [stage for stage in Stage if next_stage(stage, Signal.SOURED) is not stage] == [Stage.EXPLORATION]
    assert next_stage(Stage.EXPLORATION, Signal.SOURED) is Stage.DECLINE


@pytest.mark.parametrize("origin", CUSTOMER_STAGES)
def test_a_recovery_leads_back_to_where_the_decline_began(origin: Stage) -> None:
    assert next_stage(Stage.DECLINE, RECOVERED[origin]) is origin


@pytest.mark.parametrize("signal", [*DECLINING, *RECOVERED.values(), Signal.CONFIRMED, Signal.COMMITTED, Signal.FADED])
@pytest.mark.parametrize("stage", [Stage.TARGET, Stage.PROSPECT, Stage.DORMANT, Stage.ENDED])
def test_what_is_said_of_customers_changes_nothing_for_those_who_are_none(stage: Stage, signal: Signal) -> None:
    assert next_stage(stage, signal) is stage


@pytest.mark.parametrize(
    ("stage", "signal", "opens"),
    [
        (Stage.DORMANT, Signal.PURCHASED, True),
        (Stage.ENDED, Signal.PURCHASED, True),
        (Stage.ENDED, Signal.INQUIRED, True),
        (Stage.DORMANT, Signal.INQUIRED, False),
        (Stage.DORMANT, Signal.SETTLED, False),
        (Stage.PROSPECT, Signal.PURCHASED, False),
        (Stage.DECLINE, Signal.RECOVERED_EXPLORATION, False),
    ],
)
def test_a_cycle_opens_on_waking_and_on_coming_back_after_the_end(stage: Stage, signal: Signal, opens: bool) -> None:
    assert opens_cycle(stage, signal) is opens


def test_signals_are_written_in_the_order_of_their_priority() -> None:
    written = [one for one in Signal if one in (*DECLINING, *RECOVERED.values(), Signal.CONFIRMED, Signal.COMMITTED)]

    assert written == [*DECLINING, *RECOVERED.values(), Signal.CONFIRMED, Signal.COMMITTED]


def test_nobody_but_the_table_says_which_stage_follows() -> None:
    """A stage is assigned in one place only, `Draft.move`, from `next_stage`."""
    files = [path for part in ("shared", "services") for path in (ROOT / part).rglob("*.py")]

    places = {path.relative_to(ROOT).as_posix() for path in files if any(_stages_assigned(path))}

    assert places == {"shared/domain/draft.py"}


def _stages_assigned(path: Path) -> Iterator[ast.Attribute]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == "stage":
            yield node

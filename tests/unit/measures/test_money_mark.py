"""The money marks of the stages."""

import pytest
from msgspec.structs import replace

from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import ANNA, contact, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import cost


@pytest.mark.parametrize(("spent", "mark"), [(40_01, "below"), (40_00, "above"), (39_99, "above")])
def test_the_money_mark_is_below_until_margin_covers_cost(spent: int, mark: str) -> None:
    """002-8: a margin of 40 against what was spent."""
    case = case_of(purchase(1, cost=60_00), cost(2, spent, "sales"), until=10)

    found = reading("money_mark", case)

    assert found.value == mark
    assert found.parts == {"balance": 40_00 - spent, "window": 40_00 - spent, "best": 40_00 - spent}


@pytest.mark.parametrize(("before", "mark"), [(49_00, "peak"), (50_00, "peak"), (50_01, "above")])
def test_the_money_mark_is_peak_near_the_best_window_so_far(before: int, mark: str) -> None:
    """002-8: the last 90 days bring 40, at least 0.8 of the best 90 days before up to 50."""
    case = case_of(contact(0, cost=0), purchase(0, before, cost=0), purchase(100, 40_00, cost=0), until=120)

    found = reading("money_mark", case)

    assert found.value == mark
    assert found.parts == {"balance": before + 40_00, "window": 40_00, "best": before}


def test_a_single_window_is_no_peak_and_neither_is_one_without_gain() -> None:
    """002-8: a peak needs something that it is higher than."""
    young = case_of(contact(0, cost=0), purchase(1, cost=60_00), until=90)
    older = case_of(contact(0, cost=0), purchase(1, cost=60_00), purchase(85, cost=60_00), until=91)
    for_nothing = case_of(contact(0, cost=0), purchases(0, 100, amount=0, cost=0), until=110)

    assert reading("money_mark", young).value == "above"
    assert reading("money_mark", older).value == "peak"
    assert reading("money_mark", for_nothing).value == "above"


def test_windows_older_than_the_compared_ones_are_left_out() -> None:
    """002-8: with two windows compared the great beginning is forgotten."""
    story = [contact(0, cost=0), *purchases(0, amount=900_00, cost=0), *purchases(100, 200, amount=40_00, cost=0)]

    with_two = case_of(story, until=200, policy=Policy(peak_windows=2))
    with_all = case_of(story, until=200)

    assert reading("money_mark", with_two).value == "peak"
    assert reading("money_mark", with_all).value == "above"
    assert reading("money_mark", with_all).parts["best"] == 900_00


@pytest.mark.parametrize(("bought", "mark"), [(11, "cost_only"), (12, "above")])
def test_the_money_mark_is_cost_only_where_nothing_comes_in_any_more(bought: int, mark: str) -> None:
    """002-8: on day 101 the last 90 days begin with day 12; a visit still costs."""
    case = case_of(purchase(bought, cost=60_00), contact(100, cost=5_00), until=101)

    assert reading("money_mark", case).value == mark


def test_a_quiet_customer_who_costs_nothing_keeps_its_mark() -> None:
    """002-8: neither an old visit nor one that was free makes it cost only; a refunded purchase brings nothing in."""
    old = case_of(purchase(0, cost=60_00), contact(11, cost=5_00), until=101)
    free = case_of(purchase(0, cost=60_00), contact(100, cost=0), until=101)
    undone = case_of(
        purchase(0, cost=60_00), purchase(90, 30_00, cost=1), refund(95, 30_00), contact(100, cost=5), until=101
    )

    assert reading("money_mark", old).value == "above"
    assert reading("money_mark", free).value == "above"
    assert reading("money_mark", undone).value == "cost_only"


def test_the_money_mark_needs_margin_and_cost() -> None:
    """002-8: neither is guessed."""
    assert reading("money_mark", case_of(purchase(0, cost=1), until=5)).value is None
    assert reading("money_mark", case_of(purchase(0), contact(1, cost=1), until=5)).value is None


@pytest.mark.parametrize(
    ("days", "spent", "stage", "mismatch"),
    [
        ((0,), 50_00, Stage.EXPLORATION, False),
        ((0,), 30_00, Stage.EXPLORATION, True),
        ((0, 10, 20), 50_00, Stage.FORMATION, False),
        ((0, 10, 20), 130_00, Stage.FORMATION, True),
    ],
)
def test_money_that_does_not_fit_the_stage_is_flagged(
    days: tuple[int, ...], spent: int, stage: Stage, mismatch: bool
) -> None:
    """002-8: exploration costs, formation earns; each purchase brings 40."""
    case = case_of(purchases(*days, cost=60_00), cost(21, spent, "sales"), until=25)

    found = reading("money_mismatch", case)

    assert case.state.stage is stage
    assert found.value is mismatch


MARKED = {
    "below": [purchase(0, cost=60_00), cost(1, 50_00, "sales")],
    "above": [purchase(0, cost=60_00), cost(1, 30_00, "sales")],
    "peak": [contact(0, cost=0), *purchases(0, 100, cost=60_00)],
    "cost_only": [purchase(0, cost=60_00), contact(105, cost=1_00)],
}
"""Stories by the mark that they have on day 110, or on day 2."""


@pytest.mark.parametrize("mark", MARKED)
@pytest.mark.parametrize(
    ("stage", "fitting"),
    [
        (Stage.EXPLORATION, ["below", "cost_only"]),
        (Stage.FORMATION, ["above", "peak"]),
        (Stage.STABILITY, ["above", "peak"]),
        (Stage.ENDED, ["below", "above", "cost_only"]),
    ],
)
def test_each_stage_has_the_marks_that_fit_it(stage: Stage, fitting: list[str], mark: str) -> None:
    """002-8: exploration costs, formation and stability earn, the end is no peak."""
    told = case_of(MARKED[mark], until=2 if mark in ("below", "above") else 110)
    case = Case(ANNA, told.events, replace(told.state, stage=stage), told.policy, told.as_of)

    found = reading("money_mismatch", case)

    assert found.parts == {"mark": mark}
    assert found.value is (mark not in fitting)


def test_a_stage_without_a_mark_has_no_mismatch() -> None:
    """002-8: in decline profit falls, wherever it stands."""
    case = case_of(MARKED["above"], until=300)

    found = reading("money_mismatch", case)

    assert case.state.stage is Stage.DECLINE
    assert found.missing == ("a stage with a money mark: exploration, formation, stability or ended",)


def test_a_mismatch_is_unknown_without_the_money() -> None:
    """002-8: what makes the mark unknown makes the flag unknown."""
    found = reading("money_mismatch", case_of(purchase(0), until=5))

    assert found.value is None
    assert found.missing == (
        "a purchase with its cost",
        "what serving costs: a contact with its cost, or a cost event",
    )

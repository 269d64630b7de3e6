"""Which way a relationship went, and what it is for growth."""

import pytest

from shared.domain.measures.case import Case
from shared.domain.measures.paths import PATHS, ROLES
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import ended, inquiry, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import monthly


def test_whoever_never_fell_is_still_climbing() -> None:
    """001-7: up to formation, and never in decline."""
    found = reading("path_type", case_of(purchases(0, 30, 60), until=60))

    assert found.value == "still_climbing"
    assert found.parts == {"cycles": 1, "falls": 0, "recoveries": 0}
    assert found.evidence == ("purchase of day 0", "purchase of day 60")


@pytest.mark.parametrize(
    ("bought", "until", "path"),
    [(1, 200, "never_past_exploration"), (3, 200, "fell_in_formation"), (9, 360, "long_stable_then_fell")],
)
def test_whoever_fell_is_told_by_how_far_it_had_come(bought: int, until: float, path: str) -> None:
    """001-7: relationships fall from every stage."""
    case = case_of(purchases(*monthly(bought)), until=until)

    assert case.state.stage is Stage.DECLINE
    assert reading("path_type", case).value == path
    assert reading("path_type", case).parts["falls"] == 1


def test_whoever_came_back_recovered_until_it_falls_again() -> None:
    """001-7: silent from day 181.5 on, back on day 190, silent once more."""
    back = case_of(purchases(0, 190), until=190)
    gone = case_of(purchases(0, 190), until=900)

    assert reading("path_type", back).value == "recovered"
    assert reading("path_type", back).parts == {"cycles": 1, "falls": 1, "recoveries": 1}
    assert reading("path_type", gone).value == "never_past_exploration"
    assert reading("path_type", gone).parts["falls"] == 2


def test_whoever_is_in_its_second_cycle_is_cyclic() -> None:
    """001-7: dormant from day 363 on, woken on day 400; that it fell in the first cycle counts no more."""
    case = case_of(purchases(0, 400), until=400)

    found = reading("path_type", case)

    assert found.value == "cyclic"
    assert found.parts == {"cycles": 2, "falls": 0, "recoveries": 0}


def test_a_second_cycle_without_a_purchase_is_none() -> None:
    """001-7: an inquiry after the end makes a prospect, and the way so far stands."""
    case = case_of(purchases(0, 30, 60), ended(61), inquiry(100), until=100)

    assert case.state.stage is Stage.PROSPECT
    assert reading("path_type", case).value == "fell_in_formation"


def test_the_way_is_told_also_where_only_its_newest_part_is_at_hand() -> None:
    """001-7: the fall alone says from which stage it was."""
    case = case_of(purchases(0, 30, 60), until=200)
    newest = Case(case.customer_id, case.events, case.state, case.policy, case.as_of, transitions=case.transitions[-1:])

    assert reading("path_type", newest).value == "fell_in_formation"


def test_before_the_first_purchase_there_is_no_way() -> None:
    """001-7, 001-17: unknown, with what would tell."""
    case = case_of(inquiry(0), until=1)

    assert reading("path_type", case).missing == ("a purchase",)
    assert reading("growth_role", case).missing == ("a purchase",)


@pytest.mark.parametrize(
    ("days", "until", "role"),
    [
        ([0], 0, "acquired"),
        ([0], 89, "acquired"),
        ([0], 90, "lost"),
        ([0], 179, "lost"),
        ([0], 180, "away"),
        ([0, 50], 89, "acquired"),
        ([0, 90], 90, "retained"),
        ([0, 90], 179, "retained"),
        ([0, 180], 180, "reactivated"),
        ([0, 179], 180, "reactivated"),
        ([0, 90, 180], 180, "retained"),
        ([0, 91, 180], 180, "reactivated"),
    ],
)
def test_a_customer_is_won_kept_woken_or_lost_in_a_period(days: list[float], until: float, role: str) -> None:
    """001-17: periods of 90 days, this one and the one before."""
    assert reading("growth_role", case_of(purchases(*days), until=until)).value == role


def test_growth_is_told_in_heads_and_in_money() -> None:
    """001-17: 2 x 70.00 in this period, 50.00 in the one before, of 60 days each."""
    story = [purchase(0, 99_00), purchase(70, 50_00), purchase(130, 70_00), purchase(140, 70_00)]

    found = reading("growth_role", case_of(story, until=180, policy=Policy(growth_days=60)))

    assert found.value == "retained"
    assert found.parts == {"occasions": 2, "occasions_before": 1, "amount": 140_00, "amount_before": 50_00}
    assert found.evidence == ("purchase of day 70", "purchase of day 130", "purchase of day 140")


def test_every_path_and_role_can_be_told() -> None:
    """001-7, 001-17: the words of both."""
    assert set(PATHS) == {
        "still_climbing",
        "never_past_exploration",
        "fell_in_formation",
        "long_stable_then_fell",
        "recovered",
        "cyclic",
    }
    assert set(ROLES) == {"acquired", "retained", "reactivated", "lost", "away"}

"""Trust: repetition, satisfaction and tenure, each by its weight; what is unknown is left out (Primitives: trust)."""

import pytest
from msgspec.structs import replace

from shared.domain.customer import Customer, Opinion
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.trust import trust, trust_of
from tests.builders import day

EARNED = Customer(cycle_occasions=3, cycle_first_day=Day(0), opinion_window=30.0)
"""Three purchase days; on day 90 half of the tenure that trust asks for."""
CONTENT = replace(EARNED, opinions=(Opinion(day(1), 0.5),))


def test_without_a_purchase_there_is_no_trust_and_nothing_is_known() -> None:
    """000-6: the first purchase is where trust begins."""
    assert trust(Customer(), Day(90), Policy()) == (
        None, {"repetition": None, "satisfaction": None, "tenure": None}, 0.0
    )  # fmt: skip
    assert trust_of(Customer(), Day(90), Policy()) is None


def test_trust_weighs_repetition_satisfaction_and_tenure() -> None:
    """000-6: 0.4 · 3/6 + 0.3 · 1.5/2 + 0.3 · 90/180."""
    found = trust(CONTENT, Day(90), Policy())

    assert found.value == pytest.approx(0.2 + 0.225 + 0.15)
    assert found.parts == {"repetition": 0.5, "satisfaction": 0.75, "tenure": 0.5}
    assert found.coverage == 1


def test_an_opinion_that_nobody_gave_is_left_out_and_not_taken_for_none() -> None:
    """000-6: (0.2 + 0.15) of 0.7 that are known."""
    found = trust(EARNED, Day(90), Policy())

    assert found.value == pytest.approx(0.35 / 0.7)
    assert found.coverage == pytest.approx(0.7)
    assert found.parts["satisfaction"] is None


@pytest.mark.parametrize(("occasions", "tenure", "value"), [(6, 180, 1.0), (7, 181, 1.0), (5, 180, 1 - 0.4 / 6 / 0.7)])
def test_trust_is_full_from_six_purchase_days_and_half_a_year_on(occasions: int, tenure: int, value: float) -> None:
    """000-6: more than that earns no more."""
    assert trust_of(replace(EARNED, cycle_occasions=occasions), Day(tenure), Policy()) == pytest.approx(value)


def test_the_policy_says_what_trust_rests_on() -> None:
    satisfaction_alone = Policy(trust_repetition=0.0, trust_satisfaction=0.5, trust_tenure=0.0)
    nothing = Policy(trust_repetition=0.0, trust_satisfaction=0.0, trust_tenure=0.0)

    assert trust(CONTENT, Day(90), satisfaction_alone)[::2] == (0.75, 1.0)
    assert trust(EARNED, Day(90), satisfaction_alone)[::2] == (None, 0.0)
    assert trust(CONTENT, Day(90), nothing)[::2] == (None, 0.0)

"""Tiers of value, and how they change."""

import pytest

from shared.domain.policy import Policy
from tests.builders import purchase
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import among


@pytest.mark.parametrize(("amount", "tier"), [(100_00, "A"), (99_99, "B"), (20_00, "B"), (19_99, "C"), (-5_00, "C")])
def test_the_tier_follows_the_margin_by_the_borders_of_the_population(amount: int, tier: str) -> None:
    """004-4: A from 100, C below 20."""
    case = case_of(purchase(0, 500_00, cost=500_00 - amount), until=5, policy=among())

    found = reading("tier", case)

    assert found.value == tier
    assert found.parts == {"margin": amount, "tier_a": 100_00, "tier_c": 20_00}
    assert found.evidence == ("purchase of day 0",)
    assert reading("steady_tier", case).value == tier


@pytest.mark.parametrize("name", ["tier", "steady_tier"])
def test_the_tier_is_unknown_without_a_margin_or_a_population(name: str) -> None:
    """004-4, 004-5: nobody is put into a tier by guess; borders in another currency are none."""
    sold, borders = purchase(0, cost=60_00), "tier borders of a population job, in the customer's currency"

    assert reading(name, case_of(purchase(0), until=5, policy=among())).missing == ("a purchase with its cost",)
    assert reading(name, case_of(until=5)).missing == ("a purchase with its cost", borders)
    for policy in (Policy(), among(currency="USD"), among(currency=None), among(tier_a=None), among(tier_c=None)):
        assert reading(name, case_of(sold, until=5, policy=policy)).missing == (borders,)
    assert reading(name, case_of(until=5, policy=among(currency=None))).value is None


def test_a_tier_by_a_part_of_the_costs_says_so() -> None:
    """004-4: the cost of half the amount is known."""
    case = case_of(purchase(0, cost=60_00), purchase(1), until=5, policy=among())

    assert reading("tier", case).value == "B"
    assert reading("tier", case).coverage == 0.5
    assert reading("steady_tier", case).coverage == 0.5


def test_a_tier_changes_only_well_beyond_its_border() -> None:
    """004-5: borders 100 and 20, a slack of a tenth: up to B from 22 on, up to A from 110 on, down to B below 90."""
    steps = [(0, 19_00), (10, 2_99), (20, 1), (30, 87_99), (40, 1), (50, -20_00), (60, -1)]
    bought = [purchase(day, 500_00, cost=500_00 - step) for day, step in steps]

    found = [reading("steady_tier", case_of(bought, until=day, policy=among())) for day, _ in steps]

    assert [one.value for one in found] == ["C", "C", "B", "B", "A", "A", "B"]
    assert found[-1].parts == {"2024-01-01": "C", "2024-01-21": "B", "2024-02-10": "A", "2024-03-01": "B"}
    assert found[-1].evidence == (
        "purchase of day 0",
        "purchase of day 20",
        "purchase of day 40",
        "purchase of day 60",
    )


def test_a_customer_falls_to_c_only_well_below_the_border_and_can_fall_and_rise_two_tiers_at_once() -> None:
    """004-5: from B at 50 to 18 stays B, to 17.99 is C; to 110 at once is A, to 0 at once is C."""
    steps = [(0, 50_00), (10, -32_00), (20, -1), (30, 92_01), (40, -110_00)]
    bought = [purchase(day, 500_00, cost=500_00 - step) for day, step in steps]

    found = [reading("steady_tier", case_of(bought, until=day, policy=among())).value for day, _ in steps]

    assert found == ["B", "B", "C", "A", "C"]


def test_the_slack_of_a_border_below_nought_has_the_same_size() -> None:
    """004-5: a border of -20 is crossed downwards below -22, upwards from -18 on."""
    steps = [(0, -10_00), (10, -12_00), (20, -1), (30, 4_00), (40, 1)]
    bought = [purchase(day, 500_00, cost=500_00 - step) for day, step in steps]
    policy = among(tier_c=-20_00)

    found = [reading("steady_tier", case_of(bought, until=day, policy=policy)).value for day, _ in steps]

    assert found == ["B", "B", "C", "C", "B"]


def test_a_deal_without_a_cost_changes_no_tier() -> None:
    """004-5: 900 of unknown margin."""
    case = case_of(purchase(0, 500_00, cost=490_00), purchase(1, 900_00), until=5, policy=among())

    assert reading("steady_tier", case).value == "C"
    assert reading("steady_tier", case).parts == {"2024-01-01": "C"}


def test_of_a_day_the_last_tier_is_told() -> None:
    """004-5: 50 earned and 45 lost on one day."""
    gain, loss = purchase(0, 500_00, cost=450_00), purchase(0.5, 500_00, cost=545_00)

    assert reading("steady_tier", case_of(gain, loss, until=5, policy=among())).parts == {"2024-01-01": "C"}


def test_the_newest_eight_changes_of_tier_are_told() -> None:
    """004-5: a margin that swings between 0 and 50 each day changes the tier each day."""
    policy = Policy(tier_slack=0.0, population=among().population)
    swings = [purchase(day, 500_00, cost=550_00 if day % 2 else 450_00) for day in range(12)]

    found = reading("steady_tier", case_of(swings, until=12, policy=policy))

    assert found.parts == {f"2024-01-{day + 1:02}": "C" if day % 2 else "B" for day in range(4, 12)}
    assert found.value == "C"

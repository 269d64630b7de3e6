"""How well a relationship is, and who wins."""

import pytest

from shared.domain.measures.case import Case
from shared.domain.measures.health import FACTORS, factors, weighted
from shared.domain.policy import Policy
from tests.builders import complaint, contact, inquiry, purchase, purchases, rating, refund, resolved
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import monthly

PATIENT = Policy(long_gap_floor_days=300)


def factor(name: str, case: Case) -> float | None:
    return factors(case)[name]


def test_health_of_a_first_buyer_rests_on_trust_and_rhythm() -> None:
    """001-15: (0.25 · 0.095238 + 0.2 · 1)/0.45, of which 0.45 is covered."""
    case = case_of(purchase(0), until=0)

    found = reading("health", case)

    assert found.value == pytest.approx((0.25 * 0.4 / 6 / 0.7 + 0.2) / 0.45)
    assert found.coverage == pytest.approx(0.45)
    assert len(found.missing) == 4
    assert set(found.parts) == set(FACTORS)


def test_health_weighs_all_factors_that_are_known() -> None:
    """001-15: trust and contentment weigh 0.25, rhythm 0.2, a flat trend, settled conflicts and contact 0.1."""
    case = case_of(purchases(*monthly(9)), complaint(100), resolved(101), rating(240, 0.5), contact(240), until=240)
    known = factors(case)

    found = reading("health", case)

    assert found.coverage == pytest.approx(1)
    assert found.missing == ()
    assert known["rhythm"] == 1
    assert known["volume"] == pytest.approx(0.5)
    assert known["conflicts"] == 1
    assert known["contact"] == 1
    assert known["trust"] is not None
    assert known["satisfaction"] is not None
    assert found.value == pytest.approx(0.25 * (known["trust"] + known["satisfaction"]) + 0.2 + 0.05 + 0.1 + 0.1)


def test_the_weights_of_health_are_the_policys() -> None:
    """001-15: contentment 0.75 by 3 against trust 0.375 and rhythm 1 by 1; the absent weigh as much as the known."""
    policy = Policy(
        health_trust_weight=1,
        health_satisfaction_weight=3,
        health_rhythm_weight=1,
        health_volume_weight=2,
        health_conflicts_weight=2,
        health_contact_weight=1,
    )
    case = case_of(purchase(0), rating(0, 0.5), until=0, policy=policy)

    found = reading("health", case)

    trust = 0.4 / 6 + 0.3 * 0.75
    assert found.value == pytest.approx((trust + 3 * 0.75 + 1) / 5)
    assert found.coverage == pytest.approx(0.5)


def test_a_mean_of_nothing_is_no_mean() -> None:
    """001-15: and what is unknown weighs in the coverage only."""
    assert weighted({"a": None}, {"a": 1}) is None
    assert weighted({"a": None, "b": 0.5}, {"a": 3, "b": 1}) == (0.5, 0.25)


def test_before_the_first_purchase_there_is_no_health() -> None:
    """001-15: a contact alone is no relationship."""
    case = case_of(inquiry(0), contact(1), until=1)

    assert reading("health", case).missing == ("a purchase",)


@pytest.mark.parametrize(("days", "expected"), [(0, 1), (100, 5 / 6), (300, 0.5), (600, 0), (601, 0)])
def test_rhythm_is_lost_step_by_step(days: float, expected: float) -> None:
    """001-15: 1 - r/3, where r is 1.5 after 300 days."""
    case = case_of(purchase(0), until=days, policy=PATIENT)

    assert factor("rhythm", case) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((100, 100, 100, 100), 0.5),
        ((100, 110, 121, 133.1), 0.8177),
        ((100, 200, 400, 800), 1),
        ((800, 400, 200, 100), 0),
    ],
)
def test_growing_volume_is_healthy(amounts: tuple[float, ...], expected: float) -> None:
    """001-15: 1/2 + tau/(2 · 0.15) within 0 and 1; tau of 10 % a window is ln(1.1), a little less for the 1 in it."""
    days = (0, 60, 120, 180, 240)
    story = [purchase(day, round(amount * 100)) for day, amount in zip(days, (50, *amounts), strict=True)]
    case = case_of(story, until=240, policy=Policy(window_floor_days=60, window_gaps=0.1, volume_rules=False))

    assert factor("volume", case) == pytest.approx(expected, abs=5e-3)


def test_open_conflicts_weigh_and_no_complaint_at_all_is_unknown() -> None:
    """001-15: 1/(1 + open complaints)."""
    bought = purchase(0)

    assert factor("conflicts", case_of(bought, until=9)) is None
    assert factor("conflicts", case_of(bought, complaint(1), until=9)) == 0.5
    assert factor("conflicts", case_of(bought, complaint(1), complaint(2), until=9)) == pytest.approx(1 / 3)
    assert factor("conflicts", case_of(bought, complaint(1), resolved(2), until=9)) == 1


@pytest.mark.parametrize(("days", "expected"), [(0, 1), (30, 1), (45, 0.5), (60, 0), (61, 0)])
def test_a_contact_keeps_its_worth_for_as_long_as_the_customer_takes_between_purchases(
    days: float, expected: float
) -> None:
    """001-15: m is 30 days; it is worth nothing after twice as long."""
    case = case_of(purchase(0), contact(0), until=days, policy=PATIENT)

    assert factor("contact", case) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("x", "cost", "loser"),
    [
        (0.5, 60_00, "none"),
        (0, 100_00, "none"),
        (-0.01, 60_00, "customer"),
        (0.5, 100_01, "firm"),
        (-0.5, 120_00, "both"),
    ],
)
def test_both_sides_win_or_the_loser_is_named(x: float, cost: int, loser: str) -> None:
    """001-15: s at least 0, and a margin on an order of 100.00 of at least 0."""
    case = case_of(purchase(0, cost=cost, id="order"), rating(1, x), until=2)

    assert reading("losing_side", case).value == loser
    assert reading("losing_side", case).evidence == ("order",)
    assert reading("win_win", case).value is (loser == "none")
    assert reading("win_win", case).coverage == 1
    assert reading("win_win", case).parts == {"satisfaction": pytest.approx(x), "margin": 100_00 - cost}


def test_while_one_side_is_unknown_nobody_can_be_named() -> None:
    """001-15: but one side that loses is enough for it not to be win-win."""
    costly = case_of(purchase(0, cost=120_00), until=2)
    content = case_of(purchase(0), rating(1, 0.5), until=2)
    unhappy = case_of(purchase(0), rating(1, -0.2), until=2)

    assert reading("losing_side", costly).missing == ("an opinion: feedback, a complaint",)
    assert reading("losing_side", content).missing == ("the cost of what was bought",)
    assert reading("win_win", content).value is None
    assert reading("win_win", costly).value is False
    assert reading("win_win", unhappy).value is False
    assert reading("win_win", unhappy).coverage == 0.5
    assert reading("win_win", case_of(purchase(0), until=1)).value is None


@pytest.mark.parametrize(("until", "margin"), [(364, 100 - 40 + 1), (365, 1)])
def test_the_firm_wins_or_loses_by_the_year_net_of_refunds(until: float, margin: int) -> None:
    """001-15: margins of the last 365 days; what was refunded in full earned nothing."""
    case = case_of(
        purchase(0, 100, cost=40),
        purchase(300, 10, cost=9),
        purchase(310, 500, cost=0, order="back"),
        refund(311, 500, order="back"),
        rating(320, 1),
        until=until,
    )

    assert reading("losing_side", case).parts["margin"] == margin

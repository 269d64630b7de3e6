"""Value tiers: the borders that a population job found, passed by more than the slack (004-4, 004-5)."""

from collections.abc import Sequence

import pytest

from shared.domain.alerts import AlertKind, Severity
from shared.domain.customer import Customer, Tier
from shared.domain.events import Fact, Item
from shared.domain.policy import Policy
from shared.domain.population import Population
from shared.domain.tiers import tier_of
from tests.builders import alert_of, fold_story, model_from, purchase, purchases, refund

BORDERS = Policy(population=Population(tier_a=1_000, tier_c=100))
"""Tier A from 1000 on, tier C below 100; the slack is a tenth of each."""


def of(margin: int | None, tier: Tier | None = None, policy: Policy = BORDERS) -> Tier | None:
    """The tier of a customer with a margin that was in a tier."""
    return tier_of(Customer(margin=margin, tier=tier), policy)


@pytest.mark.parametrize(("margin", "tier"), [(1_000, "A"), (999, "B"), (100, "B"), (99, "C"), (-5, "C")])
def test_a_customer_that_is_new_to_the_tiers_goes_by_the_borders(margin: int, tier: Tier) -> None:
    """004-4: at or above the first border A, below the second C."""
    assert of(margin) == tier


@pytest.mark.parametrize(
    ("held", "margin", "tier"),
    [
        ("A", 900, "A"),
        ("A", 899, "B"),
        ("A", 90, "B"),
        ("A", 89, "C"),
        ("B", 1_100, "A"),
        ("B", 1_099, "B"),
        ("B", 90, "B"),
        ("B", 89, "C"),
        ("C", 109, "C"),
        ("C", 110, "B"),
        ("C", 1_099, "B"),
        ("C", 1_100, "A"),
    ],
)
def test_a_tier_is_left_only_when_its_border_is_passed_by_the_slack(held: Tier, margin: int, tier: Tier) -> None:
    """004-5: hysteresis, so that nobody swings to and fro at a border."""
    assert of(margin, held) == tier


@pytest.mark.parametrize(
    ("held", "margin", "tier"), [("A", -220, "A"), ("A", -221, "B"), ("B", -180, "A"), ("B", -181, "B")]
)
def test_a_border_below_zero_has_its_slack_on_both_sides_too(held: Tier, margin: int, tier: Tier) -> None:
    """004-5: a tenth of -200 is twenty, upward and downward."""
    assert of(margin, held, Policy(population=Population(tier_a=-200, tier_c=-1_000))) == tier


@pytest.mark.parametrize(
    ("held", "margin", "tier"), [("C", -901, "C"), ("C", -900, "B"), ("B", -1_100, "B"), ("B", -1_101, "C")]
)
def test_so_has_the_lower_border(held: Tier, margin: int, tier: Tier) -> None:
    assert of(margin, held, Policy(population=Population(tier_a=200, tier_c=-1_000))) == tier


def test_the_policy_says_how_much_slack_there_is() -> None:
    assert of(999, "A", Policy(population=BORDERS.population, tier_slack=0.0)) == "B"
    assert of(500, "A", Policy(population=BORDERS.population, tier_slack=0.5)) == "A"


@pytest.mark.parametrize(
    ("margin", "population"),
    [
        (None, BORDERS.population),
        (500, Population()),
        (500, Population(tier_a=1_000)),
        (500, Population(tier_c=100)),
    ],
)
def test_without_a_margin_or_a_border_the_tier_is_unknown(margin: int | None, population: Population) -> None:
    """004-4: unknown, never the lowest."""
    assert of(margin, None, Policy(population=population)) is None


def margin_of(*story: Fact | Sequence[Fact], policy: Policy | None = None) -> tuple[int | None, int]:
    """What the firm earned, and how much of what was bought told its cost."""
    customer = fold_story(*story, policy=policy).customer
    return customer.margin, customer.costed


@pytest.mark.parametrize(
    ("bought", "margin"),
    [
        (purchase(0, 100, cost=70), (30, 100)),
        (purchase(0, 100, cost=130), (-30, 100)),
        (purchase(0, 100), (None, 0)),
        (purchase(0, 100, items=(Item(cost=20), Item(cost=25))), (55, 100)),
        (purchase(0, 100, cost=10, items=(Item(cost=20),)), (90, 100)),
        (purchase(0, 100, items=(Item(cost=20), Item())), (None, 0)),
        (purchase(0, 100, cost=70, currency="USD"), (30, 100)),
    ],
)
def test_a_margin_is_known_where_the_cost_is(bought: Fact, margin: tuple[int | None, int]) -> None:
    """004-2, 002-8: the order's own cost goes before that of its items, which must all tell theirs."""
    assert margin_of(bought) == margin


def test_margins_add_up_over_what_tells_its_cost() -> None:
    assert margin_of(purchase(0, 100, cost=70), purchase(1, 999), purchase(2, 50, cost=10)) == (70, 150)


def test_a_margin_in_another_currency_needs_a_rate() -> None:
    foreign = [purchase(0, 100, cost=70), purchase(1, 100, cost=60, currency="USD")]

    assert margin_of(foreign) == (30, 100)
    assert margin_of(foreign, policy=Policy(base_currency="EUR", rates={"USD": 0.5})) == (30 + 20, 150)


@pytest.mark.parametrize(
    ("refunded", "left"), [(50, (15, 50)), (100, (0, 0)), (400, (0, 0)), (1, (30, 99)), (99, (0, 1))]
)
def test_what_goes_back_takes_its_part_of_the_margin_with_it(refunded: int, left: tuple[int, int]) -> None:
    """004-2: thirty earned on a hundred; half of it back leaves fifteen."""
    assert margin_of(purchase(0, 100, cost=70), refund(1, refunded)) == left


def test_a_refund_of_what_never_told_its_cost_leaves_no_margin() -> None:
    assert margin_of(purchase(0, 100), refund(1, 50)) == (None, 0)


def test_a_tier_is_given_at_a_purchase_and_kept_on_the_whole_relationship_alone() -> None:
    """004-5: the borders come through the log; the next purchase is held against them."""
    borders = model_from(5, 3.4, 1.2, population=Population(tier_a=1_000, tier_c=100))
    told = [purchase(0, 2_000, cost=0, line="a")]

    assert fold_story(told, until=6, controls=[borders]).customer.tier is None
    again = fold_story(told, purchase(7, 10, cost=0, line="a"), controls=[borders]).customer
    assert (again.tier, again.lines["a"].tier) == ("A", None)


@pytest.mark.parametrize(("earned", "severity"), [(2_000, Severity.HIGH), (500, Severity.MEDIUM), (0, Severity.LOW)])
def test_an_alert_weighs_by_the_tier(earned: int, severity: Severity) -> None:
    """004-4, 004-22: silence in formation is medium; a customer of tier A is worth more, one of tier C less."""
    bought = [*purchases(0, 10, amount=0), purchase(20, earned, cost=0)]
    # Q is its floor of thirty days: silent on day 50.
    folded = fold_story(bought, until=50, policy=Policy(population=BORDERS.population, long_gap_sigmas=0.0001))

    alert = alert_of(folded, AlertKind.SILENCE)
    assert (alert.tier, alert.severity) == (folded.customer.tier, severity)

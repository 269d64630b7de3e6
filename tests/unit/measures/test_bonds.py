"""What binds a customer, and which measures that keep customers are open to it."""

from typing import Any

import pytest

from shared.domain.actions import ASKS_FOR, BONDS, LABELS, RETENTION, Action
from shared.domain.events import Consent, Cost, Item, Profile, Value
from shared.domain.measures.bonds import eligible, top_factor
from shared.domain.policy import Policy
from shared.domain.population import Population
from shared.domain.stages import Stage
from tests.builders import complaint, contact, contract, contract_ended, inquiry, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import monthly, told

TIERS = Policy(population=Population(currency="EUR", tier_a=300_00, tier_c=10_00))
CHEAPER = Item(amount=90_00, list_amount=100_00)
ALLOWED = told(Consent, 0, purpose="profiling", granted=True)
REFUSED = told(Consent, 0, purpose="profiling", granted=False)
KNOWN = told(Profile, 1, dates={"birthday": "05-07"}, preferred_payment="card")


@pytest.mark.parametrize(
    ("story", "level"),
    [
        ([purchase(0, discount=5)], 1),
        ([purchase(0, items=(Item(amount=5, list_amount=5), CHEAPER))], 1),
        ([purchase(0), contact(1)], 2),
        ([purchase(0), contact(1, "inbound")], 2),
        ([purchase(0), contract(1, kind="membership")], 2),
        ([purchase(0), contract(1, kind="club")], 2),
        ([purchase(0), contract(1)], 3),
        ([purchase(0), contract(1, kind="supply"), contact(1)], 3),
        ([purchase(0), told(Cost, 1, amount=5, currency="EUR", what="integration")], 3),
        ([purchase(0), told(Value, 1, amount=5, currency="EUR", what="edi")], 3),
    ],
)
def test_the_highest_bond_is_the_level(story: list[Any], level: int) -> None:
    """001-20: 1 a discount, 2 a membership or personal contact, 3 a contract or integration."""
    found = reading("bond_level", case_of(story, until=2))

    assert found.value == level
    assert found.evidence


@pytest.mark.parametrize(
    "story",
    [
        [purchase(0, discount=0)],
        [purchase(0, items=(Item(amount=100, list_amount=100), Item(amount=5), Item(list_amount=5)))],
        [purchase(0), contact(1, "outbound")],
        [purchase(0), contract(1, kind="draft")],
        [purchase(0), contract(1, ends=2)],
        [purchase(0), contract(0, contract_id="a"), contract_ended(1, contract_id="a")],
        [purchase(0), told(Cost, 1, amount=5, currency="EUR", what="service")],
    ],
)
def test_what_does_not_bind_leaves_the_level_unknown(story: list[Any]) -> None:
    """001-20: not even a discount was seen, which is no proof that there was none."""
    case = case_of(story, until=2)

    assert reading("bond_level", case).value is None
    assert reading("next_bond", case).value is None
    assert reading("discounts_only", case).value is None


@pytest.mark.parametrize(("until", "level"), [(364.9, 2), (365, None)])
def test_a_contact_binds_for_a_year(until: float, level: int | None) -> None:
    """001-20: from day 0 on."""
    case = case_of(purchase(0), contact(0), until=until, policy=Policy(long_gap_floor_days=900))

    assert reading("bond_level", case).value == level


def test_all_bonds_are_told_with_the_level() -> None:
    """001-20: a discount and a contract without any personal contact."""
    found = reading("bond_level", case_of(purchase(0, discount=5, id="cheap"), contract(1, id="deal"), until=2))

    assert found.parts == {"financial": True, "social": None, "structural": True}
    assert found.evidence == ("cheap", "deal")


@pytest.mark.parametrize(
    ("story", "after"),
    [
        ([purchase(0, discount=5)], "social"),
        ([purchase(0), contact(1)], "structural"),
        ([purchase(0), contract(1)], "none"),
    ],
)
def test_the_next_bond_lies_one_level_up(story: list[Any], after: str) -> None:
    """001-20: social before structural; money is never what is suggested."""
    assert reading("next_bond", case_of(story, until=2)).value == after


@pytest.mark.parametrize(
    ("count", "more", "flagged"), [(9, [], True), (8, [contact(230)], False), (1, [], False), (3, [], False)]
)
def test_stability_that_rests_on_discounts_is_flagged(count: int, more: list[Any], flagged: bool) -> None:
    """001-20: a stable customer at level 1."""
    case = case_of(purchases(*monthly(count), discount=5), *more, until=30.0 * (count - 1) + 25)

    assert (case.state.stage is Stage.STABILITY) is (count > 3)
    assert reading("discounts_only", case).value is flagged


def test_six_measures_keep_customers_and_three_bonds_bind_them() -> None:
    """001-18, 001-20: each with what it asks for, in two languages."""
    assert len(RETENTION) == 6
    assert set(ASKS_FOR) == set(RETENTION)
    assert [bond.value for bond in BONDS] == ["financial_bond", "social_bond", "structural_bond"]
    assert set(LABELS) == set(Action)
    assert all(en and zh for en, zh in (*LABELS.values(), *ASKS_FOR.values()))


def test_a_stable_customer_of_tier_a_of_whom_all_is_known_is_open_to_all_measures() -> None:
    """001-18: nine orders with a margin of 40.00 each, a membership, dates and taste, consent."""
    story = [*purchases(*monthly(9), cost=60_00), contract(1, ends=300, kind="membership"), ALLOWED, KNOWN]
    case = case_of(story, until=240, policy=TIERS)

    found = reading("retention_measures", case)

    assert found.value == 6
    assert found.coverage == 1
    assert found.missing == ()
    assert {name: found.parts[name] for name in RETENTION} == dict.fromkeys(RETENTION, True)
    assert found.parts["top_factor"] == top_factor(case)


def test_of_a_first_buyer_two_measures_are_known_not_to_be_open() -> None:
    """001-18: the programme is; what binds and appreciation come later; the rest is unknown."""
    case = case_of(purchase(0), until=1)

    found = reading("retention_measures", case)

    assert found.value == 1
    assert found.coverage == 0.5
    assert found.parts["switching_costs"] is False
    assert found.parts["special_appreciation"] is False
    assert found.missing == ("consent", "a contract of the kind membership")


def test_before_anything_is_known_no_measure_is() -> None:
    """001-18: unknown, with what would tell."""
    found = reading("retention_measures", case_of(complaint(0), until=1))

    assert found.value is None
    assert found.missing == (
        "a purchase",
        "costs of purchases, and tiers",
        "consent",
        "a contract of the kind membership",
    )
    assert found.parts["top_factor"] is None


@pytest.mark.parametrize(("cost", "tier_a"), [(63_33, True), (63_34, False)])
def test_appreciation_is_for_stable_customers_of_tier_a(cost: int, tier_a: bool) -> None:
    """001-18: nine margins of 36.67 pass 300.00 by a tenth, as it takes from tier B; nine of 36.66 do not."""
    case = case_of(purchases(*monthly(9), cost=cost), until=240, policy=TIERS)

    assert eligible(case)[Action.SPECIAL_APPRECIATION] is tier_a


def test_without_tiers_nobody_knows_who_should_be_appreciated() -> None:
    """001-18: unknown in stability; elsewhere the stage says no."""
    assert eligible(case_of(purchases(*monthly(9), cost=1), until=240))[Action.SPECIAL_APPRECIATION] is None
    assert eligible(case_of(purchase(0, 900_00, cost=1), until=1, policy=TIERS))[Action.SPECIAL_APPRECIATION] is False
    assert eligible(case_of(complaint(0), until=1))[Action.SPECIAL_APPRECIATION] is None


@pytest.mark.parametrize(
    ("consent", "profile", "is_open"),
    [
        ([ALLOWED], [KNOWN], True),
        ([ALLOWED], [told(Profile, 1, dates={"birthday": "05-07"}, preferred_channel="mail")], True),
        ([ALLOWED], [told(Profile, 1, dates={"birthday": "05-07"})], False),
        ([ALLOWED], [told(Profile, 1, preferred_channel="mail")], False),
        ([ALLOWED], [], False),
        ([REFUSED], [KNOWN], False),
        ([], [KNOWN], None),
    ],
)
def test_personal_attention_asks_for_consent_dates_and_taste(
    consent: list[Any], profile: list[Any], is_open: bool | None
) -> None:
    """001-18, 001-19: and learning asks for the consent alone."""
    found = eligible(case_of(purchase(0), *consent, *profile, until=2))

    assert found[Action.EMOTIONAL_TIE] is is_open
    assert found[Action.LEARNING_RELATIONSHIP] is (consent[0].granted if consent else None)


@pytest.mark.parametrize(
    ("contracts", "is_open"),
    [
        ([contract(1, kind="membership")], True),
        ([contract(1, ends=2, kind="membership")], False),
        ([contract(1, kind="supply")], False),
        ([], None),
    ],
)
def test_group_activities_are_for_members(contracts: list[Any], is_open: bool | None) -> None:
    """001-18: whose membership runs."""
    assert eligible(case_of(purchase(0), *contracts, until=2))[Action.GROUP_ACTIVITY] is is_open


@pytest.mark.parametrize(
    ("contracts", "is_open"),
    [
        ([], True),
        ([contract(1, ends=150)], True),
        ([contract(1, ends=150.1)], False),
        ([contract(1)], False),
        ([contract(1, kind="draft")], True),
        ([contract(1, ends=60.5)], True),
    ],
)
def test_what_binds_is_reviewed_when_nothing_binds_for_long(contracts: list[Any], is_open: bool) -> None:
    """001-18: in formation on day 60, with 90 days to look ahead."""
    case = case_of(purchases(0, 30, 60), *contracts, until=60)

    assert case.state.stage is Stage.FORMATION
    assert eligible(case)[Action.SWITCHING_COSTS] is is_open


def test_a_prospect_has_nothing_to_review() -> None:
    """001-18: the tie is not there yet."""
    assert eligible(case_of(inquiry(0), until=1))[Action.SWITCHING_COSTS] is None
    assert top_factor(case_of(inquiry(0), contact(0), until=1)) is None


def test_the_top_factor_is_the_weakest_of_health() -> None:
    """001-18: trust at first; later s of -0.8, which is worse than half a conflict."""
    assert top_factor(case_of(purchase(0), until=0)) == "trust"
    assert top_factor(case_of(purchases(*monthly(9)), complaint(239), until=240)) == "satisfaction"
    assert top_factor(case_of(purchases(*monthly(9)), contact(0), until=240)) == "contact"

"""Trust, how sure a stage is, what lies next to it, and what a customer cares about there."""

import pytest

from services.api.labels import STAGES
from shared.domain.measures.standing import FOCI, FOCUS, STAGE_WORDS, uncertainty_of
from shared.domain.policy import Policy
from shared.domain.stages import CUSTOMER_STAGES, Signal, Stage, next_stage
from tests.builders import contract, ended, inquiry, purchase, purchases, rating
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import monthly

PATIENT = Policy(long_gap_floor_days=300)
"""Q is 300 days: silence of so many days is close to decline by days/300."""


def test_trust_grows_with_repetition_satisfaction_and_time() -> None:
    """000-6: 0.4 · 3/6 + 0.3 · (0.5 + 1)/2 + 0.3 · 90/180 = 0.2 + 0.225 + 0.15."""
    case = case_of(purchases(0, 30, 60), rating(60, 0.5), until=90)

    found = reading("trust", case)

    assert found.value == pytest.approx(0.575)
    assert found.coverage == 1
    assert found.parts == {"repetition": 0.5, "satisfaction": 0.75, "tenure": 0.5}


def test_without_an_opinion_trust_is_the_mean_of_the_rest() -> None:
    """000-6: (0.4 · 1/6 + 0.3 · 18/180)/0.7, of which 0.7 is covered."""
    case = case_of(purchase(0), until=18)

    found = reading("trust", case)

    assert found.value == pytest.approx((0.4 / 6 + 0.03) / 0.7)
    assert found.coverage == pytest.approx(0.7)
    assert found.missing == ("an opinion: feedback, a complaint",)
    assert found.parts["satisfaction"] is None


@pytest.mark.parametrize(
    ("bought", "until", "repetition", "tenure"),
    [(6, 180, 1, 1), (5, 180, 5 / 6, 1), (7, 180, 1, 1), (6, 171, 1, 0.95), (6, 189, 1, 1)],
)
def test_trust_is_full_from_six_occasions_and_180_days_on(
    bought: int, until: float, repetition: float, tenure: float
) -> None:
    """000-6: neither more purchases nor more time add to it."""
    case = case_of(purchases(*monthly(bought)), until=until)

    found = reading("trust", case)

    assert found.parts["repetition"] == pytest.approx(repetition)
    assert found.parts["tenure"] == pytest.approx(tenure)


def test_uncertainty_falls_with_purchases_and_with_what_is_known() -> None:
    """002-5: 1 - 0.7 · 1/3 after one purchase without an opinion; 1 - 1 · 2/3 after two with one; 0 from three on."""
    once = case_of(purchase(0), until=0)
    twice = case_of(purchases(0, 30), rating(30, 1), until=30)
    often = case_of(purchases(*monthly(4)), rating(90, 1), until=90)

    assert uncertainty_of(once) == pytest.approx(1 - 0.7 / 3)
    assert uncertainty_of(twice) == pytest.approx(1 / 3)
    assert uncertainty_of(often) == pytest.approx(0)


def test_a_first_buyer_is_in_exploration_with_little_confidence() -> None:
    """002-23, 002-5: a third of the way to formation; doubt of 0.76667 takes 0.38333 of the confidence."""
    case = case_of(purchase(0, id="first"), until=0)

    found = reading("stage_confidence", case)

    assert found.value == pytest.approx(0.616667 * (1 - 1 / 6), abs=1e-6)
    assert found.parts["closeness"] == pytest.approx(1 / 3)
    assert found.parts["uncertainty"] == pytest.approx(1 - 0.7 / 3)
    assert found.parts["second"] == pytest.approx(0.616667 / 6, abs=1e-6)
    assert found.evidence == ("first",)


def test_a_stable_customer_who_just_bought_is_so_with_confidence() -> None:
    """004-12, 002-23: nothing is close; 0.3 of what trust asks for is unknown, which takes 0.15."""
    case = case_of(purchases(*monthly(9)), until=240)

    assert case.state.stage is Stage.STABILITY
    assert reading("stage_confidence", case).value == pytest.approx(0.85)


def test_no_doubt_is_left_where_all_is_known() -> None:
    """002-23: c = 0 and u = 0."""
    case = case_of(purchases(*monthly(9)), rating(240, 1), until=240)

    assert reading("stage_confidence", case).value == pytest.approx(1)


def test_how_much_doubt_takes_is_the_policys() -> None:
    """002-5: doubt that takes everything leaves 1 - 0.3."""
    case = case_of(purchases(*monthly(9)), until=240, policy=Policy(doubt_weight=1))

    assert reading("stage_confidence", case).value == pytest.approx(0.7)


def test_that_a_prospect_is_one_is_no_judgement() -> None:
    """002-23: half of 42 days of patience is left, so the purchase is half as close as it was; there is no doubt."""
    case = case_of(inquiry(0), until=21)

    found = reading("stage_confidence", case)

    assert found.value == pytest.approx(0.75)
    assert found.parts["uncertainty"] == 0
    assert reading("second_stage", case).value == "exploration"


@pytest.mark.parametrize(("silence", "second"), [(99, "formation"), (100, "decline"), (101, "decline")])
def test_the_second_stage_is_the_one_that_is_closer_and_the_worse_of_two_alike(silence: float, second: str) -> None:
    """002-23: a first buyer is 1/3 of the way to formation; 100 of 300 days of silence are as close to decline."""
    case = case_of(purchase(0), until=silence, policy=PATIENT)

    found = reading("second_stage", case)

    assert found.value == second
    assert found.parts["formation"] == pytest.approx(1 / 3)
    assert found.parts["decline"] == pytest.approx(silence / 300)


def test_of_somebody_who_neither_asked_nor_bought_no_stage_is_likely() -> None:
    """002-23: unknown, with what would tell."""
    case = case_of(contract(0), until=0)

    assert reading("second_stage", case).missing == ("an inquiry or a purchase",)
    assert reading("stage_confidence", case).missing == ("an inquiry or a purchase",)
    assert reading("focus", case).missing == ("an inquiry or a purchase",)


@pytest.mark.parametrize(
    ("bought", "cares"),
    [(1, {"quality", "variety"}), (3, {"shared_values", "free_service", "quality"})],
)
def test_what_a_customer_cares_about_depends_on_its_stage(bought: int, cares: set[str]) -> None:
    """002-4: exploration looks at what is offered, formation at who offers it."""
    case = case_of(purchases(*monthly(bought)), until=30.0 * (bought - 1))

    found = reading("focus", case)

    assert found.value == FOCUS[case.state.stage][0]
    assert {name for name, held in found.parts.items() if held} == cares
    assert set(found.parts) == set(FOCI)


def test_every_stage_has_its_foci_and_all_six_are_used() -> None:
    """002-4: brands, quality, values, free service, indirect interaction, people."""
    assert set(FOCUS) == set(Stage) - {Stage.TARGET}
    assert {name for foci in FOCUS.values() for name in foci} == set(FOCI)
    assert len(FOCI) == 6
    assert FOCUS[Stage.STABILITY][:2] == ("indirect_interaction", "personal_service")


def test_after_the_end_only_a_new_beginning_is_near() -> None:
    """002-23: nothing announces it, so the end is sure but for the doubt."""
    case = case_of(purchases(*monthly(3)), rating(60, 1), ended(61), until=62)

    assert case.state.stage is Stage.ENDED
    assert reading("second_stage", case).value == "exploration"
    assert reading("stage_confidence", case).parts["closeness"] == 0


def test_the_stages_have_their_canonical_names_in_both_languages() -> None:
    """000-2, 001-2: four phases of a customer, and the words of the measures are those of the answers."""
    assert [stage.value for stage in (*CUSTOMER_STAGES, Stage.DECLINE)] == [
        "exploration",
        "formation",
        "stability",
        "decline",
    ]
    assert [STAGES[stage].zh for stage in (*CUSTOMER_STAGES, Stage.DECLINE)] == ["考察期", "形成期", "稳定期", "退化期"]
    assert {stage.value: (label.en, label.zh) for stage, label in STAGES.items()} == STAGE_WORDS
    assert next_stage(Stage.EXPLORATION, Signal.CONFIRMED) is Stage.FORMATION
    assert next_stage(Stage.FORMATION, Signal.COMMITTED) is Stage.STABILITY
    assert next_stage(Stage.STABILITY, Signal.SILENT) is Stage.DECLINE

"""How content a customer is: s, expectation against perception, and s by level, object and part."""

import pytest

from tests.builders import complaint, feedback, other, purchase, rating
from tests.unit.measures.cases import case_of, reading


def test_satisfaction_is_the_mean_opinion_with_weights_that_halve_every_two_windows() -> None:
    """000-4, 002-22: W is 60 d, so that what was said 120 d before the newest opinion weighs half."""
    case = case_of(purchase(0), rating(0, 1, id="glad"), rating(120, -1, id="angry"), until=130)

    found = reading("satisfaction", case)

    assert found.value == pytest.approx((0.5 - 1) / 1.5)
    assert found.parts == {"opinions": 2.0}
    assert found.evidence == ("glad", "angry")


def test_a_complaint_is_an_opinion_too() -> None:
    """000-4: a complaint says -0.8."""
    found = reading("satisfaction", case_of(purchase(0), complaint(1), until=2))

    assert found.value == pytest.approx(-0.8)
    assert found.evidence == ("complaint of day 1",)


def test_satisfaction_is_unknown_while_nobody_has_said_anything() -> None:
    """000-4: no opinion is no middling opinion."""
    found = reading("satisfaction", case_of(purchase(0), until=2))

    assert found.value is None
    assert found.missing == ("an opinion: feedback, a complaint",)


def test_the_evidence_of_satisfaction_is_of_this_cycle_only() -> None:
    """002-22: the customer slept for 400 d; what it said before no longer counts."""
    case = case_of(purchase(0), rating(1, -1), purchase(400), rating(401, 1, id="glad"), until=402)

    found = reading("satisfaction", case)

    assert found.value == 1
    assert found.evidence == ("glad",)


def test_the_gap_is_what_was_perceived_less_what_was_expected_as_a_share_of_the_scale() -> None:
    """000-4: -0.2 weighs half of the newer 0.4; feedback with one of the two says nothing."""
    story = [
        purchase(0),
        feedback(0, expected=4, perceived=3, id="early"),
        feedback(120, expected=2, perceived=4, id="late"),
        feedback(120, expected=5, rating=1, id="half"),
        feedback(120, perceived=5, rating=1, id="other half"),
    ]

    found = reading("expectation_gap", case_of(story, until=121))

    assert found.value == pytest.approx((-0.2 * 0.5 + 0.4) / 1.5)
    assert found.parts["expected"] == pytest.approx((0.8 * 0.5 + 0.4) / 1.5)
    assert found.parts["perceived"] == pytest.approx((0.6 * 0.5 + 0.8) / 1.5)
    assert found.evidence == ("early", "late")


@pytest.mark.parametrize(("perceived", "met"), [(2.9, False), (3, True), (3.1, True)])
def test_a_customer_is_satisfied_from_a_difference_of_0_on(perceived: float, met: bool) -> None:
    """000-4: satisfied if, and only if, perceived is at least expected."""
    case = case_of(purchase(0), feedback(1, expected=3, perceived=perceived, id="said"), until=2)

    found = reading("expectation_met", case)

    assert found.value is met
    assert found.evidence == ("said",)


@pytest.mark.parametrize("name", ["expectation_gap", "expectation_met"])
def test_without_an_expectation_nobody_can_say_whether_it_was_met(name: str) -> None:
    """000-4: a rating alone holds nothing against an expectation."""
    found = reading(name, case_of(purchase(0), rating(1, 1), until=2))

    assert found.value is None
    assert found.missing == ("feedback with expected and perceived",)


def test_satisfaction_is_told_for_each_level() -> None:
    """004-7: material 1 and social -0.5 make 0.25; nobody spoke of the spiritual level."""
    story = [
        rating(2, -0.5, level="social", id="lonely"),
        rating(1, 1, level="material", id="solid"),
        rating(3, -1, id="no level"),
    ]

    found = reading("satisfaction_by_level", case_of(purchase(0), story, until=4))

    assert found.value == pytest.approx(0.25)
    assert found.parts == {"material": 1.0, "spiritual": None, "social": -0.5}
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == ("spiritual",)
    assert found.evidence == ("solid", "lonely")


def test_satisfaction_is_told_for_each_object_and_a_service_counts_as_the_product() -> None:
    """004-7: system, enterprise, product or service."""
    story = [rating(1, 1, object="system"), rating(1, 0.5, object="enterprise"), rating(1, -1, object="service")]

    found = reading("satisfaction_by_object", case_of(purchase(0), story, until=2))

    assert found.parts == {"system": 1.0, "enterprise": 0.5, "product": -1.0}
    assert found.value == pytest.approx(0.5 / 3)
    assert found.coverage == 1


@pytest.mark.parametrize("part", ["function", "design", "packaging", "channel", "advert", "label", "ethics", "ecology"])
def test_satisfaction_is_told_for_each_part(part: str) -> None:
    """004-7: eight parts; one that we do not know is left out."""
    case = case_of(purchase(0), rating(1, 0.5, part=part), rating(1, -1, part="smell", id="odd"), until=2)

    found = reading("satisfaction_by_part", case)

    assert found.value == 0.5
    assert found.parts[part] == 0.5
    assert found.coverage == pytest.approx(1 / 8)
    assert len(found.parts) == 8


@pytest.mark.parametrize("member", ["level", "object", "part"])
def test_feedback_that_names_nothing_tells_nothing_of_its_object(member: str) -> None:
    """004-7: unknown, and what is missing."""
    found = reading(f"satisfaction_by_{member}", case_of(purchase(0), rating(1, 1), until=2))

    assert found.value is None
    assert found.missing == (f"feedback that names its {member}",)


@pytest.mark.parametrize(("later", "value"), [(360, 1.0), (360.001, None)])
def test_what_was_said_is_forgotten_after_six_windows(later: float, value: float | None) -> None:
    """004-7: W is 60 d; it is the newest event that counts, as for s."""
    case = case_of(purchase(0), rating(0, 1, level="social"), other(later), until=800)

    assert reading("satisfaction_by_level", case).value == value


def test_what_was_said_before_the_customer_slept_belongs_to_the_old_cycle() -> None:
    """004-7: what is said at the very instant of waking belongs to the new one."""
    story = [purchase(0), rating(200, -1, level="social"), purchase(500), rating(500, 1, level="material")]

    found = reading("satisfaction_by_level", case_of(story, until=501))

    assert found.parts == {"material": 1.0, "spiritual": None, "social": None}


def test_the_cycle_of_a_line_is_not_that_of_the_relationship() -> None:
    """004-7: bags were taken up again on day 600, the whole began anew on day 2000."""
    shoes = [purchase(20 * place, line="shoes") for place in range(40)]
    story = [*shoes, purchase(0, line="bags", id="bag"), purchase(610, line="bags"), rating(611, -1, level="social")]

    case = case_of(story, purchase(2000, line="shoes"), rating(2001, 1, level="material"), until=2002)

    assert case.state.cycle == case.state.lines["bags"].cycle == 2
    assert reading("satisfaction_by_level", case).parts == {"material": 1.0, "spiritual": None, "social": None}

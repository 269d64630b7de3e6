"""How quality, service and value are perceived, in their parts."""

import pytest

from tests.builders import purchase, rating
from tests.unit.measures.cases import case_of, reading

NAMES = (
    "quality.function",
    "quality.form",
    "service.fit",
    "service.reliability",
    "service.overall",
    "value.total_cost",
    "value.quality_price",
)


def test_perception_is_the_mean_of_the_means_of_quality_service_and_value() -> None:
    """002-20: quality (1 + 0)/2, service (-0.5 + 1 + 1)/3, value (0.5 + 1)/2."""
    said = zip(NAMES, (1, 0, -0.5, 1, 1, 0.5, 1), strict=True)
    story = [rating(1 + place, x, part=name, id=name) for place, (name, x) in enumerate(said)]

    found = reading("perception", case_of(purchase(0), story, until=1000))

    assert found.value == pytest.approx((0.5 + 0.5 + 0.75) / 3)
    assert found.parts["quality"] == 0.5
    assert found.parts["service"] == pytest.approx(0.5)
    assert found.parts["value"] == 0.75
    assert found.parts["service.fit"] == -0.5
    assert found.coverage == 1
    assert found.missing == ()
    assert found.evidence == NAMES


def test_ratings_that_nobody_gave_are_left_out_and_named() -> None:
    """002-20: quality 1 and service -0.5 make 0.25; of value nothing is known."""
    case = case_of(
        purchase(0), rating(2, 1, part="quality.form", id="b"), rating(1, -0.5, part="service.fit", id="a"), until=3
    )

    found = reading("perception", case)

    assert found.value == 0.25
    assert found.parts["value"] is None
    assert found.parts["quality.function"] is None
    assert found.coverage == pytest.approx(2 / 7)
    assert found.missing[0] == "feedback with the part quality.function"
    assert len(found.missing) == 5
    assert found.evidence == ("a", "b")


def test_a_rating_given_twice_fades_as_satisfaction_does() -> None:
    """002-20: what was said 120 d ago weighs half of what is said now."""
    case = case_of(purchase(0), rating(0, 1, part="service.fit"), rating(120, -0.5, part="service.fit"), until=121)

    assert reading("perception", case).value == pytest.approx(0)


@pytest.mark.parametrize(("x", "weak"), [(-0.1, True), (0, False), (0.1, False)])
def test_one_part_below_0_puts_the_next_purchase_at_risk(x: float, weak: bool) -> None:
    """002-20: however good the rest is."""
    case = case_of(
        purchase(0), rating(1, 1, part="quality.form"), rating(1, x, part="value.total_cost", id="dear"), until=2
    )

    found = reading("weak_perception", case)

    assert found.value is weak
    assert found.parts == ({"value.total_cost": pytest.approx(-0.1)} if weak else {})
    assert found.coverage == pytest.approx(2 / 7)


@pytest.mark.parametrize("name", ["perception", "weak_perception"])
def test_feedback_without_a_part_says_nothing_of_the_parts(name: str) -> None:
    """002-20: unknown, though the customer is content."""
    found = reading(name, case_of(purchase(0), rating(1, 1), until=2))

    assert found.value is None
    assert found.missing == ("feedback with a part such as quality.function",)

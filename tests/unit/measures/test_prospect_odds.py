"""The three factors before a first purchase, and the odds of prospects like this one."""

import pytest

from shared.domain.events import Profile
from shared.domain.measures.prospects import cells
from shared.domain.policy import Policy
from shared.domain.population import Population
from tests.builders import inquiry
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.voices import told

ODDS = {
    "industry=food/level=gold/rating=good": 0.6,
    "industry=food/level=gold": 0.5,
    "level=gold": 0.4,
    "rating=bad": 0.1,
    "rating=neutral": 0.2,
}
POLICY = Policy(population=Population(conversion=ODDS), served_industries=("food", "toys"))


def test_the_odds_are_those_of_prospects_with_the_same_three_factors() -> None:
    """001-10: external rating, level and industry."""
    profile = told(Profile, 0, industry="food", level="gold", external_rating=0.1, id="known")

    found = reading("conversion_odds", case_of(profile, inquiry(1), until=2, policy=POLICY))

    assert found.value == 0.6
    assert found.coverage == 1
    assert found.evidence == ("known",)
    assert found.parts == {
        "external_rating": 0.1,
        "industry_match": True,
        "customer_level": "gold",
        "cell": "industry=food/level=gold/rating=good",
    }


@pytest.mark.parametrize(
    ("profile", "odds", "coverage"),
    [
        ({"industry": "food", "level": "gold", "external_rating": -0.1}, 0.5, 2 / 3),
        ({"industry": "food", "level": "gold"}, 0.5, 2 / 3),
        ({"industry": "cars", "level": "gold"}, 0.4, 1 / 3),
        ({"industry": "cars", "external_rating": -0.1}, 0.1, 1 / 3),
        ({"external_rating": 0.0}, 0.2, 1 / 3),
    ],
)
def test_where_few_are_alike_the_odds_are_those_of_a_wider_group(
    profile: dict[str, object], odds: float, coverage: float
) -> None:
    """001-10: the narrowest cell that is known; a rating of 0 is a rating."""
    found = reading("conversion_odds", case_of(told(Profile, 0, **profile), until=2, policy=POLICY))

    assert found.value == odds
    assert found.coverage == pytest.approx(coverage)


def test_without_figures_of_all_customers_the_odds_are_unknown_and_the_factors_are_told() -> None:
    """001-10: no odds are made up."""
    case = case_of(told(Profile, 0, industry="cars"), until=2, policy=POLICY)

    found = reading("conversion_odds", case)

    assert found.value is None
    assert found.missing == ("figures of all customers: the conversion of industry=cars",)
    assert found.parts == {"external_rating": None, "industry_match": False, "customer_level": None}


def test_without_a_profile_the_odds_are_unknown() -> None:
    """001-10: nothing tells whom the prospect is like."""
    found = reading("conversion_odds", case_of(inquiry(0), until=2, policy=POLICY))

    assert found.missing == ("a profile with industry, level or external_rating",)


def test_the_newest_rating_of_the_outside_world_counts() -> None:
    """001-10: it was bad and has become good; a later profile without one changes nothing."""
    story = [
        told(Profile, 0, external_rating=-1.0, id="bad"),
        told(Profile, 1, external_rating=1.0, level="gold", industry="food", id="good"),
        told(Profile, 2, region="north"),
    ]

    found = reading("conversion_odds", case_of(story, until=3, policy=POLICY))

    assert found.value == 0.6
    assert found.evidence == ("bad", "good")


def test_cells_go_from_the_narrowest_to_the_widest() -> None:
    """001-10: each with how many factors it knows."""
    assert list(cells("food", "gold", -1.0).items()) == [
        ("industry=food/level=gold/rating=bad", 3),
        ("industry=food/level=gold", 2),
        ("industry=food/rating=bad", 2),
        ("level=gold/rating=bad", 2),
        ("industry=food", 1),
        ("level=gold", 1),
        ("rating=bad", 1),
    ]
    assert cells(None, None, None) == {}


@pytest.mark.parametrize(("industry", "match"), [("food", True), ("toys", True), ("cars", False)])
def test_an_industry_matches_where_the_policy_serves_it(industry: str, match: bool) -> None:
    """001-10, 001-3: the fit of both sides."""
    case = case_of(told(Profile, 0, industry=industry, id="known"), until=1, policy=POLICY)

    found = reading("industry_match", case)

    assert found.value is match
    assert found.evidence == ("known",)


def test_whether_an_industry_matches_is_unknown_without_it_or_without_a_list() -> None:
    """001-10: the policy names no industry by default."""
    unlisted = case_of(told(Profile, 0, industry="food"), until=1)
    unnamed = case_of(told(Profile, 0, region="north"), until=1, policy=POLICY)

    assert reading("industry_match", unlisted).missing == ("served_industries in the policy",)
    assert reading("industry_match", unnamed).missing == ("a profile with the industry",)

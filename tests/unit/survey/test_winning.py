"""From target to prospect to customer, by every dimension, and the odds of a cell."""

import pytest

from shared.domain.policy import Policy
from shared.domain.survey import winning
from shared.domain.survey.person import Person
from shared.domain.survey.winning import DIMENSIONS, Winning, WinningTally, Won, cells_of, words_of
from tests.builders import contact, inquiry, purchase, refund
from tests.unit.survey.people import FEW, person, profile


def tally_of(*people: Person, policy: Policy = FEW) -> WinningTally:
    tally = WinningTally(policy)
    for one in people:
        tally.add(one)
    return tally


def by(found: Winning, dimension: str) -> dict[str, tuple[int, int, int]]:
    return {won.value: (won.targets, won.prospects, won.customers) for won in found.by[dimension]}


def test_everybody_is_counted_as_far_as_it_came() -> None:
    """002-7: target, prospect, customer by region."""
    target = person(profile(region="north"), until=1)
    prospect = person(profile(region="north"), inquiry(1), until=2)
    customer = person(profile(region="south"), purchase(1), until=2)

    found = tally_of(target, prospect, customer).told()

    assert found.everybody == Won(
        value="everybody", targets=3, prospects=2, customers=1, asked_rate=2 / 3, won_rate=1 / 2
    )
    assert by(found, "region") == {"north": (2, 1, 0), "south": (1, 1, 1)}
    [north, _] = found.by["region"]
    assert (north.asked_rate, north.won_rate) == (0.5, 0.0)
    assert set(found.by) == set(DIMENSIONS)


def test_where_nobody_asked_the_odds_are_unknown() -> None:
    found = tally_of(person(profile(region="north"), until=1)).told()

    assert (found.everybody.asked_rate, found.everybody.won_rate) == (0.0, None)
    assert tally_of().told().everybody.asked_rate is None


def test_a_refunded_purchase_makes_no_customer() -> None:
    found = tally_of(person(inquiry(0), purchase(1), refund(2), until=3)).told()

    assert (found.everybody.prospects, found.everybody.customers) == (1, 0)


def test_the_channel_is_that_of_the_first_contact_that_names_one() -> None:
    """002-19: four channels, conversion of each."""
    story = [contact(0, channel="phone"), inquiry(1), inquiry(2, channel="ad"), purchase(3, channel="shop")]

    assert words_of(person(story, until=4))["channel"] == "ad"
    assert words_of(person(purchase(3, channel="shop"), inquiry(4, channel="ad"), until=5))["channel"] == "shop"
    assert words_of(person(purchase(3), until=5))["channel"] is None


@pytest.mark.parametrize(
    ("kinds", "step"),
    [
        (("view",), "aware"),
        ((None,), "considering"),
        (("ask",), "considering"),
        (("quote", "view"), "probing"),
        (("sample",), "probing"),
        (("view", "negotiate"), "probing"),
        (("view", "ask"), "considering"),
        ((), None),
    ],
)
def test_the_step_is_the_furthest_that_the_asking_had_come(kinds: tuple[str | None, ...], step: str | None) -> None:
    """002-19: need awareness, search, evaluation, told by the kind of inquiry."""
    story = [inquiry(place, kind=kind) for place, kind in enumerate(kinds)]

    assert words_of(person(story, contact(0), until=9))["step"] == step


def test_only_what_was_asked_up_to_the_first_purchase_is_a_step_to_it() -> None:
    story = [inquiry(0, kind="view"), purchase(1), inquiry(2, kind="quote")]

    assert words_of(person(story, until=9))["step"] == "aware"
    assert words_of(person(inquiry(1, kind="quote"), purchase(1), until=9))["step"] == "probing"


def test_what_others_say_and_level_and_industry_are_told_by_the_profile() -> None:
    """001-10: external rating, customer level, industry."""
    told = profile(external_rating=0.2, level="gold", industry="food", lead_source="fair", region="north")
    words = words_of(person(told, until=1))

    assert words == {
        "channel": None,
        "lead_source": "fair",
        "region": "north",
        "industry": "food",
        "level": "gold",
        "rating": "good",
        "step": None,
    }
    assert words_of(person(profile(external_rating=-0.2), until=1))["rating"] == "bad"


def test_the_odds_of_a_cell_need_enough_prospects() -> None:
    """001-10: conversion odds per cell."""
    golden = [
        person(profile(industry="food", level="gold"), inquiry(1), *bought, until=5)
        for bought in ([purchase(2)], [purchase(2)], [], [])
    ]
    silver = person(profile(industry="food", level="silver"), purchase(1), until=5)

    enough = tally_of(*golden, silver, policy=Policy(report_group_customers=4)).conversion()
    few = tally_of(*golden, silver, policy=Policy(report_group_customers=5)).conversion()

    assert enough == {"industry=food": 0.6, "level=gold": 0.5, "industry=food/level=gold": 0.5}
    assert few == {"industry=food": 0.6}


def test_cells_are_named_by_what_is_known() -> None:
    assert cells_of({"industry": "food", "level": "gold", "rating": "good"}) == [
        "industry=food",
        "level=gold",
        "rating=good",
        "industry=food/level=gold",
        "industry=food/rating=good",
        "level=gold/rating=good",
        "industry=food/level=gold/rating=good",
    ]
    assert cells_of({"industry": None, "level": "gold", "rating": None}) == ["level=gold"]
    assert cells_of({"industry": None, "level": None, "rating": None}) == []


def test_only_the_largest_cells_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winning, "MOST_CELLS", 1)
    people = [person(profile(industry=name), inquiry(1), until=2) for name in ("food", "steel", "steel")]

    assert tally_of(*people).conversion() == {"industry=steel": 0.0}

"""Extras, investments, and a great deal of trade."""

import pytest

from shared.domain.events import Fact, Item
from shared.domain.policy import Policy
from shared.domain.population import Figures, Population
from tests.builders import inquiry, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import HALF, among, cost, item, value

KINDS = ("guarantee", "edi", "priority_shipping", "advance_notice", "customisation", "maintenance", "upgrade")


def test_extras_are_counted_by_kind() -> None:
    """004-19: seven by their names, then a service item under its product, a service by another name, two flags."""
    named = [value(place + 1, 1, kind) for place, kind in enumerate(KINDS)]
    items = (
        Item(product="maintenance", service=True),
        Item(product="cleaning", service=True),
        Item(product="desk", customised=True, upgrade=True),
        Item(product="edi"),
    )

    found = reading("value_added_use", case_of(named, value(8, 1, "product"), purchase(9, items=items), until=10))

    assert found.value == 11
    assert found.parts == {
        "guarantee": 1,
        "edi": 1,
        "priority_shipping": 1,
        "advance_notice": 1,
        "customisation": 2,
        "maintenance": 2,
        "upgrade": 2,
        "service": 1,
    }
    assert found.evidence == (
        *(f"value {kind} of day {place + 1}" for place, kind in enumerate(KINDS)),
        "purchase of day 9",
    )


@pytest.mark.parametrize(("used", "count"), [(35, 0), (36, 1)])
def test_extras_of_the_last_year_count(used: int, count: int) -> None:
    """004-19: on day 400 the last 365 days begin with day 36."""
    assert reading("value_added_use", case_of(value(used, 1, "edi"), until=400)).value == count


def test_a_customer_whose_items_are_known_can_have_used_none() -> None:
    """004-19: a count of none where items, or values, were sent; unknown where neither was."""
    assert reading("value_added_use", case_of(purchase(0, items=item("desk")), until=9)).value == 0
    assert reading("value_added_use", case_of(value(0, 1, "product"), until=9)).value == 0
    assert reading("value_added_use", case_of(purchase(0), until=9)).missing == ("items of purchases, or value events",)


RICH = purchase(0, 200_00, cost=100_00)
"""Tier A by the borders of `among`."""


@pytest.mark.parametrize(("now", "falling"), [(0, True), (1, True), (2, False)])
def test_falling_use_of_extras_in_tier_a_is_an_early_sign(now: int, falling: bool) -> None:
    """004-19: three uses in the 90 days before, half of them are 1.5; on day 200 the windows begin on 21 and 111."""
    before = [value(day, 1, "edi") for day in (21, 50, 110)]
    used = [value(20, 1, "guarantee"), *before, *(value(day, 1, "edi") for day in (111, 200)[:now])]

    found = reading("value_added_falling", case_of(RICH, used, until=200, policy=among()))

    assert found.value is falling
    assert found.parts == {"now": now, "before": 3, "tier": "A"}
    assert len(found.evidence) == 4 + now


def test_exactly_half_of_the_use_before_is_falling() -> None:
    """004-19: one after two; nothing before is no fall."""
    half = [value(day, 1, "edi") for day in (50, 60, 150)]
    begun = [value(150, 1, "edi")]
    long_ago = [value(10, 1, "edi")]

    assert reading("value_added_falling", case_of(RICH, half, until=200, policy=among())).value is True
    assert reading("value_added_falling", case_of(RICH, begun, until=200, policy=among())).value is False
    assert reading("value_added_falling", case_of(RICH, long_ago, until=200, policy=among())).value is False


def test_in_other_tiers_falling_use_is_no_sign() -> None:
    """004-19: tier B stops using extras."""
    case = case_of(purchase(0, cost=60_00), value(50, 1, "edi"), until=200, policy=among())

    assert reading("tier", case).value == "B"
    assert reading("value_added_falling", case).value is False


def test_falling_use_is_unknown_without_a_tier_or_any_use() -> None:
    """004-19: both are needed."""
    no_tier = case_of(RICH, value(50, 1, "edi"), until=200)
    no_use = case_of(RICH, until=200, policy=among())

    assert reading("value_added_falling", no_tier).missing == (
        "tier borders of a population job, in the customer's currency",
    )
    assert reading("value_added_falling", no_use).missing == ("an extra that was used",)


@pytest.mark.parametrize(
    ("story", "word"),
    [
        ([cost(1, 10_00, "integration")], "firm"),
        ([cost(1, 10_00, "training", by="firm")], "firm"),
        ([cost(1, 10_00, "customisation", by="customer")], "customer"),
        ([cost(1, 10_00, "integration"), cost(2, 5_00, "training", by="customer")], "both"),
        ([purchase(1, items=item(customised=True))], "firm"),
        ([purchase(1, items=item(customised=True)), cost(2, 5_00, "training", by="customer")], "both"),
    ],
)
def test_investments_are_told_by_the_side_that_made_them(story: list[Fact], word: str) -> None:
    """001-6: integration, training and customisation; a customised item is the firm's."""
    assert reading("investments", case_of(purchase(0), *story, until=9)).value == word


def test_investments_add_up_for_each_side() -> None:
    """001-6: the firm 10 + 2, the customer 5; a euro and a dollar cannot be added."""
    story = [
        purchase(0),
        cost(1, 10_00, "integration"),
        cost(2, 2_00, "training"),
        cost(3, 5_00, "training", by="customer"),
        cost(4, 9_00, "service"),
        purchase(5, items=item(customised=True)),
    ]

    found = reading("investments", case_of(story, until=9))
    foreign = reading("investments", case_of(story, cost(6, 1, "training", currency="USD"), until=9))

    assert found.parts == {"firm": 12_00, "customer": 5_00, "customised_orders": 1}
    assert found.evidence == (
        "cost integration of day 1",
        "cost training of day 2",
        "cost training of day 3",
        "purchase of day 5",
    )
    assert foreign.parts == {"firm": None, "customer": 5_00, "customised_orders": 1}


def test_without_an_investment_nobody_is_said_to_have_made_one() -> None:
    """001-6: other costs and plain items are none."""
    found = reading("investments", case_of(purchase(0, items=item("desk")), cost(1, 5, "service"), until=9))

    assert found.value is None
    assert found.missing == ("a cost event with what = integration, training or customisation",)


def of_volume(volume_60: float | None, currency: str | None = "EUR") -> Policy:
    """W is 50 days, and 60 % of customers buy less than so much in their last window."""
    people = Population(currency=currency, everybody=Figures(volume_60=volume_60))
    return Policy(window_floor_days=50.0, window_gaps=0.1, population=people)


@pytest.mark.parametrize(("last", "holds"), [(80_00, True), (79_99, False)])
def test_trade_is_great_from_four_fifths_of_the_usual_level_on(last: int, holds: bool) -> None:
    """001-6: D = 0.8: each of five purchases, 60 days apart, is its own window; the level is 100."""
    story = [*purchases(0, 60, 120, 180), purchase(240, last)]

    found = reading("high_volume", case_of(story, until=241, policy=HALF))

    assert found.value is holds
    assert found.parts == {"volume": last, "volume_60": None, "depth": pytest.approx(last / 100_00)}
    assert found.coverage == 0.5
    assert found.missing == ("volume_60 of a population job",)


@pytest.mark.parametrize(("usual", "holds"), [(50_00, True), (50_01, False)])
def test_trade_is_great_from_the_populations_percentile_on(usual: float, holds: bool) -> None:
    """001-6: 50 in the last window, half of the own level."""
    story = [*purchases(0, 60, 120, 180), purchase(240, 50_00)]

    found = reading("high_volume", case_of(story, until=241, policy=of_volume(usual)))

    assert found.value is holds
    assert found.coverage == 1
    assert found.missing == ()
    assert found.parts == {"volume": 50_00, "volume_60": usual, "depth": 0.5}


def test_great_trade_is_unknown_without_a_purchase_or_an_amount() -> None:
    """001-6: an inquiry; an amount without a rate; a percentile in another currency is none."""
    foreign = Policy(base_currency="EUR", population=of_volume(1.0).population)

    asked = reading("high_volume", case_of(inquiry(0), until=1))
    unpriced = reading("high_volume", case_of(purchase(0, currency="USD"), until=1, policy=foreign))
    elsewhere = reading("high_volume", case_of(purchase(0), until=1, policy=of_volume(1.0, "USD")))

    assert asked.missing == ("a purchase",)
    assert unpriced.missing == ("amounts of purchases",)
    assert unpriced.parts == {"volume": None, "volume_60": 1, "depth": None}
    assert elsewhere.parts["volume_60"] is None
    assert reading("high_volume", case_of(purchase(0), until=1, policy=of_volume(1.0, None))).parts["volume_60"] is None

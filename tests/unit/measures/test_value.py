"""What the customer gets for what it gives, and the ledger."""

import pytest

from shared.domain.policy import Policy
from tests.builders import inquiry, purchase
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import cost, value

ALL_EIGHT = [
    value(1, 50_00, "product"),
    value(2, 20_00, "service"),
    value(3, 10_00, "person"),
    value(4, 5_00, "image"),
    cost(5, 40_00, "money"),
    cost(6, 8_00, "time"),
    cost(7, 4_00, "energy"),
    cost(8, 2_00, "sensory"),
]


def test_delivered_value_is_four_values_less_four_costs() -> None:
    """004-1: 50 + 20 + 10 + 5 - 40 - 8 - 4 - 2 = 31."""
    found = reading("delivered_value", case_of(purchase(0), ALL_EIGHT, until=10))

    assert found.value == 31_00
    assert found.coverage == 1
    assert found.missing == ()
    assert len(found.evidence) == 8
    assert found.parts == {
        "product": 50_00,
        "service": 20_00,
        "person": 10_00,
        "image": 5_00,
        "money": 40_00,
        "time": 8_00,
        "energy": 4_00,
        "sensory": 2_00,
    }


def test_what_was_not_sent_of_the_eight_is_unknown_and_not_nought() -> None:
    """004-1: two of eight; entries of one kind add up; what binds, or is the firm's cost, is none of the eight."""
    story = [
        value(1, 50_00, "product"),
        value(2, 10_00, "product"),
        value(2, 99_00, "reward"),
        value(2, 99_00),
        cost(3, 40_00, "money"),
        cost(4, 99_00, "integration"),
        cost(5, 99_00, "time", by="firm"),
    ]

    found = reading("delivered_value", case_of(purchase(0), story, until=10))

    assert found.value == 20_00
    assert found.coverage == 0.25
    assert found.parts["product"] == 60_00
    assert found.parts["time"] is None
    assert found.missing == ("service", "person", "image", "time", "energy", "sensory")


def test_what_the_customer_bears_under_another_name_is_money() -> None:
    """004-1: training that the customer pays for, and a nameless cost of its own."""
    story = [value(1, 50_00, "product"), cost(2, 10_00, "training", by="customer"), cost(3, 5_00, by="customer")]

    found = reading("delivered_value", case_of(purchase(0), story, until=10))

    assert found.value == 35_00
    assert found.parts["money"] == 15_00


def test_delivered_value_needs_both_sides() -> None:
    """004-1: a value without a cost is no value for money."""
    no_value = "a value event with what = product, service, person or image"
    no_cost = "a cost event with what = money, time, energy or sensory"

    got = reading("delivered_value", case_of(purchase(0), value(1, 5, "product"), until=10))
    given = reading("delivered_value", case_of(purchase(0), cost(1, 5, "time"), until=10))

    assert got.missing == (no_cost,)
    assert got.parts["product"] == 5
    assert given.missing == (no_value,)
    assert reading("delivered_value", case_of(purchase(0), until=10)).missing == (no_value, no_cost)


def test_the_ledger_counts_and_adds_up_what_was_entered() -> None:
    """004-3: three values and two costs, whoever bears them, with the sums by what they are."""
    story = [
        value(1, 50_00, "product"),
        value(2, 20_00, "product"),
        value(3, 7_00),
        cost(4, 30_00, "time"),
        cost(5, 4_00, "integration"),
    ]
    case = case_of(purchase(0), story, until=10)

    entries, values, costs = (reading(name, case) for name in ("ledger_entries", "ledger_value", "ledger_cost"))

    assert entries.value == 5
    assert entries.parts == {"value": 3, "cost": 2}
    assert len(entries.evidence) == 5
    assert values.value == 77_00
    assert values.parts == {"product": 70_00, "unnamed": 7_00}
    assert values.coverage == 1
    assert costs.value == 34_00
    assert costs.parts == {"time": 30_00, "integration": 4_00}
    assert costs.evidence == ("cost time of day 4", "cost integration of day 5")


def test_an_empty_ledger_has_no_entries_and_no_sums() -> None:
    """004-3: nothing entered is a count of none, and no amount."""
    case = case_of(purchase(0), until=10)

    assert reading("ledger_entries", case).value == 0
    assert reading("ledger_value", case).missing == ("a value event",)
    assert reading("ledger_cost", case).missing == ("a cost event",)


def test_entries_in_other_currencies_are_never_added_without_a_rate() -> None:
    """004-3, 004-1: dollars beside euros; and a customer who has no currency yet."""
    story = [value(1, 50_00, "product"), value(2, 20_00, "product", currency="USD"), cost(3, 5_00, "time")]
    policy = Policy(base_currency="EUR", rates={"USD": 0.5})

    without_rate = case_of(purchase(0), story, until=10)
    with_rate = case_of(purchase(0), story, until=10, policy=policy)
    no_currency = case_of(story, until=10)

    assert reading("ledger_value", without_rate).value == 50_00
    assert reading("ledger_value", without_rate).coverage == 0.5
    assert reading("ledger_value", with_rate).value == 60_00
    assert reading("delivered_value", with_rate).value == 55_00
    assert reading("ledger_value", no_currency).value is None
    assert reading("ledger_value", no_currency).missing == (
        "a value event, and a rate of exchange for every currency, or a base currency",
    )


@pytest.mark.parametrize("name", ["ledger_value", "ledger_cost", "delivered_value"])
def test_of_a_prospect_without_entries_no_amount_is_told(name: str) -> None:
    """004-3: somebody who only asked."""
    assert reading(name, case_of(inquiry(0), until=1)).value is None
